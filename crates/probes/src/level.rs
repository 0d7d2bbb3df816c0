//! The level of a log line, from its own field: the word ERROR inside a message at INFO is no error (B34).

use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// The keys under which loggers write the level as JSON.
const KEYS: [&str; 5] = ["level", "severity", "levelname", "lvl", "log.level"];

/// The level, in capitals and with its usual name; nothing when the line has no level field.
pub fn of(line: &str) -> Option<&'static str> {
    if line.trim_start().starts_with('{')
        && let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(line)
    {
        return KEYS.iter().find_map(|key| named(fields.get(*key)?.as_str()?));
    }
    let found = FIELD.captures(line)?;
    found.iter().skip(1).flatten().next().and_then(|word| named(word.as_str()))
}

/// Where text logs write it: `level=error`, `[error]`, `| ERROR |`, or in capitals at the start or after a
/// time, a bracket, a colon or a dash. The leftmost field counts.
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    let any_case = "((?i:trace|debug|info|notice|warn|warning|error|err|critical|crit|fatal|alert|emerg|panic))";
    let capitals = any_case.replace("(?i:", "(?:").to_uppercase();
    let pattern = format!(
        r#"\b(?i:level|lvl|severity)\s*[=:]\s*"?{any_case}\b|[\[<(|]\s*{any_case}\s*[\]>)|]|(?:^\s*|\d\S*\s+|(?:Z|UTC|GMT|JST)\s+|[\]|>:]\s*|\s-\s+){capitals}\b"#
    );
    Regex::new(&pattern).expect("a constant pattern")
});

/// The level with its usual name, whatever the logger calls it.
pub fn named(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_uppercase().as_str() {
        "TRACE" => "TRACE",
        "DEBUG" => "DEBUG",
        "INFO" | "INFORMATION" => "INFO",
        "NOTICE" => "NOTICE",
        "WARN" | "WARNING" => "WARNING",
        "ERROR" | "ERR" => "ERROR",
        "CRITICAL" | "CRIT" => "CRITICAL",
        "ALERT" => "ALERT",
        "FATAL" | "EMERG" | "EMERGENCY" | "PANIC" => "FATAL",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_read_from_its_field_not_from_the_message() {
        // B34, line by line.
        for (line, level) in [
            (r#"{"level":"INFO","message":"no ERROR here"}"#, Some("INFO")),
            (r#"{"level":"ERROR","message":"x"}"#, Some("ERROR")),
            (r#"{"severity":"critical"}"#, Some("CRITICAL")),
            (r#"{"message":"ERROR without a level"}"#, None),
            ("2026-11-22 10:00:00 | CRITICAL | m", Some("CRITICAL")),
            ("2026-11-22 10:00:00,123 - app - ERROR - m", Some("ERROR")),
            ("2026-11-22 10:00:00 INFO the last ERROR is gone", Some("INFO")),
            ("2026/11/22 10:00:00 [error] 7#7: *1 connect() failed", Some("ERROR")),
            ("[2026-11-22 10:00:00 +0900] [1234] [INFO] no ERROR: fine", Some("INFO")),
            ("2026-11-22 10:00:00.000 JST [123] FATAL:  sorry, too many clients", Some("FATAL")),
            ("ERROR:root:boom", Some("ERROR")),
            ("ts=2026-11-22 level=error msg=\"x\"", Some("ERROR")),
            ("Nov 22 10:00:00 host app[1]: WARNING late", Some("WARNING")),
            ("the user saw an ERROR page", None),
            ("", None),
        ] {
            assert_eq!(of(line), level, "{line}");
        }
    }
}
