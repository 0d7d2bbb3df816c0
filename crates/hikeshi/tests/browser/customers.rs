//! The page for customers on a telephone, in both languages, with and without a script, and as a copy of a dead server.

use crate::{
    common::House,
    driver::{self, Browser, DESK, Manner, PHONE},
};

const SHOP: &str = "\
services:
  api: {title: interne-kasse, command: [sleep, \"1000\"]}
  web: {title: nginx, command: [sleep, \"1001\"]}
clocks: {assess_within: 0s, steady: 1s}
contacts: {mori: {title: 森, roles: [pr]}}
status_page:
  title: {ja: ミライ株価 稼働状況, en: Mirai Kabuka status}
  accent: \"#8a1c5a\"
  components:
    orders: {name: {ja: ご注文, en: Orders}, services: [api], group: {ja: お店, en: Shop}}
    site: {name: {ja: ウェブサイト, en: Web site}, services: [web], group: {ja: お店, en: Shop}}
  export: ../public
";

fn see(browser: &Browser, text: &str) {
    browser.wait(text, |browser| {
        browser.reload();
        browser.text().contains(text).then_some(())
    });
}

/// A49
#[test]
fn customers_read_it_on_a_telephone_in_their_language() {
    if !driver::is_there() {
        return;
    }
    let mut house = House::new(SHOP);
    house.serve();
    house.wait("a page", |house| {
        house.open_door().get("/status.json").ok().filter(|answer| answer.status == 200)
    });
    let address = format!("http://{}/status", house.door());
    let phone = Browser::start(Manner { scripting: false, ..PHONE });
    phone.open(&address);
    see(&phone, "すべて正常に動いています");
    assert!(phone.text().contains("時点の状況です"), "{}", phone.text());
    house.kill_service("api");
    see(&phone, "ご注文は「停止」です");
    assert!(
        phone.text().contains("現在の障害") && !phone.text().contains("kasse"),
        "{}",
        phone.text()
    );
    let fits = "return document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(phone.ask(fits), true, "nothing is wider than the telephone");
    phone.press(".language");
    phone.see("Orders: major outage. We are looking into it.");
    assert_eq!(phone.ask(fits), true);
    let colour = "return getComputedStyle(document.querySelector('header')).borderTopColor";
    assert_eq!(phone.ask(colour), "rgb(138, 28, 90)");
    assert_eq!(phone.complaints(), Vec::<String>::new());

    // A feed that any reader takes: well-formed, with what RFC 4287 asks of each part.
    let desk = Browser::start(Manner { language: "en", ..DESK });
    desk.open(&address);
    desk.see("Mirai Kabuka status");
    let text = house.open_door().get("/status.atom?lang=en").expect("an answer").body;
    let text = serde_json::Value::String(text);
    let feed = desk.ask(&format!(
        "const feed = new DOMParser().parseFromString({text}, 'application/xml');
         const atom = 'http://www.w3.org/2005/Atom';
         const of = (one, name) => [...one.children].filter(it => it.namespaceURI === atom && it.localName === name);
         const root = feed.documentElement;
         const isWhole = one => ['id', 'title', 'updated'].every(name => of(one, name).length === 1);
         const entries = of(root, 'entry');
         const dates = [...feed.getElementsByTagNameNS(atom, 'updated')].map(it => Date.parse(it.textContent));
         if (feed.querySelector('parsererror') || root.localName !== 'feed') return 'no feed';
         if (!isWhole(root) || of(root, 'author').length !== 1) return 'the feed lacks something';
         if (!entries.length || !entries.every(isWhole)) return 'an entry lacks something';
         if (!entries.every(it => of(it, 'content').length === 1)) return 'an entry has no content';
         return dates.some(Number.isNaN) ? 'no date' : 'whole'",
    ));
    assert_eq!(feed, "whole");
    assert_eq!(desk.ask("return document.documentElement.classList.contains('stale')"), false);
    assert_eq!(desk.complaints(), Vec::<String>::new());

    // The copy, after the server is dead: it still tells, and turns unknown by itself when its time is over.
    let copy = house.config().join("../public/en.html");
    house.wait("the copy follows", |_| {
        std::fs::read_to_string(&copy).ok()?.contains("We are looking into it").then_some(())
    });
    house.kill();
    let old = std::fs::read_to_string(&copy).expect("the copy");
    let until =
        old.split("data-until=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a time");
    desk.open(&format!("file://{}", copy.canonicalize().expect("there").display()));
    desk.see("Orders: major outage. We are looking into it.");
    assert!(!desk.text().contains("The present state is not known"), "{}", desk.text());
    std::fs::write(&copy, old.replace(until, "2026-01-01T00:00:00Z")).expect("written");
    desk.reload();
    desk.see("The present state is not known");
    assert!(!desk.text().contains("Everything works"), "{}", desk.text());
    let shown = desk.ask("return [...document.querySelectorAll('.head .state')].filter(one => one.checkVisibility()).map(one => one.textContent).join()");
    assert_eq!(shown, "Unknown,Unknown");
    assert_eq!(desk.complaints(), Vec::<String>::new());
}
