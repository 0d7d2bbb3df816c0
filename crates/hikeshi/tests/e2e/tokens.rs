//! Programs that use the API with a token of somebody's: what it opens, in whose name, and when it does not any more.

use crate::{
    common::House,
    visitor::{Answer, Visitor},
};
use reqwest::header::{HOST, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use std::fs;

const YAML: &str = "public_url: https://hikeshi.example.jp\nservices: {web: {}}\n";

/// A program with a token.
struct Program {
    http: Visitor,
    token: String,
}

impl Program {
    fn new(house: &House, token: &str) -> Self {
        Self { http: Visitor::new(house.door()), token: token.to_owned() }
    }

    /// With a token of this account that may this much.
    fn of(house: &House, account: &str, scope: &str) -> Self {
        let made =
            house.json(&["token", "new", "--api", "p", "--account", account, "--scope", scope]);
        Self::new(house, made["token"].as_str().expect("a token"))
    }

    fn get(&self, path: &str) -> Answer {
        let request = self.http.http.get(format!("{}{path}", self.http.base));
        self.http.send(request.bearer_auth(&self.token))
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.http.http.post(format!("{}{path}", self.http.base));
        self.http.send(request.bearer_auth(&self.token).json(body))
    }
}

fn house() -> House {
    house_of(YAML)
}

fn house_of(yaml: &str) -> House {
    let mut house = House::new(yaml);
    house.serve();
    house.run_for(0, &["incident", "open", "--title", "logins fail", "--priority", "P2"]);
    for (name, role) in [("root", "administrator"), ("佐藤", "responder"), ("eve", "viewer")] {
        house.run_for(0, &["account", "add", name, "--role", role]);
    }
    house
}

#[test]
fn a_program_acts_in_the_name_of_its_account_and_in_no_other() {
    let house = house();
    let program = Program::of(&house, "佐藤", "respond");
    // Without a body, with the right name, and never with another one.
    let path = "/api/v1/incidents/1/acknowledge";
    for other in [json!({"by": "root"}), json!({"by": null}), json!(["root"])] {
        let answer = program.post(path, &other);
        assert!(matches!(answer.status, 400 | 403), "{other}: {answer:?}");
    }
    assert!(house.facts_of("acknowledged").is_empty());
    let request = program.http.http.post(format!("{}{path}", program.http.base));
    let answer = program.http.send(request.bearer_auth(&program.token));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(house.facts_of("acknowledged")[0]["fact"]["by"]["person"], "佐藤");
    let note = json!({"by": "佐藤", "text": "from a script"});
    assert_eq!(program.post("/api/v1/incidents/1/note", &note).status, 200);
    let report = json!({"from": "a customer", "text": "it is slow"});
    assert_eq!(program.post("/api/v1/reports", &report).status, 200);
    assert_eq!(house.facts_of("report_received")[0]["fact"]["from"], "a customer (佐藤)");
    // Rules hold for programs as for people.
    assert_eq!(program.post(path, &json!({})).status, 409);
    // Also from elsewhere, where nothing of the API is open.
    let named = |token: Option<&str>| {
        let request = program.http.http.get(format!("{}/api/v1/incidents", program.http.base));
        let request = request.header(HOST, "hikeshi.example.jp");
        program.http.send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    };
    assert_eq!(named(None).status, 403);
    assert!(named(Some(&program.token)).body.contains("logins fail"));
    // Its use is known, and it stands nowhere.
    let list = house.json(&["token", "list"]);
    assert!(list[0]["used_at"].is_string() && list[0]["account"] == "佐藤", "{list}");
    let journal = house.run_for(0, &["journal", "show", "--limit", "10000", "--json"]).stdout;
    for (place, text) in [("journal", &journal), ("list", &list.to_string()), ("log", &house.log())]
    {
        assert!(!text.contains(&program.token), "{place}");
    }
}

/// Every route that the manual says acts: nothing without a token, nothing with one that only reads.
#[test]
fn what_acts_takes_its_scope() {
    let house = house();
    let (reads, all) = (Program::of(&house, "root", "read"), Program::of(&house, "root", "admin"));
    let open = house.open_door();
    let manual =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/api.md"));
    let manual = manual.expect("the manual");
    let acts = manual.split("## What acts").nth(1).expect("its part");
    let mut count = 0;
    for row in acts.lines().filter(|line| line.starts_with("| `")) {
        let is_local = row.trim_end_matches(" |").ends_with('–');
        for route in row.split('`').filter(|text| text.starts_with("POST /")) {
            let path =
                route.strip_prefix("POST ").expect("checked").split('?').next().expect("a path");
            let path = path
                .replace("tokens/{id}", "tokens/99")
                .replace("{id}", "1")
                .replace("{name}", "web")
                .replace("{schedule}", "x");
            let status = open.post(&path, &json!({"by": "root"})).expect("an answer").status;
            let (read, any) =
                (reads.post(&path, &json!({})).status, all.post(&path, &json!({})).status);
            let expected = if is_local { [404, 404] } else { [401, 403] };
            assert_eq!([status, read], expected, "{path}");
            assert!(is_local || !matches!(any, 401 | 403 | 405), "{path}: {any}");
            count += 1;
        }
    }
    assert!(count > 40, "{count}");
    assert_eq!(reads.get("/api/v1/drafts").status, 200);
    assert_eq!(reads.get("/api/v1/accounts").status, 403);
    assert_eq!(all.get("/api/v1/accounts").status, 200);
    assert_eq!(open.get("/api/v1/accounts").expect("an answer").status, 401);
}

#[test]
fn a_token_can_no_more_than_its_owner_and_goes_with_them() {
    let house = house();
    let refused = house
        .run_for(1, &["token", "create", "--api", "p", "--account", "eve", "--scope", "respond"]);
    assert!(refused.stderr.contains("eve is viewer"), "{refused:?}");
    let program = Program::of(&house, "佐藤", "respond");
    let path = "/api/v1/incidents/1/note";
    let note = json!({"text": "x"});
    assert_eq!(program.post(path, &note).status, 200);
    house.run_for(0, &["account", "role", "佐藤", "viewer"]);
    let answer = program.post(path, &note);
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(answer.header(WWW_AUTHENTICATE).contains("insufficient_scope"), "{answer:?}");
    assert_eq!(program.get("/api/v1/incidents").status, 200);
    house.run_for(0, &["account", "remove", "佐藤"]);
    let answer = program.get("/api/v1/incidents");
    assert_eq!(answer.status, 401, "{answer:?}");
    house.run_for(0, &["account", "add", "佐藤", "--role", "responder"]);
    assert_eq!(program.get("/api/v1/incidents").status, 401, "another account of that name");
}

#[test]
fn guessing_is_slow_and_keeps_nobody_out() {
    let mut house = house();
    let right = Program::of(&house, "root", "read");
    let foreign = house.json(&["token", "new", "alertmanager"]);
    let foreign = Program::new(&house, foreign["token"].as_str().expect("a token"));
    assert_eq!(foreign.get("/api/v1/incidents").status, 401, "an integration's");
    let wrong = Program::new(&house, "hk_0000");
    let statuses: Vec<_> = (0..30).map(|_| wrong.get("/api/v1/incidents").status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 29, "{statuses:?}");
    let late = wrong.get("/api/v1/incidents");
    assert!(late.status == 429 && !late.header(RETRY_AFTER).is_empty(), "{late:?}");
    assert_eq!(right.get("/api/v1/incidents").status, 200);
    // Revoked is revoked, also after a start.
    let list = house.json(&["token", "list"]);
    let id = list.as_array().and_then(|all| all.iter().find(|one| one["account"] == "root"));
    let id = id.expect("its token")["id"].to_string();
    house.run_for(0, &["token", "revoke", &id]);
    house.stop();
    house.serve();
    let right = Program::new(&house, &right.token);
    assert_eq!(right.get("/api/v1/incidents").status, 401);
}

/// On their own page people make tokens for themselves, and see nobody else's.
#[test]
fn people_make_their_own_tokens_on_a_page() {
    let house = house_of("services: {web: {}}\n");
    let suzuki = Visitor::signed_in(&house, "suzuki", "responder");
    let _other = Program::of(&house, "root", "read");
    let page = suzuki.get("/settings/tokens");
    assert!(page.status == 200 && !page.body.contains("value=\"admin\""), "{page:?}");
    let csrf = page.csrf();
    let make = |scope: &str, csrf: &str| {
        let form = [("csrf", csrf), ("name", "<b>bot</b>"), ("scope", scope), ("for", "30d")];
        suzuki.post("/settings/tokens", &form)
    };
    assert_eq!(make("respond", "").status, 403);
    assert_eq!(make("admin", &csrf).status, 409, "more than they may");
    let made = make("respond", &csrf);
    assert!(!made.body.contains("<b>bot"), "{made:?}");
    let token = made.body.split("<code>hk_").nth(1).and_then(|rest| rest.split('<').next());
    let program = Program::new(&house, &format!("hk_{}", token.expect("a token")));
    assert_eq!(program.get("/api/v1/incidents").status, 200);
    assert!(!suzuki.get("/settings/tokens").body.contains(&program.token), "shown once");
    let list = house.json(&["token", "list"]);
    let id = |account: &str| {
        let found =
            list.as_array().and_then(|all| all.iter().find(|one| one["account"] == account));
        found.expect("a token")["id"].to_string()
    };
    let revoke = |id: &str| {
        suzuki.post("/settings/tokens/revoke", &[("csrf", csrf.as_str()), ("id", id)]).status
    };
    assert_eq!(revoke(&id("root")), 404, "somebody else's");
    assert_eq!(revoke(&id("suzuki")), 303);
    assert_eq!(program.get("/api/v1/incidents").status, 401);
}
