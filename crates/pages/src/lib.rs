//! The pages that people look at and act on, and who may: what burns, the room of an incident, accounts and sessions.
//!
//! A page is a struct with what it shows, a template that shows it, and a cache policy. From the plain to the whole:
//!
//! | | |
//! | --- | --- |
//! | plain | [`assets`], [`address`], [`cookie`], [`words`], [`when`], [`recent`], [`figures`], [`scale`], [`plot`], [`signs`], [`paging`], [`links`], [`search`], [`blocks`], [`markdown`], [`document`], [`picture`] |
//! | what all share | [`desk`], [`visitor`], [`frame`], [`trouble`] |
//! | who comes in, and from where | [`entrance`], [`acting`], [`guard`], [`session`] |
//! | what is shown | [`chart`], [`curves`], [`course`], [`drawing`], [`dashboard`], [`asking`], [`now`], [`told`], [`runs`], [`room`], [`report`], [`evidence`], [`listing`], [`alerts`], [`silences`], [`drafts`], [`on_call`], [`services`], [`service`], [`lints`], [`runbooks`], [`runbook`], [`run`], [`audit`], [`readiness`], [`configuration`], [`find`] |
//! | what is done | [`sign_in`], [`elsewhere`], [`welcome`], [`settings`], [`acts`], [`accounts`], [`second_step`], [`security`], [`passkeys`], [`tokens`] |
//! | behind a link | [`linked`], [`enrolling`] |
//! | on top | [`live`], [`router`] |

mod accounts;
mod acting;
mod acts;
mod address;
mod alerts;
mod asking;
mod assets;
mod audit;
mod blocks;
mod chart;
mod configuration;
mod cookie;
mod course;
mod curves;
mod dashboard;
mod desk;
mod document;
mod drafts;
mod drawing;
mod elsewhere;
mod enrolling;
mod entrance;
mod evidence;
mod figures;
mod find;
mod frame;
mod guard;
mod linked;
mod links;
mod lints;
mod listing;
mod live;
mod markdown;
mod now;
mod on_call;
mod paging;
mod passkeys;
mod picture;
mod plot;
mod readiness;
mod recent;
mod report;
mod room;
mod router;
mod run;
mod runbook;
mod runbooks;
mod runs;
mod scale;
mod search;
mod second_step;
mod security;
mod service;
mod services;
mod session;
mod settings;
mod sign_in;
mod signs;
mod silences;
mod tokens;
mod told;
mod trouble;
mod visitor;
mod welcome;
mod when;
mod words;

pub use desk::{Desk, Entry};
pub use router::{api, describe, showing};
