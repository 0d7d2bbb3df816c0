//! A page of metrics as its target shows it, for those who want to know what there is.

use crate::ask::{Answer, Request};
use domain::said::Said;
use reqwest::{Url, header::ACCEPT};
use secrets::Reader;
use std::time::Duration;

/// Exporters say more than pages do.
pub(crate) const BODY_LIMIT: u64 = 16 << 20;

/// The text formats, the newest first; some servers answer something else without being asked for these.
pub(crate) const FORMATS: &str = "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                       text/plain;version=0.0.4;q=0.5,application/openmetrics-text;q=0.2,*/*;q=0.1";

/// Where a target shows its metrics, and how to ask for them.
#[derive(Clone, Debug)]
pub struct MetricsPage(Request);

impl MetricsPage {
    /// The page that a probe asks for.
    pub(crate) fn new(request: Request) -> Self {
        Self(request)
    }

    /// The page at an address.
    ///
    /// # Errors
    /// A sentence: this is no http address.
    pub fn at(url: &str) -> Result<Self, Said> {
        let url: Url = url.parse().map_err(|error| {
            Said::new(
                format!("`{url}` はアドレスではありません: {error}"),
                format!("`{url}` is no address: {error}"),
            )
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(Said::new(
                format!("`{url}` は http のアドレスではありません"),
                format!("`{url}` is no http address"),
            ));
        }
        Ok(Self(Request::get(url, BODY_LIMIT).with_header(ACCEPT, FORMATS)))
    }

    /// Its address.
    pub fn url(&self) -> &Url {
        self.0.url()
    }

    /// The text of the page; it is there by `limit` or not at all.
    ///
    /// # Errors
    /// A sentence: why there is none.
    pub async fn fetch(&self, reader: &Reader, limit: Duration) -> Result<String, Said> {
        let Answer { wrong, body, .. } = self.0.ask(reader, &self.0.client()?, limit).await?;
        if let Some(wrong) = wrong {
            return Err(wrong.detail);
        }
        String::from_utf8(body)
            .map_err(|_| Said::new("ページが UTF-8 ではありません", "the page is not UTF-8"))
    }
}
