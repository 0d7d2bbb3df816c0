//! What holds of signals and of quiet in every story: the rules of merging, and that following is as good as looking anew.

use crate::support::{
    others,
    story::{Act, story},
    town::{Steps, Town},
};
use domain::{fact::Fact, ids::AlertKey, signal::Span};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const NOW: i64 = 1_795_284_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOW + second).expect("a time in November 2026")
}

/// A span around now.
fn span() -> impl Strategy<Value = Span> {
    (-600..600_i64, -600..600_i64, any::<bool>()).prop_map(|(start, end, is_timeout)| Span {
        starts_at: at(start.min(end)),
        ends_at: at(end),
        is_timeout,
    })
}

fn often(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(often(256))]

    /// A message that arrives twice is as good as once.
    #[test]
    fn a_message_counts_once(known in span(), message in span()) {
        let once = known.merged(message, at(0));
        prop_assert_eq!(once.merged(message, at(0)), once);
        prop_assert_eq!(message.merged(message, at(0)), message);
    }

    /// Two messages of one sender that name their ends, in either order: the earliest start and the latest end.
    #[test]
    fn the_order_of_messages_that_name_their_end_does_not_matter(one in span(), other in span()) {
        let named = |span: Span| Span { is_timeout: false, ..span };
        let (one, other) = (named(one), named(other));
        if one.is_over(at(0)) == other.is_over(at(0)) {
            prop_assert_eq!(one.merged(other, at(0)), other.merged(one, at(0)));
        }
    }

    /// What is said again never takes away an end that the sender named.
    #[test]
    fn a_repetition_never_shortens_an_end_that_was_named(known in span(), message in span()) {
        let merged = known.merged(message, at(0));
        if !known.is_timeout && !message.is_over(at(0)) {
            prop_assert!(merged.ends_at >= known.ends_at);
        }
        prop_assert!(merged.starts_at <= known.starts_at.min(message.starts_at));
    }
}

proptest! {
    #![proptest_config(often(96))]

    /// What is quiet, followed fact by fact, is what a look at everything finds.
    #[test]
    fn quiet_is_followed_as_it_is(acts in story(40)) {
        let mut town = Town::new();
        for act in &acts {
            act.play(&mut town);
            let [followed, anew] = town.quiet_both_ways();
            prop_assert_eq!(followed, anew, "after {:?}", act);
        }
    }

    /// The agenda only saves work: after every act a look at everything finds nothing to do.
    #[test]
    fn the_agenda_forgets_nothing(acts in story(40)) {
        let mut town = Town::new();
        for act in &acts {
            act.play(&mut town);
            prop_assert_eq!(town.left_over(), vec![], "after {:?}", act);
        }
    }

    /// A message that was just heard brings nothing when it comes again.
    #[test]
    fn what_was_just_said_is_not_written_again(acts in story(20), word in others::word()) {
        let mut town = Town::new();
        acts.iter().for_each(|act| act.play(&mut town));
        Act::Hear(word.clone()).play(&mut town);
        let written = town.facts.len();
        Act::Hear(word).play(&mut town);
        prop_assert_eq!(&town.facts[written..], &[]);
    }

    /// Whatever was silenced and for how long: after the last silence nothing stays unheard. What still burns with a
    /// priority is in an incident, and what is a warning was told.
    #[test]
    fn nothing_stays_unheard_after_quiet(acts in story(30)) {
        let mut town = Town::new();
        acts.iter().for_each(|act| act.play(&mut town));
        let ids: Vec<_> = town.state.silences.all().map(|kept| kept.silence.id.clone()).collect();
        for _ in ids {
            (0..8).for_each(|which| Act::EndSilence(which).play(&mut town));
        }
        prop_assert!(town.state.silences.active().next().is_none());
        // Enough for words that had to wait; shorter than what is said holds at least after its last word.
        town.pass(SignedDuration::from_secs(70));
        let (state, now) = (&town.state, town.now);
        let is_settled = |at: Timestamp| now.duration_since(at) > SignedDuration::from_secs(65);
        for alert in state.alerts.values().filter(|alert| is_settled(alert.detected_at)) {
            let key = &alert.fired.key;
            let is_heard = alert.incident.is_some()
                || alert.told_at.is_some()
                || alert.fired.level == domain::severity::Level::Info
                || town.is_quiet(key);
            prop_assert!(is_heard, "{} is not heard of: {:?}", key, alert);
        }
    }
}

/// An alert of our own is inhibited; then another system tells it, too, in words that nothing inhibits.
#[test]
fn an_alert_that_a_loud_signal_joins_is_judged_anew() {
    let hear = |name, service, severity| {
        Act::Hear(others::Word { name, service, severity, instance: 0, ends_in: None })
    };
    let mut town = Town::new();
    hear("Flood", "db", "critical").play(&mut town);
    Act::See(1, Some(true)).play(&mut town);
    Act::See(0, Some(true)).play(&mut town);
    Act::Pass(1).play(&mut town);
    let key = AlertKey { rule: "service_down".into(), service: "api-1".into() };
    let incident = |town: &Town| town.state.alerts.get(&key).expect("it fires").incident;
    assert_eq!(incident(&town), None, "it is inhibited");
    hear("service_down", "api-1", "info").play(&mut town);
    assert!(incident(&town).is_some(), "it has joined what explains it");
}

/// A step vanishes, power fails, and nobody can tell what became of it: whoever is next is told in the same breath as the
/// question is asked, not at the next look at something else.
#[test]
fn people_hear_at_once_that_an_outcome_is_unknown() {
    let mut town = Town::new();
    let acts = [Act::See(3, Some(true)), Act::Pass(23), Act::Steps(Steps::Vanish), Act::Pass(268)];
    acts.iter().for_each(|act| act.play(&mut town));
    Act::Crash.play(&mut town);
    assert!(town.facts.iter().any(|one| matches!(one.fact, Fact::QuestionAsked(_))));
    assert_eq!(town.left_over(), vec![]);
}
