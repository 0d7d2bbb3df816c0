//! A fire from its first light to its closing, on a telephone: with scripts and without, in both languages.

use crate::{
    common::House,
    driver::{self, Browser, DESK, Manner, PHONE},
    town,
};

/// What a language says where the story looks.
struct Words {
    calm: &'static str,
    burns: &'static str,
    taken: &'static str,
    recovered: &'static str,
    closed: &'static str,
}

const JAPANESE: Words = Words {
    calm: "燃えているものはありません",
    burns: "件燃えています",
    taken: "担当 佐藤",
    recovered: "継続",
    closed: "クローズ",
};
const ENGLISH: Words = Words {
    calm: "Nothing burns",
    burns: "burns",
    taken: "taken by 佐藤",
    recovered: "lasted",
    closed: "closed",
};

/// One thumb is enough: what is pressed is large, and nothing lies beside the screen.
fn fits_a_thumb(browser: &Browser) {
    let wide = browser.ask("return document.documentElement.scrollWidth");
    assert!(wide.as_u64() <= Some(390), "{wide} at {}", browser.address());
    let small = browser.ask(
        "return [...document.querySelectorAll('main button, main summary, .top a')]
           .map(it => [it.textContent, it.getBoundingClientRect()])
           .filter(([, box]) => box.width > 0 && box.height < 44).map(([text]) => text)",
    );
    assert_eq!(small.as_array().map(Vec::len), Some(0), "too small for a thumb: {small}");
}

fn from_light_to_closing(manner: Manner, words: &Words) {
    if !driver::is_there() {
        return;
    }
    let mut house: House = town::house();
    house.serve();
    let browser = Browser::start(manner);
    town::sign_in(&house, &browser, "佐藤", "administrator");
    browser.see(words.calm);
    let before = house.kill_service("web");
    browser.see(words.burns);
    browser.press(".card");
    // The room: the reading, the button under the thumb, and what exactly would run.
    browser.wait("the room", |browser| browser.find("#r-head"));
    if manner.scripting && manner.width == PHONE.width {
        fits_a_thumb(&browser);
    }
    browser.press("#r-take button");
    browser.see(words.taken);
    browser.see("service.restart");
    browser.press("#r-asks .choices .primary");
    house.wait("it runs again", |house| house.service("web").filter(|now| *now != before));
    browser.see(words.recovered);
    browser.write("#note", "<b>コンセント</b> が抜けていた");
    browser.press(".noteform button");
    browser.see("<b>コンセント</b> が抜けていた");
    // A P1 is not closed without its cause; the same refusal as on the command line, with a way on.
    browser.press("#r-last button");
    browser.wait("a refusal", |browser| browser.find(".narrow .lead"));
    browser.press(".narrow a.button");
    browser.press(".card");
    for (field, text) in [("technical", "電源"), ("process", "配線の確認なし"), ("human", "清掃")]
    {
        browser.write(&format!("#r-last input[name={field}]"), text);
    }
    browser.press("#r-last button");
    browser.see(words.closed);
    assert_eq!(browser.complaints(), Vec::<String>::new());
    // Whatever was done stands in the journal under the name of who did it.
    for kind in ["acknowledged", "approval_given", "noted", "closed"] {
        let facts = house.facts_of(kind);
        assert_eq!(facts[0]["fact"]["by"]["person"], "佐藤", "{kind}: {facts:?}");
    }
}

#[test]
fn a_fire_is_fought_on_a_telephone_in_japanese() {
    from_light_to_closing(PHONE, &JAPANESE);
}

#[test]
fn a_fire_is_fought_without_any_script_in_english() {
    from_light_to_closing(Manner { scripting: false, language: "en", ..PHONE }, &ENGLISH);
}

#[test]
fn a_fire_is_fought_at_a_desk_in_english() {
    from_light_to_closing(Manner { language: "en", ..DESK }, &ENGLISH);
}
