//! How much one alert may say. What is beyond is a problem of that alert alone.

use domain::labels::Labels;

/// Labels of one alert, and likewise annotations.
pub const PAIRS: usize = 256;
/// Bytes of a label's name.
pub const NAME_BYTES: usize = 1 << 10;
/// Bytes of a label's value.
pub const LABEL_BYTES: usize = 16 << 10;
/// Bytes of an annotation's value.
pub const ANNOTATION_BYTES: usize = 64 << 10;
/// Bytes of a link to where an alert comes from.
pub const URL_BYTES: usize = 16 << 10;
/// Bytes of all labels and annotations of one alert.
pub const ALERT_BYTES: usize = 256 << 10;

/// Makes the labels of one alert.
///
/// # Errors
/// None is left, a name is empty, or there is too much; as a sentence.
pub(crate) fn labels<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> Result<Labels, String> {
    let labels = checked(pairs, "label", LABEL_BYTES)?;
    if labels.is_empty() { Err("at least one label pair required".into()) } else { Ok(labels) }
}

/// Makes the annotations of one alert.
///
/// # Errors
/// As for labels, but none are fine.
pub(crate) fn annotations<N: AsRef<str>, V: AsRef<str>>(
    pairs: &[(N, V)],
) -> Result<Labels, String> {
    checked(pairs, "annotation", ANNOTATION_BYTES)
}

/// Whether labels and annotations together are not too much.
pub(crate) fn together(labels: &Labels, annotations: &Labels) -> Result<(), String> {
    let bytes = labels.as_json().len() + annotations.as_json().len();
    if bytes <= ALERT_BYTES {
        return Ok(());
    }
    Err(format!("the alert has {bytes} bytes of labels and annotations; {ALERT_BYTES} are allowed"))
}

fn checked<N: AsRef<str>, V: AsRef<str>>(
    pairs: &[(N, V)],
    what: &str,
    value_bytes: usize,
) -> Result<Labels, String> {
    let mut count = 0;
    for (name, value) in pairs {
        let (name, value) = (name.as_ref(), value.as_ref());
        if value.is_empty() {
            continue;
        }
        count += 1;
        if name.is_empty() {
            return Err(format!("invalid {what} set: invalid name \"\""));
        }
        if name.len() > NAME_BYTES {
            let start = crate::text::cut(name, 40);
            let has = name.len();
            return Err(format!(
                "the {what} name `{start}` has {has} bytes; {NAME_BYTES} are allowed"
            ));
        }
        if value.len() > value_bytes {
            let (name, has) = (crate::text::cut(name, 80), value.len());
            return Err(format!("the {what} `{name}` has {has} bytes; {value_bytes} are allowed"));
        }
    }
    if count > PAIRS {
        return Err(format!("the alert has {count} {what}s; {PAIRS} are allowed"));
    }
    Ok(Labels::new(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_of_anything_is_said_in_a_sentence() {
        let long = "x".repeat(LABEL_BYTES + 1);
        let wrong = |pairs: &[(&str, &str)]| labels(pairs).expect_err("too much");
        assert_eq!(wrong(&[("a", &long)]), "the label `a` has 16385 bytes; 16384 are allowed");
        assert!(wrong(&[(&long, "a")]).ends_with("has 16385 bytes; 1024 are allowed"));
        assert_eq!(wrong(&[("", "a")]), "invalid label set: invalid name \"\"");
        assert_eq!(wrong(&[("a", "")]), "at least one label pair required");
        let many: Vec<_> = (0..=PAIRS).map(|n| (n.to_string(), "x")).collect();
        assert_eq!(
            labels(&many).expect_err("too many"),
            "the alert has 257 labels; 256 are allowed"
        );
    }

    #[test]
    fn many_long_values_are_too_much_together() {
        let long = "x".repeat(ANNOTATION_BYTES);
        let names = ["a", "b", "c", "d"];
        let all: Vec<_> = names.iter().map(|name| (name, &long)).collect();
        let annotations = annotations(&all).expect("each is fine");
        assert!(together(&Labels::default(), &annotations).is_err());
        assert_eq!(together(&Labels::default(), &Labels::default()), Ok(()));
    }
}
