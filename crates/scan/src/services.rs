//! Own checks of the services in the configuration: addresses that answer anybody, and their certificates.
//!
//! Only hosts that a health probe of the configuration asks are asked, with the probes that hikeshi has anyway.

use crate::finding::{Finding, Look, Severity, State, Weakness};
use domain::{
    reading::{Observation, Reading, Value},
    said::Said,
};
use probes::{Deps, ProbeSpec, look_once};
use source::{Problems, yaml};
use std::{collections::BTreeSet, time::Duration};

/// The names of the checks in findings.
pub(crate) const ROUTES: &str = "routes";
pub(crate) const TLS: &str = "tls";

/// What answers anybody and should not, and how bad that is.
const PATHS: [(&str, Severity); 6] = [
    ("/.env", Severity::Critical),
    ("/.git/config", Severity::High),
    ("/actuator", Severity::Medium),
    ("/admin", Severity::Medium),
    ("/debug", Severity::Medium),
    ("/metrics", Severity::Low),
];
/// Who answers this with 200 answers everything so, and its 200 says nothing.
const NOWHERE: &str = "/hikeshi-scan-asks-for-what-is-not-there";
/// A certificate is near its end so many days before it.
const NEAR_DAYS: f64 = 30.0;
const TIMEOUT: Duration = Duration::from_secs(10);
/// More hosts are not asked, and that is said.
const HOSTS: usize = 100;

/// Looks at all of them at once.
pub(crate) async fn look(specs: &[ProbeSpec], deps: &Deps) -> (Vec<Look>, Vec<Finding>) {
    let origins: BTreeSet<String> =
        specs.iter().filter_map(|spec| spec.settings.origin()).collect();
    let asked: Vec<_> = origins.iter().take(HOSTS).collect();
    let routes = futures::future::join_all(asked.iter().map(|origin| routes(origin, deps)));
    let (answers, certificates) = tokio::join!(routes, certificates(&asked, specs, deps));
    let (mut looks, mut findings) = (Vec::new(), Vec::new());
    for (look, found) in answers.into_iter().chain(certificates) {
        looks.push(look);
        findings.extend(found);
    }
    for name in [ROUTES, TLS] {
        if !looks.iter().any(|look| look.scanner == name) {
            looks.push(Look::nothing(name, None));
        }
    }
    if origins.len() > HOSTS {
        let why = Said::new(
            format!("最初の {HOSTS} ホストだけを調べました"),
            format!("only the first {HOSTS} hosts were asked"),
        );
        looks.push(Look::not_run(ROUTES, None, why));
    }
    (looks, findings)
}

async fn routes(origin: &str, deps: &Deps) -> (Look, Vec<Finding>) {
    let target = Some(origin.to_owned());
    let paths = PATHS.iter().map(|(path, _)| *path).chain([NOWHERE]);
    let specs: Vec<_> = paths.filter_map(|path| http(&format!("{origin}{path}"))).collect();
    let seen = look_once(specs, deps, TIMEOUT).await;
    let status = |path: &str| {
        let url = format!("{origin}{path}");
        let of = seen.iter().find(|(name, _)| name.as_str() == url)?;
        of.1.iter().find_map(|seen| number(seen, "status"))
    };
    let said = |why: &str| {
        let (ja, en) = (format!("応答がありません: {why}"), format!("it does not answer: {why}"));
        Look::not_run(ROUTES, target.clone(), Said::new(ja, en))
    };
    let Some(nowhere) = status(NOWHERE) else {
        let detail = seen.iter().flat_map(|(_, seen)| seen).find_map(|seen| seen.detail.clone());
        return (said(&supervise::program::one_line(&detail.unwrap_or_default().en)), Vec::new());
    };
    if nowhere == 200.0 {
        let why = Said::new(
            "存在しない経路にも 200 を返すため、判断できません",
            "it answers 200 also for what is not there, so that nothing can be said",
        );
        return (Look::not_run(ROUTES, target, why), Vec::new());
    }
    let open = PATHS.iter().filter(|(path, _)| status(path) == Some(200.0));
    let findings: Vec<_> = open
        .map(|(path, severity)| Finding {
            url: Some(format!("{origin}{path}")),
            ..Finding::new(
                ROUTES,
                Weakness::Route,
                "open-route",
                *severity,
                Said::new(
                    format!("{path} がサインインなしで 200 を返します"),
                    format!("{path} answers 200 without sign-in"),
                ),
            )
        })
        .collect();
    let mut look = Look::ran(ROUTES, target, findings.len());
    let missing = PATHS.iter().filter(|(path, _)| status(path).is_none());
    let missing: Vec<_> = missing.map(|(path, _)| *path).collect();
    if !missing.is_empty() {
        let paths = missing.join(" ");
        look.state = State::Partly;
        look.reason =
            Some(Said::new(format!("応答なし: {paths}"), format!("without an answer: {paths}")));
    }
    (look, findings)
}

/// Those that the configuration looks at, and those of the hosts that are asked over TLS.
async fn certificates(
    origins: &[&String],
    specs: &[ProbeSpec],
    deps: &Deps,
) -> Vec<(Look, Vec<Finding>)> {
    let own = specs.iter().filter(|spec| spec.kind.name == "tls_certificate").cloned();
    let found = origins.iter().filter_map(|origin| certificate(origin));
    let asked: Vec<_> = own.chain(found).collect();
    let seen = look_once(asked, deps, TIMEOUT + TIMEOUT).await;
    seen.into_iter().map(|(name, seen)| judge(name.as_str(), &seen)).collect()
}

fn judge(name: &str, seen: &[Observation]) -> (Look, Vec<Finding>) {
    let detail = seen.iter().find_map(|seen| seen.detail.clone()).unwrap_or_default();
    let detail = detail.within(supervise::program::one_line);
    let found = |rule: &str, severity, ja: &str, en: &str| Finding {
        url: Some(name.to_owned()),
        ..Finding::new(
            TLS,
            Weakness::Tls,
            rule,
            severity,
            Said::new(format!("{ja}: {}", detail.ja), format!("{en}: {}", detail.en)),
        )
    };
    let mut findings = Vec::new();
    let Some(days) = seen.iter().find_map(|seen| number(seen, "days_left")) else {
        // We speak TLS 1.2 and 1.3 only, so who does not is too old.
        let is_old =
            detail.en.contains("ProtocolVersion") || detail.en.contains("peer is incompatible");
        if is_old {
            let (ja, en) = ("古いプロトコルだけを話します", "it speaks an old protocol only");
            findings.push(found("old-protocol", Severity::High, ja, en));
            return (Look::ran(TLS, Some(name.to_owned()), 1), findings);
        }
        let why = Said::new(
            format!("証明書を見られません: {}", detail.ja),
            format!("no certificate: {}", detail.en),
        );
        return (Look::not_run(TLS, Some(name.to_owned()), why), findings);
    };
    let cause = seen.iter().find_map(|seen| match seen.readings.get("cause") {
        Some(Reading::Measured(Value::Text(cause))) => Some(cause.as_str()),
        _ => None,
    });
    if days < 0.0 {
        let (ja, en) = ("証明書の期限が切れています", "the certificate is over");
        findings.push(found("certificate-expired", Severity::High, ja, en));
    } else if days < NEAR_DAYS {
        let severity = if days < 7.0 { Severity::High } else { Severity::Medium };
        let (ja, en) = ("証明書の期限が近づいています", "the certificate ends soon");
        findings.push(found("certificate-ends-soon", severity, ja, en));
    }
    match cause {
        None | Some("expired") => {}
        Some("self_signed") => {
            let (ja, en) = ("自己署名の証明書です", "the certificate is signed by itself");
            findings.push(found("certificate-self-signed", Severity::Medium, ja, en));
        }
        Some(cause) => {
            let (ja, en) = ("証明書を信頼できません", "the certificate is not trusted");
            let rule = format!("certificate-{}", cause.replace('_', "-"));
            findings.push(found(&rule, Severity::High, ja, en));
        }
    }
    (Look::ran(TLS, Some(name.to_owned()), findings.len()), findings)
}

fn number(seen: &Observation, reading: &str) -> Option<f64> {
    match seen.readings.get(reading) {
        Some(Reading::Measured(Value::Number(number))) => Some(*number),
        _ => None,
    }
}

/// One GET, without following anybody elsewhere, of which only the status counts.
fn http(url: &str) -> Option<ProbeSpec> {
    let url_text = serde_json::to_string(url).ok()?;
    spec(
        url,
        &format!(
            "{{kind: http, service: scan, url: {url_text}, redirects: 0, body_limit: 64KiB, timeout: 8s}}"
        ),
    )
}

fn certificate(origin: &str) -> Option<ProbeSpec> {
    let (host, port) = host_and_port(origin.strip_prefix("https://")?)?;
    let host_text = serde_json::to_string(host).ok()?;
    let text = format!(
        "{{kind: tls_certificate, service: scan, host: {host_text}, port: {port}, timeout: 8s}}"
    );
    spec(origin, &text)
}

/// `[::1]:8443` has its colons in brackets.
fn host_and_port(authority: &str) -> Option<(&str, u16)> {
    let end = authority.rfind(']').map_or(0, |end| end + 1);
    match authority[end..].rfind(':') {
        Some(colon) => {
            let (host, port) = authority.split_at(end + colon);
            Some((host.trim_matches(['[', ']']), port[1..].parse().ok()?))
        }
        None => Some((authority.trim_matches(['[', ']']), 443)),
    }
}

fn spec(name: &str, text: &str) -> Option<ProbeSpec> {
    let mut problems = Problems::new();
    let node = yaml::read("scan", text, 0, &mut problems)?;
    ProbeSpec::parse(name, &node, &mut problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_host_and_a_port() {
        assert_eq!(host_and_port("a.example"), Some(("a.example", 443)));
        assert_eq!(host_and_port("a.example:8443"), Some(("a.example", 8443)));
        assert_eq!(host_and_port("[::1]:8443"), Some(("::1", 8443)));
        assert_eq!(host_and_port("[::1]"), Some(("::1", 443)));
    }

    #[test]
    fn a_certificate_near_its_end_or_signed_by_itself_is_found_and_one_not_seen_is_not_clean() {
        let seen = |days: f64, cause: Option<&str>| {
            let seen = Observation::new("web/tls", "web", jiff::Timestamp::UNIX_EPOCH)
                .with("days_left", Reading::number(days));
            match cause {
                Some(cause) => seen.with("cause", Reading::text(cause)),
                None => seen,
            }
        };
        for (days, cause, expected) in [
            (90.0, None, vec![]),
            (20.0, None, vec!["certificate-ends-soon"]),
            (-1.0, Some("expired"), vec!["certificate-expired"]),
            (90.0, Some("self_signed"), vec!["certificate-self-signed"]),
            (90.0, Some("wrong_name"), vec!["certificate-wrong-name"]),
        ] {
            let (look, found) = judge("web/tls", &[seen(days, cause)]);
            let rules: Vec<_> = found.iter().map(|found| found.rule.as_str()).collect();
            assert_eq!((look.state, rules), (State::Ran, expected));
        }
        assert_eq!(judge("web/tls", &[]).0.state, State::NotRun);
    }
}
