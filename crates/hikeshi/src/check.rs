//! `hikeshi check`: one look at everything, without a server; it changes nothing and ends in time.

use crate::{
    accesses, clock,
    common::Common,
    masking::Masking,
    show::{self, Trouble, say},
    validate,
};
use anstyle::AnsiColor;
use domain::{policy::Policy, reading::Observation, said::Said};
use probes::Deps;
use serde_json::{Value, json};
use std::{process::ExitCode, sync::Arc, time::Duration};
use supervise::{Own, Supervisor};
use survey::{Verdict, judge};

/// Exit code 0 when all is well, 1 when something is bad or could not be measured; with `--json` the worst in numbers:
/// 0 fine, 1 warning or not measured, 2 critical (A26).
pub fn run(common: &Common, within: u64) -> Result<ExitCode, Trouble> {
    let loaded = validate::load(&common.config)?;
    let (safe, ledger) = accesses::for_a_command(common, &loaded);
    let masking = Masking::of(&safe, loaded.used_secrets());
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Trouble::unusable(Said::same(error.to_string())))?;
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
        // Reading them would leave traces in the folder.
        samples: None,
        safe,
    };
    let limit = Duration::from_secs(within.clamp(1, 30));
    let cleaner = masking.cleaner();
    let looking = probes::look_once(loaded.probes, &deps, limit);
    let (looks, host) =
        runtime.block_on(async { tokio::join!(looking, survey::host(&cleaner, limit)) });
    // Whatever still hangs must not keep the command alive.
    runtime.shutdown_background();
    ledger.hand_in();

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
        say!("{}", json!({"status": worst.word(), "checks": checks, "host": host}));
    }
    Ok(ExitCode::from(match worst {
        Verdict::Good => 0,
        Verdict::Unknown | Verdict::Warning => 1,
        Verdict::Bad => 2,
    }))
}

fn as_json(policy: &Policy, seen: &Observation, verdict: Verdict, reason: &Said) -> Value {
    json!({
        "id": seen.service, "probe": seen.probe, "title": policy.graph.title(&seen.service), "status": verdict.word(),
        "reason": reason, "readings": seen.readings, "at": seen.at,
    })
}

fn print(policy: &Policy, seen: &Observation, verdict: Verdict, reason: &Said) {
    let (text, colour) = match verdict {
        Verdict::Good => (show::pick("正常", "ok"), AnsiColor::Green),
        Verdict::Unknown => (show::pick("測定不能", "not measured"), AnsiColor::Magenta),
        Verdict::Warning => (show::pick("注意", "warning"), AnsiColor::Yellow),
        Verdict::Bad => (show::pick("異常", "failed"), AnsiColor::Red),
    };
    let style = colour.on_default().bold();
    let title = policy.graph.title(&seen.service);
    say!(
        "{title} {style}{text}{style:#} ({}) {}",
        seen.probe,
        show::plain(reason.text(show::language()).trim())
    );
}
