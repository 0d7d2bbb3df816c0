//! The manual of the demo's team: imported as it is, completed by a person, seen in a dry run, promoted. The fires are put
//! out by what came of it.

use super::{configuration::Work, server::Server};
use crate::{
    client::Client,
    import_command,
    import_folder::{Change, Folder},
    promote_command,
    show::{Trouble, progress},
};
use domain::said::Said;
use manual::import::{LEFT, RUNBOOKS, fate::Fate};
use serde_json::json;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// The manual, beside the configuration of the example.
const MANUAL: &str = "manual.md";
/// How long a dry run may take.
const REHEARSAL: Duration = Duration::from_secs(60);

/// A draft of the manual, and what a person adds to it.
struct Completed {
    /// The draft.
    name: &'static str,
    /// The runbook of the example that answers the same alert, and gives way.
    instead_of: &'static str,
    /// The service of the dry run.
    target: &'static str,
    /// What the person replaces: the manual's placeholders become parameters, and the steps get a name.
    edits: &'static [(&'static str, &'static str)],
}

const COMPLETED: &[Completed] = &[
    Completed {
        name: "サービスダウン",
        instead_of: "service-down",
        target: "api-1",
        edits: &[
            ("```bash\ncurl", "```bash {name=health timeout=8s}\ncurl"),
            ("<ヘルスチェックURL>", "\"$HK_HEALTH_URL\""),
        ],
    },
    Completed {
        name: "データベース接続失敗",
        instead_of: "database-connection-failed",
        target: "database",
        edits: &[
            ("level: critical\n", "level: critical\nservice: database\n"),
            ("```bash\npg_isready", "```bash {name=port timeout=10s on_fail=continue}\npg_isready"),
            ("<ホスト>", "\"$HK_HOST\""),
            ("<ポート>", "\"$HK_PORT\""),
        ],
    },
    Completed {
        name: "ディスク容量90-超",
        instead_of: "disk-usage",
        target: "mks-logs",
        edits: &[
            ("level: warning\n", "level: warning\nservice: mks-logs\n"),
            ("```bash\ndu", "```bash {name=largest timeout=20s on_fail=continue}\ndu"),
            ("<ログのフォルダ>", "\"$(dirname -- \"$HK_LOG_PATH\")\""),
            ("```bash\ntest", "```bash {name=smaller timeout=10s}\ntest"),
            ("<ログファイル>", "\"$HK_LOG_PATH\""),
        ],
    },
    Completed {
        name: "API-レスポンス遅延",
        instead_of: "api-latency",
        target: "proxy",
        edits: &[],
    },
    Completed {
        name: "API-エラー率上昇",
        instead_of: "error-rate",
        target: "proxy",
        edits: &[
            ("level: critical\n", "level: critical\nservice: proxy\n"),
            ("```bash\ntail", "```bash {name=failures timeout=20s on_fail=continue}\ntail"),
            ("<アクセスログ>", "\"$HK_ACCESS_LOG\""),
        ],
    },
];

/// Imports the manual into the configuration, completes the drafts as a person would, and imports it again.
pub fn import(work: &Work) -> Result<(), Trouble> {
    let config = work.config();
    for Completed { instead_of, .. } in COMPLETED {
        // In a folder that was kept it is gone already.
        let _ = fs::remove_file(config.join(RUNBOOKS).join(format!("{instead_of}.md")));
    }
    let made = import_once(&config)?;
    let drafts = made.iter().filter(|change| change.file.ends_with(".md")).count();
    progress(&Said::new(
        format!("{MANUAL} を取り込み、手順書の下書き {drafts} 件を書いた (どれも mode: manual)"),
        format!("{MANUAL} imported: {drafts} drafts of runbooks, all of them mode: manual"),
    ));
    COMPLETED.iter().try_for_each(|draft| complete(&config, draft))?;
    let again = import_once(&config)?;
    let kept = again.iter().filter(|change| change.fate == Fate::Edited).count();
    progress(&Said::new(
        format!("人が足りない値を補い、レビューした。もう一度取り込んでも、その {kept} 件は残る"),
        format!(
            "a person added what was missing and reviewed them; imported again, these {kept} stay"
        ),
    ));
    Ok(())
}

fn import_once(config: &Path) -> Result<Vec<Change>, Trouble> {
    let mut folder = Folder::open(config)?;
    let (documents, imported) = import_command::make(&folder, &[config.join(MANUAL)])?;
    let changes = folder.changes(&imported.files)?;
    folder.write(&changes, &documents, false)?;
    Ok(changes)
}

/// What a person does to a draft: values in the place of placeholders, the date of the review, and the boxes ticked.
fn complete(config: &Path, draft: &Completed) -> Result<(), Trouble> {
    let path = config.join(RUNBOOKS).join(format!("{}.md", draft.name));
    let cannot = |why: String| {
        let path = path.display();
        Trouble::unusable(Said::same(format!("{path}: {why}")))
    };
    let mut text = fs::read_to_string(&path).map_err(|error| cannot(error.to_string()))?;
    if text.contains("\nreviewed: ") {
        return Ok(());
    }
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::system()).date();
    let review = ("mode: manual\n", format!("mode: manual\nreviewed: {today}\n"));
    let edits = draft.edits.iter().map(|(from, to)| (*from, (*to).to_owned())).chain([review]);
    let (mut above, left) = text.split_once(&format!("## {}\n", LEFT.0)).map_or_else(
        || (text.clone(), String::new()),
        |(above, left)| {
            (above.to_owned(), format!("## {}\n{}", LEFT.0, left.replace("- [ ]", "- [x]")))
        },
    );
    for (from, to) in edits {
        if !above.contains(from) {
            return Err(cannot(format!("`{from}`?")));
        }
        above = above.replacen(from, &to, 1);
    }
    text = above + &left;
    fs::write(&path, text).map_err(|error| cannot(error.to_string()))
}

/// Shows every draft in a dry run on its target, and promotes it.
pub fn promote(server: &Server) -> Result<(), Trouble> {
    let client = server.client()?;
    for Completed { name, target, .. } in COMPLETED {
        rehearse(&client, name, target)?;
        let (file, findings) = promote_command::promote(&client, name, "auto")?;
        if let Some(found) = findings.first() {
            return Err(Trouble::problem(Said::new(
                format!("{file}: {}", found.message.ja),
                format!("{file}: {}", found.message.en),
            )));
        }
    }
    progress(&Said::new(
        "それぞれドライランで確かめ、mode: auto に昇格した",
        "each was seen in a dry run, and promoted to mode: auto",
    ));
    Ok(())
}

fn rehearse(client: &Client, name: &str, target: &str) -> Result<(), Trouble> {
    let path = format!("/api/v1/runbooks/{}/run", crate::client::escaped(name));
    let started = client.post(&path, json!({"service": target, "dry_run": true}))?;
    let path = format!("/api/v1/runs/{}", started["run"]);
    let deadline = Instant::now() + REHEARSAL;
    while client.get(&path)?["result"].is_null() {
        if Instant::now() > deadline {
            return Err(Trouble::problem(Said::new(
                format!("{name}: ドライランが終わりません"),
                format!("{name}: the dry run does not end"),
            )));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
