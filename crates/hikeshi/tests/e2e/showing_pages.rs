//! Pages that show: the dashboard (A84 to A86) and the services, with their charts; what is measured, and what is not.

use crate::{
    common::{House, RESTART, UNHEARD, in_vain},
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
    shown(&mut house, &sato, "/dashboard?range=1h", "<tr data-x=");
    let page = shown(&mut house, &sato, "/dashboard?range=1h", "<b>40 ms</b>");
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

/// What hikeshi keeps away from is released by somebody who may, and by nobody else; quiet is told where it holds.
#[test]
fn a_latch_is_released_by_an_approver_and_maintenance_is_told() {
    let mut house = House::new(UNHEARD).with_runbook("service-down", &in_vain("5s", "true"));
    house.serve();
    let responder = Visitor::signed_in(&house, "sato", "responder");
    let approver = Visitor::signed_in(&house, "suzuki", "approver");
    let page = shown(&mut house, &approver, "/services/web", "Let hikeshi act again");
    assert!(page.contains("hikeshi keeps away from it"), "{page}");
    let seen = responder.get("/services/web").body;
    assert!(seen.contains("keeps away") && !seen.contains("/release\""), "{seen}");
    let csrf = approver.get("/services/web").csrf();
    let path = "/services/web/release";
    assert_eq!(approver.post(path, &[("csrf", "made up")]).status, 403);
    let own = responder.get("/services").body;
    assert!(!own.contains("csrf"), "nothing to press: {own}");
    let own = responder.get("/settings").csrf();
    assert_eq!(responder.post(path, &[("csrf", own.as_str())]).status, 403, "an approver releases");
    assert_eq!(approver.post(path, &[("csrf", csrf.as_str())]).status, 303);
    let released = house.facts_of("released");
    assert_eq!(released[0]["fact"]["by"]["person"], "suzuki", "{released:?}");
    let window = ["maint", "start", "--scope", "web", "--for", "1h", "--comment", "new <disk>"];
    house.run_for(0, &window);
    let page = shown(&mut house, &responder, "/services/web", "new &#60;disk&#62;");
    assert!(page.contains("maintenance:"), "{page}");
}

const HOSTILE: &str = "\
---
alert: service_down
owner: SRE
mode: auto
reviewed: 2026-11-01
verify: {passes: 1, every: 1s, steady: 0s, within: 60s}
limits: {rate: 3 per 300s, spacing: 1s}
---
# Service <i>down</i>

See [the wiki](https://wiki.example/x), [run me](javascript:alert(1)), [beside](other.md), <img src=x onerror=alert(1)>

<script>alert(1)</script>

## Diagnose
```bash {name=look effect=read timeout=5s}
echo '<b>looked</b>'
```
## Respond
```action {name=restart effect=once timeout=60s}
service.restart
```
## Verify
```action {name=running timeout=10s}
service.status
```
";

/// The document is shown with what is wrong beside its lines, and nothing of it is more than text.
#[test]
fn a_runbook_is_shown_linted_and_run_dry() {
    let mut house = House::new(SHOP).with_runbook("service-down", HOSTILE);
    house.serve();
    let viewer = Visitor::signed_in(&house, "sato", "viewer");
    let responder = Visitor::signed_in(&house, "suzuki", "responder");
    let list = viewer.get("/runbooks");
    is_sound(&list);
    assert!(list.body.contains("<b>Service down</b>"), "{}", list.body);
    assert!(list.body.contains("runs by itself") && list.body.contains("has not run yet"));
    let page = viewer.get("/runbooks/service-down");
    is_sound(&page);
    let body = &page.body;
    for text in [
        "Service &#60;i&#62;down&#60;/i&#62;",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "href=\"https://wiki.example/x\"",
        "href=\"/runbooks/other\"",
        "echo &#39;&#60;b&#62;looked&#60;/b&#62;&#39;",
        "2026-11-01",
        "class=\"finding\"",
        "It has not run yet.",
        "takes the rights of a responder",
    ] {
        assert!(body.contains(text), "{text} in {body}");
    }
    // The lines that the linter names are those of the file.
    let file = house.config().join("runbooks/service-down.md").display().to_string();
    let linted = house.run(&["runbook", "lint", &file, "--json"]).json();
    let first = &linted["findings"][0];
    let told =
        format!("line {}: {}", first["line"], first["message"]["en"].as_str().expect("text"));
    let escaped = told.replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;");
    assert!(body.contains(&escaped.replace('\'', "&#39;")), "{told} in {body}");
    assert_eq!(
        body.matches("class=\"finding\"").count(),
        linted["findings"].as_array().map_or(0, Vec::len)
    );

    // A dry run changes nothing, and says what it would do.
    let page = responder.get("/runbooks/service-down");
    let csrf = page.csrf();
    let form = [("csrf", csrf.as_str()), ("service", "web")];
    let path = "/runbooks/service-down/dry-run";
    let own = viewer.get("/settings").csrf();
    let theirs = [("csrf", own.as_str()), ("service", "web")];
    assert_eq!(viewer.post(path, &theirs).status, 403, "a viewer runs nothing");
    let before = house.service("web");
    let done = responder.post(path, &form);
    assert_eq!((done.status, done.header("location")), (303, "/runs/1"), "{done:?}");
    let run = shown(&mut house, &viewer, "/runs/1", "dry run</span>");
    assert!(run.contains("nothing is changed") && run.contains("suzuki"), "{run}");
    let run = shown(&mut house, &viewer, "/runs/1", "looked");
    assert!(run.contains("&#60;b&#62;looked&#60;/b&#62;"), "{run}");
    assert_eq!(house.service("web"), before, "nothing was restarted");
    let page = shown(&mut house, &viewer, "/runbooks/service-down", "href=\"/runs/RUN-1\"");
    assert!(page.contains("dry run"), "{page}");
    let wrong = [("csrf", csrf.as_str()), ("service", "nothing")];
    assert_eq!(responder.post(path, &wrong).status, 404);
    assert_eq!(viewer.get("/runbooks/nothing").status, 404);
    assert_eq!(viewer.get("/runs/99").status, 404);
    assert_eq!(viewer.get("/runs/x").status, 404);
}

/// Who did what, as in `hikeshi audit`: by name, kind and day, a page at a time, and never a secret (A87).
#[test]
fn the_audit_is_searched_and_turned_page_by_page() {
    let mut house = House::new(SHOP);
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "responder");
    let open = ["incident", "open", "--title", "slow <b>", "--priority", "P2", "--by", "suzuki"];
    house.run_for(0, &open);
    for number in 0..110 {
        let note = format!("note {number}");
        house.run_for(0, &["incident", "note", "latest", &note, "--by", "kato"]);
    }
    let all = sato.get("/audit");
    is_sound(&all);
    assert!(all.body.contains("note 109") && !all.body.contains("note 5 "), "{}", all.body);
    let older = all.body.split("href=\"/audit?").nth(1).and_then(|rest| rest.split('"').next());
    let older = format!("/audit?{}", older.expect("a way on").replace("&#38;", "&"));
    let next = sato.get(&older);
    is_sound(&next);
    assert!(next.body.contains("slow &#60;b&#62;") && !next.body.contains("note 109"));
    assert!(next.body.contains("href=\"/incidents/1\""), "{}", next.body);
    let own = sato.get("/audit?who=suzuki").body;
    assert!(own.contains("slow &#60;b&#62;") && !own.contains("note 1"), "{own}");
    let kind = sato.get("/audit?kind=account_changed").body;
    assert!(kind.contains("sato") && !kind.contains("note 1"), "{kind}");
    assert!(sato.get("/audit?day=2001-01-01").body.contains("Nothing like that was done."));
    assert_eq!(sato.get("/audit?day=%3Cscript%3E").status, 400);
    // The command line, the API and the page say the same.
    let said = house.run(&["audit", "--json"]).json();
    let told = house.open_door().get("/api/v1/audit?limit=1000").expect("an answer").json();
    let mut newest_first: Vec<_> = said.as_array().cloned().unwrap_or_default();
    newest_first.reverse();
    assert_eq!(told, serde_json::Value::Array(newest_first));
}

/// What `hikeshi doctor` says that the server knows, grouped, with what to do.
#[test]
fn readiness_says_what_would_fail_and_what_to_do() {
    let mut house = House::new(SHOP);
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    let page = sato.get("/readiness");
    is_sound(&page);
    let found = house.open_door().get("/api/v1/readiness").expect("an answer").json();
    let found = found.as_array().cloned().unwrap_or_default();
    assert!(found.iter().any(|finding| finding["kind"] == "unwatched"), "{found:?}");
    for finding in found {
        for text in [&finding["said"]["en"], &finding["hint"]["en"], &finding["kind"]] {
            let text = text.as_str().expect("text").replace('\'', "&#39;").replace('"', "&#34;");
            let text = text.replace('<', "&#60;").replace('>', "&#62;");
            assert!(page.body.contains(&text), "{text} in {}", page.body);
        }
    }
}

const SECRETIVE: &str = "\
services:
  web: {title: Web, command: [sleep, \"1000\"], env: {MODE: fast}, pass_env: [API_TOKEN]}
  shop: {kind: external, health: {url: \"http://127.0.0.1:1/health?key=hunter2\", every: 1h}}
clocks: {assess_within: 0s}
contacts: {sato: {title: 佐藤, phone: \"+81-50-0000-0001\"}}
channels: {phone: {kind: ntfy, api: \"http://127.0.0.1:1\", token_env: API_TOKEN}}
escalation: [{title: on call, contacts: [sato]}]
";

/// Every value with its line or as a default; secrets never (A87), addresses masked (A78).
#[test]
fn the_configuration_says_which_line_says_so_and_never_a_secret() {
    let mut house = House::new(SECRETIVE).with_variable("API_TOKEN", "hunter2");
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    let page = sato.get("/configuration");
    is_sound(&page);
    let body = page.body;
    let row = |path: &str| {
        let rest = body.split(&format!("class=\"mono\">{path}<")).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("{path} in {body}"));
        rest.split("<tr>").next().unwrap_or_default().to_owned()
    };
    assert!(row("product").contains("Test<td>hikeshi.yaml:1"), "{}", row("product"));
    assert!(
        row("clocks.assess_within").contains("0s<td>hikeshi.yaml:7"),
        "{}",
        row("clocks.assess_within")
    );
    assert!(row("clocks.steady").contains("default"), "{}", row("clocks.steady"));
    // Also inside of sections, from who reads them.
    for (path, value) in [
        ("services.web.stop_timeout", "10s"),
        ("services.shop.health.timeout", "15s"),
        ("channels.phone.pager", "false"),
    ] {
        assert!(row(path).contains(value) && row(path).contains("default"), "{}", row(path));
    }
    assert!(row("services.web.env.MODE").contains("fast"));
    assert!(row("channels.phone.token_env").contains("API_TOKEN"), "where it is, not what it is");
    assert!(row("services.shop.health.url").contains("http://127.0.0.1:1/health?…"));
    assert!(row("contacts.sato.phone").contains("…0001"));
    assert!(row("alerts.service_down.owner").contains("default"), "a built-in rule");
    assert!(!body.contains("hunter2") && !body.contains("0000-0001"), "{body}");

    // Read again, it says what counts now.
    house.configure(&SECRETIVE.replace("assess_within: 0s", "assess_within: 3s"));
    let reload = house.open_door().post("/-/reload", &serde_json::Value::Null).expect("an answer");
    assert_eq!(reload.status, 200, "{reload:?}");
    let again = sato.get("/configuration").body;
    assert!(again.contains("3s<td>hikeshi.yaml:7"), "{again}");
}

/// To anything by a word: pages, incidents by number or word, services, runbooks; what one may not open is not offered.
#[test]
fn anything_is_found_by_a_word() {
    let mut house = House::new(SHOP).with_runbook("service-down", RESTART);
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "viewer");
    house.run_for(0, &["incident", "open", "--title", "slow <b>", "--priority", "P2"]);
    let find = |words: &str| {
        let page = sato.get(&format!("/find?q={words}"));
        is_sound(&page);
        page.body.split("id=\"found\"").nth(1).expect("a list").to_owned()
    };
    assert!(find("inc-1").contains("href=\"/incidents/1\""));
    assert!(find("SLOW").contains("slow &#60;b&#62;"));
    assert!(find("lonely").contains("href=\"/services/lonely\""));
    assert!(find("service_down").contains("href=\"/runbooks/service%2Ddown\""));
    assert!(find("dash").contains("href=\"/dashboard\"") && !find("acc").contains("/accounts\""));
    let none = find("%3Cscript%3E");
    assert!(none.contains("Nothing has these words.") && none.contains("q=%3Cscript%3E"), "{none}");
    let nothing = find("");
    assert!(nothing.contains("/dashboard") && nothing.contains("/incidents/1"), "{nothing}");
    let lists = sato.get("/").body;
    assert!(lists.len() < 50_000, "the first page stays small: {}", lists.len());
}
