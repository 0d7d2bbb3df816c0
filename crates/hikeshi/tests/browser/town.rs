//! A small town for browsers: a house with services that need each other, people, and a runbook that asks before it acts.

use crate::{
    common::{House, RESTART},
    driver::Browser,
};

/// A password of the tests; it opens nothing but houses that live for seconds.
pub const PASSWORD: &str = "correct horse battery staple";

/// Services of a platform, one of which really runs; who is on call; the rest nobody watches.
const TOWN: &str = "\
services:
  prices: {title: 株価表示, kind: function, core: true, depends_on: [frontend]}
  forecast: {title: 株価予測, kind: function, core: true, depends_on: [frontend, batch]}
  frontend: {title: フロントエンド, depends_on: [web], command: [sleep, \"1000\"]}
  web: {title: 予測 API, depends_on: [database], command: [sleep, \"1000\"]}
  batch: {title: 夜間バッチ, depends_on: [database]}
  database: {title: データベース}
contacts:
  sato: {title: 佐藤}
  suzuki: {title: 鈴木}
schedules:
  sre: {title: SRE 当番, people: [sato, suzuki]}
escalation:
  - {title: 一次対応, on_call: sre}
  - {title: 二次対応, after: 30m, contacts: [suzuki]}
clocks: {assess_within: 0s, steady: 1s}
";

/// A house that asks before it restarts what died.
pub fn house() -> House {
    House::new(TOWN).with_runbook("service-down", &RESTART.replace("mode: auto", "mode: approve"))
}

/// The same with Japanese messages and a name.
pub fn japanese() -> House {
    let house = house();
    let file = house.config().join("hikeshi.yaml");
    let text = std::fs::read_to_string(&file).expect("written");
    let text = text.replace("language: en", "language: ja").replace("Test", "ミライ株価");
    std::fs::write(file, text).expect("written");
    house
}

/// Adds an account, and signs its owner in through the link.
pub fn sign_in(house: &House, browser: &Browser, name: &str, role: &str) {
    sign_in_at(house, browser, &format!("http://{}", house.door()), name, role);
}

/// The same under another name of this machine.
pub fn sign_in_at(house: &House, browser: &Browser, base: &str, name: &str, role: &str) {
    let made = house.json(&["account", "add", name, "--role", role]);
    let link = made["link"].as_str().expect("a link");
    browser.open(&link.replace(&format!("http://{}", house.door()), base));
    browser.write("input[name=password]", PASSWORD);
    browser.press("main button");
    browser.wait("the first page", |browser| browser.find("#p-head"));
}
