//! What is around every page: head, navigation, foot. What a page shows itself is rendered before and stands inside.

use crate::{
    assets,
    visitor::{Theme, Viewer, Visitor},
};
use askama::{Template, filters::HtmlSafe};
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{carried_accounts::Rights, said::Language};
use std::fmt;

/// Where a page is in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    Now,
    Incidents,
    Alerts,
    Silences,
    OnCall,
    Dashboard,
    Services,
    Runbooks,
    Audit,
    Readiness,
    Configuration,
    Settings,
    Accounts,
    Elsewhere,
}

/// A page that one goes to.
#[derive(Debug)]
pub(crate) struct Page {
    here: Here,
    pub(crate) path: &'static str,
    /// The key that opens it; empty: none.
    pub(crate) key: &'static str,
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
    /// Whoever may less does not see it.
    pub(crate) rights: Rights,
    /// It stands in the bar; the others under “More”.
    is_in_bar: bool,
}

const fn page_at(
    here: Here,
    path: &'static str,
    key: &'static str,
    ja: &'static str,
    en: &'static str,
) -> Page {
    Page { here, path, key, ja, en, rights: Rights::Viewer, is_in_bar: false }
}

/// All pages that one goes to, in the order of the navigation.
pub(crate) const PAGES: [Page; 13] = [
    Page { is_in_bar: true, ..page_at(Here::Now, "/", "n", "現況", "Now") },
    Page {
        is_in_bar: true,
        ..page_at(Here::Incidents, "/incidents", "i", "インシデント", "Incidents")
    },
    Page { is_in_bar: true, ..page_at(Here::Alerts, "/alerts", "l", "アラート", "Alerts") },
    Page { is_in_bar: true, ..page_at(Here::OnCall, "/on-call", "o", "当番", "On call") },
    page_at(Here::Silences, "/silences", "q", "サイレンス", "Quiet"),
    page_at(Here::Dashboard, "/dashboard", "d", "ダッシュボード", "Dashboard"),
    page_at(Here::Services, "/services", "v", "サービス", "Services"),
    page_at(Here::Runbooks, "/runbooks", "b", "手順書", "Runbooks"),
    page_at(Here::Readiness, "/readiness", "r", "備え", "Readiness"),
    page_at(Here::Audit, "/audit", "u", "監査", "Audit"),
    page_at(Here::Configuration, "/configuration", "c", "設定", "Configuration"),
    Page {
        rights: Rights::Administrator,
        ..page_at(Here::Accounts, "/accounts", "", "アカウント", "Accounts")
    },
    page_at(Here::Settings, "/settings", "", "表示設定", "Settings"),
];

/// How a page behaves, besides what it shows.
#[derive(Debug)]
pub(crate) struct Manner<'a> {
    pub(crate) title: &'a str,
    pub(crate) here: Here,
    /// Where its newer versions come from, while it is open.
    pub(crate) live: Option<String>,
    /// Without a script it is loaded anew after so many seconds; none: somebody may be writing on it.
    pub(crate) refresh: Option<u32>,
    /// It hangs on a wall: nothing to press.
    pub(crate) is_wall: bool,
}

impl<'a> Manner<'a> {
    /// A page that stays as it is.
    pub(crate) fn still(title: &'a str, here: Here) -> Self {
        Self { title, here, live: None, refresh: None, is_wall: false }
    }
}

#[derive(Template)]
#[template(path = "frame.html")]
struct Frame<'a> {
    l: Language,
    code: &'a str,
    title: &'a str,
    visitor: &'a Visitor,
    viewer: Option<&'a Viewer>,
    manner: &'a Manner<'a>,
    style: &'a str,
    script: &'a str,
    icon: &'a str,
    main: Rendered,
}

/// What a template has rendered, and so escaped where it is from outside.
struct Rendered(String);

impl fmt::Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Rendered {}

impl Frame<'_> {
    /// The links of the bar, or those under “More”, that this viewer may follow.
    fn links(&self, is_in_bar: bool) -> impl Iterator<Item = &'static Page> {
        let may = |page: &&Page| self.viewer.is_some_and(|viewer| viewer.may(page.rights));
        let listed: Vec<_> =
            PAGES.iter().filter(|page| page.is_in_bar == is_in_bar).filter(may).collect();
        listed.into_iter()
    }

    fn is_here(&self, page: &Page) -> bool {
        self.manner.here == page.here
    }

    /// Whether its link does not stand in the bar.
    fn is_under_more(&self) -> bool {
        PAGES.iter().any(|page| !page.is_in_bar && self.is_here(page))
    }
}

/// A whole page.
pub(crate) fn page(
    status: StatusCode,
    visitor: &Visitor,
    viewer: Option<&Viewer>,
    manner: &Manner<'_>,
    main: &impl Template,
) -> Response {
    let rendered = main.render().and_then(|main| {
        let frame = Frame {
            l: visitor.language,
            code: visitor.language.pick("ja", "en"),
            title: manner.title,
            visitor,
            viewer,
            manner,
            style: &assets::STYLE.path,
            script: &assets::SCRIPT.path,
            icon: &assets::ICON.path,
            main: Rendered(main),
        };
        frame.render()
    });
    answer(status, rendered)
}

fn answer(status: StatusCode, rendered: askama::Result<String>) -> Response {
    match rendered {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!("a page cannot be rendered: {error}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A page of somebody who is signed in.
pub(crate) fn of(viewer: &Viewer, manner: &Manner<'_>, main: &impl Template) -> Response {
    page(StatusCode::OK, &viewer.visitor, Some(viewer), manner, main)
}

/// What makes more of a page than a page: its own script, and what a home screen reads of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct App {
    pub(crate) script: &'static str,
    pub(crate) manifest: &'static str,
}

#[derive(Template)]
#[template(path = "apart.html")]
struct Apart<'a> {
    l: Language,
    code: &'a str,
    title: &'a str,
    theme: Theme,
    style: &'a str,
    icon: &'a str,
    app: Option<App>,
    main: Rendered,
}

/// A page apart, behind a link: it leads nowhere, and runs no script but its own, if it has one.
pub(crate) fn apart(
    status: StatusCode,
    visitor: &Visitor,
    title: &str,
    app: Option<App>,
    main: &impl Template,
) -> Response {
    let rendered = main.render().and_then(|main| {
        let frame = Apart {
            l: visitor.language,
            code: visitor.language.pick("ja", "en"),
            title,
            theme: visitor.theme,
            style: &assets::STYLE.path,
            icon: &assets::ICON.path,
            app,
            main: Rendered(main),
        };
        frame.render()
    });
    answer(status, rendered)
}

#[cfg(test)]
mod tests {
    /// Nothing reaches a page unescaped but what a template has rendered: no template says otherwise.
    #[test]
    fn no_template_switches_escaping_off() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).expect("the templates") {
            let path = entry.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("text");
            for word in ["|safe", "| safe", "escape", " style=", "onclick", "<script>"] {
                assert!(!text.contains(word), "{word} in {}", path.display());
            }
            count += 1;
        }
        assert!(count > 10, "{count} templates");
    }
}
