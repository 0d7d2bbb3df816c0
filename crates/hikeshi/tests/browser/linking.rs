//! What stands behind a link in a message, on a telephone of somebody who has no account: an answer needs no script, and
//! the page on which a phone enrols runs its own and no other.

use crate::{
    driver::{self, Browser, Manner, PHONE},
    town,
};
use domain::{
    fact::Asks,
    ids::{ApprovalId, IncidentId},
};

/// A27, A80: shown first, done by the button, with the style of all pages and nothing that a policy had to forbid.
#[test]
fn a_person_answers_behind_a_link_without_any_script() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::reached();
    house.serve();
    let before = house.kill_service("web");
    house.wait("somebody is asked", |house| {
        house.json(&["approval", "list"]).as_array().filter(|all| !all.is_empty()).map(|_| ())
    });
    let browser = Browser::start(Manner { scripting: false, ..PHONE });
    let open = |asks| {
        let path = town::answer_link(&house, asks);
        browser.open(&format!("http://{}{path}", house.door()));
    };
    open(Asks::Incident(IncidentId(1)));
    browser.see("sato として回答します。");
    browser.press("main .primary");
    browser.see_answer("対応開始を記録しました。");
    open(Asks::Approval(ApprovalId(1)));
    browser.see("service.restart");
    let wide = browser.ask("return document.documentElement.scrollWidth");
    assert!(wide.as_u64() <= Some(390), "{wide}");
    let ember =
        browser.ask("return getComputedStyle(document.querySelector('.ask')).borderTopWidth");
    assert_eq!(ember, "2px", "the stylesheet of the pages");
    browser.press("main .primary");
    browser.see_answer("承認を記録しました。");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    house.wait("it runs again", |house| house.service("web").filter(|now| *now != before));
    for kind in ["acknowledged", "approval_given"] {
        assert_eq!(house.facts_of(kind)[0]["fact"]["by"]["person"], "sato", "{kind}");
    }
}

/// What the browser gets from its push service, which no test reaches: an address there, and keys (those of RFC 8291).
const SUBSCRIBE: &str = "
PushManager.prototype.subscribe = async () => ({endpoint: 'ENDPOINT', keys: {auth: 'BwcHBwcHBwcHBwcHBwcHBw',
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'}});
";

/// The page asks whether it may, registers the script that stays on the device, hands in where the browser receives, and
/// says what became of it. All of it is the page's own script, which is what its policy allows.
#[test]
fn a_phone_enrols_on_the_page_behind_its_link() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::reached();
    house.serve();
    let browser = Browser::start(PHONE);
    let link = house.json(&["device", "link", "sato"]);
    let path = town::path_of(link["url"].as_str().expect("a link"));
    browser.open(&format!("http://{}{path}", house.door()));
    browser.see("sato への通知を、この端末で受け取ります。");
    browser.allow_notifications();
    browser.write("input[name=title]", "佐藤の携帯");
    browser.ask(&SUBSCRIBE.replace("ENDPOINT", "https://10.0.0.1/x"));
    browser.press("#enrol button");
    browser.see("登録できませんでした: このブラウザのプッシュサービスは");
    assert_eq!(house.json(&["device", "list"]), serde_json::json!([]));
    browser.ask(&SUBSCRIBE.replace("ENDPOINT", "https://fcm.googleapis.com/fcm/send/x"));
    browser.press("#enrol button");
    browser.see("登録しました。");
    let worker = browser.ask_later(
        "const done = arguments[arguments.length - 1];
         navigator.serviceWorker.getRegistration().then((it) => done(it ? it.scope : null))",
    );
    assert_eq!(worker, format!("http://{}/push/", house.door()), "it stays on the device");
    let list = house.json(&["device", "list"]);
    assert_eq!((&list[0]["title"], &list[0]["by"]), (&"佐藤の携帯".into(), &"sato".into()));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
