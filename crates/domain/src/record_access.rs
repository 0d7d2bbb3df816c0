//! Takes down an access to a secret that somebody tells of.

use crate::{command::Refusal, fact::Fact, secret_access::SecretAccess};

/// More characters than this stand in no name, place or reason of ours.
const LONGEST: usize = 1000;

/// The fact of an access.
///
/// # Errors
/// What was handed in is no description of one.
pub fn record(access: &SecretAccess) -> Result<Vec<Fact>, Refusal> {
    let SecretAccess { secret, source, purpose, reason, .. } = access;
    let fits = |text: &str| text.len() <= LONGEST && !text.chars().any(char::is_control);
    let texts = [secret, purpose, reason];
    if secret.is_empty() || !texts.into_iter().chain(source).all(|text| fits(text)) {
        return Err(Refusal::incomplete(
            "シークレットの利用記録が正しくありません".into(),
            "that is no record of an access to a secret".into(),
        ));
    }
    Ok(vec![Fact::SecretAccessed(Box::new(access.clone()))])
}
