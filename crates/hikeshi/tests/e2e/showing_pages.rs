//! Pages that show: the dashboard (A84 to A86) and the services, with their charts; what is measured, and what is not.

use crate::{
    common::{House, RESTART},
    visitor::{Answer, Visitor},
};
use std::fs;

/// What every page of the product keeps to: nothing inline, nothing from elsewhere, nothing unescaped.
fn is_sound(answer: &Answer) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    for word in [" style=", "<script>", " onclick", "<img src=x", "javascript:"] {
        assert!(!answer.body.contains(word), "{word} in {}", answer.body);
    }
}

/// Waits until a page shows something, and returns it.
fn shown(house: &mut House, visitor: &Visitor, path: &str, text: &str) -> String {
    let found = house.wait(text, |_| {
        let answer = visitor.get(path);
        answer.body.contains(text).then_some(answer)
    });
    is_sound(&found);
    found.body
}

/// A84 to A86, C22, C23: three groups; values with their age and their past, or the reason why there is none.
#[test]
fn the_dashboard_shows_values_with_their_age_and_says_what_is_not_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("access.log");
    let at = jiff::Timestamp::now().strftime("%d/%b/%Y:%H:%M:%S +0000");
    let line = |status| {
        format!("203.0.113.7 - - [{at}] \"GET / HTTP/1.1\" {status} 9 \"-\" \"-\" rt=0.040\n")
    };
    fs::write(&log, line(200).repeat(30) + &line(502).repeat(10)).expect("written");
    let log = log.display();
    let mut house = House::new(&format!(
        "services: {{proxy: {{kind: external}}, machine: {{kind: host}}}}
probes:
  machine/host: {{kind: host, service: machine, every: 500ms}}
  proxy/traffic: {{kind: access_log, service: proxy, path: '{log}', minimum_requests: 5, every: 500ms}}
alerts: {{memory_usage: off}}
"
    ));
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    let page = shown(&mut house, &sato, "/dashboard?range=1h", "class=\"curve\"");
    let page = if page.contains("<b>40 ms</b>") {
        page
    } else {
        shown(&mut house, &sato, "/dashboard?range=1h", "<b>40 ms</b>")
    };
    for text in ["System", "Application", "Business", "25 %", "an estimate", " ago</span>"] {
        assert!(page.contains(text), "{text} in {page}");
    }
    // What nobody measures has a reason and no number.
    assert!(
        page.contains(
            "<b>not available</b> <span class=\"quiet\">there is no probe of `kind: disk`"
        )
    );
    assert!(page.contains("not configured: write"), "{page}");
    // What is drawn is told as well, and a limit is a line.
    assert!(page.contains("<desc") && page.contains("Values</summary>"), "{page}");
    assert!(page.contains("(critical)"), "{page}");
    assert!(page.len() < 150_000, "{}", page.len());
    let day = sato.get("/dashboard");
    is_sound(&day);
    assert!(day.body.contains("range=24h\" aria-current=\"true\""), "a day is usual: {}", day.body);
    assert_eq!(sato.get("/dashboard?range=1y").status, 400);
    // Without an account there is nothing to see.
    assert_eq!(Visitor::new(house.door()).get("/dashboard").status, 303);
}

const SHOP: &str = "\
services:
  prices: {title: '<b>Prices</b>', kind: function, depends_on: [web]}
  web: {title: Web, owner: SRE, command: [sleep, \"1000\"]}
  lonely: {title: Lonely}
clocks: {assess_within: 0s, steady: 1s}
";

/// What a service is, who looks at it, what burns on it and what is done about it (A22, A25).
#[test]
fn a_service_shows_what_is_known_of_it() {
    let mut house = House::new(SHOP).with_runbook("service-down", RESTART);
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    let all = shown(&mut house, &sato, "/services", "Lonely");
    assert!(all.contains("&#60;b&#62;Prices&#60;/b&#62;") && !all.contains("<b>Prices"), "{all}");
    assert!(all.contains("not watched") && all.contains("href=\"/services/web\""), "{all}");
    house.kill_service("web");
    let page = shown(&mut house, &sato, "/services/web", "repaired and verified");
    for text in
        ["INC-1", "href=\"/runbooks/service%2Ddown\"", "SRE", "Needed by", "&#60;b&#62;Prices"]
    {
        assert!(page.contains(text), "{text} in {page}");
    }
    let lonely = sato.get("/services/lonely");
    is_sound(&lonely);
    assert!(lonely.body.contains("No probe looks at this service."), "{}", lonely.body);
    let none = sato.get("/services/no%3Cb%3Esuch");
    assert_eq!(none.status, 404);
    assert!(none.body.contains("no&#60;b&#62;such"), "{}", none.body);
    // The API says the same of how it looks.
    let services = house.open_door().get("/api/v1/services").expect("an answer").json();
    let lonely = services.as_array().into_iter().flatten().find(|one| one["name"] == "lonely");
    assert_eq!(lonely.expect("there")["look"], "unwatched", "{services}");
}

const HOPELESS: &str = "\
---
alert: service_down
owner: SRE
mode: auto
verify: {passes: 1, every: 1s, steady: 0s, within: 2s}
limits: {rate: 1 per 300s, spacing: 1s}
---
# Service down
## Respond
```bash {name=fix effect=once timeout=5s}
true
```
## Verify
```bash {name=health timeout=2s}
exit 1
```
";

/// What hikeshi keeps away from is released by somebody who may, and by nobody else; quiet is told where it holds.
#[test]
fn a_latch_is_released_by_a_responder_and_maintenance_is_told() {
    let yaml = "services: {web: {health: {url: \"http://127.0.0.1:1/\", every: 1s}}}\n\
                clocks: {assess_within: 0s, steady: 1s}\n";
    let mut house = House::new(yaml).with_runbook("service-down", HOPELESS);
    house.serve();
    let viewer = Visitor::signed_in(&house, "sato", "viewer");
    let responder = Visitor::signed_in(&house, "suzuki", "responder");
    let page = shown(&mut house, &responder, "/services/web", "Let hikeshi act again");
    assert!(page.contains("hikeshi keeps away from it"), "{page}");
    let seen = viewer.get("/services/web").body;
    assert!(seen.contains("keeps away") && !seen.contains("/release\""), "{seen}");
    let csrf = responder.get("/services/web").csrf();
    let path = "/services/web/release";
    assert_eq!(responder.post(path, &[("csrf", "made up")]).status, 403);
    let own = viewer.get("/services").body;
    assert!(!own.contains("csrf"), "nothing to press: {own}");
    assert_eq!(viewer.post(path, &[("csrf", csrf.as_str())]).status, 403);
    assert_eq!(responder.post(path, &[("csrf", csrf.as_str())]).status, 303);
    let released = house.facts_of("released");
    assert_eq!(released[0]["fact"]["by"]["person"], "suzuki", "{released:?}");
    let window = ["maint", "start", "--scope", "web", "--for", "1h", "--comment", "new <disk>"];
    house.run_for(0, &window);
    let page = shown(&mut house, &viewer, "/services/web", "new &#60;disk&#62;");
    assert!(page.contains("maintenance:"), "{page}");
}
