//! Pictures of every page in both themes and at two widths, so that a person can look: `cargo xtask pictures`.

use crate::{
    driver::{self, Browser, DESK, Manner},
    town,
};
use std::{env, fs, path::Path};

/// Does nothing unless somebody wants pictures.
#[test]
fn pictures() {
    let Some(folder) = env::var_os("HIKESHI_PICTURES") else { return };
    if !driver::is_there() {
        return;
    }
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).expect("a folder");
    let mut house = town::reached();
    house.serve();
    let base = format!("http://{}", house.door());
    let browser = Browser::start(DESK);
    take(&browser, &format!("{base}/sign-in"), folder, "first");
    town::sign_in(&house, &browser, "佐藤", "administrator");
    take(&browser, &base, folder, "now-calm");
    let mut pages = town::set_on_fire(&mut house);
    pages.extend(town::links(&house));
    for (name, path) in &pages {
        take(&browser, &format!("{base}{path}"), folder, &name.replace('/', "-"));
    }
    let room = pages.iter().find(|(name, _)| *name == "room").expect("there is one");
    let room = format!("{base}{}", room.1);
    let english = Browser::start(Manner { language: "en", ..DESK });
    let link = house.json(&["account", "link", "鈴木"]);
    let welcome = town::path_of(link["link"].as_str().expect("a link"));
    take(&english, &format!("{base}{welcome}"), folder, "welcome-en");
    town::sign_in(&house, &english, "Smith", "approver");
    take(&english, &base, folder, "now-en");
    take(&english, &room, folder, "room-en");
    browser.open(&room);
    browser.press("#r-take button");
    browser.press("#r-asks .choices .primary");
    browser.see("継続");
    browser.press("#d-priority summary");
    browser.press("#d-notices summary");
    take(&browser, &room, folder, "room-recovered");
}

/// Pages that show what is measured, with a day behind them in which a service was slow and died.
#[test]
fn pictures_of_a_day() {
    let Some(folder) = env::var_os("HIKESHI_PICTURES") else { return };
    if !driver::is_there() {
        return;
    }
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).expect("a folder");
    let mut house = town::measured();
    house.serve();
    let base = format!("http://{}", house.door());
    let browser = Browser::start(DESK);
    town::sign_in(&house, &browser, "佐藤", "administrator");
    house.kill_service("web");
    house.wait("it is repaired", |house| {
        let all = house.json(&["incident", "list", "--all"]);
        (!all[0]["recovered_at"].is_null()).then_some(())
    });
    for (name, path) in [
        ("dashboard", "/dashboard"),
        ("dashboard-week", "/dashboard?range=7d"),
        ("services", "/services"),
        ("service", "/services/web"),
        ("service-machine", "/services/machine"),
        ("runbooks", "/runbooks"),
        ("runbook", "/runbooks/service-down"),
        ("run", "/runs/1"),
        ("audit", "/audit"),
        ("readiness", "/readiness"),
        ("configuration", "/configuration"),
        ("find", "/find?q=web"),
    ] {
        take(&browser, &format!("{base}{path}"), folder, name);
    }
    let english = Browser::start(Manner { language: "en", ..DESK });
    town::sign_in(&house, &english, "Smith", "viewer");
    for (name, path) in [("dashboard-en", "/dashboard"), ("service-en", "/services/web")] {
        take(&english, &format!("{base}{path}"), folder, name);
    }
}

/// A page of another story, where somebody wants pictures.
pub fn take_on_the_way(browser: &Browser, address: &str, name: &str) {
    if let Some(folder) = env::var_os("HIKESHI_PICTURES") {
        take(browser, address, Path::new(&folder), name);
    }
}

/// One page, four times; what was opened on it stays open.
fn take(browser: &Browser, address: &str, folder: &Path, name: &str) {
    if browser.address() != address {
        browser.open(address);
    }
    for theme in ["light", "dark"] {
        browser.ask(&format!("document.documentElement.dataset.theme = '{theme}'"));
        for width in [390, 1280] {
            browser.resize(width, 900);
            browser.ask("scrollTo(0, 0)");
            let file = folder.join(format!("{name}-{width}-{theme}.png"));
            fs::write(&file, browser.picture()).expect("written");
        }
    }
}
