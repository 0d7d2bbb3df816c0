//! What is shown beside the fire: charts that a finger and a key can read, the palette, and pages that fit a telephone.

use crate::{
    driver::{self, Browser, DESK, Manner, PHONE},
    town,
};

/// Pages that show.
const PAGES: [&str; 9] = [
    "/dashboard?range=24h",
    "/services",
    "/services/web",
    "/services/machine",
    "/runbooks",
    "/runbooks/service-down",
    "/audit",
    "/readiness",
    "/configuration",
];

/// Nothing lies beside the screen of a telephone, what is pressed is large, and no policy is broken; in both languages.
#[test]
fn pages_fit_a_telephone_in_both_languages() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::measured();
    house.serve();
    let base = format!("http://{}", house.door());
    for (language, name) in [("ja", "佐藤"), ("en", "Smith")] {
        let browser = Browser::start(Manner { language, ..PHONE });
        town::sign_in(&house, &browser, name, "responder");
        for page in PAGES {
            browser.open(&format!("{base}{page}"));
            let wide = browser.ask("return document.documentElement.scrollWidth");
            assert!(wide.as_u64() <= Some(390), "{wide} at {page}");
            let small = browser.ask(
                "return [...document.querySelectorAll('main button, main summary, .top a, .top summary, main .button')]
                   .map(it => [it.textContent, it.getBoundingClientRect()])
                   .filter(([, box]) => box.width > 0 && box.height < 43).map(([text]) => text)",
            );
            assert_eq!(small.as_array().map(Vec::len), Some(0), "too small at {page}: {small}");
            let nameless = browser.ask(
                "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea, svg[role=img]')]
                   .filter(it => !it.labels?.length && !it.getAttribute('aria-label') && !it.getAttribute('aria-labelledby'))
                   .length",
            );
            assert_eq!(nameless, 0, "every field has a name at {page}");
        }
        let hidden = browser.ask(
            "const bar = document.querySelector('.top > nav'); return bar.scrollWidth - bar.clientWidth",
        );
        assert_eq!(hidden, 0, "the bar shows all of its pages in {language}");
        browser.press("#more summary");
        browser.press("#more a[href='/audit']");
        browser.see("hikeshi audit");
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
}

/// A chart is read where a finger points, and step by step with the keys; its words are those of the table.
#[test]
fn a_chart_is_read_with_a_finger_and_with_keys() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::measured();
    house.serve();
    let browser = Browser::start(Manner { language: "en", ..DESK });
    town::sign_in(&house, &browser, "sato", "viewer");
    browser.open(&format!("http://{}/dashboard", house.door()));
    let before =
        browser.ask("return document.querySelector('.gauge').getBoundingClientRect().height");
    let read = browser.ask(
        "const svg = document.querySelector('#g-app-p95_ms svg'), box = svg.getBoundingClientRect();
         const there = { bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
         svg.dispatchEvent(new PointerEvent('pointerdown', there));
         return document.querySelector('#g-app-p95_ms .read').textContent",
    );
    let read = read.as_str().unwrap_or_default();
    assert!(read.contains(" ms") && read.contains(':'), "{read}");
    let stepped = browser.ask(
        "const svg = document.querySelector('#g-app-p95_ms svg');
         svg.focus();
         svg.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true, cancelable: true }));
         const figure = svg.closest('.chart'), read = figure.querySelector('.read').textContent;
         const rows = [...figure.querySelectorAll('tr[data-x]')].map(row =>
           [...row.cells].map(cell => cell.textContent.trim()).filter(Boolean).join('  '));
         return rows.includes(read) ? read : null",
    );
    assert!(stepped.as_str().is_some_and(|told| told != read), "{stepped} after {read}");
    // Where nobody looked for two hours, it says so.
    let gaps = browser.ask(
        "return [...document.querySelectorAll('#g-system-cpu tr[data-x]')]
           .filter(row => row.textContent.includes('not available')).length",
    );
    assert!(gaps.as_u64() >= Some(1), "{gaps}");
    let after =
        browser.ask("return document.querySelector('.gauge').getBoundingClientRect().height");
    assert_eq!(before, after, "nothing jumps");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// `/` and some letters lead anywhere; without a script the same words do on a page.
#[test]
fn a_word_leads_anywhere() {
    if !driver::is_there() {
        return;
    }
    let mut house = town::measured();
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "logins fail", "--priority", "P3"]);
    let base = format!("http://{}", house.door());
    let browser = Browser::start(Manner { language: "en", ..DESK });
    town::sign_in(&house, &browser, "sato", "viewer");
    browser.write("body", "/");
    browser.write("#palette input", "inc-1");
    browser.wait("what was found", |browser| browser.find("#palette a[href='/incidents/1']"));
    browser.write("#palette input", "\u{e007}");
    browser.wait("the room", |browser| browser.find("#r-head"));
    // A letter opens a page, and `?` lists the letters.
    browser.write("body", "b");
    browser.see("Service down");
    browser.write("body", "?");
    browser.see("Configuration");
    assert_eq!(browser.complaints(), Vec::<String>::new());

    let plain = Browser::start(Manner { language: "en", scripting: false, ..PHONE });
    town::sign_in(&house, &plain, "suzuki", "viewer");
    plain.open(&format!("{base}/"));
    plain.press(".top .find");
    plain.write("main input[name=q]", "forecast");
    plain.press("main .search button");
    plain.press("#found a[href='/services/forecast']");
    plain.see("No probe looks at this service.");
    assert_eq!(plain.complaints(), Vec::<String>::new());
}
