//! Who may ask for what: what every command takes, and whose services it is about. People and programs are asked here, in
//! one place for pages and the API; the local socket belongs to who may everything.

use crate::{
    carried_accounts::Rights,
    command::{Command, Refusal},
    ids::{AccountName, IncidentId, RunId, ServiceName},
    run::Run,
    silence::{Kind, Silence},
    state::State,
    token::Token,
    world::World,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Whether somebody may ask for a command: with their rights everywhere, or with those in a team whose services it is about.
/// `most`: the most that the way allows on which they came, such as a token.
///
/// # Errors
/// They may not.
pub fn check(
    world: &World<'_>,
    name: &AccountName,
    most: Rights,
    command: &Command,
) -> Result<(), Refusal> {
    let Some(account) = world.state.accounts.get(name.as_str()) else {
        return Err(Refusal::forbidden(
            format!("アカウント {name} はもうありません"),
            format!("the account {name} is gone"),
        ));
    };
    let needed = needed(command);
    let about = about(world, command);
    let may = |rights: Rights| rights.min(most) >= needed;
    let may_all = !about.is_empty()
        && about.iter().all(|teams| teams.iter().any(|team| may(account.rights_in(team))));
    if may(account.rights) || may_all {
        return Ok(());
    }
    let teams: BTreeSet<_> = about.into_iter().flatten().collect();
    let own = account.rights;
    Err(if teams.is_empty() {
        Refusal::forbidden(
            format!("この操作には {needed} の権限が必要です ({name} は {own})"),
            format!("this takes the rights of {needed}; {name} is {own}"),
        )
    } else {
        let teams = teams.into_iter().collect::<Vec<_>>().join(", ");
        Refusal::forbidden(
            format!("この操作には {teams} の {needed} の権限が必要です ({name} は {own})"),
            format!("this takes the rights of {needed} in {teams}; {name} is {own}"),
        )
    })
}

/// Who uses the API with a token that has this digest, and the most that they may: what both the token and its owner may. None:
/// there is no such token, its time is over, or its owner is gone.
pub fn caller<'a>(
    state: &'a State,
    digest: &str,
    now: Timestamp,
) -> Option<(&'a Token, &'a AccountName, Rights)> {
    let token = state.tokens.iter().find(|token| token.digest == digest)?;
    let (account, scope) = token.api().filter(|_| !token.has_expired(now))?;
    let rights = state.accounts.get(account.as_str())?.most();
    Some((token, account, rights.min(scope.rights())))
}

/// What a command takes. Commands of hikeshi itself, and those that are asked for in ways with their own proof, take nothing.
fn needed(command: &Command) -> Rights {
    match command {
        Command::Approve { .. }
        | Command::Deny { .. }
        | Command::Promote { .. }
        | Command::ReleaseTarget { .. }
        | Command::ResumeAutomation { .. } => Rights::Approver,
        Command::IssueToken { .. } | Command::ChangeAccount { .. } => Rights::Administrator,
        // Whose token it is, the page has seen; whose device, the link; who comes in, the provider.
        Command::IssueApiToken(_)
        | Command::AdmitAccount(_)
        | Command::UseApiToken(_)
        | Command::RevokeToken { .. }
        | Command::AddDevice(_)
        | Command::RecordAccess(_)
        | Command::Tick
        | Command::Boot { .. }
        | Command::Observe(_)
        | Command::Hear { .. }
        | Command::StepStarted { .. }
        | Command::StepSettled { .. }
        | Command::NoticeSettled { .. } => Rights::Viewer,
        _ => Rights::Responder,
    }
}

/// The teams that a command is about: of each part, those of which one is enough. Empty: it is about everything.
fn about(world: &World<'_>, command: &Command) -> Vec<BTreeSet<String>> {
    let service = |name: &ServiceName| vec![owner(world, name).into_iter().collect()];
    match command {
        Command::Acknowledge { incident, .. }
        | Command::Note { incident, .. }
        | Command::SetPriority { incident, .. }
        | Command::Close { incident, .. }
        | Command::AssignRole { incident, .. }
        | Command::RecordMeasure { incident, .. }
        | Command::SuspectDataLoss { incident, .. }
        | Command::WriteDraft { incident: Some(incident), .. } => of_incident(world, *incident),
        Command::FillDraft { id, .. }
        | Command::EditDraft { id, .. }
        | Command::ReleaseDraft { id, .. }
        | Command::DiscardDraft { id, .. } => {
            let draft = world.state.drafts.get(*id);
            draft.map_or_else(Vec::new, |draft| of_incident(world, draft.written.incident))
        }
        Command::OpenIncident { service: Some(name), .. }
        | Command::StartRun { service: name, .. }
        | Command::Undo { service: name, .. }
        | Command::ReleaseTarget { target: name, .. } => service(name),
        Command::AnswerUnknown { run, .. } | Command::CancelRun { run, .. } => of_run(world, *run),
        Command::Approve { id, .. } | Command::Deny { id, .. } => {
            let is_it = |run: &&Run| run.approval.as_ref().is_some_and(|one| one.asked.id == *id);
            let run = world.state.runs.values().find(is_it);
            run.map_or_else(Vec::new, |run| of_run(world, run.planned.id))
        }
        Command::PutSilence { silence, edits, .. } => {
            let edited = edits.as_ref().and_then(|id| world.state.silences.get(id));
            let edited = edited.map_or_else(Vec::new, |kept| of_silence(world, &kept.silence));
            [of_silence(world, silence), edited].concat()
        }
        Command::ExpireSilence { id, .. } => {
            let kept = world.state.silences.get(id);
            kept.map_or_else(Vec::new, |kept| of_silence(world, &kept.silence))
        }
        _ => Vec::new(),
    }
}

/// Whose services an incident hurts: any of them may work on it.
fn of_incident(world: &World<'_>, id: IncidentId) -> Vec<BTreeSet<String>> {
    let Some(incident) = world.state.incidents.get(&id) else { return Vec::new() };
    let alerts = incident.burning.iter().chain(&incident.resolved).map(|key| &key.service);
    let services = std::iter::once(&incident.cause).chain(alerts);
    vec![services.filter_map(|name| owner(world, name)).collect()]
}

/// A window is about every service that it names; what is silenced by labels may be anybody's.
fn of_silence(world: &World<'_>, silence: &Silence) -> Vec<BTreeSet<String>> {
    match &silence.kind {
        Kind::Maintenance(services) => {
            services.iter().map(|name| owner(world, name).into_iter().collect()).collect()
        }
        Kind::Plain | Kind::Recurring(_) => vec![BTreeSet::new()],
    }
}

/// What a run changes is one service; whose incident it belongs to does not matter.
fn of_run(world: &World<'_>, id: RunId) -> Vec<BTreeSet<String>> {
    let run = world.state.runs.get(&id);
    run.map_or_else(Vec::new, |run| vec![owner(world, &run.planned.target).into_iter().collect()])
}

fn owner(world: &World<'_>, service: &ServiceName) -> Option<String> {
    world.policy.graph.get(service)?.owner.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        carried_accounts::{AccountChange, AccountChanged, ApiTokenIssued, Scope},
        fact::{Fact, Recorded},
        graph::{Graph, Kind as ServiceKind, Service},
        ids::Actor,
        policy::Policy,
        quiet::Quiet,
        rule::Symptom,
        severity::Priority,
        silence,
        watch::Watch,
    };
    use std::collections::BTreeMap;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn service(name: &str, owner: Option<&str>) -> Service {
        Service {
            name: name.into(),
            title: name.into(),
            kind: ServiceKind::Process,
            system: "shop".into(),
            depends_on: Vec::new(),
            group: None,
            owner: owner.map(Into::into),
            attributes: BTreeMap::new(),
        }
    }

    /// Sato responds for the databases, Suzuki approves for them, Root is an administrator; all see everything.
    fn town() -> (State, Policy) {
        let services =
            vec![service("db", Some("DB")), service("web", Some("Web")), service("mail", None)];
        let graph = Graph::new(services).expect("no circle");
        let mut state = State::default();
        let mut happens = |fact| state.apply(&Recorded { at: NOW, fact });
        let team = |rights| AccountChange::TeamAllowed { team: "DB".into(), rights };
        for (name, changes) in [
            ("sato", vec![AccountChange::Added(Rights::Viewer), team(Rights::Responder)]),
            ("suzuki", vec![AccountChange::Added(Rights::Responder), team(Rights::Approver)]),
            ("root", vec![AccountChange::Added(Rights::Administrator)]),
        ] {
            for change in changes {
                let by = Actor::Person("root".into());
                let changed = AccountChanged { account: name.into(), change, by };
                happens(Fact::AccountChanged(Box::new(changed)));
            }
        }
        for (number, cause) in [(1, "db"), (2, "web"), (3, "mail")] {
            happens(Fact::IncidentOpened {
                id: IncidentId(number),
                title: cause.into(),
                system: "shop".into(),
                cause: cause.into(),
                symptom: Symptom::ServiceDown,
                source: "manual".into(),
                occurred_at: NOW,
                assess_until: NOW,
                by: Actor::Person("root".into()),
            });
        }
        (state, Policy { graph, ..Policy::default() })
    }

    fn may(name: &str, most: Rights, command: &Command) -> Result<(), Refusal> {
        let (state, policy) = town();
        let (watch, quiet) = (Watch::new(NOW), Quiet::default());
        let world =
            World { state: &state, policy: &policy, watch: &watch, quiet: &quiet, now: NOW };
        check(&world, &name.into(), most, command)
    }

    fn by() -> Actor {
        Actor::Person("sato".into())
    }

    fn acknowledge(number: u64) -> Command {
        Command::Acknowledge { incident: IncidentId(number), by: by() }
    }

    fn maintenance(services: &[&str]) -> Command {
        let silence = Silence {
            id: silence::id_of(&["x"]),
            kind: Kind::Maintenance(services.iter().map(|name| (*name).into()).collect()),
            matchers: Vec::new(),
            starts_at: NOW,
            ends_at: NOW,
            annotations: crate::labels::Labels::default(),
            created_by: "sato".into(),
            comment: "x".into(),
            announced: None,
        };
        Command::PutSilence { silence: Box::new(silence), edits: None, by: by() }
    }

    #[test]
    fn a_token_may_what_both_it_and_its_owner_may_until_its_end() {
        let (mut state, _) = town();
        let digest = "ab".repeat(32);
        let end = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(1);
        let issued = ApiTokenIssued {
            id: 1,
            account: "suzuki".into(),
            name: "x".into(),
            scope: Scope::Approve,
            digest: digest.clone(),
            expires_at: Some(end),
            by: by(),
        };
        let happens = |state: &mut State, fact| state.apply(&Recorded { at: NOW, fact });
        happens(&mut state, Fact::ApiTokenIssued(Box::new(issued)));
        let most = |state: &State, now| caller(state, &digest, now).map(|(_, _, most)| most);
        assert_eq!(most(&state, NOW), Some(Rights::Approver), "in a team");
        assert_eq!(most(&state, end), None, "over");
        let changed = |change| {
            let changed = AccountChanged { account: "suzuki".into(), change, by: by() };
            Fact::AccountChanged(Box::new(changed))
        };
        let team = AccountChange::TeamAllowed { team: "DB".into(), rights: Rights::Viewer };
        happens(&mut state, changed(team));
        assert_eq!(most(&state, NOW), Some(Rights::Responder), "its owner may less now");
        happens(&mut state, changed(AccountChange::Allowed(Rights::Administrator)));
        assert_eq!(most(&state, NOW), Some(Rights::Approver), "its scope stays");
        happens(&mut state, changed(AccountChange::Removed));
        happens(&mut state, changed(AccountChange::Added(Rights::Administrator)));
        assert_eq!(most(&state, NOW), None, "another account of that name");
    }

    #[test]
    fn a_team_is_worked_for_and_no_other() {
        let most = Rights::Administrator;
        let sato = |command: &Command| may("sato", most, command).is_ok();
        assert!(sato(&acknowledge(1)) && !sato(&acknowledge(2)) && !sato(&acknowledge(3)));
        assert!(!sato(&acknowledge(9)), "one that is not there");
        let run = |service: &str| Command::StartRun {
            runbook: "x".into(),
            service: service.into(),
            dry_run: false,
            by: by(),
        };
        assert!(sato(&run("db")) && !sato(&run("web")) && !sato(&run("nowhere")));
        // Of a window, every service; of what is about everything, a team is not enough.
        assert!(sato(&maintenance(&["db"])) && !sato(&maintenance(&["db", "web"])));
        assert!(!sato(&maintenance(&[])) && !sato(&Command::Recover { by: by() }));
        let open = |service: Option<&str>| Command::OpenIncident {
            title: "x".into(),
            priority: Priority::P2,
            service: service.map(Into::into),
            by: by(),
        };
        assert!(sato(&open(Some("db"))) && !sato(&open(None)));
        let refused = may("sato", most, &acknowledge(2)).expect_err("another team's");
        assert_eq!(refused.kind, "forbidden");
        assert!(refused.said.en.contains("responder in Web; sato is viewer"), "{refused}");
    }

    #[test]
    fn rights_in_a_team_add_to_those_everywhere_and_a_token_bounds_both() {
        let release = |target: &str| Command::ReleaseTarget { target: target.into(), by: by() };
        let suzuki = |most, command: &Command| may("suzuki", most, command).is_ok();
        let all = Rights::Administrator;
        assert!(suzuki(all, &acknowledge(2)) && suzuki(all, &release("db")));
        assert!(!suzuki(all, &release("web")));
        assert!(!suzuki(Rights::Responder, &release("db")), "the token may less");
        assert!(suzuki(Rights::Responder, &acknowledge(1)));
        assert!(!suzuki(Rights::Viewer, &acknowledge(1)));
        assert!(may("root", all, &release("web")).is_ok());
        may("nobody", all, &acknowledge(1)).expect_err("no account");
        let add = Command::ChangeAccount {
            account: "eve".into(),
            change: AccountChange::Added(Rights::Viewer),
            by: by(),
        };
        assert!(!suzuki(all, &add) && may("root", all, &add).is_ok());
    }
}
