//! Text from outside as YAML: quoted so that it stays one value, or one comment, whatever it contains.

/// A value in double quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if is_special(c) => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// One line, to stand behind `#` or on a terminal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if is_special(c) { ' ' } else { c }).collect()
}

/// A name that needs no quotes; else it gets them.
pub(crate) fn key(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(is_plain);
    // What YAML would take for something else than a text.
    let other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if plain && !other.contains(&name.to_lowercase().as_str()) {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// Controls, and what some readers take for the end of a line. None is above U+FFFF.
fn is_special(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use source::{Problems, Shape, yaml};

    proptest! {
        #[test]
        fn any_text_stays_one_value(name in "\\PC{1,12}", value in any::<String>()) {
            let yaml = format!("{}: {} # {}\n", key(&name), quoted(&value), one_line(&value));
            let mut problems = Problems::new();
            let node = yaml::read("t", &yaml, 0, &mut problems);
            prop_assert!(problems.is_empty(), "{:?}\n{}", problems, yaml);
            let Some(Shape::Map(entries)) = node.map(|node| node.shape) else {
                return Err(TestCaseError::fail(yaml));
            };
            prop_assert_eq!(entries.len(), 1);
            prop_assert_eq!(&entries[0].0, &name);
            prop_assert_eq!(&entries[0].2.shape, &Shape::Scalar(value));
        }
    }
}
