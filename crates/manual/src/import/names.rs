//! Names: which alert a title means, and names of files, alerts and steps that a title gives.

use crate::text;
use runbook::digest;

/// An alert that many teams have.
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Words in titles that mean it.
    words: &'static [&'static str],
    /// The limits of its built-in rule, in the unit of documents; none where hikeshi has no such rule.
    pub limits: &'static [f64],
    /// Whether hikeshi has a rule of this name.
    pub is_built_in: bool,
}

const fn built_in(
    name: &'static str,
    words: &'static [&'static str],
    limits: &'static [f64],
) -> Known {
    Known { name, words, limits, is_built_in: true }
}

const fn from_others(name: &'static str, words: &'static [&'static str]) -> Known {
    Known { name, words, limits: &[], is_built_in: false }
}

/// The first row that fits counts.
pub const KNOWN: &[Known] = &[
    from_others("certificate_expiry", &["証明書", "certificate", "tls expiry"]),
    from_others("ci_failed", &["ci/cd", "ci失敗", "ci failed", "build failed"]),
    from_others("backup_result", &["バックアップ", "backup"]),
    from_others("maintenance", &["メンテナンス", "maintenance"]),
    from_others("data_leak", &["漏洩", "漏えい", "data leak", "data breach"]),
    from_others("security_incident", &["セキュリティ", "不審", "改ざん", "security", "intrusion"]),
    built_in(
        "database_connection_failed",
        &[
            "データベース接続",
            "db接続",
            "database connection",
            "database down",
            "database is down",
            "postgres is down",
            "postgresql is down",
            "mysql is down",
            "cannot reach the database",
        ],
        &[],
    ),
    built_in("disk_usage", &["ディスク", "ストレージ", "disk"], &[90.0, 95.0]),
    built_in("memory_usage", &["メモリ", "oom", "memory"], &[80.0, 90.0]),
    built_in("cpu_usage", &["cpu"], &[80.0]),
    built_in(
        "log_size",
        &["ログファイルサイズ", "ログサイズ", "log size", "log file size"],
        &[1.0],
    ),
    built_in("log_surge", &["ログエラー", "エラーログ増加", "log errors"], &[5.0]),
    built_in(
        "error_rate",
        &["エラー率", "大量エラー", "間欠的エラー", "error rate", "high errors"],
        &[5.0, 10.0, 50.0],
    ),
    built_in(
        "api_latency",
        &[
            "レスポンス",
            "応答遅延",
            "応答が遅",
            "パフォーマンス大幅劣化",
            "パフォーマンス劣化",
            "latency",
            "slow",
        ],
        &[5.0, 10.0],
    ),
    built_in("function_failed", &["機能停止", "機能障害", "function failed"], &[]),
    built_in(
        "service_down",
        &[
            "サービスダウン",
            "サービス停止",
            "システム全体停止",
            "業務停止",
            "service down",
            "is down",
            "service is unavailable",
            "instance down",
            "total outage",
        ],
        &[],
    ),
];

/// The alert that a title means.
pub(crate) fn known(title: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|row| text::has_word(title, row.words))
}

/// A name for the alert of a title that nobody knows: its own where it is one, else its ASCII words, else a digest.
pub(crate) fn of_alert(title: &str) -> String {
    if is_name(title) {
        return title.to_owned();
    }
    let words = ascii_words(title);
    match words.is_empty() {
        false => format!("imported_{}", cut(&words.join("_"), 48)),
        true => format!("imported_{}", &digest::of_bytes(title.as_bytes())[..8]),
    }
}

/// Whether a text can be the name of an alert or a service as it is.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// A name for a file: letters and digits of any script, with `-` between.
pub(crate) fn of_file(title: &str) -> String {
    let words: Vec<&str> = title
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join("-");
    // Names of files are short in bytes, and one letter may have four.
    let end = joined.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= 96);
    let name = &joined[..end.last().unwrap_or(0)];
    let name = name.trim_matches('-');
    if name.is_empty() { "runbook".to_owned() } else { name.to_owned() }
}

/// A name for a step: its program and the plain words behind it.
pub(crate) fn of_step(words: &[&str]) -> String {
    let plain = words.iter().map(|word| word.rsplit('/').next().unwrap_or(word));
    let plain = plain.filter(|word| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    });
    let name = plain.take(4).collect::<Vec<_>>().join("-").replace('.', "-");
    let name = cut(&name, 40);
    if name.is_empty() { "step".to_owned() } else { name.to_owned() }
}

fn ascii_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect()
}

/// ASCII text, cut to a length.
fn cut(text: &str, length: usize) -> &str {
    text[..text.len().min(length)].trim_end_matches(['-', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_in_both_languages_mean_the_same_alert() {
        let name = |title| known(title).map(|row| row.name);
        assert_eq!(name("シナリオ1: データベース接続エラー"), Some("database_connection_failed"));
        assert_eq!(name("High latency on checkout"), Some("api_latency"));
        assert_eq!(name("ディスク容量90%超"), Some("disk_usage"));
        assert_eq!(name("P0インシデント対応"), None);
    }

    #[test]
    fn a_title_that_nobody_knows_gives_a_name_that_does_not_change() {
        assert_eq!(of_alert("KubePersistentVolumeFillingUp"), "KubePersistentVolumeFillingUp");
        assert_eq!(of_alert("P0インシデント対応"), "imported_p0");
        assert_eq!(of_alert("雨漏り"), of_alert("雨漏り"));
        assert!(is_name(&of_alert("雨漏り")));
    }

    #[test]
    fn names_of_files_and_steps_are_safe() {
        assert_eq!(of_file("アラート: [アラート名]"), "アラート-アラート名");
        assert_eq!(of_file("../../etc/passwd"), "etc-passwd");
        assert_eq!(of_file("…"), "runbook");
        assert_eq!(of_step(&["/usr/bin/pm2", "restart", "all"]), "pm2-restart-all");
        assert_eq!(of_step(&["$X", "-f"]), "step");
    }
}
