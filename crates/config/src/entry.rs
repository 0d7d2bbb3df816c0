//! The ways in: what people show to sign in, the certificate of the address, and the proxies in front of it.

use crate::acting;
use domain::said::Said;
use ipnet::IpNet;
use source::{Fields, Node, Problems};
use std::path::{Path, PathBuf};

/// The files with the certificate of the address and its key (PEM).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its authority.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// How people sign in.
#[derive(Clone, Debug, Default)]
pub struct SigningIn {
    /// Nobody signs in with a password alone; otherwise it is up to them.
    pub is_factor_required: bool,
    /// Who vouches for people with an account elsewhere.
    pub provider: Option<openid::Spec>,
}

/// `accounts:`. `has_address`: people elsewhere can be told where we are.
pub(crate) fn accounts(
    node: Option<&Node>,
    has_address: bool,
    problems: &mut Problems,
) -> SigningIn {
    let Some(mut fields) = node.and_then(|node| Fields::open(node, problems)) else {
        return SigningIn::default();
    };
    let wanted = fields.optional("second_factor");
    let is_factor_required = wanted.is_some_and(|node| is_required(node, problems));
    let provider = fields.optional("openid_connect");
    if let Some(node) = provider.filter(|_| !has_address) {
        problems.add_with_hint(
            &node.place,
            Said::new(
                "`openid_connect` には、サインインした人が戻ってくるアドレスが必要です",
                "`openid_connect` needs an address to which people come back",
            ),
            Said::new("`public_url:` を書いてください", "write `public_url:`"),
        );
    }
    let provider = provider.and_then(|node| openid::Spec::parse(node, problems));
    fields.finish(problems);
    SigningIn { is_factor_required, provider }
}

fn is_required(node: &Node, problems: &mut Problems) -> bool {
    let text = node.text(problems).unwrap_or_default();
    if !matches!(text.as_str(), "required" | "optional") {
        problems.add(
            &node.place,
            Said::new(
                format!("`{text}` は使えません: required か optional"),
                format!("`{text}` is neither required nor optional"),
            ),
        );
    }
    text == "required"
}

/// `tls:`, with paths as seen from the configuration.
pub(crate) fn tls(node: Option<&Node>, folder: &Path, problems: &mut Problems) -> Option<TlsFiles> {
    let mut fields = Fields::open(node?, problems)?;
    let mut file = |name| {
        let text = fields.required(name, problems).and_then(|node| node.text(problems));
        text.map(|text| folder.join(text))
    };
    let (certificate, key) = (file("certificate"), file("key"));
    fields.finish(problems);
    Some(TlsFiles { certificate: certificate?, key: key? })
}

/// `trusted_proxies:`, networks whose word about others is believed.
pub(crate) fn proxies(node: Option<&Node>, problems: &mut Problems) -> Vec<IpNet> {
    let nodes = node.and_then(|node| node.list(problems));
    nodes.iter().flatten().filter_map(|node| acting::network(node, problems)).collect()
}
