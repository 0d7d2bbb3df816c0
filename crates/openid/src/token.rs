//! The ID token: whether the provider says it, of whom, to us, now, and in this sign-in (OpenID Connect Core, 3.1.3.7).

use crate::{claims::Claims, fault::Fault, keys::Keys, signature};
use jiff::Timestamp;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};

/// Clocks of other machines are off by so many seconds.
const LEEWAY: f64 = 60.0;
/// A longer one is no token.
const BYTES: usize = 1 << 16;
/// The longest subject (section 2).
const SUBJECT: usize = 255;

/// What a token has to say.
pub(crate) struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    pub nonce: &'a str,
    pub now: Timestamp,
}

/// What a token claims, and of whom.
///
/// # Errors
/// It is not believed.
pub(crate) fn verify(
    token: &str,
    keys: &Keys,
    expected: &Expected<'_>,
) -> Result<(String, Claims), Fault> {
    signature::by_ring();
    if token.len() > BYTES {
        return Err(wrong("it is too long"));
    }
    let header = decode_header(token).map_err(|error| wrong(&error.to_string()))?;
    if !signature::is_accepted(header.alg) {
        return Err(wrong(&format!("signed with {:?}, which anybody could do", header.alg)));
    }
    let keys = keys.of_token(&header);
    if keys.is_empty() {
        return Err(wrong("signed with an unknown key"));
    }
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The crate reads the clock of the machine; ours is an argument.
    validation.validate_exp = false;
    let read = |key: &DecodingKey| decode::<Claims>(token, key, &validation);
    let mut last = None;
    for key in &keys {
        match read(key) {
            Ok(data) => return believed(data.claims, expected),
            Err(error) => last = Some(error),
        }
    }
    Err(wrong(&last.map_or_else(String::new, |error| error.to_string())))
}

/// What the signature does not say.
fn believed(claims: Claims, expected: &Expected<'_>) -> Result<(String, Claims), Fault> {
    let now = expected.now.as_second() as f64;
    let Some(until) = claims.number("exp") else { return Err(wrong("exp is no time")) };
    if now >= until + LEEWAY {
        return Err(wrong("it has expired; are the clocks right?"));
    }
    if claims.number("nbf").is_some_and(|from| now < from - LEEWAY) {
        return Err(wrong("it is not valid yet; are the clocks right?"));
    }
    if claims.text("nonce") != Some(expected.nonce) {
        return Err(wrong("it is of another sign-in (nonce)"));
    }
    if claims.has("azp") && claims.text("azp") != Some(expected.client) {
        return Err(wrong("it was made for another client (azp)"));
    }
    let subject = claims.text("sub").unwrap_or_default();
    if subject.is_empty() || subject.len() > SUBJECT || subject.chars().any(char::is_control) {
        return Err(wrong("it names nobody (sub)"));
    }
    Ok((subject.to_owned(), claims))
}

fn wrong(why: &str) -> Fault {
    Fault::Unfit(format!("ID token: {why}"))
}
