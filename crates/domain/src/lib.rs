//! The pure core of hikeshi: commands, facts, state, policy. No I/O, clock, randomness, async or environment.
//!
//! A [`command::Command`] and the time go into [`decide::decide`]; [`fact::Fact`]s come out; once they are durable,
//! [`state::State::apply`] folds them in; [`due::due`] names the work that is owed, [`due::next_wakeup`] when to look again.
//!
//! Files go from types at the bottom, over one file per life-cycle, to `decide`, `apply` and `due` on top:
//!
//! | | |
//! | --- | --- |
//! | types | [`ids`], [`said`], [`severity`], [`reading`], [`labels`], [`matcher`], [`outside_text`], [`plan`], [`graph`], [`rule`], [`signal`], [`silence`], [`recurring`], [`inhibition`], [`sorting`], [`clock`], [`heartbeat`], [`policy`], [`change`], [`secret_access`], [`types`], [`hours`], [`holidays`], [`calendar`], [`rota`], [`freeze`], [`personal`], [`condition`], [`inputs`], [`carried`], [`carried_accounts`], [`carried_clocks`], [`carried_comms`], [`carried_contacts`], [`carried_devices`], [`carried_notices`], [`carried_on_call`], [`carried_paging`], [`carried_runs`], [`carried_team`], [`incident_role`], [`measure`], [`stakeholders`], [`status_page`], [`template`], [`standard_templates`], [`fact`], [`refusal`], [`step_report`], [`command`], [`wish`] |
//! | life-cycles | [`alert`], [`incident`], [`correlate`], [`classify`], [`run`], [`next_move`], [`approval`], [`guard`], [`recovery`], [`schedule`], [`on_call`], [`coverage`], [`updates`], [`draft`], [`message`], [`incident_message`], [`notice`], [`deliveries`], [`contacts`], [`finding`], [`readiness_contacts`], [`readiness`], [`digest`], [`maintenance`], [`token`], [`device`], [`account`], [`admission`] |
//! | everything that is open | [`signals`], [`alerts`], [`state`]; facts are folded into it by [`apply`], [`apply_clocks`], [`apply_intake`], [`apply_notices`], [`apply_runs`], [`apply_team`] |
//! | beside the state, derived | [`heard`] and [`watch`]: what is seen now; [`quiet`]: what tells nobody; [`agenda`]: what to look at next |
//! | what deciding looks at | [`world`]; what customers are shown of it: [`component_state`] |
//! | deciding | [`firing`], [`deadline`], [`telling`], [`withdrawal`], [`paging`], [`remarks`], [`record_access`], [`advance_alerts`], [`advance_groups`], [`advance_rhythm`], [`advance_runs`], [`data_loss`], [`advance_updates`], [`advance_clocks`], [`advance_digest`], [`advance_incidents`], [`next_step`], [`advance_heartbeats`], [`advance_reports`], [`advance_changes`], [`advance_silences`], [`advance_shifts`], [`handover`] |
//! | on top | [`decide`], [`decide_runs`], [`decide_closing`], [`decide_team`], [`decide_on_call`], [`decide_channels`], [`decide_drafts`], [`due`] |
//! | telling | [`tell`], [`tell_clocks`], [`tell_intake`], [`tell_signals`], [`tell_runs`], [`tell_on_call`], [`tell_paging`], [`tell_team`], [`tell_comms`]: every fact in one sentence; [`audit`]: who is behind it |

pub mod account;
pub mod admission;
pub mod advance_alerts;
pub mod advance_changes;
pub mod advance_clocks;
pub mod advance_digest;
pub mod advance_groups;
pub mod advance_heartbeats;
pub mod advance_incidents;
pub mod advance_reports;
pub mod advance_rhythm;
pub mod advance_runs;
pub mod advance_shifts;
pub mod advance_silences;
pub mod advance_updates;
pub mod agenda;
pub mod alert;
pub mod alert_label;
pub mod alerts;
pub mod apply;
pub mod apply_clocks;
pub mod apply_intake;
pub mod apply_notices;
pub mod apply_runs;
pub mod apply_team;
pub mod approval;
pub mod audit;
pub mod calendar;
pub mod carried;
pub mod carried_accounts;
pub mod carried_attempts;
pub mod carried_clocks;
pub mod carried_comms;
pub mod carried_contacts;
pub mod carried_devices;
pub mod carried_notices;
pub mod carried_on_call;
pub mod carried_paging;
pub mod carried_runs;
pub mod carried_team;
pub mod change;
pub mod classify;
pub mod clock;
pub mod command;
pub mod component_state;
pub mod condition;
pub mod contacts;
pub mod correlate;
pub mod coverage;
pub mod data_loss;
pub mod deadline;
pub mod decide;
pub mod decide_channels;
pub mod decide_closing;
pub mod decide_drafts;
pub mod decide_on_call;
pub mod decide_runs;
pub mod decide_team;
pub mod deliveries;
pub mod device;
pub mod digest;
pub mod draft;
pub mod due;
pub mod fact;
pub mod finding;
pub mod firing;
pub mod freeze;
pub mod graph;
pub mod guard;
pub mod handover;
pub mod heard;
pub mod heartbeat;
pub mod holidays;
pub mod hours;
pub mod ids;
pub mod incident;
pub mod incident_message;
pub mod incident_role;
pub mod inhibition;
pub mod inputs;
pub mod labels;
pub mod maintenance;
pub mod matcher;
pub mod measure;
pub mod message;
pub mod next_move;
pub mod next_step;
pub mod notice;
pub mod on_call;
pub mod outside_text;
pub mod paging;
pub mod permission;
pub mod personal;
pub mod plan;
pub mod policy;
pub mod quiet;
pub mod readiness;
pub mod readiness_contacts;
pub mod reading;
pub mod record_access;
pub mod recovery;
pub mod recurring;
pub mod refusal;
pub mod remarks;
pub mod rota;
pub mod rule;
pub mod run;
pub mod said;
pub mod schedule;
pub mod secret_access;
pub mod severity;
pub mod signal;
pub mod signals;
pub mod silence;
pub mod sorting;
pub mod stakeholders;
pub mod standard_templates;
pub mod state;
pub mod status_page;
pub mod step_report;
pub mod tell;
pub mod tell_clocks;
pub mod tell_comms;
pub mod tell_intake;
pub mod tell_on_call;
pub mod tell_paging;
pub mod tell_runs;
pub mod tell_signals;
pub mod tell_team;
pub mod telling;
pub mod template;
pub mod token;
pub mod types;
pub mod updates;
pub mod values;
pub mod watch;
pub mod wish;
pub mod withdrawal;
pub mod world;
