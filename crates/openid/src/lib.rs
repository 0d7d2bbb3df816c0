//! People who sign in with an account elsewhere: OpenID Connect Core 1.0 as a relying party, by the authorization code flow
//! with PKCE, against what a provider's discovery document says.
//!
//! A [`Spec`] is what a person configured. A [`Provider`] sends people to the provider ([`Provider::begin`]) and says who
//! came back ([`Provider::finish`]): an identity, which is the issuer and its subject and nothing else, with the name and
//! the groups that the provider claims. What an account may then do is no matter of this room.
//!
//! Nothing of what a provider says is believed before its ID token was checked: signed with a key of the issuer's, by an
//! algorithm with two keys, for us, now, and for this very sign-in.

mod ask;
mod claims;
mod fault;
mod flow;
mod keys;
mod metadata;
mod provider;
mod signature;
mod spec;
mod token;

pub use claims::Arrival;
pub use fault::Fault;
pub use flow::{Flow, Return};
pub use provider::{Health, Provider};
pub use spec::{GroupRole, Spec};
