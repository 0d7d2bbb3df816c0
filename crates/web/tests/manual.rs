//! The manual of the API, `docs/reference/api.md`: every route stands in it with its methods, and with the scope that it
//! takes.

use std::{fs, path::Path};

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(path).expect("the file is there")
}

/// A route as the manual writes it, `GET /healthz`, and the scope that it takes; `–`: it is on the socket only.
struct Route {
    name: String,
    scope: Option<String>,
}

/// The rows of a table of routes that are written down by one of these words.
fn routes(table: &str, words: &[&str]) -> Vec<Route> {
    let mut routes = Vec::new();
    for row in read(table).lines() {
        let Some(word) = words.iter().find(|word| row.contains(&format!(".{word}("))) else {
            continue;
        };
        let (before, rest) = row.split_once('"').expect("a path");
        let (path, handlers) = rest.split_once('"').expect("handlers");
        let scope = match *word {
            "with" => {
                before.rsplit('(').next().map(|text| text.trim_end_matches(", ").to_lowercase())
            }
            "on_socket" => Some("–".into()),
            _ => None,
        };
        for method in ["get", "post", "delete", "any"] {
            if [" ", "."].iter().any(|at| handlers.contains(&format!("{at}{method}("))) {
                let name = format!("{} {}", method.to_uppercase(), path.replace("{*rest}", "…"));
                routes.push(Route { name, scope: scope.clone() });
            }
        }
    }
    routes
}

#[test]
fn every_route_stands_in_the_manual_with_its_scope() {
    let manual = read("../../docs/reference/api.md");
    let mut all = routes("src/router.rs", &["open", "with", "on_socket", "route"]);
    all.extend(routes("../pages/src/router.rs", &["with"]));
    // Pages are told of elsewhere, but for those that messages lead to.
    let behind_links = |route: &Route| [" /a/", " /push/"].iter().any(|at| route.name.contains(at));
    let pages = routes("../pages/src/router.rs", &["route"]);
    let count = all.len();
    all.extend(pages.into_iter().filter(behind_links));
    assert_eq!(all.len() - count, 7);
    assert!(all.iter().filter(|route| route.scope.is_some()).count() > 50);
    let mut missing = Vec::new();
    for Route { name, scope } in &all {
        let is_told =
            |line: &&str| ["`", "?"].iter().any(|end| line.contains(&format!("`{name}{end}")));
        let row = manual.lines().find(is_told);
        let last = row.and_then(|row| row.trim_end_matches(" |").rsplit('|').next());
        let is_right = match (last, scope) {
            (Some(last), Some(scope)) => last.contains(scope),
            (last, None) => last.is_some(),
            (None, Some(_)) => false,
        };
        if !is_right {
            missing.push(format!("{name} {}", scope.as_deref().unwrap_or_default()));
        }
    }
    assert!(missing.is_empty(), "docs/reference/api.md does not tell of {missing:#?}");
}
