//! A small shop: a database, two interchangeable instances, a front end, a function that users come for, and its policy.

use domain::{
    graph::{Graph, Kind, Service},
    ids::{ChannelName, ContactName, ProbeName, RuleName},
    inhibition::Inhibition,
    matcher::Matcher,
    plan::{Body, EffectKind, Guardrails, Mode, OnFail, Plan, Role, Step, VerifyNumbers},
    policy::{
        ChannelBrief, CheckBox, Checklist, Clocks, Contact, Delivery, EscalationLevel, Feed,
        Policy, Route,
    },
    reading::{Reading, Value},
    rule::{Band, Rule, Symptom, Test},
    said::{Language, Said},
    severity::{Level, Priority},
    sorting::{Intake, Rhythm, Sort},
    watch::NO_DATA,
};
use jiff::{SignedDuration, tz::TimeZone};
use std::{collections::BTreeMap, sync::Arc};

/// A probe of the shop: its name, what it looks at, the rule it feeds, and what it brings.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    pub probe: &'static str,
    pub service: &'static str,
    pub rule: &'static str,
    pub reading: &'static str,
    pub good: f64,
    pub bad: f64,
}

const fn sight(probe: &'static str, service: &'static str, rule: &'static str) -> Sight {
    Sight { probe, service, rule, reading: "trouble", good: 0.0, bad: 1.0 }
}

/// Every probe.
pub const SIGHTS: [Sight; 7] = [
    sight("db/query", "db", "database_unreachable"),
    sight("api-1/health", "api-1", "service_down"),
    sight("api-2/health", "api-2", "service_down"),
    sight("front/page", "front", "service_down"),
    sight("price/journey", "price", "function_failed"),
    Sight {
        reading: "p95_ms",
        good: 200.0,
        bad: 7000.0,
        ..sight("api/latency", "api", "api_latency")
    },
    Sight {
        reading: "used_percent",
        good: 50.0,
        bad: 93.0,
        ..sight("disk/used", "disk", "disk_usage")
    },
];

/// What a probe brings for a value.
pub fn reading(value: f64) -> Reading {
    Reading::Measured(Value::Number(value))
}

/// The policy of the shop.
pub fn policy() -> Policy {
    Policy {
        product: "shop".into(),
        language: Language::En,
        zone: TimeZone::UTC,
        graph: graph(),
        rules: rules().into_iter().map(|rule| (rule.name.clone(), Arc::new(rule))).collect(),
        probes: SIGHTS.iter().map(feed).collect(),
        plans: plans().into_iter().map(Arc::new).collect(),
        routes: routes(),
        warning_route: Route { channels: names(&["chat"]), ..Route::default() },
        escalation: escalation(),
        contacts: ["hanako", "taro", "boss"].into_iter().map(contact).collect(),
        channels: channels(),
        fallback: names(&["mail", "phone"]),
        delivery: Delivery::default(),
        checklists: vec![checklist()],
        clocks: Clocks::default(),
        intake: intake(),
        inhibitions: vec![Inhibition {
            source: vec![Matcher::equal("alertname", "Flood")],
            target: vec![Matcher::equal("severity", "warning")],
            equal: Vec::new(),
        }],
        ..Policy::default()
    }
}

fn names<T: for<'a> From<&'a str>>(list: &[&str]) -> Vec<T> {
    list.iter().map(|name| T::from(name)).collect()
}

/// Queues are told again as they grow and as they go on.
fn intake() -> Intake {
    let queues = Sort {
        matchers: vec![Matcher::equal("alertname", "Queue")],
        rhythm: Rhythm {
            wait: SignedDuration::from_secs(5),
            interval: Some(SignedDuration::from_secs(40)),
            repeat: Some(SignedDuration::from_secs(150)),
        },
        ..Sort::default()
    };
    Intake { sorts: vec![queues], ..Intake::default() }
}

fn graph() -> Graph {
    let service = |name: &str, kind, system: &str, needs: &[&str], group: Option<&str>| Service {
        name: name.into(),
        title: name.to_owned(),
        kind,
        system: system.to_owned(),
        depends_on: names(needs),
        group: group.map(Into::into),
        owner: None,
        attributes: BTreeMap::new(),
    };
    let services = [
        service("db", Kind::Database, "shop", &[], None),
        service("api", Kind::Group, "shop", &["db"], None),
        service("api-1", Kind::Process, "shop", &[], Some("api")),
        service("api-2", Kind::Process, "shop", &[], Some("api")),
        service("front", Kind::Process, "shop", &["api"], None),
        service("price", Kind::Function { core: true }, "shop", &["front"], None),
        // No checklist covers this one.
        service("disk", Kind::Host, "machines", &[], None),
    ];
    Graph::new(services).expect("every edge leads somewhere")
}

fn rules() -> Vec<Rule> {
    let band = |test, stays, level, priority, hold, n_of_m| Band {
        test,
        stays,
        level,
        priority,
        hold: SignedDuration::from_secs(hold),
        n_of_m,
        respond_within: None,
    };
    let rule = |name: &str, symptom, reading: &str, bands| Rule {
        name: name.into(),
        title: Said::same(name),
        symptom,
        reading: reading.to_owned(),
        unit: String::new(),
        bands,
        clear_passes: 2,
        owner: "SRE".into(),
        respond_within: domain::calendar::Within::Time(SignedDuration::from_mins(15)),
        respond_from: domain::clock::Origin::Hikeshi,
    };
    let trouble = |priority, n_of_m| {
        vec![band(Test::AtLeast(1.0), None, Level::Critical, Some(priority), 0, n_of_m)]
    };
    let stays = Some(Test::AtLeast(4000.0));
    let latency = vec![
        band(Test::AtLeast(10_000.0), None, Level::Critical, Some(Priority::P1), 0, (1, 1)),
        band(Test::AtLeast(5000.0), stays, Level::Warning, Some(Priority::P2), 30, (1, 1)),
    ];
    let disk = vec![band(Test::Above(90.0), None, Level::Warning, None, 0, (1, 1))];
    let is_silent = Test::Is(Value::Flag(true));
    vec![
        rule(
            "database_unreachable",
            Symptom::DatabaseUnreachable,
            "trouble",
            trouble(Priority::P1, (1, 1)),
        ),
        rule("service_down", Symptom::ServiceDown, "trouble", trouble(Priority::P2, (2, 3))),
        rule("function_failed", Symptom::FunctionFailed, "trouble", trouble(Priority::P1, (2, 3))),
        rule("api_latency", Symptom::Latency, "p95_ms", latency),
        rule("disk_usage", Symptom::Disk, "used_percent", disk),
        rule(
            NO_DATA,
            Symptom::NoData,
            "silent",
            vec![band(is_silent, None, Level::Warning, None, 0, (1, 1))],
        ),
    ]
}

fn feed(sight: &Sight) -> (ProbeName, Feed) {
    let feed = Feed {
        service: sight.service.into(),
        rules: names::<RuleName>(&[sight.rule]),
        is_certain: sight.probe == "api-1/health",
        no_data_after: SignedDuration::from_mins(2),
    };
    (sight.probe.into(), feed)
}

/// A restart that must not be repeated, a reconnection that may be, a rotation that people start.
fn plans() -> Vec<Plan> {
    let restart = [
        step("look", Role::Diagnose, EffectKind::Read),
        step("keep", Role::Evidence, EffectKind::Converge),
        step("restart", Role::Respond, EffectKind::Once),
        step("check", Role::Verify, EffectKind::Read),
    ];
    let reconnect = [
        step("reconnect", Role::Respond, EffectKind::Converge),
        step("select", Role::Verify, EffectKind::Read),
    ];
    let rotate = [
        step("rotate", Role::Respond, EffectKind::Once),
        step("measure", Role::Verify, EffectKind::Read),
    ];
    vec![
        plan("restart-service", "service_down", Mode::Auto, restart.to_vec()),
        plan("reconnect-database", "database_unreachable", Mode::Auto, reconnect.to_vec()),
        plan("rotate-logs", "disk_usage", Mode::Approve, rotate.to_vec()),
    ]
}

fn step(name: &str, role: Role, effect: EffectKind) -> Step {
    Step {
        name: name.into(),
        role,
        effect,
        body: Body::Shell("true".into()),
        timeout: SignedDuration::from_secs(20),
        belongs_to: None,
        capture: None,
        ok_exit: vec![0],
        on_fail: if role <= Role::Evidence { OnFail::Continue } else { OnFail::Stop },
        line: 1,
        digest: "00".repeat(32),
        uses: Vec::new(),
        needs: Vec::new(),
        secrets: Vec::new(),
    }
}

fn plan(name: &str, alert: &str, mode: Mode, steps: Vec<Step>) -> Plan {
    Plan {
        name: name.into(),
        file: format!("{name}.md"),
        title: name.to_owned(),
        alert: alert.into(),
        service: None,
        level: None,
        respond_within: None,
        owner: None,
        mode,
        version: None,
        approved_by: None,
        reviewed: None,
        parameters: BTreeMap::new(),
        checklist: Vec::new(),
        steps,
        verify: VerifyNumbers {
            passes: 2,
            every: SignedDuration::from_secs(5),
            steady: SignedDuration::from_secs(10),
            within: SignedDuration::from_secs(20),
        },
        guardrails: Guardrails { latch: SignedDuration::from_mins(2), ..Guardrails::default() },
        digest: "00".repeat(32),
        inputs: BTreeMap::new(),
        facts: BTreeMap::new(),
        guards: Vec::new(),
        conditions: BTreeMap::new(),
    }
}

fn routes() -> BTreeMap<Priority, Route> {
    let route = |channels: &[&str], repeat: Option<i64>, update: Option<i64>| Route {
        channels: names(channels),
        also: names(&["boss"]),
        repeat_every: repeat.map(SignedDuration::from_mins),
        update_every: update.map(SignedDuration::from_mins),
    };
    BTreeMap::from([
        (Priority::P0, route(&["chat", "phone"], Some(2), Some(5))),
        (Priority::P1, route(&["chat", "mail"], Some(5), Some(15))),
        (Priority::P2, route(&["mail"], None, None)),
        // Nobody is told of a P3.
    ])
}

fn escalation() -> Vec<EscalationLevel> {
    let level = |after, contacts: &[&str], title: &str| EscalationLevel {
        after: SignedDuration::from_mins(after),
        contacts: names::<ContactName>(contacts),
        on_call: Vec::new(),
        title: title.to_owned(),
    };
    vec![
        level(0, &["hanako"], "on call"),
        level(5, &["hanako", "taro"], "level 2"),
        level(10, &["boss"], "management"),
    ]
}

fn contact(name: &str) -> (ContactName, Contact) {
    let address = |channel: &str| (ChannelName::from(channel), format!("{name} by {channel}"));
    let addresses = BTreeMap::from([address("mail"), address("phone")]);
    (
        name.into(),
        Contact {
            name: name.into(),
            title: name.to_owned(),
            addresses,
            personal: Default::default(),
            roles: Default::default(),
        },
    )
}

fn channels() -> BTreeMap<ChannelName, ChannelBrief> {
    let channel = |name: &str, is_room, is_pager| {
        (name.into(), ChannelBrief { is_room, is_pager, is_mirror: false, devices: None })
    };
    BTreeMap::from([
        channel("chat", true, false),
        channel("mail", false, false),
        channel("phone", false, true),
    ])
}

fn checklist() -> Checklist {
    let check = |name: &str, services: &[&str], rules: &[&str]| CheckBox {
        name: name.into(),
        title: name.to_owned(),
        services: names(services),
        rules: names(rules),
        hold: SignedDuration::from_secs(30),
    };
    Checklist {
        system: "shop".into(),
        boxes: vec![
            check("db", &["db"], &["database_unreachable"]),
            check("api", &["api", "front"], &["service_down"]),
            check("users", &["price"], &["function_failed"]),
        ],
    }
}
