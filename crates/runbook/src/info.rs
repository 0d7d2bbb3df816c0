//! What stands behind the opening of a fence: the language and `{key=value …}`.

use domain::said::Said;

/// The info string of a fence, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// The language: `bash`, `action`, `mermaid`.
    pub language: String,
    /// Keys with their values, in written order.
    pub keys: Vec<(String, String)>,
}

/// The keys that a fence can have.
pub const KEYS: [&str; 10] = [
    "name", "role", "effect", "timeout", "for", "capture", "ok_exit", "on_fail", "needs", "secrets",
];

impl Info {
    /// Takes an info string apart.
    ///
    /// # Errors
    /// Braces that do not close, or something in them that is no `key=value`.
    pub fn read(text: &str) -> Result<Self, Said> {
        let Some((language, rest)) = text.split_once('{') else {
            let language = text.split_whitespace().next().unwrap_or_default().to_owned();
            return Ok(Self { language, keys: Vec::new() });
        };
        let inside = rest.trim_end().strip_suffix('}').ok_or_else(|| {
            Said::new(
                "`{` に対する `}` が行末にありません",
                "the `{` has no `}` at the end of the line",
            )
        })?;
        let mut keys = Vec::new();
        for pair in inside.split_whitespace() {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                Said::new(
                    format!("`{pair}` は `key=value` の形ではありません"),
                    format!("`{pair}` is not of the form `key=value`"),
                )
            })?;
            keys.push((key.to_owned(), value.trim_matches('"').to_owned()));
        }
        Ok(Self { language: language.trim().to_owned(), keys })
    }

    /// Whether a block of this language can be run at all.
    pub fn is_runnable(&self) -> bool {
        matches!(self.language.as_str(), "bash" | "sh" | "action")
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.keys.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Whether it has a key that only a step has.
    pub fn has_step_keys(&self) -> bool {
        self.keys.iter().any(|(key, _)| KEYS.contains(&key.as_str()))
    }

    /// A key that is there twice.
    pub fn duplicate(&self) -> Option<&str> {
        let twice = |(at, (key, _)): (usize, &(String, String))| {
            self.keys[..at].iter().any(|(earlier, _)| earlier == key)
        };
        self.keys.iter().enumerate().find(|entry| twice(*entry)).map(|(_, (key, _))| key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_and_its_keys_are_taken_apart() {
        let info = Info::read("bash {name=status  timeout=10s ok_exit=\"0,3\"}").expect("it reads");
        assert_eq!((info.language.as_str(), info.get("name")), ("bash", Some("status")));
        assert_eq!(info.get("ok_exit"), Some("0,3"));
        assert!(info.is_runnable() && info.has_step_keys());
        assert!(!Info::read("mermaid").expect("it reads").is_runnable());
        assert_eq!(Info::read("").expect("it reads"), Info::default());
    }

    #[test]
    fn what_is_broken_is_said() {
        assert!(Info::read("bash {name=a").is_err());
        assert!(Info::read("bash {name}").is_err());
        assert_eq!(Info::read("bash {a=1 b=2 a=3}").expect("it reads").duplicate(), Some("a"));
    }
}
