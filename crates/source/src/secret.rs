//! Where a secret comes from; it is read at the moment it is needed and never shown (A87).

use crate::{Fields, Problems};
use domain::said::Said;
use std::{fmt, fs, path::PathBuf};

/// The place of a secret. The secret itself never stands in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable, by name.
    Env(String),
    /// A file; one line feed at its end does not count.
    File(PathBuf),
}

impl Secret {
    /// Takes the key for a variable or the key for a file, `password_env` or `password_file`; both are a problem.
    pub fn take(
        fields: &mut Fields<'_>,
        [env, file]: [&'static str; 2],
        problems: &mut Problems,
    ) -> Option<Self> {
        let variable = fields.text(env, problems);
        let path = fields.text(file, problems);
        if variable.is_some() && path.is_some() {
            problems.add(
                fields.place(),
                Said::new(
                    format!("`{env}` と `{file}` はどちらか一つだけ書いてください"),
                    format!("write `{env}` or `{file}`, not both"),
                ),
            );
        }
        variable.map(Self::Env).or(path.map(|path| Self::File(path.into())))
    }

    /// Reads it now: a rotated secret is used from the next attempt on.
    ///
    /// # Errors
    /// A sentence that names the place, never the value.
    pub fn read(&self) -> Result<Hidden, String> {
        match self {
            Self::Env(name) => std::env::var(name).map(Hidden).map_err(|_| {
                format!("the environment variable {name} is not set; set it for hikeshi")
            }),
            Self::File(path) => match fs::read_to_string(path) {
                Ok(text) => Ok(Hidden(text.strip_suffix('\n').unwrap_or(&text).to_owned())),
                Err(error) => Err(format!("cannot read the secret in {}: {error}", path.display())),
            },
        }
    }
}

/// A secret's value; it prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The value, for the one who must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_late_and_never_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let secret = Secret::File(path.clone());
        assert!(secret.read().expect_err("not there yet").contains("cannot read the secret"));
        fs::write(&path, "hunter2\n").expect("written");
        let value = secret.read().expect("there");
        assert_eq!(value.reveal(), "hunter2");
        assert_eq!(format!("{value:?}"), "***");
        let unset = Secret::Env("HIKESHI_TEST_UNSET".into());
        assert!(unset.read().expect_err("unset").contains("HIKESHI_TEST_UNSET"));
    }
}
