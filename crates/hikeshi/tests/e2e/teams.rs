//! Roles by team: what somebody may for their team's services and not for others', on pages and over the API alike.

use crate::{common::House, visitor::Visitor};
use serde_json::json;

const YAML: &str = "services: {db: {owner: DB}, web: {owner: Web}}\n";

#[test]
fn a_team_is_worked_for_and_no_other_on_pages_and_over_the_api() {
    let mut house = House::new(YAML);
    house.serve();
    for service in ["db", "web"] {
        let title = format!("{service} fails");
        let open =
            ["incident", "open", "--title", &title, "--priority", "P2", "--service", service];
        house.run_for(0, &open);
    }
    let _root = Visitor::signed_in(&house, "root", "administrator");
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    let acknowledge = |number: u32| {
        let csrf = sato.get("/settings").csrf();
        sato.post(&format!("/incidents/{number}/acknowledge"), &[("csrf", &csrf)])
    };
    assert_eq!(acknowledge(1).status, 403, "a viewer");
    let unknown = house.run_for(1, &["account", "role", "sato", "responder", "--team", "Dbb"]);
    assert!(unknown.stderr.contains("there are: DB, Web"), "{unknown:?}");
    house.run_for(0, &["account", "role", "sato", "responder", "--team", "DB"]);
    assert!(sato.get("/incidents/1").body.contains("/incidents/1/acknowledge"), "it is offered");
    assert_eq!(acknowledge(1).status, 303);
    let refused = acknowledge(2);
    assert_eq!(refused.status, 403, "another team's");
    assert!(refused.body.contains("responder in Web"), "{}", refused.body);

    let made =
        house.json(&["token", "new", "--api", "p", "--account", "sato", "--scope", "respond"]);
    let token = made["token"].as_str().expect("a token");
    let note = |number: u32| {
        let path = format!("{}/api/v1/incidents/{number}/note", sato.base);
        sato.send(sato.http.post(path).bearer_auth(token).json(&json!({"text": "x"})))
    };
    assert_eq!(note(1).status, 200);
    let refused = note(2);
    assert!(refused.status == 403 && refused.body.contains("\"forbidden\""), "{refused:?}");
    let silence = |path: &str, body| {
        let request = sato.http.post(format!("{}{path}", sato.base)).bearer_auth(token);
        sato.send(request.json(&body)).status
    };
    let window = |services: &[&str]| json!({"services": services, "comment": "x", "for": "1h"});
    assert_eq!(silence("/api/v1/maintenance", window(&["db"])), 200);
    assert_eq!(silence("/api/v1/maintenance", window(&["db", "web"])), 403);
    let all = json!({"matchers": "alertname=\"x\"", "comment": "x", "for": "1h"});
    assert_eq!(silence("/api/v1/silences", all), 403, "what is about everything");
    let accounts = house.json(&["account", "list"]);
    assert_eq!(accounts[1]["teams"], json!({"DB": "responder"}), "{accounts}");
    house.run_for(0, &["account", "role", "sato", "viewer", "--team", "DB"]);
    assert_eq!(note(1).status, 403, "taken back");
    let by = house.facts_of("noted");
    assert_eq!(by.len(), 1);
    assert_eq!(by[0]["fact"]["by"]["person"], "sato");
}
