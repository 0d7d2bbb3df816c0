//! Text from outside made fit to be kept and shown: known secrets and control characters are taken out.

use domain::outside_text::is_hostile;
/// Shorter secrets would mask half of every text; such a secret protects nothing.
const SHORTEST: usize = 4;

/// The secrets known at the moment, the longest first so that none is left half visible.
pub struct Mask(Vec<String>);

impl Mask {
    /// Masks these values.
    pub fn new(mut secrets: Vec<String>) -> Self {
        secrets.retain(|secret| secret.len() >= SHORTEST);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// The text with every secret as `***` and without control characters, except line feeds and tabs.
    ///
    /// ```
    /// let mask = runbook::mask::Mask::new(vec!["hunter2".into()]);
    /// assert_eq!(mask.clean(b"\x1b[31mlogin hunter2\r\n"), "[31mlogin ***\n");
    /// ```
    pub fn clean(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "***");
            }
        }
        text.retain(|c| matches!(c, '\n' | '\t') || !is_hostile(c));
        // A secret that was taken apart by what was just removed.
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "***");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_inside_a_longer_one_leaves_nothing_visible() {
        let mask = Mask::new(vec!["abcd".into(), "abcdef".into(), "x".into()]);
        assert_eq!(mask.clean(b"abcdef abcd x"), "*** *** x");
    }

    #[test]
    fn a_secret_with_control_characters_in_between_is_masked() {
        let mask = Mask::new(vec!["hunter2".into()]);
        assert_eq!(mask.clean("hun\u{1b}ter2 \u{202e}".as_bytes()), "*** ");
    }
}
