//! The key of a notice, the same over all attempts: a receiver that has seen it knows that it is told again, not anew.

use domain::fact::{About, NoticeOwed};
use sha2::{Digest, Sha256};

/// `n12-6f1c…`: the number and a digest of what is said. Numbers begin anew with a new journal; the digest keeps
/// the notices of two journals apart.
pub fn key(notice: &NoticeOwed) -> String {
    let said =
        format!("{:?}\n{:?}\n{}\n{}", notice.about, notice.event, notice.subject, notice.body);
    format!("n{}-{}", notice.id.0, digest(&said))
}

/// What all notices about the same thing have in common: `incident-7`, `alert-6f1c…`.
pub fn thread(about: &About) -> String {
    match about {
        About::Incident(id) => format!("incident-{}", id.0),
        // The key of an alert may hold characters that no header takes.
        About::Alert(key) => format!("alert-{}", digest(&key.to_string())),
        // One thread for all that is told together: it has no beginning and no end of its own.
        About::Alerts(_) => "alerts".to_owned(),
        About::Silence(id) => format!("silence-{}", digest(id.as_str())),
        About::Run(id) => format!("run-{}", id.0),
        About::Schedule(name) => format!("schedule-{}", digest(name.as_str())),
        About::News(id) => format!("news-{}", id.0),
        About::Channel(..) => "test".to_owned(),
        About::Digest(_) => "digest".to_owned(),
    }
}

/// The key in the form of a UUID (version 8, RFC 9562), for services that take nothing else.
pub(crate) fn uuid(notice: &NoticeOwed) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(key(notice).as_bytes())[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn digest(text: &str) -> String {
    let full = hex(&Sha256::digest(text.as_bytes()));
    full.chars().take(16).collect()
}
