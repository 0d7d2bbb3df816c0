//! Clocks of incidents and the daily digest, in one sentence each.

use crate::{fact::Fact, said::Said};

/// The sentence; none: the fact is about something else.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::ClockMissed(missed) => {
            let (incident, limit) = (missed.incident, &missed.limit);
            let (clock, source, within) = (limit.clock.title(), limit.source(), &limit.within);
            let quiet = match missed.is_quiet {
                true => Said::new("、サイレンス中", ", while silenced"),
                false => Said::same(""),
            };
            Said::new(
                format!(
                    "{incident} 期限超過: {} {}以内 ({}{})",
                    clock.ja, within.ja, source.ja, quiet.ja
                ),
                format!(
                    "{incident} deadline missed: {} within {} ({}{})",
                    clock.en, within.en, source.en, quiet.en
                ),
            )
        }
        Fact::DigestSent(sent) => {
            let (day, count) = (sent.day, sent.incidents.len());
            match sent.is_told {
                false if sent.is_stuck => Said::new(
                    format!("{day} の日次レポート: 届け先がありません"),
                    format!("daily digest of {day}: there is nobody to send it to"),
                ),
                true => Said::new(
                    format!("{day} の日次レポート (P3 {count} 件)"),
                    format!("daily digest of {day} ({count} P3)"),
                ),
                false => Said::new(
                    format!("{day} の日次レポート: 報告事項なし"),
                    format!("daily digest of {day}: nothing to tell"),
                ),
            }
        }
        _ => return None,
    })
}
