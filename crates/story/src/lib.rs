//! Stories: what the world does and what must follow, as text, over the real engine with a pushed clock.
//!
//! ```text
//! # A9: half of all requests fail: P1
//! when proxy/traffic error_rate_percent is 60
//! pass 1m
//! expect classified INC-1: P1 — error_rate@proxy
//! never paged
//! ```
//!
//! The same format tests our requirements (`stories/`) and a user's own configuration (`hikeshi story FILE…`).
//!
//! | line | meaning |
//! | --- | --- |
//! | `given FOLDER` | the configuration, from the story's folder on; first line |
//! | `when SERVICE dies` | its probes see it down; a respond step that succeeds heals it |
//! | `when SERVICE hangs` | the same, but its process is there: only other probes see it |
//! | `when SERVICE breaks` | it dies, and no step heals it |
//! | `when SERVICE recovers`, `when PROBE recovers` | back to good values |
//! | `when PROBE READING is VALUE` | this value from now on |
//! | `when PROBE READING is VALUE until repaired` | the same, and a respond step that succeeds brings the good one back |
//! | `when PROBE falls silent` | no more looks |
//! | `when step NAME fails` / `hangs` / `works` | what performing it does |
//! | `when step NAME gives free_mb=300 state=failed` | what its output says, for runbooks that capture it |
//! | `when step NAME exits-75` | it ends with this code |
//! | `when channel NAME fails` / `refuses` / `works` | what telling does: it may work later, it never will, it does |
//! | `when channel NAME is busy for 10m` | its service asks for so much peace |
//! | `when channel NAME rings in vain` | it accepts, and half a minute later says that nobody took it |
//! | `when hikeshi restarts` | killed without warning and started again |
//! | `when hikeshi is away for 20m` | killed, and started again after that time |
//! | `SENDER sends NAME on SERVICE LEVEL LABEL=VALUE …` | another system says that an alert fires, and says so every minute; level and further labels may be left out |
//! | `SENDER sends 10000 alerts of NAME on SERVICE …` | the same of so many, each with an `instance` of its own |
//! | `SENDER resolves NAME on SERVICE …` | it says that those alerts are over |
//! | `SENDER says nothing for 6m` | time passes in which it does not repeat itself |
//! | `silence MATCHERS for 1h by NAME "WHY"` · `maintenance of SERVICE for 30m by NAME "WHY"` | people want quiet |
//! | the same with `announced` or `announced "WORDS"` behind it | customers hear of the window on the status page |
//! | `silence ends` · `maintenance ends` | the newest silence or window ends now |
//! | `when the disk is full` / `has room` | the journal takes nothing |
//! | `ping NAME` · `ping NAME start` / `fail` / `log` / `exit 3`, perhaps `of RUN` | a job gives a sign of life |
//! | `report "TEXT" from NAME`, perhaps `on SERVICE` | a user reports something |
//! | `mark "TEXT"`, perhaps `on SERVICE` | a change is told, such as a deployment |
//! | `taken NAME on SERVICE LEVEL by PERSON` | somebody takes an alert on in the system that sent it |
//! | `remark "TEXT" at NAME on SERVICE LEVEL by PERSON` | somebody notes something about it there |
//! | `NAME acknowledges INC-1` · `NAME closes INC-1: CAUSE` · `NAME notes INC-1: TEXT` · `NAME sets INC-1 to P0: REASON` | people |
//! | `NAME closes INC-1 unverified: REASON` | a P0 whose recovery nothing verified; the reason stands for the cause, too |
//! | `NAME assigns commander of INC-1 to PERSON` | `operations`, `communications` or `scribe`, too |
//! | `NAME plans for INC-1: TEXT`, perhaps `by OWNER until 2026-12-01` before the colon · `NAME finishes M-1` | measures |
//! | `NAME opens P2: TITLE` | a person reports an incident |
//! | `NAME approves APP-1` · `NAME denies APP-1: REASON` | whether a step may run |
//! | `NAME answers RUN-1 done` / `again` / `manual`, `: REASON` | what became of a step whose outcome is unknown |
//! | `NAME ends RUN-1: REASON` · `NAME undoes STEP of RUNBOOK on SERVICE` · `NAME releases SERVICE` | people and runs |
//! | `NAME promotes RUNBOOK to auto` | it may run by itself |
//! | `NAME stops automation: REASON`, perhaps `for 1h` · `NAME resumes automation` | the switch for everything |
//! | `NAME runs RUNBOOK on SERVICE` · `NAME dry-runs RUNBOOK on SERVICE` · `NAME recovers everything` | people |
//! | `NAME puts PERSON on call by SCHEDULE for 2h: REASON`, perhaps `in place of OTHER` after PERSON | an override from now on |
//! | `NAME takes OVR-1 back` · `NAME swaps SCHEDULE TIME with TIME: REASON` | overrides and swaps |
//! | `NAME drafts media for INC-1` · `NAME fills BLANK of DRF-1: TEXT` · `NAME edits DRF-1: TEXT` | texts for `media`, `customers`, `stakeholders` |
//! | `NAME releases draft DRF-1 at 2` · `NAME discards DRF-1: REASON` | the revision that was read goes out, or never |
//! | `NAME suspects data loss in INC-1: REASON` | legal and management hear at once |
//! | `NAME tries CHANNEL to PERSON` · `NAME confirms the test on CHANNEL` · `NAME verifies PERSON on CHANNEL` | a test message, its confirmation, and a person's word |
//! | `doctor names TEXT` · `doctor does not name TEXT` | `hikeshi doctor` would say this now, such as `contact_missing bob` |
//! | `page COMPONENT is STATE` | the status page shows this component so: `operational`, `major_outage`, `unknown` … |
//! | `pass 5m` | time passes |
//! | `pass until TEXT` | time passes until a new line with this text comes, a day at most |
//! | `expect TEXT` | a line with this text came, after the line that the last `expect` found |
//! | `expect within 5m TEXT` | and no later than this after the last `when` |
//! | `never TEXT` | no line so far has this text |
//! | `never again TEXT` | no line after the one that the last `expect` found has it |
//! | `told TEXT` | a notice with this text was owed: `CHANNEL to CONTACT: SUBJECT` and its body below; `room` for a channel without addressees |
//! | `never told TEXT` | no notice so far has this text |
//! | `refused TEXT` | the last person's command was refused with this text |
//!
//! A story begins on a Sunday at 03:01 in Tokyo, after a minute in which everything was well.

mod arrivals;
mod quieting;
mod reaching;
mod read;
mod scene;
mod senders;
mod shifting;
mod speaking;
mod teaming;
mod tell;
mod world;

pub use arrivals::Arrival;
pub use quieting::{Ask, Quieting};
pub use read::{Line, Story, read};
pub use senders::{Alerts, Say};
pub use shifting::Shifting;
pub use speaking::Speaking;
pub use teaming::Teaming;
pub use tell::{Verdict, play};
