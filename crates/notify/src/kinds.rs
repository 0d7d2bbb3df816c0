//! The table of channel kinds: one file and one row each.

use crate::{
    alertmanager, channel::Kind, console, discord, email, google_chat, line, mattermost, ntfy,
    pagerduty, slack, slack_api, teams, twilio_call, twilio_sms, web_push, webhook,
};

/// Every kind there is, in the order of the manual.
pub const KINDS: &[Kind] = &[
    email::KIND,
    line::KIND,
    slack::KIND,
    slack_api::KIND,
    teams::KIND,
    discord::KIND,
    mattermost::KIND,
    google_chat::KIND,
    ntfy::KIND,
    web_push::KIND,
    twilio_call::KIND,
    twilio_sms::KIND,
    pagerduty::KIND,
    alertmanager::KIND,
    webhook::KIND,
    console::KIND,
];

/// The kind with this name.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ChannelSpec;
    use domain::said::Language;
    use source::{Problems, yaml};

    #[test]
    fn the_example_of_every_kind_is_read_without_a_problem() {
        for kind in KINDS {
            let mut problems = Problems::new();
            let node = yaml::read(kind.name, kind.example, 0, &mut problems).expect(kind.name);
            let spec = ChannelSpec::parse("example", &node, &mut problems);
            assert!(problems.is_empty(), "{}", problems.render(Language::En));
            assert_eq!(spec.expect(kind.name).kind.name, kind.name);
        }
    }

    #[test]
    fn every_kind_is_explained_in_both_languages() {
        for kind in KINDS {
            let summary = kind.summary();
            assert!(!summary.ja.is_empty() && !summary.en.is_empty(), "{kind:?}");
        }
    }
}
