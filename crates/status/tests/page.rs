//! The page from what may be told: which words it uses, what it never says, and what becomes of it when nobody renews it.

use domain::{
    component_state::Condition,
    graph::{Graph, Kind, Service},
    ids::{AlertId, AlertKey, DraftId, IncidentId, ServiceName},
    labels::Labels,
    rule::Symptom,
    said::{Language, Said},
    severity::{Level, Priority},
    silence::{self, Announced, Kept, Silence, Stage},
    status_page::{
        Component,
        ComponentState::{self, MajorOutage, Operational, Unknown},
        StatusPage,
    },
};
use history::{AlertState, AlertSummary, IncidentState, IncidentSummary, Outward, Statement};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use status::{
    atom,
    book::Book,
    copy, html, json,
    page::{Page, Sources},
    place::Place,
    told,
};
use tempfile::TempDir;

/// Stands in every text of an incident that customers must not read.
const INTERNAL: &str = "db-host-42";

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_795_284_000 + minutes * 60).expect("a time")
}

fn service(name: &str, group: Option<&str>) -> Service {
    Service {
        name: name.into(),
        title: format!("{name} {INTERNAL}"),
        kind: if name == "api" { Kind::Group } else { Kind::Process },
        system: "shop".into(),
        depends_on: Vec::new(),
        group: group.map(Into::into),
        owner: None,
        attributes: Default::default(),
    }
}

fn graph() -> Graph {
    let members = [service("api-1", Some("api")), service("api-2", Some("api"))];
    let alone = [service("api", None), service("web", None), service("images", None)];
    Graph::new(alone.into_iter().chain(members)).expect("a graph")
}

fn component(key: &str, name: (&str, &str), services: &[&str]) -> Component {
    Component {
        key: key.into(),
        name: Said::new(name.0, name.1),
        group: None,
        services: services.iter().map(|name| ServiceName::from(*name)).collect(),
    }
}

fn configured() -> StatusPage {
    StatusPage {
        title: Said::new("稼働状況 <店>", "Status <shop>"),
        languages: vec![Language::En, Language::Ja],
        components: vec![
            component("orders", ("ご注文", "Orders"), &["api"]),
            component("site", ("サイト", "Site"), &["web", "images"]),
        ],
    }
}

fn alert(service: &str, symptom: Symptom, from: i64, to: Option<i64>) -> AlertSummary {
    AlertSummary {
        id: AlertId(1),
        key: AlertKey::new("service_down", service),
        title: INTERNAL.into(),
        symptom: Some(symptom),
        level: Level::Critical,
        priority: None,
        service: service.into(),
        state: if to.is_some() { AlertState::Resolved } else { AlertState::Firing },
        flapping: false,
        occurred_at: at(from - 1),
        fired_at: at(from),
        resolved_at: to.map(at),
        owner: INTERNAL.into(),
        respond_by: at(from + 30),
        respond_minutes: Some(30),
        observed: INTERNAL.into(),
        condition: INTERNAL.into(),
        incident: Some(IncidentId(7)),
        label: None,
    }
}

fn incident(urgent: Option<i64>, alerts: Vec<AlertSummary>) -> Outward {
    let incident = IncidentSummary {
        id: IncidentId(7),
        title: format!("{INTERNAL} does not answer"),
        source: "monitoring".into(),
        state: IncidentState::Responding,
        priority: Some(Priority::P0),
        urgent_since: urgent.map(at),
        cause: "api".into(),
        symptom: Symptom::ServiceDown,
        level: 1,
        acknowledged_by: None,
        occurred_at: at(-5),
        opened_at: at(0),
        recovered_at: None,
        closed_at: None,
        merged_into: None,
        reports: 0,
        missed: Default::default(),
    };
    Outward { incident, alerts, statements: Vec::new() }
}

fn statement(minutes: i64, subject: &str, body: &str) -> Statement {
    Statement {
        draft: DraftId(3),
        subject: subject.into(),
        body: body.into(),
        released_at: Some(at(minutes)),
    }
}

fn window(stage: Stage, words: Option<&str>) -> Kept {
    Kept {
        silence: Silence {
            id: "w".into(),
            matchers: Vec::new(),
            starts_at: at(100),
            ends_at: at(160),
            created_by: INTERNAL.into(),
            comment: INTERNAL.into(),
            annotations: Labels::new([("note", INTERNAL)]),
            kind: silence::Kind::Maintenance(vec!["images".into()]),
            announced: Some(Announced { words: words.map(ToOwned::to_owned) }),
        },
        stage,
        updated_at: at(1),
        remind_at: None,
        by: domain::ids::Actor::Person(INTERNAL.into()),
    }
}

struct Scene {
    _folder: TempDir,
    page: StatusPage,
    graph: Graph,
    zone: TimeZone,
    book: Book,
    outward: Vec<Outward>,
    windows: Vec<Kept>,
}

impl Scene {
    fn new(outward: Vec<Outward>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let book = Book::open(&folder.path().join("status.db")).expect("made");
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let (page, graph) = (configured(), graph());
        Self { _folder: folder, page, graph, zone, book, outward, windows: Vec::new() }
    }

    fn at(&self, minutes: i64, states: [ComponentState; 2]) -> Page {
        let condition = |state| Condition { state, is_stale: state == Unknown };
        Page::new(&Sources {
            page: &self.page,
            graph: &self.graph,
            zone: &self.zone,
            conditions: &states.map(condition),
            outward: &self.outward,
            windows: &self.windows,
            book: &self.book,
            now: at(minutes),
        })
    }
}

#[test]
fn the_first_words_name_what_customers_noticed_when_it_became_urgent() {
    let down = Symptom::ServiceDown;
    // One of two instances is nothing; the second makes it an outage, one minute after it was urgent.
    let alerts = vec![alert("api-1", down, 1, None), alert("api-2", down, 3, None)];
    let outward = incident(Some(2), alerts);
    let told = told::tell(&configured(), &graph(), &outward).expect("it is told");
    assert_eq!(told.entries[0].at, at(3));
    assert_eq!((told.hits[0].name.en.as_str(), told.hits[0].state), ("Orders", MajorOutage));
    assert_eq!(told.began_at, at(0), "the first bad look of what was noticed");

    let one = incident(Some(2), vec![alert("api-1", down, 1, None)]);
    assert_eq!(told::tell(&configured(), &graph(), &one), None, "customers noticed nothing");
    let disk = incident(Some(2), vec![alert("web", Symptom::Disk, 1, None)]);
    assert_eq!(told::tell(&configured(), &graph(), &disk), None);
    let mild = incident(None, vec![alert("web", down, 1, None)]);
    assert_eq!(
        told::tell(&configured(), &graph(), &mild),
        None,
        "P2 and P3 are told by people only"
    );
    let mut mild = mild;
    mild.statements = vec![statement(4, "A word", "Of ours.")];
    let told = told::tell(&configured(), &graph(), &mild).expect("somebody told it");
    assert_eq!((told.entries.len(), told.entries[0].at), (1, at(4)));
}

#[test]
fn what_is_hand_made_hits_the_service_that_a_person_named() {
    let mut outward = incident(Some(0), Vec::new());
    (outward.incident.source, outward.incident.cause) = ("manual".into(), "web".into());
    let told = told::tell(&configured(), &graph(), &outward).expect("it is told");
    assert_eq!(told.hits[0].state, ComponentState::PartialOutage);
    outward.incident.cause = "unknown".into();
    assert_eq!(told::tell(&configured(), &graph(), &outward), None);
}

/// A49: however much stands in an incident, only names, states, times and released words come out.
#[test]
fn nothing_of_ours_is_in_any_text() {
    let mut outward = incident(Some(1), vec![alert("web", Symptom::ServiceDown, 1, Some(9))]);
    outward.statements =
        vec![statement(5, "<b>News</b> & more", "One\nTwo \u{1b}]0;x\u{7} ]]> <script>")];
    outward.incident.recovered_at = Some(at(10));
    let mut scene = Scene::new(vec![outward]);
    scene.windows = vec![window(Stage::Pending, None), window(Stage::Pending, Some("New <disks>"))];
    let page = scene.at(12, [Operational, Operational]);
    let live = Place::Live { subscribe: true };
    let mut texts = vec![json::document(&page).to_string()];
    for language in [Language::Ja, Language::En] {
        texts.push(html::page(&page, language, &live).expect("rendered"));
        texts.push(atom::feed(&page, language, Some("https://status.example.jp/status")));
    }
    texts.extend(
        copy::files(&page, None, None).expect("rendered").into_iter().map(|(_, text)| text),
    );
    for text in &texts {
        for word in [
            INTERNAL,
            "api",
            "images",
            "service_down",
            "INC",
            "DRF",
            "<script>",
            "<disks>",
            "<b>News",
        ] {
            assert!(!text.contains(word) || is_json(text, word), "{word}: {text}");
        }
    }
    assert!(texts[1].contains("ご注文") && texts[1].contains("復旧しました"), "{}", texts[1]);
    assert!(texts[3].contains("New &#60;disks&#62;"), "{}", texts[3]);
    assert!(texts.iter().all(|text| !text.contains(['\u{1b}', '\u{7}'])));
    for feed in texts.iter().filter(|text| text.starts_with("<?xml")) {
        let is_allowed = |c: char| matches!(c, '\n') || !c.is_control();
        assert!(feed.chars().all(is_allowed), "XML 1.0 has no such characters: {feed}");
        for part in ["<feed", "<entry>", "<title>", "<content type=\"text\">", "<link "] {
            let end = part.trim_start_matches('<').split([' ', '>']).next().expect("a name");
            let closed = feed.matches(&format!("</{end}>")).count();
            let opened = feed.matches(part).count();
            assert!(opened > 0 || part == "<link ", "{part}: {feed}");
            assert!(part == "<link " || part == "<title>" || opened == closed, "{part}: {feed}");
        }
    }
}

/// In JSON, markup is text like any other.
fn is_json(text: &str, word: &str) -> bool {
    text.starts_with('{') && word.starts_with('<')
}

/// A feed's identifiers stay what they are, whatever is said later and wherever it is served (RFC 4287, 4.2.6).
#[test]
fn identifiers_stay_and_differ() {
    let mut scene =
        Scene::new(vec![incident(Some(1), vec![alert("web", Symptom::ServiceDown, 1, None)])]);
    let ids = |page: &Page| -> Vec<String> {
        let feed = atom::feed(page, Language::En, None);
        feed.split("<id>").skip(1).map(|rest| rest[..45].to_owned()).collect()
    };
    let before = ids(&scene.at(3, [Operational, MajorOutage]));
    scene.outward[0].statements.push(statement(5, "News", "Words."));
    let mut after = ids(&scene.at(6, [Operational, MajorOutage]));
    assert_eq!(after.remove(1).len(), 45);
    assert_eq!(before, after, "the entry before is the same entry");
    assert!(before.iter().all(|id| id.starts_with("urn:uuid:") && id.matches('-').count() == 4));
    let other = Scene::new(vec![{
        let mut other = incident(Some(1), vec![alert("web", Symptom::ServiceDown, 1, None)]);
        other.incident.id = IncidentId(8);
        other
    }]);
    assert_ne!(ids(&other.at(3, [Operational, MajorOutage]))[1], before[1]);
}

/// A49: what nobody renews turns unknown by itself.
#[test]
fn after_its_time_a_page_knows_nothing() {
    let scene =
        Scene::new(vec![incident(Some(1), vec![alert("web", Symptom::ServiceDown, 1, None)])]);
    let page = scene.at(2, [Operational, MajorOutage]);
    assert_eq!((page.state, page.is_stale), (ComponentState::PartialOutage, false));
    assert_eq!(page.at(at(5)), page);
    let old = page.at(at(5) + SignedDuration::from_secs(1));
    assert!(old.is_stale && old.state == Unknown);
    assert!(old.components.iter().all(|one| one.state == Unknown && one.is_stale));
    assert_eq!(old.incidents, page.incidents, "what was said was said");
    let json = json::document(&old);
    assert_eq!(
        (&json["stale"], &json["components"][0]["state"]),
        (&true.into(), &"unknown".into())
    );
}

/// Bars show what was measured; a day without a measurement is none of them.
#[test]
fn a_day_that_nobody_measured_is_not_a_good_one() {
    let mut scene = Scene::new(Vec::new());
    // In Tokyo it is the 22nd.
    let today = at(0).to_zoned(scene.zone.clone()).date();
    let yesterday = today.yesterday().expect("a day");
    scene.book.add("orders", today, Operational, 3000);
    scene.book.add("orders", yesterday, Operational, 900);
    scene.book.add("orders", yesterday, MajorOutage, 100);
    let page = scene.at(1, [Operational, Unknown]);
    let orders = &json::document(&page)["components"][0];
    assert_eq!(orders["days"].as_array().map(Vec::len), Some(90));
    assert_eq!(orders["days"][89]["uptime_percent"], 100.0);
    assert_eq!(orders["days"][88]["uptime_percent"], 90.0);
    assert_eq!(orders["days"][88]["worst"], "major_outage");
    assert!(
        orders["days"][87]["uptime_percent"].is_null() && orders["days"][87]["worst"].is_null()
    );
    assert_eq!(
        (&orders["uptime_percent"], &orders["measured_seconds"]),
        (&97.5.into(), &4000.into())
    );
    let site = &json::document(&page)["components"][1];
    assert!(site["uptime_percent"].is_null(), "{site}");
    let html = html::page(&page, Language::En, &Place::Copy).expect("rendered");
    assert!(
        html.contains("97.50% up (2 of 90 days measured)") && html.contains("Not measured yet")
    );
    assert_eq!(html.matches("class=\"none\"><title>").count(), 90 - 2 + 90);
}
