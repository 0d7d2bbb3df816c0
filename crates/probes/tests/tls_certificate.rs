//! Stories of the `tls_certificate` probe: real certificates, shown by a real TLS server on loopback.

mod common;

use common::{look, number, text};
use domain::reading::{Observation, Reading, Value};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, SerialNumber,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    version,
};
use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const DAY: Duration = Duration::from_secs(86_400);

/// An authority of our own, and the folder with its certificate.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = params("unused.test", SystemTime::now() + 3650 * DAY);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let folder = tempfile::tempdir().expect("a folder");
        let certificate = params.self_signed(&key).expect("signed");
        fs::write(folder.path().join("ca.pem"), certificate.pem()).expect("written");
        Self { issuer: Issuer::new(params, key), folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn signs(&self, params: &CertificateParams) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("signed"), key)
    }
}

fn params(name: &str, end: SystemTime) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.not_before = (SystemTime::now() - 30 * DAY).into();
    params.not_after = end.into();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from_slice(&[0x0a, 0xbc]));
    params
}

/// A server that shows this certificate to everybody, and the port that it listens on.
async fn shows(certificate: &Certificate, key: &KeyPair, only_tls12: bool) -> u16 {
    let versions = if only_tls12 { vec![&version::TLS12] } else { vec![&version::TLS13] };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&versions)
        .expect("known versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a key of its own");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whether a client stays or goes is its own matter.
            let _ = acceptor.accept(stream).await;
        }
    });
    port
}

fn probe(port: u16, more: &str) -> String {
    format!(
        "{{kind: tls_certificate, service: web, host: 127.0.0.1, port: {port}, server_name: shop.test{more}}}"
    )
}

fn flag(seen: &Observation, name: &str) -> Option<bool> {
    match seen.readings.get(name).and_then(Reading::measured) {
        Some(Value::Flag(flag)) => Some(*flag),
        _ => None,
    }
}

#[tokio::test]
async fn a_certificate_near_its_end_is_measured_as_it_is_served() {
    // B14.
    let authority = Authority::new("Our authority");
    let ours = format!(", ca_file: '{}'", authority.file().display());
    for only_tls12 in [false, true] {
        let (certificate, key) =
            authority.signs(&params("shop.test", SystemTime::now() + 20 * DAY));
        let port = shows(&certificate, &key, only_tls12).await;
        let seen = look(&probe(port, &ours)).await;
        let days_left = number(&seen, "days_left");
        assert!((19.5..=20.0).contains(&days_left), "{seen:?}");
        assert_eq!(
            (flag(&seen, "trusted"), flag(&seen, "name_matches")),
            (Some(true), Some(true)),
            "{seen:?}"
        );
        assert_eq!(text(&seen, "cause"), "");
        assert_eq!(
            (text(&seen, "subject").as_str(), text(&seen, "issuer").as_str()),
            ("CN=shop.test", "CN=Our authority")
        );
        assert_eq!(text(&seen, "serial"), "0A:BC");
        let end: jiff::Timestamp = text(&seen, "expires_at").parse().expect("RFC 3339");
        assert!(end > jiff::Timestamp::now());
    }
}

#[tokio::test]
async fn each_fault_of_a_certificate_has_its_name() {
    let authority = Authority::new("Our authority");
    let ours = format!(", ca_file: '{}'", authority.file().display());
    let later = SystemTime::now() + 90 * DAY;

    let (certificate, key) = authority.signs(&params("shop.test", SystemTime::now() - 2 * DAY));
    let seen = look(&probe(shows(&certificate, &key, false).await, &ours)).await;
    assert_eq!(
        (flag(&seen, "trusted"), text(&seen, "cause").as_str()),
        (Some(false), "expired"),
        "{seen:?}"
    );
    assert!((-2.5..=-2.0).contains(&number(&seen, "days_left")), "{seen:?}");

    let (certificate, key) = authority.signs(&params("other.test", later));
    let seen = look(&probe(shows(&certificate, &key, false).await, &ours)).await;
    assert_eq!((flag(&seen, "trusted"), flag(&seen, "name_matches")), (Some(true), Some(false)));
    assert_eq!(text(&seen, "cause"), "wrong_name", "{seen:?}");

    let mut early = params("shop.test", later);
    early.not_before = (SystemTime::now() + 10 * DAY).into();
    let (certificate, key) = authority.signs(&early);
    let seen = look(&probe(shows(&certificate, &key, false).await, &ours)).await;
    assert_eq!(
        (flag(&seen, "trusted"), text(&seen, "cause").as_str()),
        (Some(false), "not_yet_valid")
    );

    let key = KeyPair::generate().expect("a key");
    let certificate = params("shop.test", later).self_signed(&key).expect("signed");
    let seen = look(&probe(shows(&certificate, &key, false).await, &ours)).await;
    assert_eq!(
        (flag(&seen, "trusted"), text(&seen, "cause").as_str()),
        (Some(false), "self_signed")
    );
    assert!(number(&seen, "days_left") > 89.0, "nobody trusts it, and still it is measured");

    let other = Authority::new("Another authority");
    let (certificate, key) = other.signs(&params("shop.test", later));
    let port = shows(&certificate, &key, false).await;
    let seen = look(&probe(port, &ours)).await;
    assert_eq!(
        (flag(&seen, "trusted"), text(&seen, "cause").as_str()),
        (Some(false), "unknown_issuer")
    );

    // Without an authority to ask, everything but the trust is known.
    let seen = look(&probe(port, ", ca_file: /nowhere/ca.pem")).await;
    assert!(
        matches!(&seen.readings["trusted"], Reading::Failed(why) if why.en.contains("/nowhere/ca.pem"))
    );
    assert!(number(&seen, "days_left") > 89.0);
    let seen = look(&probe(port, "")).await;
    assert_ne!(flag(&seen, "trusted"), Some(true), "the system does not know our authority");
}

#[tokio::test]
async fn who_shows_no_certificate_is_failed_and_named() {
    let failed = |seen: &Observation| match &seen.readings["days_left"] {
        Reading::Failed(why) => why.clone(),
        other => panic!("it was measured: {other}"),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let seen = look(&probe(port, ", timeout: 200ms")).await;
    assert!(failed(&seen).en.contains("no certificate within"), "{seen:?}");

    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // A port that speaks no TLS.
            let _ = tokio::io::AsyncWriteExt::write_all(
                &mut stream,
                b"HTTP/1.1 400 Bad Request\r\n\r\n",
            )
            .await;
        }
    });
    let seen = look(&probe(port, "")).await;
    assert!(failed(&seen).en.contains(&format!("127.0.0.1:{port}: ")), "{seen:?}");

    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = closed.local_addr().expect("its address").port();
    drop(closed);
    assert!(failed(&look(&probe(port, "")).await).en.contains("connection refused"));
}
