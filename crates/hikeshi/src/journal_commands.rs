//! `journal show` and `journal verify`: the product's memory, read straight from the file.

use crate::{
    common::Common,
    show::{self, Trouble, say},
    validate,
};
use clap::Subcommand;
use domain::{said::Said, tell};
use journal::{JournalError, SqliteReader};
use serde_json::json;
use std::process::ExitCode;

/// What can be asked of the journal.
#[derive(Subcommand)]
pub enum JournalCommand {
    /// Print facts, oldest first; with --json one JSON object per line
    Show {
        /// From this position
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// At most so many
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
    /// Read everything and say whether it is whole
    Verify,
}

/// Carries out a journal command.
pub fn run(common: &Common, command: JournalCommand) -> Result<ExitCode, Trouble> {
    let loaded = validate::load(&common.config)?;
    let file = loaded.settings.data.join(crate::data_folder::JOURNAL);
    let reader = SqliteReader::open(&file).map_err(trouble)?;
    match command {
        JournalCommand::Show { from, limit } => {
            for entry in reader.read(from, limit).map_err(trouble)?.into_iter().take(limit) {
                let (fact, at) = (&entry.recorded.fact, entry.recorded.at);
                if common.json {
                    say!(
                        "{}",
                        json!({"position": entry.position, "at": at, "kind": tell::kind(fact), "fact": entry.recorded})
                    );
                } else {
                    let (kind, time) = (
                        tell::kind(fact),
                        at.to_zoned(loaded.settings.zone.clone()).strftime("%Y-%m-%d %H:%M:%S"),
                    );
                    let style = show::style_of(kind);
                    let said = tell::tell(fact);
                    say!(
                        "{:>8} {time} {style}{kind:<16}{style:#} {}",
                        entry.position,
                        show::plain(said.text(show::language()))
                    );
                }
            }
        }
        JournalCommand::Verify => {
            let count = reader.verify().map_err(trouble)?;
            if common.json {
                say!("{}", json!({"ok": true, "facts": count}));
            } else {
                say!(
                    "{}",
                    show::pick(
                        &format!("正常: {count} 件の事実"),
                        &format!("whole: {count} facts")
                    )
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Damage is a problem that was found; a file that cannot be read at all is not an answer.
pub(crate) fn trouble(error: JournalError) -> Trouble {
    let en = error.to_string();
    let said = Said::new(format!("ジャーナル: {en}"), en);
    match error {
        JournalError::Damaged { .. } | JournalError::Conflict { .. } => Trouble::problem(said),
        _ => Trouble::unusable(said),
    }
}
