//! Who comes in: whose session somebody has, and where whoever has none goes.

use crate::{
    desk::Desk,
    trouble::Trouble,
    visitor::{Viewer, Visitor},
};
use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{account::Account, ids::AccountName};
use sha2::{Digest, Sha256};

/// Where whoever must have a second factor gets one, or goes.
const WITHOUT_FACTOR: [&str; 4] = [
    "/settings/security",
    "/settings/security/passkey",
    "/settings/security/passkey/options",
    "/sign-out",
];

impl Viewer {
    /// Whose session a visitor has, if they have shown all that is asked of everybody.
    pub(crate) async fn of(desk: &Desk, visitor: Visitor) -> Result<Self, Trouble> {
        let viewer = Self::signed_in(desk, visitor).await?;
        // Whom a provider vouches for has shown there what it asks for.
        if desk.is_factor_required && !viewer.is_vouched {
            let factors = desk.accounts.factors(viewer.name.as_str());
            if !factors.map_err(|error| Trouble::fault(&viewer.visitor, &error))?.any() {
                return Err(Trouble::unprotected(&viewer.visitor));
            }
        }
        Ok(viewer)
    }

    /// Whose session a visitor has.
    pub(crate) async fn signed_in(desk: &Desk, visitor: Visitor) -> Result<Self, Trouble> {
        let Some(token) = &visitor.token else { return Err(Trouble::signed_out(&visitor)) };
        let csrf = csrf(token);
        let session = desk.accounts.session(token, desk.now());
        let Some(session) = session.map_err(|error| Trouble::fault(&visitor, &error))? else {
            return Err(Trouble::signed_out(&visitor));
        };
        let (name, is_vouched) = (AccountName::from(session.account), session.is_vouched);
        let account = name.clone();
        let find = move |world: &domain::world::World<'_>| {
            world.state.accounts.get(account.as_str()).map(Account::most)
        };
        match desk.shared.look(find).await.map_err(|refused| Trouble::refused(&visitor, refused))? {
            Some(rights) => Ok(Self { name, is_vouched, rights, csrf, visitor }),
            None => Err(Trouble::signed_out(&visitor)),
        }
    }
}

impl FromRequestParts<Desk> for Viewer {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Trouble> {
        let Ok(visitor) = Visitor::from_request_parts(parts, desk).await;
        let came = parts.headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
        // A strict cookie does not come along from a link in a chat or a mail: once more, from here.
        if visitor.token.is_none() && parts.method == Method::GET && came == Some("cross-site") {
            return Err(Trouble::once_more(&visitor, parts.uri.path()));
        }
        if WITHOUT_FACTOR.contains(&parts.uri.path()) {
            return Viewer::signed_in(desk, visitor).await;
        }
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        Viewer::of(desk, visitor).await.map_err(|trouble| match parts.method {
            Method::GET => trouble.coming_from(path),
            _ => trouble,
        })
    }
}

/// What proves that a form is one of ours: it follows from the token of the session, which no other site can read, and
/// tells nothing of it.
fn csrf(token: &str) -> String {
    let digest = Sha256::digest(format!("hikeshi csrf 1\n{token}"));
    URL_SAFE_NO_PAD.encode(digest)
}
