//! `hikeshi oncall …`: who is on call, and changing it.

use crate::{
    client::Client,
    commands::{Done, done, escaped, present},
    common::Common,
    show::{Trouble, language, pick, say},
    validate,
    views::table,
};
use clap::{Args, Subcommand};
use domain::said::Said;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::{Value, json};
use source::{
    Problems,
    ical::{self, Event, Moment},
};
use std::path::{Path, PathBuf};

/// Who is on call. TIME is like 2026-11-23T09:00, in the zone of the configuration, or 2026-11-23T00:00Z
#[derive(Subcommand)]
pub enum OnCallCommand {
    /// Who is on call now, by every schedule
    Now,
    /// Who is on call at a time
    At { time: String },
    /// Who comes next, and when
    Next,
    /// The shifts of a schedule
    List {
        schedule: String,
        /// For so many days from now on
        #[arg(long, default_value_t = 28)]
        days: u32,
    },
    /// Where nobody is on call, and who is twice, a year ahead
    Gaps {
        #[arg(long, default_value_t = 365)]
        days: u32,
    },
    /// Put somebody else on call for a while
    Override(OverrideArguments),
    /// List the overrides that are not over
    Overrides,
    /// Take an override back
    Remove { id: String },
    /// Exchange the shifts at two times
    Swap {
        schedule: String,
        time: String,
        with: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Make a private address where calendars subscribe to a schedule; `token list` and `token revoke` know it
    Feed { schedule: String },
    /// Make overrides from the events of an iCalendar file, each called after a contact; what is there already is left out
    Import { schedule: String, file: PathBuf },
}

/// What an override says.
#[derive(Args)]
pub struct OverrideArguments {
    schedule: String,
    /// Who is on call instead, separated by commas
    #[arg(required = true, value_delimiter = ',')]
    people: Vec<String>,
    /// In whose place, where they have the turn; without it, instead of everybody
    #[arg(long, value_name = "PERSON")]
    instead_of: Option<String>,
    /// From then on; without it, from now on
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to then
    #[arg(long, value_name = "TIME", required_unless_present = "length")]
    until: Option<String>,
    /// For how long: 30m, 12h
    #[arg(long = "for", value_name = "LENGTH", conflicts_with = "until", id = "length")]
    length: Option<String>,
    /// Why
    #[arg(long)]
    reason: String,
}

const ON_CALL: &str = "/api/v1/oncall";
const OVERRIDES: &str = "/api/v1/overrides";

/// Carries one out.
pub fn run(common: &Common, command: OnCallCommand) -> Done {
    let client = Client::find(common)?;
    match command {
        OnCallCommand::Now => {
            list(common, &client.get(ON_CALL)?, &["schedule", "people", "next_change_at"])
        }
        OnCallCommand::At { time } => {
            let at = moment(common, &time)?;
            let path = format!("{ON_CALL}?at={}", escaped(&at.to_string()));
            list(common, &client.get(&path)?, &["schedule", "at", "people"])
        }
        OnCallCommand::Next => {
            list(common, &client.get(ON_CALL)?, &["schedule", "next_change_at", "next_people"])
        }
        OnCallCommand::List { schedule, days } => {
            let path = format!("{ON_CALL}/{}/shifts?days={days}", escaped(&schedule));
            list(common, &client.get(&path)?, &["from", "until", "people"])
        }
        OnCallCommand::Gaps { days } => gaps(common, &client, days),
        OnCallCommand::Override(asked) => put(common, &client, &asked),
        OnCallCommand::Overrides => {
            let columns = ["id", "schedule", "people", "replaces", "from", "until", "reason"];
            list(common, &client.get(OVERRIDES)?, &columns)
        }
        OnCallCommand::Remove { id } => {
            done(common, &client.delete(&format!("{OVERRIDES}/{}", escaped(&id)))?)
        }
        OnCallCommand::Swap { schedule, time, with, reason } => {
            let (one, other) = (moment(common, &time)?, moment(common, &with)?);
            let body = json!({"one": one, "other": other, "reason": reason});
            done(common, &client.post(&format!("{ON_CALL}/{}/swap", escaped(&schedule)), body)?)
        }
        OnCallCommand::Feed { schedule } => {
            let path = format!("{ON_CALL}/{}/feed", escaped(&schedule));
            present(common, &client.post(&path, json!({}))?, |made| {
                let address = made["address"].as_str().or(made["path"].as_str());
                say!("{}", address.unwrap_or_default());
                say!("{}", pick("二度と表示されません。", "It is not shown again."));
            })
        }
        OnCallCommand::Import { schedule, file } => import(common, &client, &schedule, &file),
    }
}

/// People of a row as one text; nobody is said, not left blank.
fn list(common: &Common, found: &Value, columns: &[&str]) -> Done {
    present(common, found, |found| {
        let mut rows = found.clone();
        for row in rows.as_array_mut().into_iter().flatten() {
            for key in ["people", "next_people", "schedules"] {
                let Some(people) = row[key].as_array() else { continue };
                let names: Vec<_> = people.iter().filter_map(Value::as_str).collect();
                let nobody = pick("なし", "nobody");
                row[key] =
                    json!(if names.is_empty() { nobody.to_owned() } else { names.join(", ") });
            }
        }
        table(&rows, columns);
    })
}

fn gaps(common: &Common, client: &Client, days: u32) -> Done {
    let found = client.get(&format!("{ON_CALL}/gaps?days={days}"))?;
    present(common, &found, |found| {
        let is_empty = |key: &str| found[key].as_array().is_none_or(Vec::is_empty);
        if is_empty("gaps") {
            say!("{}", pick("空白はありません。", "No gaps."));
        } else {
            table(&found["gaps"], &["schedule", "from", "until"]);
        }
        if is_empty("double_bookings") {
            say!("{}", pick("重複はありません。", "Nobody is on call twice at once."));
        } else {
            let mut rows = found["double_bookings"].clone();
            for row in rows.as_array_mut().into_iter().flatten() {
                let names = row["schedules"].as_array().into_iter().flatten();
                let names: Vec<_> = names.filter_map(Value::as_str).collect();
                row["schedules"] = json!(names.join(", "));
            }
            table(&rows, &["person", "schedules", "from", "until"]);
        }
    })
}

fn put(common: &Common, client: &Client, asked: &OverrideArguments) -> Done {
    let at = |text: &Option<String>| text.as_ref().map(|text| moment(common, text)).transpose();
    let mut body = json!({"people": asked.people, "reason": asked.reason});
    let optional = [
        ("replaces", asked.instead_of.as_ref().map(|name| json!(name))),
        ("from", at(&asked.from)?.map(|at| json!(at))),
        ("until", at(&asked.until)?.map(|at| json!(at))),
        ("for", asked.length.as_ref().map(|length| json!(length))),
    ];
    for (key, value) in optional.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        body[key] = value;
    }
    done(common, &client.post(&format!("{ON_CALL}/{}/overrides", escaped(&asked.schedule)), body)?)
}

/// All or nothing is read; what is past or there already is left out, so that a file may be imported again.
fn import(common: &Common, client: &Client, schedule: &str, file: &Path) -> Done {
    let loaded = validate::load(&common.config)?;
    let text = std::fs::read_to_string(file).map_err(|error| {
        let file = file.display();
        Trouble::problem(Said::new(
            format!("{file} を読めません: {error}"),
            format!("{file} cannot be read: {error}"),
        ))
    })?;
    let zone = &loaded.settings.zone;
    let mut problems = Problems::new();
    let events = ical::read(&file.display().to_string(), &text, zone, &mut problems);
    let contacts = &loaded.policy.contacts;
    let mut wanted = Vec::new();
    for event in &events {
        let named = |name: &str| {
            let by_title = contacts.values().find(|contact| contact.title == name);
            contacts.get(name).or(by_title).map(|contact| contact.name.clone())
        };
        match (named(event.summary.trim()), event.is_yearly) {
            (Some(person), false) => wanted.push((person, span(event, zone))),
            (None, _) => problems.add(
                &event.place,
                Said::new(
                    format!("連絡先 `{}` は設定にありません", event.summary),
                    format!("there is no contact `{}`", event.summary),
                ),
            ),
            (_, true) => problems.add(
                &event.place,
                Said::new("毎年の予定は取り込めません", "an override cannot come every year"),
            ),
        }
    }
    if !problems.is_empty() {
        let text = |language| problems.render(language);
        return Err(Trouble::problem(Said::new(
            text(domain::said::Language::Ja),
            text(domain::said::Language::En),
        )));
    }
    let there = client.get(OVERRIDES)?;
    let path = format!("{ON_CALL}/{}/overrides", escaped(schedule));
    let mut made = 0;
    for (person, span) in wanted {
        let Some((from, until)) = span else { continue };
        let people = json!([person]);
        let is_there = |one: &Value| {
            one["schedule"] == schedule
                && one["people"] == people
                && one["until"] == json!(until)
                && (one["from"] == json!(from) || from <= crate::clock::now())
        };
        if until <= crate::clock::now() || there.as_array().into_iter().flatten().any(is_there) {
            continue;
        }
        let reason = file.file_name().map_or_else(String::new, |name| name.display().to_string());
        client.post(
            &path,
            json!({"people": people, "from": from, "until": until, "reason": reason}),
        )?;
        made += 1;
    }
    present(common, &json!({"imported": made}), |_| {
        let said =
            Said::new(format!("{made} 件の変更を登録しました"), format!("{made} overrides made"));
        say!("{}", said.text(language()));
    })
}

fn span(event: &Event, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let at = |moment: Moment| match moment {
        Moment::Time(at) => Some(at),
        Moment::Day(day) => domain::hours::first(zone, day.at(0, 0, 0, 0)),
    };
    Some((at(event.start)?, at(event.end)?))
}

/// A time with its offset, or one of the wall clock in the zone of the configuration.
pub fn moment(common: &Common, text: &str) -> Result<Timestamp, Trouble> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let zone = validate::load(&common.config)?.settings.zone;
    let local = text.parse::<DateTime>().ok();
    local.and_then(|local| domain::hours::first(&zone, local)).ok_or_else(|| {
        Trouble::problem(Said::new(
            format!("`{text}` は日時として読めません (例: 2026-11-23T09:00)"),
            format!("`{text}` is not a time such as 2026-11-23T09:00"),
        ))
    })
}
