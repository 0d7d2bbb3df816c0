//! Asks one scanner about one folder or file: bounded in time and bytes, and what did not look says why.

use crate::{
    finding::{Finding, Look, State},
    reading,
    scanner::{Answer, Scanner},
    token::without_secrets,
};
use domain::said::Said;
use std::{
    ffi::OsString,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};
use supervise::{Program, ProgramError, program::FOLDERS, program::one_line};
use tokio::time::Instant;

/// A scanner that says more than this is not read.
const ANSWER_BYTES: usize = 32 << 20;
/// So much of a lock file is read for the versions in it.
const LOCK_BYTES: u64 = 16 << 20;
/// More findings of one look are cut, and that is said.
const MOST: usize = 5_000;

/// Where a company's own authorities are: paths, no secrets. Nothing else of our environment goes along.
const AUTHORITIES: [&str; 4] =
    ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// One folder or file for one scanner.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The folder that the scanner runs in.
    pub folder: PathBuf,
    /// The name of the file in it; nothing for the folder itself.
    pub file: Option<OsString>,
}

impl Target {
    fn shown(&self) -> String {
        let path = self.file.as_ref().map(|file| self.folder.join(file));
        path.as_deref().unwrap_or(&self.folder).to_string_lossy().into_owned()
    }
}

/// Asks, and reads the answer.
pub(crate) async fn ask(
    scanner: &'static Scanner,
    target: &Target,
    programs: &[PathBuf],
    limit: Duration,
) -> (Look, Vec<Finding>) {
    let shown = target.shown();
    match answer(scanner, target, programs, limit).await {
        Ok(Some(Answer { findings: mut found, left_out })) => {
            let is_cut = found.len() > MOST;
            found.truncate(MOST);
            for finding in &mut found {
                finding.file = Some(place(target, finding.file.take()));
            }
            let mut look = Look::ran(scanner.name, Some(shown), found.len());
            if let Some(why) = left_out {
                look.state = State::Partly;
                look.reason =
                    Some(Said::new(format!("調べていないもの: {why}"), format!("left out: {why}")));
            }
            if is_cut {
                look.state = State::Partly;
                look.reason = Some(Said::new(
                    format!("最初の {MOST} 件だけを示します"),
                    format!("only the first {MOST} are shown"),
                ));
            }
            (look, found)
        }
        Ok(None) => (Look::nothing(scanner.name, Some(shown)), Vec::new()),
        Err((reason, hint)) => {
            (Look { hint, ..Look::not_run(scanner.name, Some(shown), reason) }, Vec::new())
        }
    }
}

type Refusal = (Said, Option<Said>);

async fn answer(
    scanner: &'static Scanner,
    target: &Target,
    programs: &[PathBuf],
    limit: Duration,
) -> Result<Option<Answer>, Refusal> {
    let install = || {
        let how = scanner.install;
        Some(Said::new(format!("インストール: {how}"), format!("install it: {how}")))
    };
    let plainly = |why: String| (Said::same(without_secrets(&why)), None);
    let refuse = |error: ProgramError| match &error {
        ProgramError::NotFound(program) => (
            Said::new(
                format!("{program} がインストールされていません"),
                format!("{program} is not installed"),
            ),
            install(),
        ),
        other => (other.said(), None),
    };
    let program = Program::find(scanner.program, programs.iter().map(PathBuf::as_path));
    let program = program.map_err(refuse)?;
    // A name that begins with a dash is a path, not an option.
    let file = target.file.as_ref().map(|file| Path::new(".").join(file));
    let arguments = (scanner.arguments)(file.as_deref().unwrap_or(Path::new(".")));
    let folders = programs.iter().map(|folder| folder.to_string_lossy().into_owned());
    let path: Vec<_> = folders.chain(FOLDERS.map(str::to_owned)).collect();
    let trusting = |program: Program, name: &'static str| match std::env::var_os(name) {
        Some(value) => program.env(name, value),
        None => program,
    };
    let output = AUTHORITIES
        .into_iter()
        .fold(program, trusting)
        .args(arguments)
        .env("PATH", path.join(":"))
        .env("NO_COLOR", "1")
        .inside(&target.folder)
        .keep(ANSWER_BYTES)
        .run(Instant::now() + limit)
        .await
        .map_err(refuse)?;
    let code = output.status.code();
    if code.is_some_and(|code| scanner.nothing.contains(&code)) {
        return Ok(None);
    }
    if output.is_cut {
        return Err(plainly(format!("it says more than {ANSWER_BYTES} bytes")));
    }
    let words = last_words(&output.stderr);
    if !code.is_some_and(|code| scanner.looked.contains(&code)) {
        let how = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        return Err(failed(&format!("{how}: {words}")));
    }
    // With exit code 1 some say that they found something, and some that they failed.
    let document = reading::document(&output.stdout).map_err(|why| {
        let why = if words.is_empty() { why } else { words.clone() };
        failed(&why)
    })?;
    let text = file.as_ref().map(|file| beginning(&target.folder.join(file))).unwrap_or_default();
    (scanner.parse)(&document, &text).map(Some).map_err(|why| failed(&why))
}

/// A scanner that could not look, most often because it asks a database that it cannot reach.
fn failed(why: &str) -> Refusal {
    let why = without_secrets(why);
    let lower = why.to_lowercase();
    let is_network = [
        "network",
        "resolve",
        "connect",
        "dns",
        "lookup",
        "timed out",
        "getaddrinfo",
        "max retries",
    ]
    .iter()
    .any(|word| lower.contains(word))
        || ["ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "ETIMEDOUT"]
            .iter()
            .any(|word| why.contains(word));
    let hint = is_network.then(|| {
        Said::new(
            "脆弱性データベースへのネットワーク接続が必要です",
            "it needs the network to reach its database",
        )
    });
    (Said::same(why), hint)
}

/// The line that says what is wrong: the last one, where programs with a traceback put it.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut lines = text.lines().map(one_line).filter(|line| !line.is_empty()).rev();
    lines.next().unwrap_or_default()
}

fn beginning(path: &Path) -> String {
    let mut bytes = Vec::new();
    // Without it only the versions are missing.
    if let Ok(file) = File::open(path) {
        let _ = file.take(LOCK_BYTES).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Where it is, as the person named the folder: scanners name files from the folder on, or from the root.
fn place(target: &Target, file: Option<String>) -> String {
    let Some(file) = file.filter(|_| target.file.is_none()) else { return target.shown() };
    let whole = target.folder.canonicalize().unwrap_or_else(|_| target.folder.clone());
    let path = Path::new(&file);
    let below = path.strip_prefix(&whole).unwrap_or(path);
    let below = below.strip_prefix(".").unwrap_or(below);
    target.folder.join(below).to_string_lossy().into_owned()
}
