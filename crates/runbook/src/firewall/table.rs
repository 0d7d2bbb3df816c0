//! nftables in JSON: data go in and come out, so no address is ever read as a word of its language.
//!
//! The table is our own, `inet hikeshi`: a set per address family whose elements end by themselves, and one chain that
//! drops what comes from them before anything else, connection tracking included, has seen it (C25).

use domain::said::Said;
use ipnet::IpNet;
use serde_json::{Value, json};

const FAMILY: &str = "inet";
const TABLE: &str = "hikeshi";
const CHAIN: &str = "block";
/// Before connection tracking (-200) and before every accept rule of a filter (0).
const PRIORITY: i32 = -300;
const SETS: [(&str, &str, &str); 2] =
    [("blocked4", "ipv4_addr", "ip"), ("blocked6", "ipv6_addr", "ip6")];

/// What is blocked, and for how many more seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The network; a single address is one of itself.
    pub network: IpNet,
    /// Seconds until it is free again; nothing when it never is.
    pub left_seconds: Option<u64>,
}

/// The set in which a network stands.
pub fn set_of(network: &IpNet) -> &'static str {
    if network.network().is_ipv4() { SETS[0].0 } else { SETS[1].0 }
}

/// The arguments that show a set.
pub fn listing(set: &str) -> [&str; 6] {
    ["-j", "list", "set", FAMILY, TABLE, set]
}

/// One transaction: the table as it must be, whatever it was; `gone` taken out; `network` in it for so long.
pub fn block(network: &IpNet, seconds: u64, gone: &[IpNet]) -> Value {
    let mut commands = vec![json!({"add": {"table": {"family": FAMILY, "name": TABLE}}})];
    for (name, kind, _) in SETS {
        commands.push(json!({"add": {"set": {
            "family": FAMILY, "table": TABLE, "name": name, "type": kind, "flags": ["interval", "timeout"],
        }}}));
    }
    commands.push(json!({"add": {"chain": {
        "family": FAMILY, "table": TABLE, "name": CHAIN,
        "type": "filter", "hook": "prerouting", "prio": PRIORITY, "policy": "accept",
    }}}));
    // Rules have no names: written anew each time, they are there once.
    commands.push(json!({"flush": {"chain": {"family": FAMILY, "table": TABLE, "name": CHAIN}}}));
    for (name, _, protocol) in SETS {
        let from = json!({"payload": {"protocol": protocol, "field": "saddr"}});
        commands.push(json!({"add": {"rule": {
            "family": FAMILY, "table": TABLE, "chain": CHAIN, "expr": [
                {"match": {"op": "==", "left": from, "right": format!("@{name}")}},
                {"counter": null},
                {"drop": null},
            ],
        }}}));
    }
    commands.extend(gone.iter().map(delete));
    let element = json!({"elem": {"val": value(network), "timeout": seconds}});
    commands.push(json!({"add": {"element": in_set(network, element)}}));
    json!({ "nftables": commands })
}

/// One transaction: these are free again.
pub fn unblock(gone: &[IpNet]) -> Value {
    json!({"nftables": gone.iter().map(delete).collect::<Vec<_>>()})
}

fn delete(network: &IpNet) -> Value {
    json!({"delete": {"element": in_set(network, value(network))}})
}

fn in_set(network: &IpNet, element: Value) -> Value {
    json!({"family": FAMILY, "table": TABLE, "name": set_of(network), "elem": [element]})
}

fn value(network: &IpNet) -> Value {
    if network.prefix_len() == network.max_prefix_len() {
        return json!(network.addr().to_string());
    }
    json!({"prefix": {"addr": network.addr().to_string(), "len": network.prefix_len()}})
}

/// What stands in a set, as nft shows it.
///
/// # Errors
/// A sentence: it is no list of a set, or somebody put something in that we would not.
pub fn read(printed: &[u8]) -> Result<Vec<Blocked>, Said> {
    let printed: Value = serde_json::from_slice(printed).map_err(|error| {
        Said::new(
            format!("nft の出力が JSON ではありません ({error})。JSON 対応の nft ですか"),
            format!("nft printed no JSON ({error}); is it built with JSON support?"),
        )
    })?;
    let parts = printed["nftables"]
        .as_array()
        .ok_or_else(|| Said::new("nft の出力に一覧がありません", "nft printed no list"))?;
    let set = parts
        .iter()
        .find_map(|part| part.get("set"))
        .ok_or_else(|| Said::new("nft の出力に集合がありません", "nft printed no set"))?;
    let elements = set["elem"].as_array().map(Vec::as_slice).unwrap_or_default();
    elements
        .iter()
        .map(|element| {
            blocked(element).ok_or_else(|| {
                Said::new(
                    format!("集合 {TABLE} に hikeshi のものではない要素があります: {element}"),
                    format!("the set {TABLE} holds something that is not ours: {element}"),
                )
            })
        })
        .collect()
}

fn blocked(element: &Value) -> Option<Blocked> {
    let inner = element.get("elem");
    let value = inner.map_or(element, |inner| &inner["val"]);
    let network = match value {
        Value::String(address) => super::allowed::network(address)?,
        other => {
            let (address, length) = (other["prefix"]["addr"].as_str()?, &other["prefix"]["len"]);
            format!("{address}/{length}").parse().ok()?
        }
    };
    Some(Blocked { network, left_seconds: inner.and_then(|inner| inner["expires"].as_u64()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        super::super::allowed::network(text).expect(text)
    }

    /// As nft 1.0.6 printed it.
    const SHOWN: &str = r#"{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}}, {"set": {"family": "inet", "name": "blocked4", "table": "hikeshi", "type": "ipv4_addr", "handle": 1, "flags": ["interval", "timeout"], "elem": [{"elem": {"val": {"prefix": {"addr": "198.51.100.0", "len": 24}}, "timeout": 60, "expires": 59}}, {"elem": {"val": "203.0.113.7", "timeout": 7200, "expires": 7199}}, "203.0.113.9"]}}]}"#;

    #[test]
    fn what_nft_shows_is_read_back() {
        let blocked = |network, left_seconds| Blocked { network: net(network), left_seconds };
        assert_eq!(
            read(SHOWN.as_bytes()).expect("a set"),
            [
                blocked("198.51.100.0/24", Some(59)),
                blocked("203.0.113.7", Some(7199)),
                blocked("203.0.113.9", None)
            ]
        );
        let empty = r#"{"nftables": [{"set": {"name": "blocked6"}}]}"#;
        assert_eq!(read(empty.as_bytes()), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_ours_or_no_set_is_an_error() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"nftables": [{"set": {"elem": [{"range": ["1.2.3.4", "1.2.3.9"]}]}}]}"#,
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_a_value_and_a_network_a_prefix() {
        assert_eq!(value(&net("203.0.113.7")), json!("203.0.113.7"));
        assert_eq!(
            value(&net("2001:db8::/64")),
            json!({"prefix": {"addr": "2001:db8::", "len": 64}})
        );
        assert_eq!((set_of(&net("::5")), set_of(&net("1.2.3.4"))), ("blocked6", "blocked4"));
    }
}
