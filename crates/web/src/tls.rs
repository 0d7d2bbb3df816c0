//! The certificate with which the address proves itself, and its key: read from files, and read again when they change.

use domain::said::Said;
use jiff::{SignedDuration, Timestamp};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    fmt, fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use x509_cert::{Certificate, der::Decode};

/// How often somebody looks whether the files have changed, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A certificate and its key.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    ends_at: Timestamp,
    /// What the files were when they were read: any change of one is a change.
    stamps: [Stamp; 2],
    /// What they were when they were of no use, so that it is said once.
    refused: Option<[Stamp; 2]>,
    looked_at: Instant,
}

/// Which file it is, when it was written, and how large it is.
type Stamp = Option<(u64, i64, i64, u64)>;

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// One cannot be read, they do not fit, or others may read the key.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, Said> {
        let stamps = [stamp(certificate), stamp(key)];
        let (config, ends_at) = load(certificate, key)?;
        let looked_at = Instant::now();
        let current = Current { config, ends_at, stamps, refused: None, looked_at };
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: Mutex::new(current),
        })
    }

    /// When the certificate that is shown now ends.
    pub fn ends_at(&self) -> Timestamp {
        self.lock().ends_at
    }

    /// What is shown now: the newest pair of files that fit. A renewal that is half done changes nothing.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let mut current = self.lock();
        if current.looked_at.elapsed() >= LOOK_EVERY {
            current.looked_at = Instant::now();
            self.renew(&mut current);
        }
        current.config.clone()
    }

    fn renew(&self, current: &mut Current) {
        let stamps = [stamp(&self.certificate), stamp(&self.key)];
        if stamps == current.stamps {
            return;
        }
        match load(&self.certificate, &self.key) {
            Ok((config, ends_at)) => {
                tracing::info!(
                    "{}: a new certificate, until {ends_at}",
                    self.certificate.display()
                );
                *current = Current { config, ends_at, stamps, refused: None, ..*current };
            }
            Err(said) if current.refused != Some(stamps) => {
                tracing::error!("the certificate is not renewed: {}", said.en);
                current.refused = Some(stamps);
            }
            Err(_) => {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

fn stamp(file: &Path) -> Stamp {
    let metadata = fs::metadata(file).ok()?;
    Some((metadata.ino(), metadata.mtime(), metadata.mtime_nsec(), metadata.len()))
}

fn load(certificate: &Path, key: &Path) -> Result<(Arc<ServerConfig>, Timestamp), Said> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(certificate, &error))?;
    let Some(first) = chain.first() else {
        return Err(unreadable(certificate, &"there is no certificate in it (PEM)"));
    };
    let ends_at = end(first).ok_or_else(|| unreadable(certificate, &"it has no end"))?;
    let mode = fs::metadata(key).map_err(|error| unreadable(key, &error))?.permissions().mode();
    if mode & 0o007 != 0 {
        let key = key.display();
        return Err(Said::new(
            format!("{key}: 誰でも読める鍵は使えません: chmod o-rwx {key}"),
            format!("{key}: a key that everybody may read is not used: chmod o-rwx {key}"),
        ));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unreadable(certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| {
            let (certificate, key) = (certificate.display(), key.display());
            Said::new(
                format!("{key}: この鍵は {certificate} の証明書に合いません: {error}"),
                format!("{key}: this key does not fit the certificate in {certificate}: {error}"),
            )
        })?;
    let mut config = config;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((Arc::new(config), ends_at))
}

/// The end of a certificate.
fn end(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let read = Certificate::from_der(certificate).ok()?;
    let end = read.tbs_certificate.validity.not_after.to_unix_duration();
    Timestamp::from_duration(SignedDuration::try_from(end).ok()?).ok()
}

fn unreadable(file: &Path, why: &dyn fmt::Display) -> Said {
    let file = file.display();
    Said::new(format!("{file}: 読めません: {why}"), format!("{file}: cannot be read: {why}"))
}
