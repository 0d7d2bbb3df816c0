//! How surveys look to a person in a terminal.

use crate::{
    show::{BOLD, pick, plain, say},
    views::{table, text},
};
use serde_json::Value;

/// `diagnose perf`.
pub fn perf(found: &Value) {
    status(found);
    let title = |ja, en| say!("\n{BOLD}{}{BOLD:#}", pick(ja, en));
    title("経路 (直近 15 分)", "Routes (the last 15 minutes)");
    list(
        &found["endpoints"],
        &["p95_ms", "p50_ms", "p99_ms", "requests", "error_rate_percent", "route"],
    );
    title("遅い問い合わせ", "Slow queries");
    list(&found["slow_queries"], &["mean_ms", "running_ms", "calls", "seen_in", "query"]);
    title("ロック待ち", "Waiting for locks");
    list(&found["locks"], LOCKS);
    title("データベースの接続", "Connections to databases");
    list(&found["connections"], &["count", "max_connections", "state", "user", "application"]);
    title("CPU を使うプロセス", "Who uses the CPU");
    list(&found["processes"]["by_cpu"], &["cpu_percent", "pid", "name"]);
    title("メモリーを使うプロセス", "Who holds the memory");
    list(&found["processes"]["by_memory"], &["rss_bytes", "pid", "name"]);
    title("平常との比較", "Against what is normal");
    let baseline = &found["baseline"];
    if baseline["not_ready"].is_string() {
        say!("{}", text(&baseline["not_ready"]));
    } else {
        list(&baseline["series"], &["ratio", "now", "normal", "reading", "probe"]);
    }
    parts(&found["probes"]);
}

const LOCKS: &[&str] = &[
    "waiting_seconds",
    "waiting_pid",
    "mode",
    "object",
    "blocking_pid",
    "blocking_state",
    "blocking_query",
];

/// `diagnose db`.
pub fn db(found: &Value) {
    status(found);
    database(found);
    found["others"].as_array().into_iter().flatten().for_each(database);
}

fn database(found: &Value) {
    say!("\n{BOLD}{} ({}){BOLD:#}", text(&found["address"]), text(&found["probe"]));
    for step in found["steps"].as_array().into_iter().flatten() {
        let said = if step["error"].is_null() { &step["detail"] } else { &step["error"] };
        say!("  {} {} {} {}", mark(&step["ok"]), text(&step["name"]), ms(&step["ms"]), text(said));
    }
    for (name, value) in found["database"].as_object().into_iter().flatten() {
        let why = &found["unknown"][name];
        let shown =
            if value.is_null() { format!("- ({})", text(why)) } else { text(&rounded(value)) };
        say!("  {name}: {shown}");
    }
    if found["locks"].as_array().is_some_and(|locks| !locks.is_empty()) {
        list(&found["locks"], LOCKS);
    }
    parts(&found["probes"]);
}

/// `diagnose service`.
pub fn service(found: &Value) {
    say!("{BOLD}{}{BOLD:#} ({})", text(&found["title"]), text(&found["service"]));
    status(found);
    let unit = &found["unit"];
    let row = |ja, en, shown: String| say!("  {BOLD}{}{BOLD:#}: {shown}", pick(ja, en));
    row(
        "管理",
        "kept by",
        format!("{} {} {}", text(&unit["kind"]), text(&unit["state"]), text(&unit["detail"])),
    );
    row("PID", "pid", text(&rounded(&found["pid"])));
    row("再起動", "restarts", text(&rounded(&found["restarts"])));
    row("最後の終わり方", "last exit", text(&found["exit"]));
    row("メモリー (バイト)", "memory in bytes", text(&rounded(&found["memory_bytes"])));
    for port in found["ports"].as_array().into_iter().flatten() {
        let said = format!("{} {} {}", mark(&port["ok"]), text(&port["address"]), ms(&port["ms"]));
        row("ポート", "port", format!("{said} {}", text(&port["error"])));
    }
    let title = |ja, en| say!("\n{BOLD}{}{BOLD:#}", pick(ja, en));
    title("プローブ", "Probes");
    list(&found["health"], &["status", "probe", "reason"]);
    title("必要とするもの", "What it needs");
    list(&found["needs"], &["status", "service", "probe", "reason"]);
    title("最近のアラートと障害", "Recent alerts and incidents");
    let recent = &found["recent"];
    if recent["not_measured"].is_string() {
        say!("{}", text(&recent["not_measured"]));
    } else {
        list(&recent["alerts"], &["id", "level", "state", "key", "fired_at"]);
        list(&recent["incidents"], &["id", "priority", "state", "opened_at", "title"]);
    }
    title("ログの末尾", "The end of its logs");
    for line in found["log_tail"].as_array().into_iter().flatten() {
        say!("  {}", text(&line["text"]));
    }
    parts(&found["probes"]);
}

/// `diagnose logs`.
pub fn logs(found: &Value) {
    status(found);
    for log in found["logs"].as_array().into_iter().flatten() {
        let is_fine = Value::Bool(log["error"].is_null());
        say!("{} {BOLD}{}{BOLD:#} ({})", mark(&is_fine), text(&log["path"]), text(&log["source"]));
        if !log["error"].is_null() {
            say!("  {}", text(&log["error"]));
            continue;
        }
        let row = |ja, en, shown: String| say!("  {}: {shown}", pick(ja, en));
        row("大きさ (バイト)", "size in bytes", text(&log["size_bytes"]));
        row("最後の書き込み", "last written", text(&log["written_at"]));
        row("書き込み用に開かれているか", "open for writing", text(&log["open_for_writing"]));
        row("最後の行の時刻", "time of the last line", text(&log["last_line_at"]));
        let levels = log["levels"].as_object().into_iter().flatten();
        let levels: Vec<_> = levels.map(|(level, count)| format!("{level} {count}")).collect();
        row("レベルごとの行数", "lines by level", levels.join(", "));
        let none = pick("見つかりません", "no rule found");
        let rule = log["rotated_by"].as_str().map_or_else(|| none.to_owned(), plain);
        row("ローテーション", "rotated by", rule);
    }
    parts(&found["probes"]);
}

fn status(found: &Value) {
    let word = match found["status"].as_str() {
        Some("ok") => pick("正常", "ok"),
        Some("degraded") => pick("一部に問題があります", "degraded"),
        _ => pick("異常", "failed"),
    };
    say!("{}: {BOLD}{word}{BOLD:#}", pick("状態", "status"));
}

/// What could not be looked at, and why.
fn parts(parts: &Value) {
    let parts = parts.as_array().into_iter().flatten();
    for part in parts {
        let (label, why) = match (&part["error"], &part["not_measured"]) {
            (Value::Null, Value::Null) => continue,
            (Value::Null, why) => (pick("測定していません", "not measured"), why),
            (why, _) => (pick("測定できません", "failed"), why),
        };
        let target = part["target"].as_str().map(|target| format!(" ({})", plain(target)));
        say!("{label}: {}{}: {}", text(&part["name"]), target.unwrap_or_default(), text(why));
    }
}

fn mark(ok: &Value) -> &'static str {
    match ok {
        Value::Bool(true) => "✓",
        Value::Bool(false) => "✗",
        _ => "-",
    }
}

fn ms(value: &Value) -> String {
    value.as_f64().map(|ms| format!("{ms:.1} ms")).unwrap_or_default()
}

/// A table with numbers that a person can read.
pub fn list(value: &Value, columns: &[&str]) {
    table(&rounded(value), columns);
}

/// Numbers with one digit behind the point at most.
fn rounded(value: &Value) -> Value {
    match value {
        Value::Number(number) if !number.is_i64() && !number.is_u64() => {
            let number = number.as_f64().map(|number| (number * 10.0).round() / 10.0);
            match number {
                Some(whole) if whole.fract() == 0.0 && whole.abs() < 9e15 => (whole as i64).into(),
                other => other.into(),
            }
        }
        Value::Array(list) => list.iter().map(rounded).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), rounded(value))).collect()
        }
        other => other.clone(),
    }
}
