//! `hikeshi dashboard`: the three groups of values, each with its age or the reason why there is none.

use crate::{
    client::Client,
    common::Common,
    show::{BOLD, Trouble, pick, plain, say},
};
use clap::Args;
use serde_json::Value;
use std::process::ExitCode;

/// Which stretch of time the histories are of.
#[derive(Args)]
pub struct DashboardArguments {
    /// Since when: a time (2026-11-22T01:00:00Z), or how long ago (24h)
    #[arg(long, default_value = "24h")]
    from: String,
    /// Length of a step of the histories
    #[arg(long, default_value = "5m")]
    step: String,
}

/// Asks the running server. What cannot be measured is shown as that, and is no failure of the command.
pub fn run(common: &Common, asked: &DashboardArguments) -> Result<ExitCode, Trouble> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.append_pair("from", &asked.from).append_pair("step", &asked.step).finish();
    let all = Client::find(common)?.get(&format!("/api/v1/dashboard?{query}"))?;
    if common.json {
        say!("{all}");
        return Ok(ExitCode::SUCCESS);
    }
    let groups = [
        ("system", "システム", "System"),
        ("app", "アプリケーション", "Application"),
        ("business", "ビジネス", "Business"),
    ];
    for (group, ja, en) in groups {
        say!("{BOLD}{}{BOLD:#}", pick(ja, en));
        for (name, value) in all[group].as_object().into_iter().flatten() {
            say!("  {}", line(name, value));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(name: &str, shown: &Value) -> String {
    let name = format!("{:<18}", plain(name));
    if shown["value"].is_null() {
        let reason = shown["reason"][pick("ja", "en")].as_str().unwrap_or_default();
        return format!("{name}{} ({})", pick("取得不可", "not available"), plain(reason));
    }
    let value = match shown["value"].as_f64() {
        Some(number) => ((number * 100.0).round() / 100.0).to_string(),
        None => plain(&shown["value"].to_string()),
    };
    let unit = shown["unit"].as_str().unwrap_or_default();
    let age = shown["age_seconds"].as_i64().unwrap_or_default();
    let estimate = if shown["estimate"] == true { pick("、推定", ", estimate") } else { "" };
    let count = match shown["n"].as_f64() {
        Some(n) => format!("{} n = {n}", pick("、", ",")),
        None => String::new(),
    };
    let age =
        if pick("ja", "en") == "ja" { format!("{age} 秒前") } else { format!("{age} s ago") };
    format!("{name}{value} {} ({age}{estimate}{count})", plain(unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_has_its_age_and_a_missing_one_its_reason() {
        let value = json!({"value": 41.666, "unit": "%", "age_seconds": 3, "reason": null});
        assert_eq!(line("cpu", &value), "cpu               41.67 % (3 s ago)");
        let accuracy = json!({"value": 4.2, "unit": "%", "age_seconds": 3, "n": 200.0});
        assert_eq!(line("accuracy", &accuracy), "accuracy          4.2 % (3 s ago, n = 200)");
        let none = json!({"value": null, "reason": {"ja": "x", "en": "no prediction is due yet"}});
        assert!(line("accuracy", &none).ends_with("not available (no prediction is due yet)"));
    }
}
