//! Wire formats of other systems: bytes of a request in, words and an answer out. Pure: no I/O, no clock, no async.
//!
//! A [`Reader`] takes a [`Request`] and gives [`Heard`]: [`Word`]s, what was wrong with
//! the rest, and how to answer once the words are durable.
//!
//! | | |
//! | --- | --- |
//! | types | [`word`], [`request`], [`answer`], [`mod@format`] |
//! | leaves | `text`, `time`, `json`, [`signature`], [`limits`], `draft`, `recipe`, `ci`, `opsgenie_id`, [`written`] |
//! | formats, one file and one row each | [`alertmanager`], `alertmanager_webhook`, `grafana`, `pagerduty`, `opsgenie`, [`ping`], `cloudevents`, `github`, `gitlab`, `generic`, [`report`] |
//! | on top | [`kinds`] |

pub mod alertmanager;
mod alertmanager_webhook;
pub mod answer;
mod ci;
mod cloudevents;
mod draft;
pub mod format;
mod generic;
mod github;
mod gitlab;
mod grafana;
mod json;
pub mod kinds;
pub mod limits;
mod opsgenie;
mod opsgenie_id;
mod pagerduty;
pub mod ping;
mod recipe;
pub mod report;
pub mod request;
pub mod signature;
mod text;
mod time;
pub mod word;
pub mod written;

pub use answer::{Answer, Heard, Rejected};
pub use format::{Format, Reader};
pub use request::{Context, Proof, Request};
pub use word::{Change, Link, Ping, PingKind, Report, UNTIL_TOLD, Word};
