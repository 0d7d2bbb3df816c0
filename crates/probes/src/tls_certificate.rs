//! Probe kind `tls_certificate`: the certificate as a server shows it, how long it lasts, and who trusts it.

use crate::{
    outside::shown,
    probe::{Kind, Probe, Seat, Settings},
    served::{self, Served},
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use egress::tls;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use source::{Fields, Problems};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::timeout;
use x509_cert::{Certificate, der::Decode};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "tls_certificate",
    summary: (
        "サーバーが実際に出している証明書の期限・名前・信頼を見る",
        "looks at the certificate that a server shows: its end, its names, who trusts it",
    ),
    example: "\
kind: tls_certificate
service: web
host: 127.0.0.1
port: 443
server_name: miraikakaku.example   # the host unless written
ca_file: /etc/hikeshi/ca.pem       # an authority of your own instead of the system's
every: 1h
",
    readings: &[
        (
            "days_left",
            "期限までの日数 (端数あり、切れていれば負)",
            "days to its end, with fractions; negative when it is over",
        ),
        ("expires_at", "期限 (RFC 3339)", "its end (RFC 3339)"),
        (
            "trusted",
            "信頼できるか (発行者・期間。名前は見ない)",
            "whether it is trusted: its issuer and its dates, not its name",
        ),
        ("name_matches", "名前が合っているか", "whether it is for the name"),
        (
            "cause",
            "使えない原因: expired not_yet_valid self_signed unknown_issuer revoked wrong_name untrusted",
            "why it is of no use: expired not_yet_valid self_signed unknown_issuer revoked wrong_name untrusted",
        ),
        ("issuer", "発行者", "who issued it"),
        ("subject", "誰の証明書か", "whose it is"),
        ("serial", "シリアル番号。更新されると変わる", "its serial number; a renewal changes it"),
    ],
    parse,
};

#[derive(Clone, Debug)]
struct Target {
    host: String,
    port: u16,
    name: ServerName<'static>,
    ca_file: Option<PathBuf>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let host = fields.required("host", problems).and_then(|node| node.text(problems));
    let port = u16::try_from(fields.count_or("port", 443, problems)).unwrap_or(0);
    if port == 0 {
        let message = Said::new("`port` は 1 から 65535 です", "`port` is 1 to 65535");
        problems.add(fields.place(), message);
    }
    let server_name = fields.text("server_name", problems);
    let ca_file = fields.text("ca_file", problems).map(PathBuf::from);
    let host = host?;
    let text = server_name.unwrap_or_else(|| host.clone());
    let Ok(name) = ServerName::try_from(text.clone()) else {
        let message = Said::new(
            format!("`{text}` は証明書に書ける名前ではありません"),
            format!("`{text}` is no name that a certificate can have"),
        );
        problems.add(fields.place(), message);
        return None;
    };
    Some(Arc::new(Target { host, port, name, ca_file }))
}

impl Settings for Target {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, target: self.clone() })
    }
}

struct Looking {
    seat: Seat,
    target: Target,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let limit = self.seat.timeout;
            let seen = match timeout(limit, self.run()).await {
                Ok(seen) => seen,
                Err(_) => Err(Said::new(
                    format!("{limit:?} 以内に証明書を得られません"),
                    format!("no certificate within {limit:?}"),
                )),
            };
            let Target { host, port, .. } = &self.target;
            vec![seen.unwrap_or_else(|why| {
                self.seat.failed("days_left", why.within(|why| format!("{host}:{port}: {why}")))
            })]
        })
    }
}

impl Looking {
    async fn run(&self) -> Result<Observation, Said> {
        let Target { host, port, name, ca_file } = &self.target;
        let served = served::take(host, *port, name).await.map_err(|wrong| wrong.detail)?;
        let verifier = match ca_file {
            Some(path) => own_authority(path).await,
            None => tls::verifier().map_err(Said::from),
        };
        self.observe(&served, verifier)
    }

    fn observe(
        &self,
        served: &Served,
        verifier: Result<Arc<dyn ServerCertVerifier>, Said>,
    ) -> Result<Observation, Said> {
        let certificate = Certificate::from_der(&served.certificate)
            .map_err(|error| {
                Said::new(
                    format!("証明書を読めません: {}", shown(&error.to_string())),
                    format!("the certificate cannot be read: {}", shown(&error.to_string())),
                )
            })?
            .tbs_certificate;
        let now = self.seat.now();
        let end = certificate.validity.not_after.to_unix_duration();
        let end =
            SignedDuration::try_from(end).ok().and_then(|end| Timestamp::from_duration(end).ok());
        let end = end.ok_or_else(|| {
            Said::new(
                "証明書の期限が日付の範囲を超えています",
                "the certificate's end is beyond all dates",
            )
        })?;
        let name_matches = served.is_for(&self.target.name);
        let (issuer, subject) = (certificate.issuer.to_string(), certificate.subject.to_string());
        let trusted = verifier.map(|verifier| {
            served.judged_by(verifier.as_ref(), &self.target.name, unix(now)).map_err(|cause| {
                if cause == "unknown_issuer" && issuer == subject { "self_signed" } else { cause }
            })
        });
        let cause = match (&trusted, name_matches) {
            (Ok(Err(cause)), _) => Some(*cause),
            (_, false) => Some("wrong_name"),
            _ => None,
        };
        let days_left = end.duration_since(now).as_secs_f64() / 86_400.0;
        let mut detail = format!("{} ends in {days_left:.1} days, at {end}", shown(&subject));
        let mut seen = self.seat.observation();
        if let Some(cause) = cause {
            detail.push_str(&format!("; {cause}"));
            seen = seen.with("cause", Reading::text(cause));
        }
        let trusted = match trusted {
            Ok(judged) => Reading::flag(judged.is_ok()),
            Err(why) => Reading::Failed(why),
        };
        Ok(seen
            .with("days_left", Reading::number(days_left))
            .with("expires_at", Reading::text(end.to_string()))
            .with("trusted", trusted)
            .with("name_matches", Reading::flag(name_matches))
            .with("issuer", Reading::text(shown(&issuer)))
            .with("subject", Reading::text(shown(&subject)))
            .with("serial", Reading::text(certificate.serial_number.to_string()))
            .because(detail))
    }
}

fn unix(now: Timestamp) -> UnixTime {
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// Read at every look: a renewed authority counts from the next one on.
async fn own_authority(path: &PathBuf) -> Result<Arc<dyn ServerCertVerifier>, Said> {
    let said = |why: String| {
        Said::new(
            format!("{} を使えません: {why}", path.display()),
            format!("cannot use {}: {why}", path.display()),
        )
    };
    let pem = tokio::fs::read(path).await.map_err(|error| said(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| said(error.to_string()))?;
        roots.add(certificate).map_err(|error| said(error.to_string()))?;
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|error| said(error.to_string()))
}
