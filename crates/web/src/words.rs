//! Words of other systems as commands of ours.

use domain::{
    change,
    command::Command,
    heartbeat,
    ids::{Actor, IntegrationName},
};
use intake::{PingKind, Word};

/// The commands that words mean; all alerts of a request are one.
pub(crate) fn commands(integration: &IntegrationName, words: Vec<Word>) -> Vec<Command> {
    let mut signals = Vec::with_capacity(words.len());
    let mut commands = Vec::new();
    for word in words {
        match word {
            Word::Told(told) => signals.push(told),
            other => commands.extend(command(integration, other)),
        }
    }
    if !signals.is_empty() {
        // Alerts first: what is said about them comes after them.
        commands.insert(0, Command::Hear { integration: integration.clone(), signals });
    }
    commands
}

fn command(integration: &IntegrationName, word: Word) -> Option<Command> {
    let integration = integration.clone();
    Some(match word {
        Word::Told(_) => return None,
        Word::Acknowledge { fingerprint, by, note } => Command::AcknowledgeSignal {
            by: actor(&integration, by),
            integration,
            fingerprint,
            note,
        },
        Word::Note { fingerprint, by, text } => {
            Command::NoteSignal { by: actor(&integration, by), integration, fingerprint, text }
        }
        Word::Change(told) => {
            let url = told.links.into_iter().next().map(|link| link.url).unwrap_or_default();
            let change = Box::new(change::Change {
                key: told.key,
                title: told.title,
                source: told.source,
                service: told.service.map(|name| name.as_str().into()),
                url,
                at: told.at,
            });
            Command::Mark { integration, change }
        }
        Word::Ping(ping) => Command::Ping {
            name: ping.slug.as_str().into(),
            kind: match ping.kind {
                PingKind::Success => heartbeat::PingKind::Success,
                PingKind::Start => heartbeat::PingKind::Start,
                PingKind::Fail => heartbeat::PingKind::Fail,
                PingKind::Log => heartbeat::PingKind::Log,
                PingKind::Exit(code) => heartbeat::PingKind::Exit(code),
            },
            run: ping.run,
            detail: ping.body,
        },
        Word::Report(report) => Command::Report {
            from: report.from,
            text: report.text,
            service: report.service.map(|name| name.as_str().into()),
            via: integration.to_string(),
        },
    })
}

/// Who acts: the person whom the sender names, whom nobody here has checked; else the system itself.
fn actor(integration: &IntegrationName, by: String) -> Actor {
    match by.trim() {
        "" => Actor::System(integration.to_string()),
        name => Actor::System(format!("{name} ({integration})")),
    }
}
