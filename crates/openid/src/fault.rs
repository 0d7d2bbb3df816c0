//! Why somebody did not come in, in words for them. What a provider says about itself is for the log.

use domain::said::Said;

/// Why somebody did not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The provider cannot be asked: another way in is needed now.
    Unreachable(String),
    /// The provider answered what cannot be believed or used: somebody must look at the configuration, here or there.
    Unfit(String),
    /// The provider let nobody through, in a word of the protocol, such as `access_denied`.
    Denied(String),
    /// What came back belongs to no sign-in that this browser has begun.
    Astray,
}

impl Fault {
    /// What was wrong, in the words of the protocol.
    pub fn why(&self) -> &str {
        match self {
            Self::Unreachable(why) | Self::Unfit(why) | Self::Denied(why) => why,
            Self::Astray => "no sign-in of this browser",
        }
    }

    /// For the person at the screen.
    pub fn said(&self) -> Said {
        match self {
            Self::Unreachable(why) => Said::new(
                format!(
                    "ログイン先に接続できません ({why})。パスワードかパスキーでサインインしてください。"
                ),
                format!(
                    "The provider cannot be reached ({why}). Sign in with a password or a passkey."
                ),
            ),
            Self::Unfit(why) => Said::new(
                format!("ログイン先の応答を確認できないため、サインインできません ({why})。"),
                format!("What the provider answered cannot be relied on ({why})."),
            ),
            Self::Denied(word) => Said::new(
                format!("ログイン先がサインインを認めませんでした ({word})。"),
                format!("The provider did not let you through ({word})."),
            ),
            Self::Astray => Said::new(
                "このブラウザで始めたサインインではないか、時間が経ちすぎました。もう一度始めてください。",
                "This is no sign-in that this browser has begun, or that is too long ago. Begin again.",
            ),
        }
    }
}
