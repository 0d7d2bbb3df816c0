//! Patterns of paths: `*` stands for any one part, `**` for any number of them, `*.csv` for an ending.

use percent_encoding::percent_decode_str;
use source::{Fields, Problems};
use std::borrow::Cow;

/// A path with more parts than this has those at its end dropped.
const MOST_PARTS: usize = 64;

/// A pattern of paths.
#[derive(Clone, Debug)]
pub(crate) struct Route(Vec<String>);

impl Route {
    pub fn new(text: &str) -> Self {
        Self(text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    }

    /// Takes a list of patterns; `usual` ones where nothing is written.
    pub fn take(
        key: &'static str,
        usual: &[&str],
        fields: &mut Fields<'_>,
        problems: &mut Problems,
    ) -> Vec<Self> {
        match fields.optional(key).and_then(|node| node.texts(problems)) {
            Some(own) => own.iter().map(|text| Self::new(text)).collect(),
            None => usual.iter().map(|text| Self::new(text)).collect(),
        }
    }

    /// Whether a path, in [`parts`], is one of these.
    pub fn fits(&self, path: &[Cow<'_, str>]) -> bool {
        let (mut wanted, mut there) = (0, 0);
        // What follows the last `**`, and how far that one reaches.
        let mut retry: Option<(usize, usize)> = None;
        while there < path.len() {
            match self.0.get(wanted) {
                Some(part) if part == "**" => {
                    wanted += 1;
                    retry = Some((wanted, there));
                }
                Some(part) if is_like(part, &path[there]) => {
                    (wanted, there) = (wanted + 1, there + 1)
                }
                _ => match &mut retry {
                    Some((after, reach)) => {
                        *reach += 1;
                        (wanted, there) = (*after, *reach);
                    }
                    None => return false,
                },
            }
        }
        self.0[wanted..].iter().all(|part| part == "**")
    }
}

fn is_like(wanted: &str, part: &str) -> bool {
    match wanted.strip_prefix('*') {
        Some(end) => part.ends_with(end),
        None => wanted == part,
    }
}

/// The parts of a path as a server understands it: `//`, `/./`, `/../` and `%61` hide nothing.
pub(crate) fn parts(path: &str) -> Vec<Cow<'_, str>> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match percent_decode_str(part).decode_utf8_lossy() {
            part if part.is_empty() || part == "." => {}
            part if part == ".." => drop(parts.pop()),
            part if parts.len() < MOST_PARTS => parts.push(part),
            _ => break,
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(route: &str, path: &str) -> bool {
        Route::new(route).fits(&parts(path))
    }

    #[test]
    fn a_star_is_one_part_and_two_are_any_number() {
        for (route, path) in [
            ("/api/stocks/search", "/api/stocks/search"),
            ("/api/*/price", "/api/7203.T/price"),
            ("/admin/**", "/admin"),
            ("/admin/**", "/admin/users/7"),
            ("/**/login", "/api/v1/auth/login"),
            ("/**/login", "/login/login"),
            ("/**/*.csv", "/reports/2026/all.csv"),
            ("/**/admin/**", "/api/admin/x"),
            ("/", "/"),
        ] {
            assert!(fits(route, path), "{route} {path}");
        }
        for (route, path) in [
            ("/api/*/price", "/api/price"),
            ("/api/stocks", "/api/stocks/search"),
            ("/admin/**", "/administrator"),
            ("/**/login", "/login/help"),
            ("/**/*.csv", "/csv"),
        ] {
            assert!(!fits(route, path), "{route} {path}");
        }
    }

    #[test]
    fn nobody_hides_behind_another_way_to_write_a_path() {
        for path in ["//admin//users", "/%61dmin/users", "/x/../admin/users", "/./admin/./users/"] {
            assert!(fits("/admin/users", path), "{path}");
        }
    }

    #[test]
    fn a_path_without_end_costs_little() {
        assert!(!fits("/**/a/**/b", &"/a".repeat(100_000)));
        assert_eq!(parts(&"/a".repeat(100_000)).len(), MOST_PARTS);
    }
}
