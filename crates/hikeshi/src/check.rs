//! `hikeshi check`: one look at everything, without a server; it changes nothing and ends in time.

use crate::{
    clock,
    common::Common,
    masking::Masking,
    show::{self, Trouble, say},
    validate,
};
use anstyle::AnsiColor;
use domain::{
    policy::Policy,
    reading::{Observation, Reading},
    severity::Level,
};
use probes::Deps;
use serde_json::{Value, json};
use std::{process::ExitCode, sync::Arc, time::Duration};
use supervise::{Own, Supervisor};

/// What one look means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Good,
    Unknown,
    Warning,
    Bad,
}

/// Exit code 0 when all is well, 1 when something is bad or could not be measured; with `--json` the worst in numbers:
/// 0 fine, 1 warning or not measured, 2 critical (A26).
pub fn run(common: &Common, within: u64) -> Result<ExitCode, Trouble> {
    let loaded = validate::load(&common.config)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Trouble::unusable(domain::said::Said::same(error.to_string())))?;
    let records = loaded.settings.data.join("services");
    // Without records nothing was ever started, and looking must not even make a folder.
    let own = records
        .exists()
        .then(|| Own::open(&records, loaded.commands, clock::shared()).ok())
        .flatten();
    let supervisor = own.map(|own| Arc::new(own) as Arc<dyn Supervisor>);
    let deps = Deps {
        clock: clock::shared(),
        supervisor,
        state_folder: Some(loaded.settings.data.join("probes")),
    };
    let masking = Masking::of(&loaded.probes);
    let looks = runtime.block_on(probes::look_once(
        loaded.probes,
        &deps,
        Duration::from_secs(within.clamp(1, 30)),
    ));
    // Whatever still hangs must not keep the command alive.
    runtime.shutdown_background();

    let mut worst = Verdict::Good;
    let mut checks = Vec::new();
    for seen in looks.into_iter().flat_map(|(_, seen)| seen) {
        let seen = &masking.clean(seen);
        let (verdict, reason) = judge(&loaded.policy, seen);
        worst = worst.max(verdict);
        if common.json {
            checks.push(as_json(&loaded.policy, seen, verdict, &reason));
        } else {
            print(&loaded.policy, seen, verdict, &reason);
        }
    }
    if common.json {
        say!("{}", json!({"status": word(worst), "checks": checks}));
    }
    Ok(ExitCode::from(match worst {
        Verdict::Good => 0,
        Verdict::Unknown | Verdict::Warning => 1,
        Verdict::Bad => 2,
    }))
}

/// What the rules say of one look by itself; windows and times need a server.
fn judge(policy: &Policy, seen: &Observation) -> (Verdict, String) {
    let detail = seen.detail.clone().unwrap_or_default();
    if let Some(why) = seen.readings.values().find_map(|reading| match reading {
        Reading::Failed(why) => Some(why.clone()),
        _ => None,
    }) {
        return (Verdict::Unknown, why);
    }
    let rules = policy
        .probes
        .get(&seen.probe)
        .into_iter()
        .flat_map(|feed| &feed.rules)
        .filter_map(|name| policy.rules.get(name));
    let met = rules.filter_map(|rule| {
        let value = seen.readings.get(&rule.reading)?.measured()?;
        let band = rule.bands.iter().find(|band| band.test.holds(value))?;
        let verdict = if band.level == Level::Critical { Verdict::Bad } else { Verdict::Warning };
        Some((verdict, format!("{}: {} = {value}{} {detail}", rule.name, rule.reading, rule.unit)))
    });
    met.max_by_key(|(verdict, _)| *verdict).unwrap_or((Verdict::Good, detail))
}

fn as_json(policy: &Policy, seen: &Observation, verdict: Verdict, reason: &str) -> Value {
    json!({
        "id": seen.service, "probe": seen.probe, "title": policy.graph.title(&seen.service), "status": word(verdict),
        "reason": reason.trim(), "readings": seen.readings, "at": seen.at,
    })
}

fn print(policy: &Policy, seen: &Observation, verdict: Verdict, reason: &str) {
    let (text, colour) = match verdict {
        Verdict::Good => (show::pick("正常", "ok"), AnsiColor::Green),
        Verdict::Unknown => (show::pick("測定不能", "not measured"), AnsiColor::Magenta),
        Verdict::Warning => (show::pick("注意", "warning"), AnsiColor::Yellow),
        Verdict::Bad => (show::pick("異常", "failed"), AnsiColor::Red),
    };
    let style = colour.on_default().bold();
    let title = policy.graph.title(&seen.service);
    say!("{title} {style}{text}{style:#} ({}) {}", seen.probe, show::plain(reason.trim()));
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "ok",
        Verdict::Unknown => "unknown",
        Verdict::Warning => "warning",
        Verdict::Bad => "fail",
    }
}
