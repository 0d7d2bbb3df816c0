//! A program that a probe asks: how it is called, and what it printed; run as [`supervise::Program`] runs them.

use crate::outside::{masked, shown};
use domain::said::Said;
use std::{os::unix::process::ExitStatusExt, path::PathBuf, time::Duration};
use supervise::{Program, program::Output};
use tokio::time::Instant;

/// More than this is no answer to a question.
const STDOUT_BYTES: usize = 8 << 20;
/// No question takes as long; a probe with less patience drops it, which kills it.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A program with its arguments, and the environment that it gets beside `PATH`, `HOME` and `LANG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The program, and what it is told; never a line for a shell.
    pub command: Vec<String>,
    /// More variables. Nothing else of hikeshi's own environment is handed on: it holds secrets.
    pub environment: Vec<(&'static str, String)>,
}

impl Asked {
    /// Runs it and returns what it printed. Dropped half-way, it is killed with all that it started.
    ///
    /// # Errors
    /// A sentence: it cannot be started, it says that it failed, or it prints without end.
    pub async fn run(&self) -> Result<Vec<u8>, Said> {
        let said = shown(&self.command.join(" "));
        let output = match self.program() {
            Ok(program) => program.run(Instant::now() + LONGEST).await,
            Err(error) => Err(error),
        };
        let output = output.map_err(|error| {
            let why = error.said();
            Said::new(
                format!("{said} を起動できません: {}", why.ja),
                format!("cannot start {said}: {}", why.en),
            )
        })?;
        if !output.status.success() {
            return Err(failure(&output).within(|why| format!("{said}: {why}")));
        }
        if output.is_cut {
            return Err(Said::new(
                format!("{said} の出力が {STDOUT_BYTES} バイトを超えました"),
                format!("{said} printed more than {STDOUT_BYTES} bytes"),
            ));
        }
        Ok(output.stdout)
    }

    /// Found where hikeshi itself would find it, which is where its own programs are found: pm2 needs node.
    fn program(&self) -> Result<Program, supervise::ProgramError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let (name, arguments) =
            self.command.split_first().map_or(("", &[][..]), |(name, rest)| (name, rest));
        let program = Program::find(name, folders.iter().map(PathBuf::as_path))?;
        let program = program.args(arguments).env("PATH", path).keep(STDOUT_BYTES);
        let more = self.environment.iter();
        Ok(more.fold(program, |program, (name, value)| program.env(name, value)))
    }
}

/// How it ended, with its last words: `pg_restore` says what is wrong at the end.
fn failure(output: &Output) -> Said {
    let what = match (output.status.code(), output.status.signal()) {
        (Some(code), _) => Said::new(format!("終了コード {code}"), format!("exit code {code}")),
        (None, signal) => Said::new(
            format!("シグナル {} で終了", signal.unwrap_or_default()),
            format!("ended by signal {}", signal.unwrap_or_default()),
        ),
    };
    let text = String::from_utf8_lossy(&output.stderr);
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => what.within(|what| format!("{what}: {}", shown(&masked(line)))),
        None => what,
    }
}
