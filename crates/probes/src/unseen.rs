//! Why a value is not known, in the words that several kinds share.

use domain::{reading::Reading, said::Said};

/// A rate needs two looks, and this was the first.
pub(crate) fn second_look() -> Reading {
    Reading::Unknown(Said::new("2 回目の計測が必要です", "needs a second look"))
}

/// Nobody answered, so that nothing can be said of the answer.
pub(crate) fn no_answer() -> Reading {
    Reading::Unknown(Said::new("応答なし", "no answer"))
}
