//! A rule file: its groups, its rules, and where they stand.

use crate::expression::Expression;
use jiff::SignedDuration;
use source::Place;
use std::{collections::BTreeMap, sync::Arc};

/// A rule file, or a dashboard whose queries are linted like rules.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleFile {
    /// The file, as the person gave it.
    pub name: Arc<str>,
    /// The groups, in written order.
    pub groups: Vec<Group>,
}

/// Rules that are evaluated one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// How often it is evaluated; none: as Prometheus is told for all.
    pub interval: Option<SignedDuration>,
    /// The rules that could be read.
    pub rules: Vec<Rule>,
}

/// An expression with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The alert, the metric that is recorded, or the panel.
    pub name: String,
    /// Where it starts.
    pub place: Place,
    /// What is evaluated.
    pub expression: Expression,
    /// What becomes of the result.
    pub kind: RuleKind,
}

/// What becomes of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    /// Its samples are alerts.
    Alerting(Alerting),
    /// It is stored as the metric of the rule's name.
    Recording,
    /// It is drawn on a dashboard.
    Panel,
}

/// What an alerting rule has beyond its expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alerting {
    /// `for`: how long it must hold.
    pub hold: SignedDuration,
    /// `keep_firing_for`: how long it goes on after that.
    pub keep_firing_for: SignedDuration,
    /// The labels, those of the group included.
    pub labels: BTreeMap<String, String>,
    /// The annotations, with their templates.
    pub annotations: BTreeMap<String, String>,
}

impl RuleFile {
    /// Every rule, in written order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }
}

impl Rule {
    /// What it has beyond its expression, when it is an alerting rule.
    pub fn alerting(&self) -> Option<&Alerting> {
        match &self.kind {
            RuleKind::Alerting(alerting) => Some(alerting),
            _ => None,
        }
    }
}
