//! Evidence of the system's journal, of one unit or of the whole machine.
//!
//! It is read as JSON and written as lines: what a service printed is in it as text, as a list of bytes when it is none,
//! and only as text can secrets be found in it.

use crate::{
    call::Call,
    evidence::bundle::{Item, Kept},
};
use domain::said::Said;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Bytes that are read of one journal, which writes every entry with some twenty fields.
const BYTES: usize = 16 << 20;
const LINES: &str = "--lines=10000";
/// How long the journal may take; a repair waits for it.
const LIMIT: Duration = Duration::from_secs(10);

/// The journal of a unit, or of the machine, since so long.
pub async fn journal(
    call: &Call<'_>,
    unit: Option<&str>,
    since: Duration,
    deadline: Instant,
) -> Item {
    let (name, source) = match unit {
        Some(unit) => ("journal-unit.log", format!("journal of {unit}")),
        None => ("journal.log", "system journal".to_owned()),
    };
    let found = read(call, unit, since, deadline.min(Instant::now() + LIMIT)).await;
    Item { name: name.into(), source, found }
}

async fn read(
    call: &Call<'_>,
    unit: Option<&str>,
    since: Duration,
    deadline: Instant,
) -> Result<Kept, Said> {
    let program = call.program("journalctl").map_err(|done| done.output)?;
    // The newest first: if it is too much, the oldest is left out. Without `--all` a long text is null.
    let fixed = ["--output=json", "--all", "--no-pager", "--quiet", "--reverse", LINES];
    let program = program
        .args(fixed)
        .args([format!("--since=-{}s", since.as_secs())])
        .args(unit.map(|unit| format!("--unit={unit}")))
        .keep(BYTES);
    let output = program.run(deadline).await.map_err(|error| error.to_string())?;
    let cut = output.is_cut.then(|| format!("entries before the newest {BYTES} bytes"));
    let printed = output.success().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&printed);
    let mut lines: Vec<_> = text.lines().filter_map(line).collect();
    if lines.is_empty() {
        return Err(Said::new(
            "ジャーナルに記録がないか、読む権限がありません",
            "the journal has no entries, or they may not be read",
        ));
    }
    lines.reverse();
    Ok(Kept { bytes: lines.concat().into_bytes(), cut })
}

/// One entry as a line: time, level, who, what. A last one that was cut in half is none.
fn line(json: &str) -> Option<String> {
    let entry: Value = serde_json::from_str(json).ok()?;
    let micros: i64 = entry["__REALTIME_TIMESTAMP"].as_str()?.parse().ok()?;
    let at = Timestamp::from_microsecond(micros).ok()?;
    let who =
        text(&entry["SYSLOG_IDENTIFIER"]).or_else(|| text(&entry["_COMM"])).unwrap_or_default();
    let pid = text(&entry["_PID"]).unwrap_or_default();
    let level = text(&entry["PRIORITY"]).unwrap_or_default();
    let message = text(&entry["MESSAGE"]).unwrap_or_default().replace('\n', "\n    ");
    Some(format!("{at:.3} <{level}> {who}[{pid}]: {message}\n"))
}

/// A field: a text, the bytes of one that holds characters that journald does not print, or several of either.
fn text(field: &Value) -> Option<String> {
    let Value::Array(parts) = field else { return field.as_str().map(str::to_owned) };
    if parts.iter().any(|part| !part.is_u64()) {
        return Some(parts.iter().filter_map(text).collect::<Vec<_>>().join(" "));
    }
    let byte = |part: &Value| part.as_u64().and_then(|byte| u8::try_from(byte).ok());
    let bytes: Vec<u8> = parts.iter().filter_map(byte).collect();
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_line_also_when_it_comes_as_bytes() {
        let entry = r#"{"__REALTIME_TIMESTAMP":"1758881700123456","PRIORITY":"3","SYSLOG_IDENTIFIER":"mks","_PID":"7","MESSAGE":[104,105,27,10,98]}"#;
        assert_eq!(
            line(entry).as_deref(),
            Some("2025-09-26T10:15:00.123Z <3> mks[7]: hi\u{1b}\n    b\n")
        );
        let twice = r#"{"__REALTIME_TIMESTAMP":"1758881700123456","MESSAGE":["a",[98,99]]}"#;
        assert_eq!(line(twice).as_deref(), Some("2025-09-26T10:15:00.123Z <> []: a bc\n"));
        assert_eq!(line(r#"{"__REALTIME_TIMESTAMP":"17588817"#), None);
    }
}
