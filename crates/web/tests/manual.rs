//! The manual of the API, `docs/reference/api.md`: every route stands in it with its methods.

use std::{fs, path::Path};

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(path).expect("the file is there")
}

/// The routes of the table of routes as the manual writes them: `GET /healthz`.
fn routes() -> Vec<String> {
    let table = read("src/router.rs");
    let mut routes = Vec::new();
    for row in table.split(".route(").skip(1) {
        let mut parts = row.split('"');
        let path = parts.nth(1).expect("a path").replace("{*rest}", "…");
        let handlers = parts.next().and_then(|rest| rest.lines().next()).expect("handlers");
        for method in ["get", "post", "delete", "any"] {
            let is_there = [" ", "."].iter().any(|at| handlers.contains(&format!("{at}{method}(")));
            if is_there {
                routes.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    routes
}

#[test]
fn every_route_stands_in_the_manual() {
    let manual = read("../../docs/reference/api.md");
    let routes = routes();
    assert!(routes.len() > 40, "{routes:?}");
    let is_told =
        |route: &String| ["`", "?"].iter().any(|end| manual.contains(&format!("`{route}{end}")));
    let missing: Vec<_> = routes.iter().filter(|route| !is_told(route)).collect();
    assert!(missing.is_empty(), "docs/reference/api.md does not tell of {missing:?}");
}
