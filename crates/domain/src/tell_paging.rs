//! What paging, clocks and roles say, in one sentence each.

use crate::{
    fact::{Fact, NextStepMissing, WhyMissing},
    said::Said,
};

/// The sentence; none: the fact is about something else.
pub fn tell(fact: &Fact) -> Option<Said> {
    Some(match fact {
        Fact::NextStepMissing(NextStepMissing { incident, why }) => match why {
            WhyMissing::NothingPlanned => Said::new(
                format!("{incident}: 次の呼び出しが予定されていなかったため、呼び出し直します"),
                format!("{incident}: no next step was planned, paging anew"),
            ),
            WhyMissing::NobodyReachable => Said::new(
                format!("{incident}: 呼び出せる人がいません"),
                format!("{incident}: nobody can be reached"),
            ),
        },
        _ => return None,
    })
}
