//! Reads a file as a secret: bounded, as text, without the line feed at its end.

use crate::miss::Miss;
use source::Hidden;
use std::{
    io::{self, ErrorKind},
    path::Path,
};
use tokio::io::AsyncReadExt;
use zeroize::Zeroizing;

/// More is no secret but something else.
const BYTES: u64 = 64 << 10;

/// Reads a file as a secret.
pub(crate) async fn read(path: &Path) -> Result<Hidden, Miss> {
    let told = |why: &dyn std::fmt::Display| {
        format!("cannot read the secret in {}: {why}", path.display())
    };
    let mut bytes = Zeroizing::new(Vec::new());
    match take(path, &mut bytes).await {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(Miss::Absent(told(&error)));
        }
        // The file is there, and what it says is no.
        Err(error) => return Err(Miss::Denied(told(&error))),
    }
    if bytes.len() as u64 > BYTES {
        return Err(Miss::Denied(told(&"it is larger than 64 KiB")));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| Miss::Denied(told(&"it is no text")))?;
    Ok(Hidden::from(text.strip_suffix('\n').unwrap_or(text).to_owned()))
}

/// The same without waiting for anybody: a file of this machine.
pub(crate) fn peek(path: &Path) -> Option<Hidden> {
    let is_small = std::fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() <= BYTES);
    let text = is_small.then(|| std::fs::read_to_string(path).ok()).flatten()?;
    Some(Hidden::from(text.strip_suffix('\n').unwrap_or(&text).to_owned()))
}

async fn take(path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
    // Room at once: what grows leaves copies behind.
    bytes.reserve_exact(usize::try_from(BYTES + 1).unwrap_or_default());
    let file = tokio::fs::File::open(path).await?;
    file.take(BYTES + 1).read_to_end(bytes).await.map(drop)
}
