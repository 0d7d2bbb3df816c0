//! The way on which a request came: from this machine or from elsewhere, encrypted or not, and whether a proxy that is
//! trusted says so.

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ipnet::IpNet;
use std::{net::IpAddr, sync::Arc};

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    /// Whether they speak TLS with us.
    pub(crate) is_secure: bool,
}

/// The way on which a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// It is encrypted as far as we know.
    pub is_secure: bool,
    /// It was sent on this machine.
    pub is_local: bool,
}

tokio::task_local! {
    static WAY: Way;
}

impl Way {
    /// That of the request that is answered now; over the local socket, that of this machine.
    pub fn present() -> Self {
        WAY.try_with(|way| *way).unwrap_or(Self { is_secure: false, is_local: true })
    }

    /// None: whoever sent it must not, because the address speaks without TLS to its proxies only.
    fn of(peer: Peer, headers: &HeaderMap, proxies: &[IpNet]) -> Option<Self> {
        let from = peer.address.to_canonical();
        let is_proxy = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
        if !is_proxy(&from) {
            // Whatever such a peer says of others is not believed.
            let may = peer.is_secure || from.is_loopback();
            return may.then_some(Self { is_secure: peer.is_secure, is_local: from.is_loopback() });
        }
        let text = |name: &str| {
            let all = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
            all.collect::<Vec<_>>().join(",")
        };
        let is_secure = peer.is_secure || text("x-forwarded-proto").trim() == "https";
        // The last one that no proxy of ours has added is who asked; each adds who asked it at the end.
        let said = text("x-forwarded-for");
        let mut hops = said.split(',').rev().map(str::trim).filter(|hop| !hop.is_empty());
        let asked = hops.find_map(|hop| match hop.parse::<IpAddr>() {
            Ok(address) if is_proxy(&address.to_canonical()) => None,
            Ok(address) => Some(Some(address.to_canonical())),
            Err(_) => Some(None),
        });
        // A proxy that names nobody asks for itself; a name that is no address is somebody from elsewhere.
        let is_local = match asked {
            Some(address) => address.is_some_and(|address| address.is_loopback()),
            None => from.is_loopback() && said.is_empty(),
        };
        Some(Self { is_secure, is_local })
    }
}

/// Finds the way of every request, and refuses what comes from where nothing may come.
pub(crate) async fn find(
    State(proxies): State<Arc<[IpNet]>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    match Way::of(peer, request.headers(), &proxies) {
        Some(way) => WAY.scope(way, next.run(request)).await,
        None => {
            let reason =
                "this address speaks without TLS to the proxies under `trusted_proxies` only\n";
            (StatusCode::FORBIDDEN, reason).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn of(
        from: &str,
        is_secure: bool,
        headers: &[(&'static str, &'static str)],
    ) -> Option<(bool, bool)> {
        let proxies: Vec<IpNet> =
            ["10.0.0.0/24", "127.0.0.2/32"].map(|net| net.parse().expect("a net")).into();
        let peer = Peer { address: from.parse().expect("an address"), is_secure };
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        Way::of(peer, &all, &proxies).map(|way| (way.is_secure, way.is_local))
    }

    #[test]
    fn without_tls_only_this_machine_and_its_proxies_come_in() {
        assert_eq!(of("127.0.0.1", false, &[]), Some((false, true)));
        assert_eq!(of("::1", false, &[]), Some((false, true)));
        assert_eq!(of("192.0.2.7", false, &[]), None);
        assert_eq!(of("192.0.2.7", true, &[]), Some((true, false)));
        assert_eq!(of("::ffff:192.0.2.7", false, &[]), None);
        assert_eq!(of("::ffff:10.0.0.9", false, &[]), Some((false, false)));
    }

    #[test]
    fn only_a_trusted_proxy_speaks_for_others() {
        let says = &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https")][..];
        assert_eq!(of("192.0.2.7", false, says), None);
        assert_eq!(of("192.0.2.7", true, says), Some((true, false)), "not believed");
        assert_eq!(of("127.0.0.1", false, says), Some((false, true)), "not believed");
        let from = |list| {
            of("10.0.0.9", false, &[("x-forwarded-for", list), ("x-forwarded-proto", "https")])
        };
        assert_eq!(from("192.0.2.7"), Some((true, false)));
        assert_eq!(from("127.0.0.1, 192.0.2.7"), Some((true, false)), "the client wrote the first");
        assert_eq!(from("192.0.2.7, 10.0.0.8"), Some((true, false)), "two proxies of ours");
        assert_eq!(from("192.0.2.7, 127.0.0.1"), Some((true, true)), "somebody beside the proxy");
        assert_eq!(from("unknown"), Some((true, false)));
        assert_eq!(from("10.0.0.8"), Some((true, false)));
        let twice = &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(of("10.0.0.9", false, twice), Some((false, false)));
        assert_eq!(
            of("127.0.0.2", false, &[]),
            Some((false, true)),
            "a proxy here that names nobody"
        );
        assert_eq!(
            of("127.0.0.2", false, &[("x-forwarded-for", "192.0.2.7")]),
            Some((false, false))
        );
        let http = &[("x-forwarded-for", "192.0.2.7"), ("x-forwarded-proto", "http")];
        assert_eq!(of("10.0.0.9", false, http), Some((false, false)));
    }
}
