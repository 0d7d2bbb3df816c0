//! What the team has decided beforehand: everything that deciding reads and that is not state.

use crate::{
    calendar::Calendar,
    carried_runs::ApprovalAsked,
    clock::{self, Limits},
    digest::DigestPolicy,
    freeze::Freeze,
    graph::Graph,
    heartbeat::HeartbeatPolicy,
    ids::{
        BoxName, ChannelName, ContactName, HeartbeatName, ProbeName, RoleName, RuleName,
        RunbookName, ScheduleName, ServiceName, StakeholderName,
    },
    inhibition::Inhibition,
    personal::Personal,
    plan::Plan,
    recurring::Recurring,
    rule::Rule,
    said::Language,
    schedule::Schedule,
    severity::Priority,
    sorting::Intake,
    stakeholders::{Audience, Outlet, Outlets, Stakeholders},
    standard_templates as standard,
    status_page::StatusPage,
    template::Template,
};
use ipnet::IpNet;
use jiff::{SignedDuration, tz::TimeZone};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Assessment in a rehearsal.
const SHORTEST_ASSESSMENT: SignedDuration = SignedDuration::from_secs(4);

/// The whole policy. The room `config` builds it from files and has checked it.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The product's name, as it stands in subjects.
    pub product: String,
    /// The language of messages that leave the system.
    pub language: Language,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The services.
    pub graph: Graph,
    /// The alert rules.
    pub rules: BTreeMap<RuleName, Arc<Rule>>,
    /// What each probe feeds.
    pub probes: BTreeMap<ProbeName, Feed>,
    /// The runbooks.
    pub plans: Vec<Arc<Plan>>,
    /// Who is told what, by priority of the incident.
    pub routes: BTreeMap<Priority, Route>,
    /// Who is told of a warning that is no incident.
    pub warning_route: Route,
    /// Who comes next; the first level is told at classification.
    pub escalation: Vec<EscalationLevel>,
    /// The people.
    pub contacts: BTreeMap<ContactName, Contact>,
    /// The channels by name.
    pub channels: BTreeMap<ChannelName, ChannelBrief>,
    /// Channels to try, in order, when one fails.
    pub fallback: Vec<ChannelName>,
    /// How deliveries are retried.
    pub delivery: Delivery,
    /// What must be good before an incident counts as recovered.
    pub checklists: Vec<Checklist>,
    /// Clocks that run with an incident.
    pub clocks: Clocks,
    /// When an alert counts as flapping.
    pub flap: Flap,
    /// How alerts of other systems are taken in.
    pub intake: Intake,
    /// Which alerts make others quiet.
    pub inhibitions: Vec<Inhibition>,
    /// Hours that are quiet again and again.
    pub recurring: Vec<Recurring>,
    /// Times in which services are changed only with a person's consent.
    pub freezes: Vec<Freeze>,
    /// Addresses that automation never acts on: our own, load balancers, monitors.
    pub protected: Vec<IpNet>,
    /// The creator of a silence is reminded of it this often.
    pub remind_every: SignedDuration,
    /// Jobs that must give a sign of life.
    pub heartbeats: BTreeMap<HeartbeatName, HeartbeatPolicy>,
    /// The calendar by which deadlines in business time run; none: Monday to Friday in [`Policy::zone`].
    pub business: Option<Arc<Calendar>>,
    /// Who is on call when.
    pub schedules: BTreeMap<ScheduleName, Schedule>,
    /// Who hears of incidents without working on them.
    pub stakeholders: BTreeMap<StakeholderName, Stakeholders>,
    /// Where drafts go; see [`Policy::outlet`].
    pub outlets: Outlets,
    /// The daily digest; none: nobody wants one.
    pub digest: Option<DigestPolicy>,
    /// The team's own templates, in [`Policy::language`]; see [`Policy::template`].
    pub templates: BTreeMap<String, Template>,
    /// The page that customers see; none: there is none.
    pub status_page: Option<StatusPage>,
}

/// How often the creator of a silence is reminded of it, unless the configuration says otherwise.
const REMIND_EVERY: SignedDuration = SignedDuration::from_hours(24);

impl Default for Policy {
    /// Nothing to watch and nobody to tell; every time has its default.
    fn default() -> Self {
        Self {
            product: String::new(),
            language: Language::default(),
            zone: TimeZone::UTC,
            graph: Graph::default(),
            rules: BTreeMap::new(),
            probes: BTreeMap::new(),
            plans: Vec::new(),
            routes: BTreeMap::new(),
            warning_route: Route::default(),
            escalation: Vec::new(),
            contacts: BTreeMap::new(),
            channels: BTreeMap::new(),
            fallback: Vec::new(),
            delivery: Delivery::default(),
            checklists: Vec::new(),
            clocks: Clocks::default(),
            flap: Flap::default(),
            intake: Intake::default(),
            inhibitions: Vec::new(),
            recurring: Vec::new(),
            freezes: Vec::new(),
            protected: Vec::new(),
            remind_every: REMIND_EVERY,
            heartbeats: BTreeMap::new(),
            business: None,
            schedules: BTreeMap::new(),
            stakeholders: BTreeMap::new(),
            outlets: Outlets::new(),
            digest: None,
            templates: BTreeMap::new(),
            status_page: None,
        }
    }
}

/// What a probe feeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// The service that the probe looks at.
    pub service: ServiceName,
    /// The rules that judge its readings.
    pub rules: Vec<RuleName>,
    /// One look is proof: the kernel reports a dead process, a network has hiccups.
    pub is_certain: bool,
    /// After this long without a measured value, that itself is an alert.
    pub no_data_after: SignedDuration,
}

/// How people are told of something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Route {
    /// Channels that are used at once, each with a message of its own.
    pub channels: Vec<ChannelName>,
    /// Contacts told on personal channels in addition to whoever is on call.
    pub also: Vec<ContactName>,
    /// A page is repeated after this long until somebody acknowledges; none: told once.
    pub repeat_every: Option<SignedDuration>,
    /// Updates are sent this often while it is open; none: on change only (C32).
    pub update_every: Option<SignedDuration>,
}

/// One level of the escalation policy.
#[derive(Clone, Debug, PartialEq)]
pub struct EscalationLevel {
    /// How long after detection (C19).
    pub after: SignedDuration,
    /// Who is told; pages go round them in this order.
    pub contacts: Vec<ContactName>,
    /// Whoever is on call by these schedules when the page is sent is told, too.
    pub on_call: Vec<ScheduleName>,
    /// What the level is called: `on call`, `level 2`, `management`.
    pub title: String,
}

/// A person or a team.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// The name in the configuration.
    pub name: ContactName,
    /// What people call them.
    pub title: String,
    /// The address on each personal channel.
    pub addresses: BTreeMap<ChannelName, String>,
    /// How they want to be told.
    pub personal: Personal,
    /// What they answer for.
    pub roles: BTreeSet<RoleName>,
}

/// What deciding must know of a channel; the rest is the room `notify`'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelBrief {
    /// A room has no addressee: one message reaches everybody in it.
    pub is_room: bool,
    /// It wakes people up: regular updates do not go there.
    pub is_pager: bool,
    /// It shows the state of incidents: it hears that one was acknowledged.
    pub is_mirror: bool,
    /// Devices enrol on it by themselves; none: its addresses are written in the configuration.
    pub devices: Option<Enrolment>,
}

/// What a device needs to know of a channel, and what is a device's address there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The public key of the channel, as a browser takes it.
    pub key: String,
    /// The hosts that deliver to devices; `*.` stands for every name below.
    pub services: Vec<String>,
}

impl Enrolment {
    /// Whether an address may be a device's: at a service that is named, over TLS unless it is on this machine.
    pub fn allows(&self, scheme: &str, host: &str) -> bool {
        let is_named = |service: &String| match service.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
            None => service == host,
        };
        (scheme == "https" || host == "127.0.0.1") && self.services.iter().any(is_named)
    }
}

/// How deliveries are retried.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Tries on one channel before the next is used.
    pub tries: u32,
    /// The wait after the first failure; it doubles.
    pub first_wait: SignedDuration,
    /// The longest wait.
    pub longest_wait: SignedDuration,
    /// An attempt without an answer after this long counts as failed.
    pub timeout: SignedDuration,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            tries: 3,
            first_wait: SignedDuration::from_secs(1),
            longest_wait: SignedDuration::from_secs(30),
            timeout: SignedDuration::from_secs(20),
        }
    }
}

/// A recovery checklist (A35 to A39).
#[derive(Clone, Debug, PartialEq)]
pub struct Checklist {
    /// The system whose incidents it ends.
    pub system: String,
    /// The boxes, in order.
    pub boxes: Vec<CheckBox>,
}

/// One box: all its rules must be measured good on all its services, for `hold`.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckBox {
    /// Its name.
    pub name: BoxName,
    /// What people call it.
    pub title: String,
    /// The services that are looked at; a group passes when all its members do.
    pub services: Vec<ServiceName>,
    /// The rules that must be good.
    pub rules: Vec<RuleName>,
    /// For how long.
    pub hold: SignedDuration,
}

/// Clocks that run with an incident (section D).
#[derive(Clone, Debug, PartialEq)]
pub struct Clocks {
    /// How long assessment gathers what belongs together before people are told; a P0 does not wait.
    pub assess_within: SignedDuration,
    /// How soon somebody must hear of it, respond, and be done, by priority.
    pub limits: Limits,
    /// How long everything must stay good where no checklist covers an incident.
    pub steady: SignedDuration,
}

impl Default for Clocks {
    fn default() -> Self {
        Self {
            assess_within: SignedDuration::from_secs(10),
            limits: clock::standard(),
            steady: SignedDuration::from_secs(60),
        }
    }
}

/// When an alert counts as flapping: `limit` firings within `window`; it then ends only after `steady` good time.
#[derive(Clone, Debug, PartialEq)]
pub struct Flap {
    /// Firings that are still normal.
    pub limit: u32,
    /// Within this time.
    pub window: SignedDuration,
    /// How long it must stay good.
    pub steady: SignedDuration,
}

impl Default for Flap {
    fn default() -> Self {
        Self {
            limit: 4,
            window: SignedDuration::from_mins(30),
            steady: SignedDuration::from_mins(10),
        }
    }
}

impl Policy {
    /// The runbook for a rule on a service: one written for that service first.
    pub fn plan_for(&self, rule: &RuleName, service: &ServiceName) -> Option<&Arc<Plan>> {
        let fits = |plan: &&Arc<Plan>| plan.alert == *rule;
        let own =
            self.plans.iter().filter(fits).find(|plan| plan.service.as_ref() == Some(service));
        own.or_else(|| self.plans.iter().filter(fits).find(|plan| plan.service.is_none()))
    }

    /// The runbook with a name.
    pub fn plan(&self, name: &RunbookName) -> Option<&Arc<Plan>> {
        self.plans.iter().find(|plan| plan.name == *name)
    }

    /// The body that an approval of this runbook's step asks about. What stands in the file now may be another: then it is
    /// none, and nothing runs.
    pub fn body_asked(&self, runbook: &RunbookName, asked: &ApprovalAsked) -> Option<String> {
        let step = self.plan(runbook)?.step(&asked.step)?;
        (step.digest == asked.digest).then(|| step.body.text())
    }

    /// What people call somebody: the title of the contact with this name, or the name itself.
    pub fn title_of(&self, name: &str) -> String {
        self.contacts.get(name).map_or_else(|| name.to_owned(), |contact| contact.title.clone())
    }

    /// Whether a channel wakes people up.
    pub fn is_pager(&self, channel: &ChannelName) -> bool {
        self.channels.get(channel).is_some_and(|brief| brief.is_pager)
    }

    /// Whether a channel is read by many, without an address of somebody.
    pub fn is_room(&self, channel: &ChannelName) -> bool {
        self.channels.get(channel).is_some_and(|brief| brief.is_room)
    }

    /// Personal channels that do not wake anybody up.
    pub fn quiet_personal(&self) -> Vec<ChannelName> {
        let quiet = self.channels.iter().filter(|(_, brief)| !brief.is_room && !brief.is_pager);
        quiet.map(|(name, _)| name.clone()).collect()
    }

    /// The checklist that ends the incidents of a system.
    pub fn checklist(&self, system: &str) -> Option<&Checklist> {
        self.checklists.iter().find(|list| list.system == system)
    }

    /// The contacts that hold a role.
    pub fn holders(&self, role: &RoleName) -> Vec<ContactName> {
        let holds = |contact: &&Contact| contact.roles.contains(role);
        self.contacts.values().filter(holds).map(|contact| contact.name.clone()).collect()
    }

    /// Where drafts for an audience go, and who releases them.
    pub fn outlet(&self, audience: Audience) -> Outlet {
        let own = self.outlets.get(&audience).cloned();
        own.unwrap_or_else(|| Outlet::standard(audience, self.language))
    }

    /// A template by its name: the team's own, which is in the team's language, or the built-in one.
    pub fn template(&self, name: &str, language: Language) -> Template {
        let is_theirs = language == self.language || !standard::NAMES.contains(&name);
        let own = self.templates.get(name).filter(|_| is_theirs).cloned();
        own.unwrap_or_else(|| standard::template(name, language))
    }

    /// The longest that assessment waits, and similar policy times, divided by `factor`: a night rehearsed in minutes.
    /// Values that are measured (latencies, percentages), deadlines of people and time limits of steps stay as they are.
    #[must_use]
    pub fn in_time_lapse(mut self, factor: u32) -> Self {
        let hurry = |duration: &mut SignedDuration| {
            *duration /= i32::try_from(factor.max(1)).unwrap_or(i32::MAX)
        };
        for rule in self.rules.values_mut() {
            let rule = Arc::make_mut(rule);
            rule.bands.iter_mut().for_each(|band| hurry(&mut band.hold));
        }
        for plan in &mut self.plans {
            let plan = Arc::make_mut(plan);
            let (verify, guard) = (&mut plan.verify, &mut plan.guardrails);
            [&mut verify.every, &mut verify.steady, &mut verify.within].into_iter().for_each(hurry);
            [&mut guard.rate_window, &mut guard.rate_spacing, &mut guard.latch]
                .into_iter()
                .for_each(hurry);
        }
        for route in self.routes.values_mut().chain([&mut self.warning_route]) {
            route.repeat_every.iter_mut().chain(&mut route.update_every).for_each(hurry);
        }
        let personal = self.contacts.values_mut().map(|contact| &mut contact.personal);
        let rules = personal.flat_map(|one| one.rules.values_mut().flatten());
        rules.for_each(|rule| hurry(&mut rule.after));
        let groups = self.stakeholders.values_mut();
        groups.flat_map(|group| &mut group.update_every).for_each(hurry);
        self.escalation.iter_mut().for_each(|level| hurry(&mut level.after));
        self.checklists
            .iter_mut()
            .flat_map(|list| &mut list.boxes)
            .for_each(|check| hurry(&mut check.hold));
        for sort in &mut self.intake.sorts {
            let rhythm = &mut sort.rhythm;
            hurry(&mut rhythm.wait);
            rhythm.interval.iter_mut().chain(&mut rhythm.repeat).for_each(hurry);
        }
        let others = [&mut self.intake.resolve_timeout, &mut self.remind_every];
        [&mut self.clocks.steady, &mut self.flap.window, &mut self.flap.steady]
            .into_iter()
            .chain(others)
            .for_each(hurry);
        // What belongs together still takes some seconds to show.
        self.clocks.assess_within = self.clocks.assess_within.min(SHORTEST_ASSESSMENT);
        self
    }
}
