//! What every door of the page needs: what there is to show, in which language somebody asks for it, and what is answered when
//! there is nothing.

use crate::{html, page::Page, site::Site, subscribers::SubscribersError};
use axum::{
    extract::{FromRequestParts, Query},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::said::Language;
use serde::Deserialize;
use std::sync::Arc;

/// Somebody who looks at the page.
pub(crate) struct Visit {
    pub(crate) site: Site,
    pub(crate) page: Arc<Page>,
    pub(crate) language: Language,
}

impl FromRequestParts<Site> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        let asked = Query::<Asked>::from_request_parts(parts, site).await;
        let Query(asked) = asked.map_err(IntoResponse::into_response)?;
        let page = site.page().ok_or_else(|| Trouble::None.into_response())?;
        let language = asked.language(&parts.headers, &page);
        Ok(Self { site: site.clone(), page, language })
    }
}

/// The language that somebody asks for.
#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

impl Asked {
    /// The one in the address, else the first of the browser's, of those that the page has.
    fn language(&self, headers: &HeaderMap, page: &Page) -> Language {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let accepted = accepted.unwrap_or_default().split(',').map(|part| part.trim());
        let codes = self.lang.as_deref().into_iter().chain(accepted);
        let known = codes.filter_map(|code| Language::from_code(code.split(';').next()?));
        known.into_iter().find(|one| page.languages.contains(one)).unwrap_or(page.language())
    }
}

/// What cannot be shown now.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no page, or not yet.
    None,
    /// It cannot be rendered.
    Broken(html::Error),
    /// The file of those who want mails cannot be used.
    File(SubscribersError),
}

impl Trouble {
    pub(crate) fn file(error: SubscribersError) -> Self {
        Self::File(error)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Self::None => (StatusCode::NOT_FOUND, "there is no page yet\n").into_response(),
            Self::Broken(error) => {
                tracing::error!("the status page cannot be rendered: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            Self::File(error) => {
                tracing::error!("subscribers.db: {error}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

impl From<html::Error> for Trouble {
    fn from(error: html::Error) -> Self {
        Self::Broken(error)
    }
}
