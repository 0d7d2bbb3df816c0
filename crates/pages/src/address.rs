//! The address under which a browser found us: which names are ours, and whether the way to it is encrypted.

use accounts::Site;
use axum::http::{HeaderMap, header};

/// The public address of the pages.
#[derive(Clone, Debug)]
pub(crate) struct Public {
    host: String,
    is_secure: bool,
}

impl Public {
    /// Of an address such as `https://hikeshi.example.jp`.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let host = rest.split('/').next().unwrap_or_default().to_ascii_lowercase();
        Some(Self { host, is_secure: scheme == "https" })
    }
}

/// The host that a request names.
fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the browser came over TLS: the public address says so, which a proxy in front serves.
pub(crate) fn is_secure(public: Option<&Public>, headers: &HeaderMap) -> bool {
    public
        .is_some_and(|public| public.is_secure && host(headers).eq_ignore_ascii_case(&public.host))
}

/// Whether the browser means us: this machine, or the public address.
pub(crate) fn is_ours(public: Option<&Public>, headers: &HeaderMap) -> bool {
    let host = host(headers);
    web::is_own_name(host) || public.is_some_and(|public| host.eq_ignore_ascii_case(&public.host))
}

/// The site to which passkeys belong that are made here; none under an address of numbers, which is no domain.
pub(crate) fn site(public: Option<&Public>, headers: &HeaderMap) -> Option<Site> {
    let host = host(headers).to_ascii_lowercase();
    let domain = host.split(':').next().unwrap_or_default().to_owned();
    let is_domain = !domain.is_empty() && domain.parse::<std::net::IpAddr>().is_err();
    let scheme = if is_secure(public, headers) { "https" } else { "http" };
    (is_domain && !host.starts_with('['))
        .then(|| Site { domain, origin: format!("{scheme}://{host}") })
}

/// Whether a request that acts comes from one of our own pages. Browsers say where a form was sent from; what says
/// nothing is no browser, and has no cookie that it did not get by signing in.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    text("origin").is_none_or(|origin| {
        let rest = origin.split_once("://").map(|(_, rest)| rest);
        rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host(headers)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = all
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        pairs.collect()
    }

    #[test]
    fn passkeys_belong_to_a_domain() {
        let public = Public::of("https://hikeshi.example.jp:8443");
        let site = |host| site(public.as_ref(), &headers(&[("host", host)]));
        let origin = |host| site(host).map(|site| (site.domain, site.origin));
        let of = |domain: &str, origin: &str| Some((domain.to_owned(), origin.to_owned()));
        assert_eq!(origin("localhost:7070"), of("localhost", "http://localhost:7070"));
        assert_eq!(
            origin("Hikeshi.example.jp:8443"),
            of("hikeshi.example.jp", "https://hikeshi.example.jp:8443")
        );
        for numbers in ["127.0.0.1:7070", "[::1]:7070", "", ":7070"] {
            assert_eq!(origin(numbers), None, "{numbers}");
        }
    }

    #[test]
    fn forms_of_other_sites_are_not_ours() {
        let own = ("host", "hikeshi.example.jp");
        for good in [
            &[own, ("sec-fetch-site", "same-origin")][..],
            &[own, ("origin", "https://hikeshi.example.jp")],
            &[own],
        ] {
            assert!(is_from_here(&headers(good)), "{good:?}");
        }
        for bad in [
            &[own, ("sec-fetch-site", "cross-site"), ("origin", "https://hikeshi.example.jp")][..],
            &[own, ("sec-fetch-site", "same-site")],
            &[own, ("origin", "https://evil.example")],
            &[own, ("origin", "https://hikeshi.example.jp.evil.example")],
            &[own, ("origin", "null")],
        ] {
            assert!(!is_from_here(&headers(bad)), "{bad:?}");
        }
    }
}
