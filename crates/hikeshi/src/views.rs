//! How incidents, alerts, runs and runbooks look to a person in a terminal.

use crate::show::{self, BOLD, language, pick, plain, say};
use serde_json::Value;

pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(list) if list.is_empty() => "-".to_owned(),
        Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(", "),
        // A sentence in both languages.
        Value::Object(said) if said.contains_key("ja") && said.contains_key("en") => {
            said[language().pick("ja", "en")].as_str().map(plain).unwrap_or_default()
        }
        // A word with its reason: `{"failed": {"ja": "終了コード 1", "en": "exit code 1"}}`.
        Value::Object(pair) if pair.len() == 1 => {
            pair.iter().map(|(word, why)| format!("{word}: {}", text(why))).collect()
        }
        other => other.to_string(),
    }
}

/// Columns as wide as their widest cell; the last as wide as it is.
pub fn table(list: &Value, columns: &[&str]) {
    let rows: Vec<Vec<String>> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| columns.iter().map(|column| cell(row, column)).collect())
        .collect();
    if rows.is_empty() {
        say!("{}", pick("ありません", "none"));
        return;
    }
    let width = |index: usize| {
        rows.iter()
            .map(|row| row[index].chars().count())
            .chain([columns[index].len()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| {
            format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count())))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    say!("{BOLD}{}{BOLD:#}", line(columns.to_vec()));
    rows.iter().for_each(|row| say!("{}", line(row.iter().map(String::as_str).collect())));
}

fn cell(row: &Value, column: &str) -> String {
    if column.ends_with("_at") { time(&row[column]) } else { text(&row[column]) }
}

/// A time in the zone of this machine.
pub(crate) fn time(value: &Value) -> String {
    let at = value.as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let zoned = at.map(|at| at.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map_or_else(|| "-".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// One labelled line; nothing when there is nothing to say.
fn row(ja: &str, en: &str, shown: &str) {
    if !shown.is_empty() && shown != "-" {
        let label = pick(ja, en);
        say!("  {BOLD}{label}{BOLD:#}: {shown}");
    }
}

/// An incident: what it is, whom it hurts, what was done, and what happened when.
pub fn show_incident(view: &Value) {
    let name =
        format!("INC-{} {} {}", text(&view["id"]), text(&view["priority"]), text(&view["title"]));
    say!("{BOLD}{name}{BOLD:#} [{}]", text(&view["state"]));
    let (why, impact, eta) = (&view["classification"], &view["impact"], &view["eta"]);
    row("判定", "decided by", &format!("{} — {}", text(&why["rule"]), text(&why["observed"])));
    row(
        "原因",
        "cause",
        &format!("{} ({})", text(&view["cause"]["component"]), text(&view["cause"]["symptom"])),
    );
    row("影響", "affects", &text(&impact["services"]));
    row("停止中の機能", "functions", &text(&impact["functions"]));
    let minutes = eta["minutes"].as_u64();
    let minutes = minutes.map_or_else(
        || pick("不明", "unknown").to_owned(),
        |m| format!("{m} {}", pick("分", "min")),
    );
    let basis = text(&eta["basis"]);
    let basis = if basis.is_empty() { basis } else { format!(" ({basis})") };
    row("復旧見込み", "expected recovery", &format!("{minutes}{basis}"));
    let changes = view["recent_changes"].as_array().into_iter().flatten();
    changes.for_each(|change| row("直前の変更", "recent change", &text(change)));
    if view["reports"].as_u64().is_some_and(|reports| reports > 0) {
        row("報告", "reports", &text(&view["reports"]));
    }
    for (key, ja, en) in [
        ("occurred", "発生", "occurred"),
        ("detected", "検知", "detected"),
        ("acknowledged", "引き受け", "acknowledged"),
        ("responded", "対応開始", "responded"),
        ("recovered", "復旧", "recovered"),
        ("closed", "クローズ", "closed"),
    ] {
        row(ja, en, &time(&view["times"][key]));
    }
    for (role, name) in view["roles"].as_object().into_iter().flatten() {
        let (ja, en) = match role.as_str() {
            "commander" => ("指揮", "commander"),
            "operations" => ("対処", "operations"),
            "communications" => ("連絡", "communications"),
            _ => ("記録", "scribe"),
        };
        row(ja, en, &text(name));
    }
    show_clocks(&view["deadlines"]);
    row("次回更新", "next update", &time(&view["updates"]["next_at"]));
    for late in view["updates"]["overdue"].as_array().into_iter().flatten() {
        let kept = match time(&late["kept_at"]).as_str() {
            "-" => pick("未実施", "still owed").to_owned(),
            at => at.to_owned(),
        };
        let promised = time(&late["promised_at"]);
        let shown = format!("{promised} → {kept} ({}, {})", text(&late["to"]), text(&late["why"]));
        row("期限超過の更新", "overdue update", &shown);
    }
    for draft in view["drafts"].as_array().into_iter().flatten() {
        let shown = format!(
            "DRF-{} {} [{}] {}",
            draft["id"],
            text(&draft["audience"]),
            text(&draft["status"]),
            text(&draft["subject"])
        );
        row("下書き", "draft", &shown);
    }
    let boxes = view["recovery"]["checklist"].as_object().into_iter().flatten();
    let boxes: Vec<_> = boxes.map(|(name, result)| format!("{name} {}", text(result))).collect();
    row("復旧チェック", "recovery", &boxes.join(", "));
    row("根本原因", "root cause", &text(&view["root_cause"]["technical"]));
    row("復旧未確認でクローズ", "closed unverified", &text(&view["closed_unverified"]));
    for measure in view["measures"].as_array().into_iter().flatten() {
        let state = match time(&measure["done_at"]).as_str() {
            "-" => pick("未実施", "open").to_owned(),
            at => format!("{} {at}", pick("実施済み", "done")),
        };
        let who = format!("{}, {}, {state}", text(&measure["owner"]), text(&measure["due"]));
        row(
            "再発防止策",
            "measure",
            &format!("M-{} {} ({who})", measure["id"], text(&measure["text"])),
        );
    }
    let alerts = view["alerts"].as_array().into_iter().flatten();
    for alert in alerts {
        row("アラート", "alert", &alert_line(alert));
    }
    view["actions"].as_array().into_iter().flatten().for_each(show_run);
    for evidence in view["evidence"].as_array().into_iter().flatten() {
        row("証拠", "evidence", &text(&evidence["path"]));
    }
    show_timeline(&view["timeline"]);
}

/// An alert with its runs and its timeline.
pub fn show_alert(view: &Value) {
    say!(
        "{BOLD}A{} {}{BOLD:#} [{}]",
        text(&view["id"]),
        text(&view["title"]),
        text(&view["state"])
    );
    row("レベル", "level", &text(&view["level"]));
    row("キー", "key", &text(&view["key"]));
    row("条件", "condition", &text(&view["condition"]));
    row("値", "observed", &text(&view["observed"]));
    row("担当", "owner", &text(&view["owner"]));
    row("発生", "fired", &time(&view["fired_at"]));
    row("解消", "resolved", &time(&view["resolved_at"]));
    row("対応期限", "respond by", &time(&view["respond_by"]));
    row("インシデント", "incident", &text(&view["incident"]));
    row("判定", "label", &text(&view["label"]));
    view["runs"].as_array().into_iter().flatten().for_each(show_run);
    show_timeline(&view["timeline"]);
}

/// The clocks of an incident: when each runs out, by whose word, and how it went.
fn show_clocks(deadlines: &Value) {
    for clock in deadlines["clocks"].as_array().into_iter().flatten() {
        let name = match clock["clock"].as_str() {
            Some("first_notice") => pick("第一報の期限", "first notice by"),
            Some("respond") => pick("対応期限", "respond by"),
            Some("update") => pick("経過報告の期限", "update by"),
            _ => pick("復旧期限", "recover by"),
        };
        let state = match clock["state"].as_str() {
            Some("met") => pick("達成", "met"),
            Some("missed") => pick("超過", "missed"),
            Some("not_needed") => pick("不要", "not needed"),
            _ => pick("計測中", "running"),
        };
        let ended = match time(&clock["ended_at"]).as_str() {
            "-" => String::new(),
            at => format!(" {at}"),
        };
        let quiet = match clock["is_quiet"] == true {
            true => pick(" (サイレンス中)", " (while silenced)"),
            false => "",
        };
        let source = |limit: &Value| {
            let from = match limit["from"].as_str() {
                Some("document_a") => pick("文書A", "document A"),
                Some("document_b") => pick("文書B", "document B"),
                Some("team") => pick("チームの設定", "the team"),
                _ => "hikeshi",
            };
            let within = text(&limit["within"][pick("ja", "en")]);
            format!("{within}: {from} {}", text(&limit["what"]))
        };
        let sources = clock["sources"].as_array().into_iter().flatten().map(source);
        let sources = sources.collect::<Vec<_>>().join(" / ");
        let sources = if sources.is_empty() { sources } else { format!(" ({sources})") };
        let shown = format!("{} {state}{ended}{quiet}{sources}", time(&clock["due_at"]));
        row(name, name, &shown);
    }
}

fn alert_line(alert: &Value) -> String {
    let parts = ["level", "key", "state", "observed"].map(|name| text(&alert[name]));
    format!("A{} {}", text(&alert["id"]), parts.join(" "))
}

/// The timeline without the steps of steps; all of it is in `--json`.
fn show_timeline(timeline: &Value) {
    let is_detail = |kind: &str| {
        matches!(kind, "step_intended" | "step_started" | "notice_owed" | "round_verified")
    };
    for entry in timeline.as_array().into_iter().flatten() {
        let kind = entry["kind"].as_str().unwrap_or_default();
        if is_detail(kind) || entry["fact"]["result"] == "unknown" {
            continue;
        }
        let style = show::style_of(kind);
        say!(
            "  {} {style}{kind:<16}{style:#} {}",
            time(&entry["at"]),
            text(&entry["text"][pick("ja", "en")])
        );
    }
}

/// A run with its steps; rounds of verification are counted, not listed.
pub fn show_run(run: &Value) {
    let id = if run["run"].is_null() { &run["id"] } else { &run["run"] };
    let result = format!("{} {}", text(&run["result"]), text(&run["reason"]));
    say!(
        "  {BOLD}RUN-{}{BOLD:#} {} → {}: {}",
        text(id),
        text(&run["runbook"]),
        text(&run["target"]),
        result.trim_end()
    );
    let (rounds, steps): (Vec<_>, Vec<_>) =
        run["steps"].as_array().into_iter().flatten().partition(|step| step["role"] == "verify");
    for step in steps {
        say!(
            "    {} {}: {} ({} ms)",
            text(&step["role"]),
            text(&step["step"]),
            text(&step["outcome"]),
            text(&step["took_ms"])
        );
    }
    let passed = rounds.iter().filter(|step| step["outcome"] == "ok").count();
    if !rounds.is_empty() {
        say!("    verify: {passed}/{}", rounds.len());
    }
    for item in run["checklist"].as_array().into_iter().flatten() {
        let mark = match item["result"].as_str() {
            Some("pass") => "x",
            Some("fail") => "!",
            Some(_) => "?",
            None => " ",
        };
        say!("    [{mark}] {}", text(&item["text"]));
    }
}

/// A runbook with the exact bodies that would run.
pub fn show_runbook(plan: &Value) {
    say!("{BOLD}{}{BOLD:#} ({})", text(&plan["title"]), text(&plan["file"]));
    say!("  {} → {} [{}]", text(&plan["alert"]), text(&plan["service"]), text(&plan["mode"]));
    for step in plan["steps"].as_array().into_iter().flatten() {
        say!(
            "  {BOLD}{} {}{BOLD:#} ({}, {})",
            text(&step["role"]),
            text(&step["name"]),
            text(&step["effect"]),
            text(&step["digest"])
        );
        show_body(&step["body"], &plan["service"]);
    }
}

/// What a dry run of a runbook did not do: the bodies of the steps that change something.
pub fn show_would_run(plan: &Value, service: &str) {
    let steps = plan["steps"].as_array().into_iter().flatten();
    for step in steps.filter(|step| step["effect"] != "read") {
        say!("  {BOLD}{} {}{BOLD:#}", text(&step["role"]), text(&step["name"]));
        show_body(&step["body"], &Value::from(service));
    }
}

/// A script as it stands; a verb in words, with what verifies it and what takes it back.
fn show_body(body: &Value, service: &Value) {
    let shown = match (body["shell"].as_str(), &body["action"]) {
        (Some(script), _) => script.to_owned(),
        (None, action) => in_words(action, service)
            .unwrap_or_else(|| format!("{} {}", text(&action["verb"]), action["arguments"])),
    };
    plain(&shown).lines().for_each(|line| say!("    {line}"));
}

fn in_words(action: &Value, service: &Value) -> Option<String> {
    let verb = runbook::kinds::by_name(action["verb"].as_str()?)?;
    let arguments = action["arguments"].as_object()?;
    let arguments = arguments.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let said = verb.dry_run(&service.as_str().unwrap_or("*").into(), &arguments);
    Some(pick(&said.ja, &said.en).to_owned())
}
