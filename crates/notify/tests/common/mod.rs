//! What the stories of notices share: a notice, a channel from its configuration, one attempt.

use domain::{
    fact::{About, Event, NoticeOwed},
    ids::{IncidentId, NoticeId},
    said::Language,
    severity::Priority,
};
use jiff::Timestamp;
use notify::{Channel, ChannelSpec, Message, Told};
use source::{Problems, yaml};

pub fn notice() -> NoticeOwed {
    NoticeOwed {
        to: Some("sato".into()),
        priority: Some(Priority::P0),
        tries: 3,
        first_wait_ms: 1000,
        longest_wait_ms: 30_000,
        ..NoticeOwed::new(
            NoticeId(12),
            About::Incident(IncidentId(7)),
            Event::Firing,
            "[P0] Miraikakakuサービス緊急事態",
            "発生時刻: 2026-11-22 10:00 JST\n影響範囲: API\n番号: INC-7",
        )
    }
}

/// When it began.
pub fn began() -> Timestamp {
    "2026-11-22T01:00:00Z".parse().expect("a time")
}

pub fn spec(text: &str) -> ChannelSpec {
    let mut problems = Problems::new();
    let node = yaml::read("hikeshi.yaml", text, 0, &mut problems).expect("YAML");
    let spec = ChannelSpec::parse("channel", &node, &mut problems);
    assert!(problems.is_empty(), "{}", problems.render(Language::En));
    spec.expect("a channel")
}

#[allow(dead_code, reason = "each uses its own part")]
pub async fn tell(channel: &dyn Channel, notice: &NoticeOwed, address: Option<&str>) -> Told {
    channel.tell(&Message { address, ..Message::new(notice, began()) }).await
}
