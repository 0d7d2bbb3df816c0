//! The one TLS setting of whatever asks others: ring, and the certificates that the system trusts.

use rustls::{ClientConfig, RootCertStore, client::danger::ServerCertVerifier, crypto::ring};
use rustls_platform_verifier::{BuilderVerifierExt, Verifier};
use std::sync::{Arc, OnceLock};

/// The setting, made once: reading the system's certificates takes a while and memory.
///
/// # Errors
/// A sentence when the system trusts nobody; then nothing encrypted can be judged.
pub fn config() -> Result<ClientConfig, String> {
    static CONFIG: OnceLock<Result<ClientConfig, String>> = OnceLock::new();
    CONFIG
        .get_or_init(|| {
            ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(BuilderVerifierExt::with_platform_verifier)
                .map(|builder| builder.with_no_client_auth())
                .map_err(|error| format!("{error}; install the package ca-certificates"))
        })
        .clone()
}

/// Who judges certificates as the system does, for those who look at one without relying on it.
///
/// # Errors
/// As for [`config`].
pub fn verifier() -> Result<Arc<dyn ServerCertVerifier>, String> {
    static VERIFIER: OnceLock<Result<Arc<Verifier>, String>> = OnceLock::new();
    let verifier = VERIFIER.get_or_init(|| {
        Verifier::new(Arc::new(ring::default_provider()))
            .map(Arc::new)
            .map_err(|error| format!("{error}; install the package ca-certificates"))
    });
    verifier.clone().map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
}

/// A setting that trusts nobody: for targets without TLS where the system has no certificates.
pub fn config_without_trust() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows the protocol versions")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}
