//! Where a page lies, and so how its parts find each other: on a server of ours, or as a copy in a folder.

use domain::said::Language;

/// Where a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a server of ours.
    Live {
        /// Whether one can subscribe there.
        subscribe: bool,
    },
    /// In a folder, served by somebody else, or by nobody.
    Copy,
}

impl Place {
    /// The page in a language.
    pub fn page(self, language: Language, usual: Language) -> String {
        let code = language.pick("ja", "en");
        match self {
            Self::Live { .. } => format!("/status?lang={code}"),
            Self::Copy if language == usual => "index.html".to_owned(),
            Self::Copy => format!("{code}.html"),
        }
    }

    /// The feed in a language.
    pub fn feed(self, language: Language, usual: Language) -> String {
        let code = language.pick("ja", "en");
        match self {
            Self::Live { .. } => format!("/status.atom?lang={code}"),
            Self::Copy if language == usual => "status.atom".to_owned(),
            Self::Copy => format!("status.{code}.atom"),
        }
    }

    /// The document for programs.
    pub(crate) fn json(self) -> &'static str {
        match self {
            Self::Live { .. } => "/status.json",
            Self::Copy => "status.json",
        }
    }

    pub(crate) fn style(self) -> &'static str {
        match self {
            Self::Live { .. } => "/status/page.css",
            Self::Copy => "page.css",
        }
    }

    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Live { .. } => "/status/page.js",
            Self::Copy => "page.js",
        }
    }

    pub(crate) fn is_copy(self) -> bool {
        self == Self::Copy
    }

    pub(crate) fn may_subscribe(self) -> bool {
        self == Self::Live { subscribe: true }
    }
}
