//! Whom a firewall may block: never this machine, never those that the configuration protects, never half a country.

use crate::limits::Limits;
use domain::said::Said;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::{fs, io, net::IpAddr};

/// A block of more addresses than these is a decision about a network's routes, not an answer to an attack.
const WIDEST: (u8, u8) = (16, 32);

/// Networks that nobody outside comes from; private ones may be allowed by the configuration, these never.
const SPECIAL: [&str; 10] = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/127",
    "::ffff:0.0.0.0/96",
    "64:ff9b::/96",
    "fe80::/10",
    "ff00::/8",
];
const PRIVATE: [&str; 5] =
    ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// Why a network is not blocked.
///
/// # Errors
/// The sentence; also when the machine's own addresses cannot be read, since then nobody knows.
pub fn check(network: &IpNet, limits: &Limits) -> Result<(), Said> {
    let own = own_addresses().map_err(|error| {
        Said::new(
            format!("このマシンのアドレスを読めないので、ブロックしません: {error}"),
            format!("this machine's own addresses cannot be read, so nothing is blocked: {error}"),
        )
    })?;
    match refusal(network, limits, &own) {
        Some((ja, en)) => Err(Said::new(
            format!("{network} はブロックしません: {ja}"),
            format!("{network} is not blocked: {en}"),
        )),
        None => Ok(()),
    }
}

fn refusal(
    network: &IpNet,
    limits: &Limits,
    own: &[IpAddr],
) -> Option<(&'static str, &'static str)> {
    let meets = |other: &IpNet| network.contains(other) || other.contains(network);
    let is_among = |list: &[&str]| list.iter().any(|text| text.parse().is_ok_and(|n| meets(&n)));
    let widest = if network.network().is_ipv4() { WIDEST.0 } else { WIDEST.1 };
    if network.prefix_len() < widest {
        return Some(("範囲が広すぎます", "it is too wide"));
    }
    if is_among(&SPECIAL) {
        return Some((
            "ループバックなど特別なアドレスです",
            "loopback, link-local or otherwise special",
        ));
    }
    if own.iter().any(|own| network.contains(own)) {
        return Some(("このマシン自身のアドレスです", "it is this machine's own"));
    }
    if limits.never_block.iter().any(meets) {
        return Some((
            "設定の `never_block` にあります",
            "`never_block` in the configuration protects it",
        ));
    }
    if !limits.block_private && is_among(&PRIVATE) {
        return Some((
            "プライベートアドレスです (許すには `acting: {block_private: true}`)",
            "it is private (`acting: {block_private: true}` allows it)",
        ));
    }
    None
}

/// The addresses of this machine, as the kernel lists them.
fn own_addresses() -> io::Result<Vec<IpAddr>> {
    let mut own = local_v4(&fs::read_to_string("/proc/self/net/fib_trie")?);
    // Without IPv6 there is no such file, and no such address.
    own.extend(local_v6(&fs::read_to_string("/proc/self/net/if_inet6").unwrap_or_default()));
    if own.is_empty() {
        return Err(io::Error::other("the kernel lists none"));
    }
    Ok(own)
}

/// In the routing trie a local address stands on one line, and `/32 host LOCAL` on the next.
fn local_v4(trie: &str) -> Vec<IpAddr> {
    let lines: Vec<&str> = trie.lines().map(str::trim).collect();
    lines
        .windows(2)
        .filter(|pair| pair[1].starts_with("/32 host LOCAL"))
        .filter_map(|pair| pair[0].trim_start_matches("|--").trim().parse().ok())
        .collect()
}

fn local_v6(list: &str) -> Vec<IpAddr> {
    let digits = list.lines().filter_map(|line| line.split_ascii_whitespace().next());
    digits.filter_map(|hex| Some(IpAddr::V6(u128::from_str_radix(hex, 16).ok()?.into()))).collect()
}

/// A network, or a single address as one.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| {
        Some(match text.parse().ok()? {
            IpAddr::V4(address) => IpNet::V4(Ipv4Net::from(address)),
            IpAddr::V6(address) => IpNet::V6(Ipv6Net::from(address)),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str, limits: &Limits) -> Option<&'static str> {
        let own = ["192.0.2.1".parse().expect("an address")];
        refusal(&network(text).expect(text), limits, &own).map(|(_, en)| en)
    }

    #[test]
    fn an_attacker_may_be_blocked_and_this_machine_may_not() {
        let limits = Limits {
            never_block: vec![network("198.51.100.0/28").expect("a network")],
            ..Limits::default()
        };
        for fine in ["203.0.113.7", "203.0.113.0/24", "2001:db8::7", "198.51.100.16", "192.0.2.2"] {
            assert_eq!(why(fine, &limits), None, "{fine}");
        }
        for (text, expected) in [
            ("192.0.2.1", "own"),
            ("192.0.2.0/24", "own"),
            ("127.0.0.1", "loopback"),
            ("::1", "loopback"),
            ("::ffff:203.0.113.7", "special"),
            ("169.254.169.254", "special"),
            ("198.51.100.3", "never_block"),
            ("198.51.100.0/24", "never_block"),
            ("10.1.2.3", "private"),
            ("fd00::1", "private"),
            ("0.0.0.0/0", "wide"),
            ("203.0.0.0/15", "wide"),
            ("2001::/16", "wide"),
        ] {
            let why = why(text, &limits).unwrap_or("allowed");
            assert!(why.contains(expected), "{text}: {why}");
        }
        let limits = Limits { block_private: true, ..Limits::default() };
        assert_eq!(why("10.1.2.3", &limits), None);
    }

    #[test]
    fn the_kernel_names_this_machines_addresses() {
        let own = own_addresses().expect("it lists them");
        assert!(own.contains(&"127.0.0.1".parse().expect("an address")), "{own:?}");
        let lines = "00000000000000000000000000000001 01 80 10 80       lo\n";
        assert_eq!(local_v6(lines), ["::1".parse::<IpAddr>().expect("an address")]);
    }
}
