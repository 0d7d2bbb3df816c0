//! Who hears of incidents without working on them: stakeholders with their cadence, and the audiences of drafts.

use crate::{
    ids::{ChannelName, ContactName, RoleName},
    said::Language,
    severity::Priority,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The role that answers for what the press and customers read.
pub const PUBLIC_RELATIONS: &str = "pr";
/// Legal: hears at once when data may be lost (A82).
pub const LEGAL: &str = "legal";
/// Management: the same, and after an hour (A81).
pub const MANAGEMENT: &str = "management";
/// Roles that hikeshi itself knows; a contact of such a name holds it.
pub const ROLES: [&str; 4] = [PUBLIC_RELATIONS, LEGAL, MANAGEMENT, "security"];

/// People who hear of some incidents, regularly, until they are over (A50).
#[derive(Clone, Debug, PartialEq)]
pub struct Stakeholders {
    /// What people call them.
    pub title: String,
    /// Who they are, on personal channels.
    pub contacts: Vec<ContactName>,
    /// How they hear.
    pub channels: Vec<ChannelName>,
    /// Of which priorities they hear.
    pub priorities: BTreeSet<Priority>,
    /// Of which systems; empty: of all.
    pub systems: BTreeSet<String>,
    /// How often; none: as often as the route of the priority says (C32).
    pub update_every: Option<SignedDuration>,
    /// Whether a person writes the updates; else hikeshi tells what it knows.
    pub is_written: bool,
    /// The template while it burns, where it is not the usual one.
    pub template: Option<String>,
    /// The template when it is over, where it is not the usual one.
    pub recovery_template: Option<String>,
    /// Their language.
    pub language: Language,
}

impl Stakeholders {
    /// Whether they hear of an incident of this priority in this system.
    pub fn hear_of(&self, priority: Priority, system: &str) -> bool {
        self.priorities.contains(&priority)
            && (self.systems.is_empty() || self.systems.contains(system))
    }
}

/// For whom a draft is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The press: only by way of public relations (A51).
    Media,
    /// Customers.
    Customers,
    /// Everybody under `stakeholders`.
    Stakeholders,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Media, Self::Customers, Self::Stakeholders];

    /// Its word in commands and in the configuration, which is the name of its template, too.
    pub fn word(self) -> &'static str {
        match self {
            Self::Media => crate::standard_templates::MEDIA,
            Self::Customers => crate::standard_templates::CUSTOMERS,
            Self::Stakeholders => crate::standard_templates::STAKEHOLDERS,
        }
    }

    /// What it is called in a sentence.
    pub fn title(self, language: Language) -> &'static str {
        match self {
            Self::Media => language.pick("報道機関", "the media"),
            Self::Customers => language.pick("お客様", "customers"),
            Self::Stakeholders => language.pick("ステークホルダー", "stakeholders"),
        }
    }
}

impl std::str::FromStr for Audience {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = Self::ALL.into_iter().find(|audience| audience.word() == text);
        all.ok_or_else(|| format!("`{text}` is no audience: media, customers or stakeholders"))
    }
}

/// Where drafts for an audience go, and who releases them.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlet {
    /// The channels of a released draft. Those for stakeholders stand with them.
    pub channels: Vec<ChannelName>,
    /// Who is told on personal channels.
    pub contacts: Vec<ContactName>,
    /// Only a contact with this role releases it; none: whoever works on the incident.
    pub approver: Option<RoleName>,
    /// The language of its template.
    pub language: Language,
}

impl Outlet {
    /// What holds unless the configuration says otherwise: nothing leaves the house without public relations.
    pub fn standard(audience: Audience, language: Language) -> Self {
        let approver = (audience != Audience::Stakeholders).then(|| PUBLIC_RELATIONS.into());
        Self { channels: Vec::new(), contacts: Vec::new(), approver, language }
    }
}

/// The outlets that a configuration names.
pub type Outlets = BTreeMap<Audience, Outlet>;
