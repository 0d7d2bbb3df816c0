//! What people do in the room of an incident beside fighting: roles, texts for others, measures, data that may be lost; and
//! the course of what was measured.

use crate::{common::House, visitor::Visitor};

const TEAM: &str = "\
services: {web: {}}
contacts:
  sato: {title: 佐藤}
  mori: {title: 森, roles: [pr, support]}
  law: {title: 法務担当, roles: [legal, management]}
channels: {mail: {kind: console}}
audiences:
  customers: {channels: [mail], approver: support}
";

struct Room {
    house: House,
    visitor: Visitor,
    csrf: String,
}

impl Room {
    fn open() -> Self {
        let mut house = House::new(TEAM);
        house.serve();
        let visitor = Visitor::signed_in(&house, "sato", "responder");
        let open =
            ["incident", "open", "--title", "slow <b>", "--priority", "P1", "--service", "web"];
        house.run_for(0, &open);
        let csrf = visitor.get("/incidents/1").csrf();
        Self { house, visitor, csrf }
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> crate::visitor::Answer {
        let mut form = vec![("csrf", self.csrf.as_str())];
        form.extend_from_slice(fields);
        self.visitor.post(path, &form)
    }

    fn body(&self, path: &str) -> String {
        self.visitor.get(path).body
    }
}

/// A25: roles are given on the page, each under the name of whoever gave it.
#[test]
fn a_role_is_given_in_the_room() {
    let room = Room::open();
    let page = room.body("/incidents/1");
    assert!(
        page.contains("<option value=\"commander\">") && page.contains(">森</option>"),
        "{page}"
    );
    assert_eq!(room.post("/incidents/1/roles", &[("role", "scribe"), ("to", "mori")]).status, 303);
    assert_eq!(room.post("/incidents/1/roles", &[("role", "chief"), ("to", "mori")]).status, 400);
    assert!(room.body("/incidents/1").contains("<dt>scribe</dt><dd>森</dd>"));
    assert_eq!(room.house.facts_of("role_assigned")[0]["fact"]["by"]["person"], "sato");
}

/// A51: a text for customers is begun, completed, read as it will be sent, and released by whoever answers for it, and only
/// in the words that were read.
#[test]
fn a_text_for_customers_is_previewed_and_released_by_who_answers_for_it() {
    let room = Room::open();
    let begun = room.post("/incidents/1/drafts", &[("audience", "customers")]);
    assert_eq!((begun.status, begun.header("location")), (303, "/drafts/DRF-1"));
    let page = room.body("/drafts/DRF-1");
    assert!(page.contains("name=\"blank\"") && page.contains(" disabled>"), "{page}");
    // Whoever sends the form empty loses nothing.
    let empty = [("blank", "影響"), ("value", " ")];
    assert_eq!(room.post("/drafts/DRF-1", &empty).status, 303);
    assert_eq!(room.body("/drafts/DRF-1"), page);
    // What is missing is filled in by the names of the blanks; what comes from people is text.
    let blanks: Vec<_> = page
        .split("name=\"blank\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(ToOwned::to_owned)
        .collect();
    let filled: Vec<(&str, &str)> = blanks
        .iter()
        .flat_map(|blank| [("blank", blank.as_str()), ("value", "price <i>charts")])
        .collect();
    assert_eq!(room.post("/drafts/DRF-1", &filled).status, 303);
    let page = room.body("/drafts/DRF-1");
    assert!(page.contains("price &#60;i&#62;charts") && !page.contains(" disabled>"), "{page}");
    let release = |revision: &str| {
        room.post("/drafts/DRF-1/release", &[("revision", revision), ("incident", "1")])
    };
    assert_eq!(release("2").status, 409, "sato does not answer for customers");
    let mori = Visitor::signed_in(&room.house, "mori", "responder");
    let csrf = mori.get("/drafts/DRF-1").csrf();
    let edit = [("csrf", csrf.as_str()), ("subject", "Charts"), ("body", "We are\r\non it.")];
    assert_eq!(mori.post("/drafts/DRF-1", &edit).status, 303);
    let release = |revision| {
        let form = [("csrf", csrf.as_str()), ("revision", revision), ("incident", "1")];
        mori.post("/drafts/DRF-1/release", &form)
    };
    assert_eq!(release("2").status, 409, "that is not what stands there now");
    let answer = release("3");
    assert_eq!((answer.status, answer.header("location")), (303, "/incidents/1"));
    assert!(mori.get("/incidents/1").body.contains("released"));
    assert_eq!(mori.get("/drafts/DRF-1").status, 404);
    let facts = room.house.facts_of("draft_released");
    assert_eq!(facts[0]["fact"]["by"]["person"], "mori", "{facts:?}");
}

#[test]
fn measures_and_data_that_may_be_lost_are_written_down_in_the_room() {
    let room = Room::open();
    let keep = [("text", "a limit <b>"), ("owner", "mori"), ("due", "2020-01-31")];
    assert_eq!(room.post("/incidents/1/measures", &keep).status, 303);
    let page = room.body("/incidents/1");
    assert!(page.contains("a limit &#60;b&#62;") && page.contains("overdue"), "{page}");
    assert_eq!(room.post("/incidents/1/measures", &[("text", "x"), ("due", "soon")]).status, 400);
    assert_eq!(room.post("/measures/M-1/done", &[("incident", "1")]).status, 303);
    assert!(!room.body("/incidents/1").contains("overdue"));
    assert_eq!(room.post("/incidents/1/data-loss", &[("reason", "half a table")]).status, 303);
    let page = room.body("/incidents/1");
    assert!(page.contains("Data may be lost.") && !page.contains("/data-loss"), "{page}");
}

/// A22, A66: what was measured around the time, with what happened marked, also for who cannot see the picture.
#[test]
fn the_course_of_what_was_measured_stands_in_the_room() {
    let mut house = House::new(
        "services: {web: {}}\n\
         probes: {web/host: {kind: host, service: web, every: 1s}}\n\
         alerts: {busy: {title: Busy, symptom: cpu, probes: [host], reading: cpu_percent,\n\
         \x20 bands: [{when: '>= 0', level: critical, priority: P1}]}}\n\
         clocks: {assess_within: 0s}\n",
    );
    house.serve();
    let sato = Visitor::signed_in(&house, "sato", "responder");
    let page = house.wait("a chart", |_| {
        let page = sato.get("/incidents/1").body;
        page.contains("<section id=\"r-charts\"")
            .then_some(page)
            .filter(|page| page.contains("<figure class=\"chart"))
    });
    assert!(page.contains("began") && page.contains("detected"), "{page}");
    assert!(!page.contains("style="), "nothing inline: {page}");
}
