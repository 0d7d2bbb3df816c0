//! Own check: who may write what hikeshi and the team rely on, and who may read their keys.

use crate::{
    finding::{Finding, Severity, Weakness},
    tree::Entry,
};
use domain::said::Said;

/// Its name in findings.
pub(crate) const NAME: &str = "permissions";

const OTHERS_WRITE: u32 = 0o002;
const OTHERS_READ: u32 = 0o004;
/// In such a folder everybody writes and nobody touches what is another's.
const STICKY: u32 = 0o1000;
/// Names under which SSH keeps private keys.
const SSH_KEYS: [&str; 5] = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_xmss"];
const KEY_ENDS: [&str; 5] = [".key", ".p12", ".pfx", ".jks", ".keystore"];

/// What is wrong with one file or folder. `holds_key` says whether there is a private key in it.
pub(crate) fn judge(entry: &Entry, holds_key: bool) -> Option<Finding> {
    let found = |rule: &str, severity, ja: &str, en: &str| {
        let mode = entry.mode & 0o7777;
        let said = Said::new(format!("{ja} ({mode:04o})"), format!("{en} ({mode:04o})"));
        let file = Some(entry.shown());
        Some(Finding { file, ..Finding::new(NAME, Weakness::Permission, rule, severity, said) })
    };
    let is_shared = entry.is_folder && entry.mode & STICKY != 0;
    if entry.mode & OTHERS_WRITE != 0 && !is_shared && (entry.is_file || entry.is_folder) {
        let (ja, en) = if entry.is_folder {
            ("誰でも書き込めるフォルダーです", "anybody may write in this folder")
        } else {
            ("誰でも書き込めるファイルです", "anybody may write this file")
        };
        return found("world-writable", Severity::High, ja, en);
    }
    if !entry.is_file || entry.mode & OTHERS_READ == 0 {
        return None;
    }
    let name = entry.name();
    if SSH_KEYS.contains(&name.as_str())
        || KEY_ENDS.iter().any(|end| name.ends_with(end))
        || holds_key
    {
        let (ja, en) = ("秘密鍵を誰でも読めます", "anybody may read this private key");
        return found("readable-private-key", Severity::High, ja, en);
    }
    if is_environment(&name) {
        let (ja, en) = (
            "環境変数のファイル (.env) を誰でも読めます",
            "anybody may read this file of environment variables",
        );
        return found("readable-env-file", Severity::Medium, ja, en);
    }
    None
}

/// `.env`, `.env.production`; not the sample that a team shares.
fn is_environment(name: &str) -> bool {
    let is_sample = ["example", "sample", "template", "dist"].iter().any(|end| name.ends_with(end));
    (name == ".env" || name.starts_with(".env.")) && !is_sample
}
