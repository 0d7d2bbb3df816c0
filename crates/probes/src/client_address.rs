//! Who a client is: the socket's address, or the last untrusted one that trusted proxies wrote down (C25).

use crate::outside::shown;
use domain::said::Said;
use ipnet::IpNet;
use source::{Fields, Problems};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Networks that a person wrote down: `[127.0.0.1, 10.0.0.0/8]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Networks(Vec<IpNet>);

/// A client as the log tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Client<'a> {
    /// An address.
    At(IpAddr),
    /// What stood there instead of one.
    Named(&'a str),
}

impl Networks {
    /// Takes a list of addresses and networks.
    pub fn take(key: &'static str, fields: &mut Fields<'_>, problems: &mut Problems) -> Self {
        let nodes = fields.optional(key).and_then(|node| node.list(problems)).unwrap_or_default();
        let mut all = Vec::new();
        for node in nodes {
            let Some(text) = node.text(problems) else { continue };
            match network(&text) {
                Some(network) => all.push(network),
                None => problems.add_with_hint(
                    &node.place,
                    Said::new(
                        format!("`{text}` はアドレスでもネットワークでもありません"),
                        format!("`{text}` is neither an address nor a network"),
                    ),
                    Said::new(
                        "例: 127.0.0.1, 10.0.0.0/8, ::1",
                        "examples: 127.0.0.1, 10.0.0.0/8, ::1",
                    ),
                ),
            }
        }
        Self(all)
    }

    /// Whether an address belongs to one of them.
    pub fn hold(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

impl<'a> Client<'a> {
    /// Who asked, of a connection from `socket` whose `X-Forwarded-For` was `forwarded`. What an untrusted
    /// sender claims counts for nothing.
    pub fn of(socket: &'a str, forwarded: Option<&str>, trusted: &Networks) -> Self {
        let Some(socket) = address(socket) else { return Self::Named(socket) };
        let mut client = socket;
        // From the one who spoke to us back to the first.
        for hop in forwarded.unwrap_or_default().rsplit(',') {
            if !trusted.hold(client) {
                break;
            }
            match address(hop) {
                Some(before) => client = before,
                // A proxy that passes on what it was told vouches for nothing.
                None => break,
            }
        }
        Self::At(client)
    }

    /// Whoever has one address of the newer kind has 2⁶⁴: they count as one.
    pub fn household(self) -> String {
        match self {
            Self::At(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Self::At(address) => address.to_string(),
            Self::Named(name) => shown(name),
        }
    }
}

impl fmt::Display for Client<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => write!(f, "{address}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// An address, perhaps with a port; a socket in the file system is this machine.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if text == "unix:" {
        return Some(Ipv4Addr::LOCALHOST.into());
    }
    let bare = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    let found = bare.parse::<IpAddr>().ok();
    let found = found.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    found.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted() -> Networks {
        Networks(
            ["127.0.0.1", "10.0.0.0/8", "::1"].iter().filter_map(|text| network(text)).collect(),
        )
    }

    fn client(socket: &str, forwarded: &str) -> String {
        Client::of(socket, Some(forwarded), &trusted()).to_string()
    }

    #[test]
    fn the_last_untrusted_hop_of_trusted_proxies_is_the_client() {
        // C25.
        for (socket, forwarded, expected) in [
            ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
            ("127.0.0.1", "1.1.1.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
            ("::ffff:10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
            ("127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
            ("unix:", "203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(client(socket, forwarded), expected, "{socket} {forwarded}");
        }
    }

    #[test]
    fn who_is_not_trusted_cannot_name_somebody_else() {
        for (socket, forwarded, expected) in [
            ("198.51.100.9", "203.0.113.7", "198.51.100.9"),
            ("198.51.100.9", "127.0.0.1", "198.51.100.9"),
            // Only trusted ones: somebody of our own asked.
            ("127.0.0.1", "10.0.0.5, 10.0.0.6", "10.0.0.5"),
            ("127.0.0.1", "-", "127.0.0.1"),
            ("127.0.0.1", "'; drop table, 10.0.0.6", "10.0.0.6"),
            ("gateway.example", "203.0.113.7", "gateway.example"),
        ] {
            assert_eq!(client(socket, forwarded), expected, "{socket} {forwarded}");
        }
    }

    #[test]
    fn a_household_counts_as_one() {
        let one = Client::of("2001:db8:1:2::7", None, &trusted());
        let two = Client::of("2001:db8:1:2:ffff::8", None, &trusted());
        assert_eq!(
            (one.household(), two.household()),
            ("2001:db8:1:2::/64".into(), one.household())
        );
        assert_eq!(Client::of("203.0.113.7", None, &trusted()).household(), "203.0.113.7");
    }
}
