//! The pages without a browser: who gets in, what is refused, and that nothing from outside becomes part of a page.

use crate::{
    common::{House, Ran},
    visitor::{PASSWORD, Visitor},
};
use reqwest::header::{HOST, LOCATION, ORIGIN, SET_COOKIE};

const YAML: &str = "services: {web: {title: \"Web <i>x</i>\"}}\n";

fn with_an_incident() -> House {
    let mut house = House::new(YAML);
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "logins fail", "--priority", "P2"]);
    house
}

#[test]
fn nothing_is_shown_to_who_is_not_signed_in() {
    let house = with_an_incident();
    let visitor = Visitor::new(house.door());
    for path in [
        "/",
        "/wall",
        "/incidents",
        "/incidents/1",
        "/live/now",
        "/live/incidents/1",
        "/settings",
        "/settings/security",
        "/settings/tokens",
        "/accounts",
        "/alerts",
        "/on-call",
    ] {
        let answer = visitor.get(path);
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header(LOCATION).starts_with("/sign-in?next="), "{path}: {answer:?}");
        assert!(!answer.body.contains("logins"), "{path}");
    }
    for path in
        ["/incidents/1/acknowledge", "/incidents/1/close", "/approvals/1/approve", "/accounts"]
    {
        assert_eq!(visitor.post(path, &[]).status, 303, "{path}");
    }
    let forged =
        Visitor { cookie: "hikeshi=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(), ..visitor };
    assert_eq!(forged.get("/").status, 303);
}

#[test]
fn a_form_counts_only_from_a_page_of_ours() {
    let house = with_an_incident();
    let sato = Visitor::signed_in(&house, "sato", "administrator");
    let csrf = sato.get("/incidents/1").csrf();
    let other = Visitor::signed_in(&house, "suzuki", "responder");
    let path = "/incidents/1/acknowledge";
    assert_eq!(sato.post(path, &[]).status, 403, "without the token");
    assert_eq!(sato.post(path, &[("csrf", "")]).status, 403);
    assert_eq!(other.post(path, &[("csrf", &csrf)]).status, 403, "the token of another session");
    for (name, value) in
        [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")]
    {
        let request = sato.request(path, &[("csrf", &csrf)]).header(name, value);
        assert_eq!(sato.send(request).status, 403, "{name}: {value}");
    }
    assert!(house.facts_of("acknowledged").is_empty());
    let request = sato.request(path, &[("csrf", &csrf)]).header(ORIGIN, sato.base.clone());
    let answer = sato.send(request);
    assert_eq!((answer.status, answer.header(LOCATION)), (303, "/incidents/1"));
    assert_eq!(house.facts_of("acknowledged")[0]["fact"]["by"]["person"], "sato");
    // A site whose name was pointed here reads nothing.
    let foreign = sato.http.get(format!("{}/", sato.base)).header(HOST, "evil.example");
    assert_eq!(sato.send(foreign).status, 403);
}

#[test]
fn everybody_may_what_their_role_says() {
    let house = with_an_incident();
    let _first = Visitor::signed_in(&house, "root", "administrator");
    let viewer = Visitor::signed_in(&house, "viewer", "viewer");
    let responder = Visitor::signed_in(&house, "responder", "responder");
    let page = viewer.get("/incidents/1");
    assert!(page.body.contains("logins fail") && !page.body.contains("acknowledge\""), "{page:?}");
    let csrf = viewer.get("/settings").csrf();
    let note = [("csrf", csrf.as_str()), ("text", "x")];
    for path in ["acknowledge", "note", "priority", "close", "undo"] {
        assert_eq!(viewer.post(&format!("/incidents/1/{path}"), &note).status, 403, "{path}");
    }
    assert_eq!(viewer.get("/accounts").status, 403);
    let csrf = responder.get("/incidents/1").csrf();
    let ask = [("csrf", csrf.as_str())];
    assert_eq!(responder.post("/incidents/1/acknowledge", &ask).status, 303);
    for path in ["/approvals/1/approve", "/approvals/1/refuse", "/accounts", "/accounts/change"] {
        let answer = responder.post(path, &ask);
        assert_eq!(answer.status, 403, "{path}");
    }
    assert!(responder.post("/approvals/1/approve", &ask).body.contains("an approver"));
    // What stands against a command is said with the same words as on the command line, and the page helps onward.
    let again = responder.post("/incidents/1/acknowledge", &ask);
    assert_eq!(again.status, 409);
    assert!(again.body.contains("already acknowledged by responder"), "{}", again.body);
    assert!(again.body.contains("href=\"/\""));
    let unknown = responder.post("/incidents/99/note", &note);
    assert_eq!(unknown.status, 403, "the token of somebody else");
}

#[test]
fn guessing_is_slow_and_a_removed_account_is_out_at_once() {
    let house = with_an_incident();
    let _first = Visitor::signed_in(&house, "root", "administrator");
    let sato = Visitor::signed_in(&house, "sato", "responder");
    let stranger = Visitor::new(house.door());
    let guess = |name: &str, password: &str| {
        stranger
            .post("/sign-in", &[("name", name), ("password", password), ("next", "//evil.example")])
    };
    let statuses: Vec<_> = (0..6).map(|_| guess("sato", "wrong").status).collect();
    assert_eq!(statuses, [403, 403, 403, 403, 403, 429]);
    assert_eq!(guess("sato", PASSWORD).status, 429, "also the right one waits");
    assert_eq!(guess("nobody", PASSWORD).status, 403, "as if there were such an account");
    let entered = guess("root", PASSWORD);
    assert_eq!((entered.status, entered.header(LOCATION)), (303, "/"), "never to another site");
    let cookie = entered.header(SET_COOKIE);
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(sato.get("/").status, 200, "who is in stays in");
    house.run_for(0, &["account", "remove", "sato"]);
    assert_eq!(sato.get("/").status, 303);
    let refused = house.run_for(1, &["account", "remove", "root"]);
    assert!(refused.stderr.contains("last administrator"), "{refused:?}");
}

/// Secrets stand nowhere: not in facts, not in what is printed, not in logs.
#[test]
fn what_proves_who_somebody_is_stands_nowhere() {
    let house = with_an_incident();
    let sato = Visitor::signed_in(&house, "sato", "administrator");
    let Ran { stdout: link, .. } = house.run_for(0, &["account", "link", "sato"]);
    let token = link.lines().next().and_then(|line| line.rsplit('/').next()).expect("a token");
    let session = sato.cookie.split('=').nth(1).expect("a value");
    let journal = house.run_for(0, &["journal", "show", "--limit", "10000", "--json"]).stdout;
    let list = house.run_for(0, &["account", "list", "--json"]).stdout;
    for secret in [PASSWORD, token, session, "argon2"] {
        for (place, text) in [("journal", &journal), ("list", &list), ("log", &house.log())] {
            assert!(!text.contains(secret), "{secret} in {place}");
        }
    }
    assert!(journal.contains("account_changed") && list.contains("administrator"));
    let kinds = house.run_for(0, &["audit", "--json"]).stdout;
    assert!(kinds.contains("account_changed"), "{kinds}");
}

#[test]
fn nothing_from_outside_becomes_part_of_a_page() {
    let mut house = House::new(YAML);
    house.serve();
    let bad = "<script>alert(1)</script><img src=x onerror=alert(1)> \" ' {{ 7*7 }}";
    house.run_for(0, &["incident", "open", "--title", bad, "--service", "web", "--priority", "P1"]);
    house.run_for(0, &["incident", "note", "1", bad, "--by", "<b>eve</b>"]);
    let sato = Visitor::signed_in(&house, "<u>sato</u>", "administrator");
    for path in [
        "/",
        "/wall",
        "/incidents",
        "/incidents/1",
        "/settings",
        "/settings/security",
        "/settings/tokens",
        "/accounts",
        "/alerts",
        "/on-call",
        "/incidents/%3Cscript%3E",
    ] {
        let answer = sato.get(path);
        for raw in ["<script>alert", "<img src=x", "<b>eve", "<i>x", "<u>sato", "<script>\""] {
            assert!(!answer.body.contains(raw), "{raw} in {path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!answer.body.contains(" style=") && !answer.body.contains("onclick"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    assert!(
        sato.get("/incidents/1").body.contains("&lt;script&gt;")
            || sato.get("/incidents/1").body.contains("&#60;script&#62;")
    );
}

/// The first page with all that it loads is small, and what it loads is kept for good.
#[test]
fn the_first_page_is_small() {
    let house = with_an_incident();
    let sato = Visitor::signed_in(&house, "sato", "administrator");
    let page = sato.get("/");
    let assets = page.body.split('"').filter(|part| part.starts_with("/assets/"));
    let assets: std::collections::BTreeSet<_> = assets.collect();
    assert_eq!(assets.len(), 3, "{assets:?}");
    let mut bytes = page.body.len();
    for path in assets {
        let asset = sato.get(path);
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
        bytes += asset.body.len();
    }
    assert!(bytes < 50_000, "{bytes}");
    assert_eq!(sato.get("/assets/0000000000000000.css").status, 404);
}

/// A page for people, nothing for programs; and a language, colours and a zone as somebody wants them.
#[test]
fn settings_are_kept_by_the_browser() {
    let house = with_an_incident();
    let mut sato = Visitor::signed_in(&house, "sato", "administrator");
    assert!(sato.get("/").body.contains("lang=\"en\""));
    let chosen = sato.post(
        "/settings",
        &[("language", "ja"), ("theme", "dark"), ("zone", "Europe/Berlin"), ("next", "/settings")],
    );
    assert_eq!((chosen.status, chosen.header(LOCATION)), (303, "/settings"));
    let cookies = chosen.headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<_> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
    sato.cookie = format!("{}; {}", sato.cookie, cookies.join("; "));
    let page = sato.get("/incidents/1").body;
    assert!(page.contains("lang=\"ja\"") && page.contains("data-theme=\"dark\""), "{page}");
    assert!(page.contains(" CET\"") || page.contains(" CEST\""), "{page}");
    assert_eq!(sato.post("/settings", &[("zone", "Mars/Olympus")]).status, 404);
    let nowhere =
        sato.send(sato.http.get(format!("{}/nowhere", sato.base)).header("Accept", "text/html"));
    assert!(nowhere.status == 404 && nowhere.body.contains("href=\"/\""), "{nowhere:?}");
    assert_eq!(sato.get("/nowhere").body, "");
}
