//! The certificate that a server shows: taken in a handshake that relies on nothing and sends nothing.

use crate::{
    outside::shown,
    reach::{self, Wrong},
};
use domain::said::Said;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::TlsConnector;

/// What a server showed; it has proven that it holds the key.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    /// Its own certificate.
    pub certificate: CertificateDer<'static>,
    intermediates: Vec<CertificateDer<'static>>,
    ocsp: Vec<u8>,
}

/// Connects and lets the server show its certificate for this name.
///
/// # Errors
/// The server cannot be reached, or speaks no TLS.
pub(crate) async fn take(
    host: &str,
    port: u16,
    name: &ServerName<'static>,
) -> Result<Served, Wrong> {
    let addresses = reach::resolve(host, port).await?;
    let stream = reach::connect(&addresses).await?;
    let provider = Arc::new(ring::default_provider());
    let witness = Arc::new(Witness::new(provider.clone()));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows the protocol versions")
        .dangerous()
        .with_custom_certificate_verifier(witness.clone())
        .with_no_client_auth();
    let outcome = shake_hands(config, name.clone(), stream).await;
    match (witness.testimony(), outcome) {
        // What failed after the proof, for example that we show no certificate, is another matter.
        (Some(served), _) => Ok(served),
        (None, Err(wrong)) => Err(wrong),
        (None, Ok(())) => Err(Wrong::new(
            "tls",
            Said::new("サーバーが証明書を示しません", "the server showed no certificate"),
        )),
    }
}

async fn shake_hands(
    config: ClientConfig,
    name: ServerName<'static>,
    stream: TcpStream,
) -> Result<(), Wrong> {
    match TlsConnector::from(Arc::new(config)).connect(name, stream).await {
        Ok(mut stream) => {
            // Says goodbye; whether the server hears it does not matter.
            let _ = stream.shutdown().await;
            Ok(())
        }
        Err(error) if error.get_ref().is_some_and(|inner| inner.is::<Error>()) => Err(Wrong::new(
            "tls",
            Said::new(
                format!("TLS ハンドシェイクに失敗: {}", shown(&error.to_string())),
                format!("no TLS handshake: {}", shown(&error.to_string())),
            ),
        )),
        Err(error) => Err(Wrong::from_io(&error)),
    }
}

impl Served {
    /// Whether this verifier trusts it now, whatever name it is for.
    ///
    /// # Errors
    /// A short word for rules: `expired`, `not_yet_valid`, `unknown_issuer`, `revoked` or `untrusted`.
    pub fn judged_by(
        &self,
        verifier: &dyn ServerCertVerifier,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), &'static str> {
        use CertificateError as Bad;
        let (own, others) = (&self.certificate, &self.intermediates);
        match verifier.verify_server_cert(own, others, name, &self.ocsp, now) {
            Ok(_) => Ok(()),
            Err(Error::InvalidCertificate(bad)) => match bad {
                // The name is judged last, when everything else is good.
                Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Ok(()),
                Bad::Expired | Bad::ExpiredContext { .. } => Err("expired"),
                Bad::NotValidYet | Bad::NotValidYetContext { .. } => Err("not_yet_valid"),
                Bad::UnknownIssuer => Err("unknown_issuer"),
                Bad::Revoked => Err("revoked"),
                _ => Err("untrusted"),
            },
            Err(_) => Err("untrusted"),
        }
    }

    /// Whether it is for this name.
    pub fn is_for(&self, name: &ServerName<'_>) -> bool {
        ParsedCertificate::try_from(&self.certificate)
            .is_ok_and(|parsed| verify_server_name(&parsed, name).is_ok())
    }
}

/// Notes what is shown and accepts it: whoever uses this relies on nothing that the server says. Only that
/// the server holds the key is checked; otherwise anybody could show anybody's certificate.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    shown: OnceLock<Served>,
    proven: AtomicBool,
}

impl Witness {
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, shown: OnceLock::new(), proven: AtomicBool::new(false) }
    }

    fn testimony(&self) -> Option<Served> {
        self.shown.get().filter(|_| self.proven.load(Ordering::Relaxed)).cloned()
    }

    fn noted(
        &self,
        valid: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proven.store(valid.is_ok(), Ordering::Relaxed);
        valid
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        ocsp: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.shown.get_or_init(|| Served {
            certificate: end_entity.clone().into_owned(),
            intermediates: intermediates.iter().map(|one| one.clone().into_owned()).collect(),
            ocsp: ocsp.to_vec(),
        });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.noted(verify_tls12_signature(message, certificate, signed, algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        self.noted(verify_tls13_signature(message, certificate, signed, algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
