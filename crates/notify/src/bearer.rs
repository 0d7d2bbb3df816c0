//! What kinds with an API have in common: where it is, and the token that opens it.

use domain::said::Said;
use reqwest::{Url, header::HeaderValue};
use secrets::Reader;
use source::{Fields, Problems, Secret};

/// Takes `api`, for those who run a compatible service; it must be http or https.
pub(crate) fn api(fields: &mut Fields<'_>, usual: &str, problems: &mut Problems) -> Option<Url> {
    let node = fields.optional("api");
    let text = node.and_then(|node| node.text(problems)).unwrap_or_else(|| usual.to_owned());
    let url: Option<Url> = text.trim_end_matches('/').parse().ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if url.is_none() {
        let place = node.map_or_else(|| fields.place(), |node| &node.place);
        problems.add_with_hint(
            place,
            Said::new("http か https の URL が必要です", "expected an http or https URL"),
            Said::new(format!("例: {usual}"), format!("for example {usual}")),
        );
    }
    url
}

/// Takes one of three keys with a secret, and says so when none is there.
pub(crate) fn secret(
    fields: &mut Fields<'_>,
    keys: [&'static str; 3],
    problems: &mut Problems,
) -> Option<Secret> {
    let before = problems.len();
    let secret = Secret::take(fields, keys, problems);
    if secret.is_none() && problems.len() == before {
        let [plain, env, file] = keys;
        problems.add_with_hint(
            fields.place(),
            Said::new(
                format!("`{plain}`, `{env}`, `{file}` のどれか一つが必要です"),
                format!("one of `{plain}`, `{env}` and `{file}` is needed"),
            ),
            Said::new(
                format!("例: {plain}: secret:名前"),
                format!("for example {plain}: secret:NAME"),
            ),
        );
    }
    secret
}

/// `Bearer` and the token, marked as sensitive.
///
/// # Errors
/// The secret cannot be read, or cannot stand in a header; the sentence never has its value.
pub(crate) async fn header(reader: &Reader, token: &Secret) -> Result<HeaderValue, String> {
    let read = reader.read(token).await?;
    let value = HeaderValue::from_str(&format!("Bearer {}", read.reveal().trim()));
    let mut value =
        value.map_err(|_| format!("the token {token} has characters that no header may have"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A path below the API.
pub(crate) fn at(api: &Url, path: &str) -> Url {
    let mut url = api.clone();
    url.set_path(&format!("{}{path}", api.path().trim_end_matches('/')));
    url
}
