//! What every door of the page needs: in which language somebody asks, and what is answered when there is nothing to show.

use crate::{html, page::Page, subscribers::SubscribersError};
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::said::Language;
use serde::Deserialize;

/// The language that somebody asks for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    lang: Option<String>,
}

impl Asked {
    /// The one in the address, else the first of the browser's, of those that the page has.
    pub(crate) fn language(&self, headers: &HeaderMap, page: &Page) -> Language {
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
