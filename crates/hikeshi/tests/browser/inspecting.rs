//! Every page is looked over by two strict readers: axe-core, whether everybody can use it, and html-validate, whether it is
//! the HTML that it says it is. Nothing serious may be found.

use crate::{
    common::House,
    driver::{self, Browser, PHONE},
    town,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What `cargo xtask test --install` puts there; where it is missing it is said, and is a failure under CI.
pub fn tools() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/node_modules");
    let is_there =
        ["axe-core/axe.min.js", "html-validate"].iter().all(|it| folder.join(it).exists());
    assert!(
        is_there || std::env::var_os("CI").is_none(),
        "axe-core and html-validate are needed in CI"
    );
    if !is_there {
        eprintln!("skipped: no axe-core and html-validate; cargo xtask test --install brings them");
    }
    is_there.then_some(folder)
}

/// The rules of axe-core that WCAG 2.2 AA stands for, and what is serious of its good practice.
const AXE: &str = "
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((found) => {
  const serious = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  done(serious.flatMap((one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.target} ${node.failureSummary}`)));
}, (error) => done([String(error)]));
";

/// All rules of the standard, but for those about style, which are not about being valid; and for the one that pages load
/// themselves anew, which they do only without scripting, where nothing else would tell of a fire.
const HTML: &str = r#"{"root": true, "extends": ["html-validate:standard", "html-validate:a11y"], "rules": {
  "no-trailing-whitespace": "off", "attribute-boolean-style": "off", "attribute-empty-style": "off",
  "doctype-style": "off", "void-style": "off", "no-implicit-close": "off", "no-implicit-button-type": "off",
  "long-title": "off", "meta-refresh": "off"
}}"#;

#[test]
fn every_page_can_be_used_by_everybody_and_is_valid() {
    let Some(tools) = tools().filter(|_| driver::is_there()) else { return };
    let mut house = town::reached();
    house.serve();
    let browser = Browser::start(PHONE);
    town::sign_in(&house, &browser, "佐藤", "administrator");
    let mut paths = town::set_on_fire(&mut house);
    paths.extend(town::links(&house));
    let paths: Vec<_> = paths.iter().map(|(_, path)| path.as_str()).collect();
    look_over(&tools, &house, &browser, &paths);
}

/// Looks over pages as they are for this browser; whatever is serious fails the test.
pub fn look_over(tools: &Path, house: &House, browser: &Browser, paths: &[&str]) {
    let axe = fs::read_to_string(tools.join("axe-core/axe.min.js")).expect("readable");
    let files = tempfile::tempdir().expect("a folder");
    fs::write(files.path().join(".htmlvalidate.json"), HTML).expect("written");
    // As they are served, before a script touches them; asked for from a page that may ask, which not every page may.
    browser.open(&format!("http://{}/", house.door()));
    for (index, path) in paths.iter().enumerate() {
        let source = browser.ask_later(&format!(
            "const done = arguments[arguments.length - 1]; fetch('{path}', {{headers: {{Accept: 'text/html'}}}}).then((it) => it.text()).then(done)"
        ));
        let source = source.as_str().expect("a page");
        assert!(source.starts_with("<!doctype html>"), "{path}: {source}");
        fs::write(files.path().join(format!("{index}.html")), source).expect("written");
    }
    let mut complaints = Vec::new();
    for path in paths {
        browser.open(&format!("http://{}{path}", house.door()));
        browser.ask(&axe);
        for theme in ["light", "dark"] {
            browser.ask(&format!("document.documentElement.dataset.theme = '{theme}'"));
            let found = browser.ask_later(AXE);
            let found = found.as_array().into_iter().flatten();
            complaints.extend(
                found.map(|one| format!("{path} ({theme}): {}", one.as_str().unwrap_or_default())),
            );
        }
    }
    let mut validate = Command::new("node");
    validate.arg(tools.join("html-validate/bin/html-validate.mjs")).arg("--formatter=text");
    let checked = validate
        .args((0..paths.len()).map(|index| format!("{index}.html")))
        .current_dir(files.path())
        .output();
    let checked = checked.expect("node is there");
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    for (index, path) in paths.iter().enumerate() {
        let name = format!("/{index}.html");
        let lines = told.lines().filter(|line| line.contains(&name));
        complaints.extend(lines.map(|line| format!("{path}: {line}")));
    }
    assert!(checked.status.success() || !complaints.is_empty(), "{checked:?}");
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
