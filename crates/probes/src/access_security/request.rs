//! What detectors see of a request.

use crate::{
    access_line::{Line, SignedIn, is_write},
    outside::{masked, shown},
    route::{self, Route},
};
use jiff::Timestamp;
use source::{Fields, Problems};

/// Where people sign in, unless it is written.
const LOGIN: [&str; 6] =
    ["/**/login", "/**/signin", "/**/sign_in", "/**/token", "/wp-login.php", "/xmlrpc.php"];
/// Where nobody changes anything without having signed in.
const ADMIN: [&str; 2] = ["/**/admin/**", "/**/internal/**"];
/// Where data leaves in bulk.
const EXPORT: [&str; 5] =
    ["/**/export/**", "/**/exports/**", "/**/download/**", "/**/dump/**", "/**/*.csv"];

/// So much of a path is shown, in characters.
const PATH_SHOWN: usize = 120;

/// The routes that matter.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    login: Vec<Route>,
    admin: Vec<Route>,
    export: Vec<Route>,
}

/// A request, as far as it can be suspicious.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub at: Timestamp,
    /// Who made it: an address, or a whole network where one client has one.
    pub client: String,
    pub status: u16,
    pub is_write: bool,
    pub bytes: u64,
    pub signed_in: SignedIn,
    /// The number of the login route that it fits.
    pub login: Option<usize>,
    pub is_admin: bool,
    pub is_export: bool,
    pub method: String,
    pub path: String,
}

impl Routes {
    /// Takes `login_routes`, `admin_routes` and `export_routes`.
    pub fn take(fields: &mut Fields<'_>, problems: &mut Problems) -> Self {
        Self {
            login: Route::take("login_routes", &LOGIN, fields, problems),
            admin: Route::take("admin_routes", &ADMIN, fields, problems),
            export: Route::take("export_routes", &EXPORT, fields, problems),
        }
    }

    /// What a line of the log is to detectors.
    pub fn request(&self, line: &Line<'_>, client: String) -> Request {
        let path = route::parts(&line.path);
        let fits = |routes: &[Route]| routes.iter().position(|route| route.fits(&path));
        Request {
            at: line.at,
            client,
            status: line.status,
            is_write: is_write(&line.method),
            bytes: line.bytes.unwrap_or(0),
            signed_in: line.signed_in,
            login: fits(&self.login),
            is_admin: fits(&self.admin).is_some(),
            is_export: fits(&self.export).is_some(),
            method: line.method.to_string(),
            path: line.path.to_string(),
        }
    }
}

impl Request {
    /// Whether somebody tried to sign in and was turned away. 429 too: a limiter hides no attempt.
    pub fn is_failed_login(&self) -> bool {
        self.login.is_some() && matches!(self.status, 401 | 403 | 429)
    }

    /// Whether the server did what was asked.
    pub fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The request with no more of its path than is ever shown.
    pub fn brief(&self) -> Self {
        let path = self.path.chars().take(PATH_SHOWN).collect();
        Self { client: self.client.clone(), method: self.method.clone(), path, ..*self }
    }

    /// The request in a line that may be shown: without its query, and without what looks like a secret.
    pub fn line(&self) -> String {
        let Self { method, path, status, .. } = self;
        let at = self.at.strftime("%Y-%m-%dT%H:%M:%SZ");
        shown(&masked(&format!("{at} {method} {path} {status}")))
    }
}
