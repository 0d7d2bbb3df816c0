//! Whoever reads the pages in Japanese meets no English sentence of ours: names, commands and what others say aside.

use crate::{
    driver::{self, Browser, DESK},
    town,
};

/// Runs of four or more English words that stand on the page, one per line. What is code, a file or a setting as it is
/// written, or says itself that it is in English, is passed over; a mark ends a run, so that a list of names is no sentence.
const SENTENCES: &str = r"
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode;
  if (node.parentElement.closest('code, pre, .mono, kbd, script, style, textarea, [lang=en]')) continue;
  const runs = node.textContent.match(/[A-Za-z][A-Za-z'’-]*(?:,? [A-Za-z][A-Za-z'’-]*){3,}/g) || [];
  runs.forEach(run => found.push(run));
}
return found.join('\n');
";

fn reads_japanese(browser: &Browser, address: &str, found: &mut Vec<String>) {
    browser.open(address);
    browser.wait("a page", |browser| browser.find("body"));
    let sentences = browser.ask(SENTENCES);
    let sentences = sentences.as_str().unwrap_or_default().lines();
    found.extend(sentences.map(|sentence| format!("{address}: {sentence}")));
}

/// Japanese and English are equal (house choice 10): reasons, outcomes and what probes say are in the reader's language.
#[test]
fn no_page_in_japanese_has_an_english_sentence() {
    if !driver::is_there() {
        return;
    }
    let mut found = Vec::new();
    let mut house = town::japanese();
    house.serve();
    let browser = Browser::start(DESK);
    town::sign_in(&house, &browser, "佐藤", "administrator");
    let base = format!("http://{}", house.door());
    let pages = town::set_on_fire(&mut house);
    for (_, path) in &pages {
        reads_japanese(&browser, &format!("{base}{path}"), &mut found);
    }
    // What was asked about has a reason, and a run that is ended has one, too.
    house.run_for(0, &["approval", "deny", "APP-1", "--reason", "確認のため"]);
    for (_, path) in &pages {
        reads_japanese(&browser, &format!("{base}{path}"), &mut found);
    }
    drop(house);
    // Probes that look and probes that cannot.
    let mut house = town::measured();
    house.serve();
    let browser = Browser::start(DESK);
    town::sign_in(&house, &browser, "佐藤", "administrator");
    let base = format!("http://{}", house.door());
    house.wait("a look at the machine", |house| {
        let seen = house.open_door().get("/api/v1/readings").ok()?.json();
        seen.get("machine/host").filter(|seen| seen[0]["readings"].is_object()).map(|_| ())
    });
    for path in ["/", "/services", "/services/machine", "/services/web", "/dashboard", "/readiness"]
    {
        reads_japanese(&browser, &format!("{base}{path}"), &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}
