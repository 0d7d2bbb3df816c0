//! Values that an alert gives to a runbook: each label is read as its declared type, or nothing of the run ever starts.
//!
//! Names are looked up in the configuration, not matched by a pattern; addresses that automation must never touch are
//! refused, whoever names them.

use crate::{
    graph::Kind,
    ids::{ContactName, ServiceName},
    plan::{Input, Parameter, Plan},
    policy::Policy,
    said::Said,
    types,
};
use ipnet::IpNet;
use std::{collections::BTreeMap, net::IpAddr};

/// Reads what a plan wants from what its alert says: `said` gives the text of a label, or of a reading in words.
///
/// # Errors
/// The first value that is missing, or is not what it must be: a sentence for the journal.
pub fn read(
    policy: &Policy,
    plan: &Plan,
    said: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, Parameter>, Said> {
    let one = |(name, input): (&String, &Input)| {
        let label = &input.label;
        let none = || {
            Said::new(
                format!("アラートにラベル {label} がありません"),
                format!("the alert has no label {label}"),
            )
        };
        let text = said(label).ok_or_else(none)?;
        let parameter = types::parse(&input.kind, &text)?;
        input.limits.check(&parameter)?;
        is_meant(policy, &parameter)
            .map_err(|why| Said::each(|language| format!("{label}: {}", why.text(language))))?;
        Ok((name.clone(), parameter))
    };
    plan.inputs.iter().map(one).collect()
}

fn is_meant(policy: &Policy, parameter: &Parameter) -> Result<(), Said> {
    let value = parameter.value.as_str();
    let service = policy.graph.get(&ServiceName::from(value));
    let is_known = match parameter.kind.as_str() {
        "service" => service.is_some(),
        "host" => service.is_some_and(|service| service.kind == Kind::Host),
        "contact" => policy.contacts.contains_key(&ContactName::from(value)),
        "systemd_unit" => policy.graph.services().any(|service| {
            let unit = |(name, known): (&String, &Parameter)| {
                name.eq_ignore_ascii_case("unit") && known.value == value
            };
            service.attributes.iter().any(unit)
        }),
        "ip" | "cidr" => return may_be_touched(&policy.protected, value),
        _ => true,
    };
    if is_known {
        return Ok(());
    }
    Err(Said::new(
        format!("{value} は設定にありません"),
        format!("{value} is not in the configuration"),
    ))
}

/// Loopback, multicast and the like are nobody's to act on; the rest is what the team protects.
fn may_be_touched(protected: &[IpNet], value: &str) -> Result<(), Said> {
    let net = match value.parse::<IpNet>() {
        Ok(net) => net,
        Err(_) => value.parse::<IpAddr>().map(IpNet::from).map_err(|error| error.to_string())?,
    };
    let is_special = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_link_local()
                || ip.is_broadcast()
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_unicast_link_local()
        }
    };
    if is_special(net.network()) || is_special(net.broadcast()) {
        return Err(Said::new(
            format!("{value} はクライアントのアドレスではありません"),
            format!("{value} is no address of a client"),
        ));
    }
    let overlaps = |other: &&IpNet| other.contains(&net) || net.contains(*other);
    match protected.iter().find(overlaps) {
        Some(other) => Err(Said::new(
            format!("{value} は保護されています ({other})"),
            format!("{value} is protected ({other})"),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(value: &str) -> bool {
        let protected = ["10.0.0.0/24".parse().expect("a network")];
        may_be_touched(&protected, value).is_err()
    }

    #[test]
    fn what_automation_must_never_touch_is_refused_also_as_a_part_or_a_whole() {
        for value in ["127.0.0.1", "::1", "0.0.0.0/0", "224.0.0.1", "169.254.1.1", "fe80::1"] {
            assert!(refused(value), "{value}");
        }
        for value in ["10.0.0.7", "10.0.0.0/25", "10.0.0.0/8"] {
            assert!(refused(value), "{value}");
        }
        for value in ["203.0.113.9", "10.0.1.0/24", "2001:db8::/32"] {
            assert!(!refused(value), "{value}");
        }
    }
}
