//! Second factors without a browser: enrolled, asked for, used up, lost, required; and never gone around.

use crate::{
    common::House,
    visitor::{Answer, PASSWORD, Visitor},
};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{LOCATION, SET_COOKIE};
use sha1::Sha1;

const YAML: &str = "services: {web: {}}\n";

/// What an authenticator app shows (RFC 6238), so many steps from now.
fn code(secret: &str, steps: u64) -> String {
    let letters = secret.bytes().filter(u8::is_ascii_alphanumeric);
    let values = letters.map(|letter| match letter {
        b'A'..=b'Z' => letter - b'A',
        _ => letter - b'2' + 26,
    });
    let bits: Vec<u8> =
        values.flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1)).collect();
    let key: Vec<u8> =
        bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).expect("a key of any length");
    mac.update(&(now / 30 + steps).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let four: [u8; 4] = digest[at..at + 4].try_into().expect("four");
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split(from).nth(1).unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.split(to).next().expect("always one")
}

/// Enrols an app; returns its secret and the recovery codes.
fn enrol(who: &Visitor) -> (String, Vec<String>) {
    let path = "/settings/security";
    let csrf = who.get(path).csrf();
    let form = |what, more: &[(&str, &str)]| {
        who.post(path, &[&[("csrf", csrf.as_str()), ("do", what)], more].concat())
    };
    assert_eq!(form("begin", &[("password", "not mine at all")]).status, 403);
    let begun = form("begin", &[("password", PASSWORD)]).body;
    assert!(begun.contains("<svg class=\"qr\"") && !begun.contains(" style="), "{begun}");
    let secret = between(&begun, "<code class=\"wrap\">", "</code>").to_owned();
    assert_eq!(form("confirm", &[("code", "12345")]).status, 403, "not confirmed yet");
    let done = form("confirm", &[("code", &code(&secret, 0))]);
    let codes = between(&done.body, "<pre class=\"code\"><code>", "</code>").lines();
    let codes: Vec<_> = codes.map(ToOwned::to_owned).collect();
    assert_eq!(codes.len(), 10, "{done:?}");
    (secret, codes)
}

/// Shows the password; then whoever has more to show is at the second step.
fn with_password(house: &House, name: &str) -> (Visitor, Answer) {
    let mut visitor = Visitor::new(house.door());
    let form = [("name", name), ("password", PASSWORD), ("next", "/incidents")];
    let answer = visitor.post("/sign-in", &form);
    visitor.cookie = answer.header(SET_COOKIE).split(';').next().unwrap_or_default().to_owned();
    (visitor, answer)
}

fn with_code(visitor: &Visitor, code: &str) -> Answer {
    visitor.post("/sign-in/code", &[("code", code), ("next", "/incidents")])
}

#[test]
fn an_app_is_asked_for_and_a_code_counts_once() {
    let mut house = House::new(YAML);
    house.serve();
    let sato = Visitor::signed_in(&house, "佐藤", "administrator");
    let (secret, codes) = enrol(&sato);
    let (half, asked) = with_password(&house, "佐藤");
    assert_eq!(asked.header(LOCATION), "/sign-in/code?next=%2Fincidents");
    assert_eq!(half.get("/").status, 303, "half a session opens nothing");
    assert!(half.get("/sign-in/code?next=/incidents").body.contains("佐藤"));
    assert_eq!(with_code(&half, &code(&secret, 0)).status, 403, "the one that confirmed");
    let next = code(&secret, 1);
    let entered = with_code(&half, &next);
    assert_eq!((entered.status, entered.header(LOCATION)), (303, "/incidents"), "{entered:?}");
    assert_eq!(with_code(&half, &next).header(LOCATION), "/sign-in", "the half is used up");
    let (half, _) = with_password(&house, "佐藤");
    assert_eq!(with_code(&half, &next).status, 403, "no code counts twice");
    // Without the app: a recovery code, once.
    assert_eq!(with_code(&half, &codes[0].to_uppercase()).status, 303);
    let (half, _) = with_password(&house, "佐藤");
    assert_eq!(with_code(&half, &codes[0]).status, 403);
    // A link for a new password is no way around it.
    let link =
        house.json(&["account", "link", "佐藤"])["link"].as_str().expect("a link").to_owned();
    let path = link.strip_prefix(&half.base).expect("ours");
    let chosen = half.post(path, &[("password", PASSWORD)]);
    assert!(chosen.header(LOCATION).starts_with("/sign-in/code"), "{chosen:?}");
    // Who has lost everything asks whoever runs hikeshi.
    assert_eq!(house.json(&["account", "list"])[0]["second_factor"], true);
    house.run_for(0, &["account", "reset-factor", "佐藤"]);
    let (_, entered) = with_password(&house, "佐藤");
    assert_eq!(entered.header(LOCATION), "/incidents");
    let journal = house.run_for(0, &["journal", "show", "--limit", "10000", "--json"]).stdout;
    for change in ["factor_added", "recovery_used", "factors_reset"] {
        assert!(journal.contains(change), "{change}");
    }
    for secret in [secret.replace(' ', ""), codes[3].clone(), codes[0].replace('-', "")] {
        assert!(!journal.contains(&secret) && !house.log().contains(&secret), "{secret}");
    }
}

#[test]
fn guessing_a_code_is_slow() {
    let mut house = House::new(YAML);
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "administrator");
    let (secret, _) = enrol(&sato);
    let (half, _) = with_password(&house, "sato");
    let statuses: Vec<_> = (0..11).map(|_| with_code(&half, "000000x").status).collect();
    assert!(statuses[..10].iter().all(|status| *status == 403), "{statuses:?}");
    assert_eq!(statuses[10], 429);
    assert_eq!(with_code(&half, &code(&secret, 1)).status, 429, "also the right one waits");
    assert_eq!(sato.get("/").status, 200, "who is in stays in");
}

#[test]
fn where_it_is_required_nothing_else_opens_without_it() {
    let mut house = House::new(&format!("{YAML}accounts: {{second_factor: required}}\n"));
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "administrator");
    for path in ["/", "/incidents", "/settings", "/settings/tokens", "/accounts", "/live/now"] {
        let answer = sato.get(path);
        assert_eq!((answer.status, answer.header(LOCATION)), (303, "/settings/security"), "{path}");
    }
    let csrf = sato.get("/settings/security").csrf();
    let form = [("csrf", csrf.as_str()), ("name", "x"), ("scope", "read"), ("for", "")];
    assert_eq!(sato.post("/settings/tokens", &form).header(LOCATION), "/settings/security");
    assert_eq!(sato.post("/sign-out", &[("csrf", &csrf)]).header(LOCATION), "/sign-in");
    let sato = Visitor::signed_in(&house, "suzuki", "administrator");
    enrol(&sato);
    assert_eq!(sato.get("/").status, 200);
    let csrf = sato.get("/settings/security").csrf();
    let form = [("csrf", csrf.as_str()), ("do", "remove"), ("password", PASSWORD)];
    assert_eq!(sato.post("/settings/security", &form).status, 403, "the last one stays");
}

/// A passkey's way in answers strangers with questions only, and takes nothing that was not asked.
#[test]
fn a_passkey_that_was_not_asked_for_opens_nothing() {
    let mut house = House::new(YAML);
    house.serve();
    let _sato = Visitor::signed_in(&house, "sato", "administrator");
    let mut stranger = Visitor::new(house.door());
    assert_eq!(stranger.post("/sign-in/passkey/options", &[]).status, 403, "no domain");
    stranger.base = stranger.base.replace("127.0.0.1", "localhost");
    let asked = stranger.post("/sign-in/passkey/options", &[]);
    assert!(asked.status == 200 && asked.body.contains("\"rpId\":\"localhost\""), "{asked:?}");
    for reply in ["", "{}", "[]", r#"{"id":"AAAA","clientDataJSON":"e30"}"#] {
        let answer = stranger.post("/sign-in/passkey", &[("reply", reply)]);
        assert!(matches!(answer.status, 400 | 403), "{reply}: {answer:?}");
        assert_eq!(answer.header(SET_COOKIE), "", "{reply}");
    }
    let foreign = stranger.request("/sign-in/passkey/options", &[]);
    assert_eq!(stranger.send(foreign.header("Origin", "https://evil.example")).status, 403);
    for path in ["/settings/security/passkey", "/settings/security/passkey/options"] {
        assert_eq!(stranger.post(path, &[]).status, 303, "{path}");
    }
}
