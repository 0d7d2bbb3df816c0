//! The place of a secret, never the secret: reading it is the matter of the room `secrets` (A87).

use crate::{Fields, Node, Place, Problems};
use domain::said::Said;
use std::{fmt, path::PathBuf};
use zeroize::Zeroizing;

/// What stands before the name of a secret where one is taken: `password: secret:db-password`.
const REFERENCE: &str = "secret:";

/// The place of a secret. The secret itself never stands in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable, by name.
    Env(String),
    /// A file; one line feed at its end does not count.
    File(PathBuf),
    /// A secret that `secrets:` declares.
    Named {
        /// Its name there.
        name: String,
        /// Where it is named.
        place: Place,
    },
}

impl Secret {
    /// Takes the one of three keys that is written, such as `password`, `password_env` and `password_file`. The first is
    /// for a secret of the section `secrets:`; more than one of them, and the secret itself, are problems.
    pub fn take(
        fields: &mut Fields<'_>,
        [plain, env, file]: [&'static str; 3],
        problems: &mut Problems,
    ) -> Option<Self> {
        let named = fields.optional(plain).map(|node| Self::named(node, plain, problems));
        let kept = Self::take_kept(fields, [env, file], problems);
        if named.is_some() && kept.is_some() {
            Self::too_many(fields, &[plain, env, file], problems);
        }
        named.flatten().or(kept)
    }

    /// The same where the first key may also hold what is no secret, such as a URL: takes the other two.
    pub fn take_kept(
        fields: &mut Fields<'_>,
        [env, file]: [&'static str; 2],
        problems: &mut Problems,
    ) -> Option<Self> {
        let variable = fields.text(env, problems).map(Self::Env);
        let path = fields.text(file, problems).map(|path| Self::File(path.into()));
        if variable.is_some() && path.is_some() {
            Self::too_many(fields, &[env, file], problems);
        }
        variable.or(path)
    }

    fn too_many(fields: &Fields<'_>, keys: &[&str], problems: &mut Problems) {
        let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
        let keys = keys.join(", ");
        problems.add(
            fields.place(),
            Said::new(
                format!("{keys} はどれか一つだけ書いてください"),
                format!("write only one of {keys}"),
            ),
        );
    }

    /// `secret:NAME`; anything else would be the secret itself.
    fn named(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let text = node.text(problems)?;
        let reference = Self::reference(&text, &node.place);
        if reference.is_none() {
            problems.add_with_hint(
                &node.place,
                Said::new(
                    format!("`{key}` の値がそのまま書かれています"),
                    format!("the value of `{key}` stands here for everybody to read"),
                ),
                Said::new(
                    format!(
                        "`secrets:` に宣言して `{key}: secret:名前` と書くか、`{key}_env: 変数名` を使ってください"
                    ),
                    format!(
                        "declare it under `secrets:` and write `{key}: secret:NAME`, or use `{key}_env: VARIABLE`"
                    ),
                ),
            );
        }
        reference
    }

    /// The secret that a text refers to as `secret:NAME`; nothing: it is another text.
    pub fn reference(text: &str, place: &Place) -> Option<Self> {
        let name = text.strip_prefix(REFERENCE)?.trim().to_owned();
        Some(Self::Named { name, place: place.clone() })
    }

    /// Reports a name that is not among those that are declared.
    pub fn check<'a>(&self, declared: impl IntoIterator<Item = &'a str>, problems: &mut Problems) {
        let Self::Named { name, place } = self else { return };
        let declared: Vec<_> = declared.into_iter().collect();
        if declared.contains(&name.as_str()) {
            return;
        }
        let message = Said::new(
            format!("シークレット `{name}` は `secrets:` にありません"),
            format!("there is no secret `{name}` under `secrets:`"),
        );
        let near = declared.iter().min_by_key(|other| strsim::osa_distance(name, other));
        let near = near.filter(|other| strsim::osa_distance(name, other) <= 2.max(other.len() / 3));
        let hint = match near {
            Some(other) => {
                Said::new(format!("`{other}` のことですか?"), format!("did you mean `{other}`?"))
            }
            None => Said::new(
                format!("`secrets: {{{name}: {{sources: [env:変数名]}}}}` と宣言してください"),
                format!("declare it: `secrets: {{{name}: {{sources: [env:VARIABLE]}}}}`"),
            ),
        };
        problems.add_with_hint(place, message, hint);
    }
}

/// Its name, or the place where it is kept when it has none.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Named { name, .. } => f.write_str(name),
        }
    }
}

/// A secret's value; it prints as `***`, and its memory is overwritten when nobody needs it any more.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Zeroizing<String>);

impl Hidden {
    /// The value, for the one who must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(value: String) -> Self {
        Self(Zeroizing::new(value))
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
    use crate::yaml;
    use domain::said::Language;

    fn taken(text: &str) -> (Option<Secret>, String) {
        let mut problems = Problems::new();
        let node = yaml::read("x.yaml", text, 0, &mut problems).expect("YAML");
        let mut fields = Fields::open(&node, &mut problems).expect("a mapping");
        let keys = ["password", "password_env", "password_file"];
        let secret = Secret::take(&mut fields, keys, &mut problems);
        fields.finish(&mut problems);
        (secret, problems.render(Language::En))
    }

    /// A87
    #[test]
    fn a_secret_is_a_name_a_variable_or_a_file_and_never_itself() {
        let shown = |text| taken(text).0.map(|secret| secret.to_string());
        assert_eq!(shown("password: secret:db").as_deref(), Some("db"));
        assert_eq!(shown("password_env: DB").as_deref(), Some("env:DB"));
        assert_eq!(shown("password_file: /etc/db").as_deref(), Some("file:/etc/db"));
        assert_eq!(taken("other: 1").0, None);
        let (secret, said) = taken("password: hunter2");
        assert_eq!(secret, None);
        assert!(said.contains("for everybody to read") && !said.contains("hunter2"), "{said}");
        let (_, said) = taken("{password: secret:db, password_env: DB}");
        assert!(said.contains("only one of"), "{said}");
    }

    #[test]
    fn a_name_that_nobody_declared_is_a_problem_with_the_nearest_one() {
        let (secret, _) = taken("password: secret:db-pasword");
        let mut problems = Problems::new();
        let secret = secret.expect("a reference");
        secret.check(["db-password"], &mut problems);
        assert!(problems.render(Language::En).contains("did you mean `db-password`?"));
        let mut problems = Problems::new();
        secret.check(["db-pasword"], &mut problems);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_value_is_not_printed() {
        assert_eq!(format!("{:?}", Hidden::from("hunter2".to_owned())), "***");
    }
}
