//! Where and how hikeshi itself runs.

use crate::{
    acting,
    entry::{self, SigningIn, TlsFiles},
};
use domain::said::{Language, Said};
use ipnet::IpNet;
use jiff::tz::TimeZone;
use notify::SignOfLife;
use source::{Fields, Node, Problems, Secret};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// hikeshi's own settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder with the configuration.
    pub folder: PathBuf,
    /// The product's name.
    pub product: String,
    /// The language of messages.
    pub language: Language,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Where the web server listens.
    pub listen: SocketAddr,
    /// The certificate with which the address proves itself; none: it speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Who may say for whom they ask: proxies in front.
    pub trusted_proxies: Vec<IpNet>,
    /// The address under which people reach the server from where they are; without it no links are sent.
    pub public_url: Option<String>,
    /// How people sign in.
    pub signing_in: SigningIn,
    /// Where the journal, evidence and sockets are.
    pub data: PathBuf,
    /// Policy times are divided by this: a rehearsal.
    pub time_lapse: u32,
    /// Log files that belong to every evidence bundle; the last part may be a pattern.
    pub evidence_logs: Vec<String>,
    /// What verbs may touch.
    pub limits: runbook::Limits,
    /// Services that hikeshi supervises end with it; by default they live on.
    pub stop_services_on_exit: bool,
    /// Who outside waits for hikeshi's own sign of life.
    pub sign_of_life: Option<SignOfLife>,
}

pub(crate) fn read(fields: &mut Fields<'_>, folder: &Path, problems: &mut Problems) -> Settings {
    let product = fields.text_or("product", "hikeshi", problems);
    let tls = fields.optional("tls");
    let tls = tls.and_then(|node| entry::tls(Some(node), folder, problems));
    let trusted_proxies = entry::proxies(fields.optional("trusted_proxies"), problems);
    let is_guarded = tls.is_some() || !trusted_proxies.is_empty();
    let listen = fields.optional("listen").and_then(|node| listen(node, is_guarded, problems));
    let public_url = fields.optional("public_url").and_then(|node| public_url(node, problems));
    let data = fields.text("data", problems).unwrap_or_else(|| "data".into());
    let time_lapse = fields.count_or("time_lapse", 1, problems);
    let has_address =
        public_url.is_some() || listen.is_none_or(|address| address.ip().is_loopback());
    let signing_in = entry::accounts(fields.optional("accounts"), has_address, problems);
    Settings {
        folder: folder.to_owned(),
        product,
        language: language(fields, problems),
        zone: zone(fields, problems),
        listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7070))),
        tls,
        trusted_proxies,
        public_url,
        signing_in,
        data: folder.join(data),
        time_lapse: u32::try_from(time_lapse.max(1)).unwrap_or(u32::MAX),
        evidence_logs: fields.texts("evidence_logs", problems),
        limits: acting::read(fields.optional("acting"), problems),
        stop_services_on_exit: fields.flag_or("stop_services_on_exit", false, problems),
        sign_of_life: fields
            .optional("sign_of_life")
            .and_then(|node| SignOfLife::parse(node, problems)),
    }
}

impl Settings {
    /// The secrets that they name.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let client = self.signing_in.provider.as_ref().and_then(|spec| spec.client_secret.as_ref());
        client.into_iter().chain(self.sign_of_life.as_ref().and_then(SignOfLife::secret))
    }

    /// Whether what leaves this machine is encrypted: by a certificate here, or by a proxy that is named.
    pub fn is_guarded(&self) -> bool {
        self.tls.is_some() || !self.trusted_proxies.is_empty()
    }
}

/// What leaves this machine is encrypted: by a certificate here, or by a proxy that is named.
pub(crate) fn listen(node: &Node, is_guarded: bool, problems: &mut Problems) -> Option<SocketAddr> {
    let text = node.text(problems)?;
    let Ok(address) = text.parse::<SocketAddr>() else {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` はアドレスとポートではありません"),
                format!("`{text}` is not an address and a port"),
            ),
            Said::new("例: 127.0.0.1:7070", "example: 127.0.0.1:7070"),
        );
        return None;
    };
    if !address.ip().is_loopback() && !is_guarded {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` はこのマシンの外に開いていますが、暗号化されません"),
                format!("`{text}` is open to other machines, and nothing there is encrypted"),
            ),
            Said::new(
                "`tls:` に証明書と鍵を書くか、TLS のあるプロキシのアドレスを `trusted_proxies:` に書くか、127.0.0.1 で待ち受けてください",
                "write a certificate and its key under `tls:`, or the addresses of proxies with TLS under `trusted_proxies:`, or listen on 127.0.0.1",
            ),
        );
        return None;
    }
    Some(address)
}

/// An address without anything behind its path. What is not encrypted stays on this machine: a link is a key for a day.
pub(crate) fn public_url(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let (scheme, rest) = text.split_once("://").unwrap_or(("", &text));
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let is_here = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    let is_plain = !host.is_empty()
        && rest.chars().all(|c| c.is_ascii_graphic())
        && !rest.contains(['?', '#', '@', '"', '<', '>', '\'', '\\']);
    if is_plain && (scheme == "https" || (scheme == "http" && is_here)) {
        return Some(text.trim_end_matches('/').to_owned());
    }
    problems.add_with_hint(
        &node.place,
        Said::new(
            format!("`{text}` は https の公開アドレスではありません"),
            format!("`{text}` is not a public address with https"),
        ),
        Said::new(
            "例: https://hikeshi.example.jp (`listen` の前に置いたプロキシのアドレス)",
            "for example https://hikeshi.example.jp, the address of the proxy in front of `listen`",
        ),
    );
    None
}

fn language(fields: &mut Fields<'_>, problems: &mut Problems) -> Language {
    fields.optional("language").map_or(Language::Ja, |node| language_of(node, problems))
}

/// The language with a code.
pub(crate) fn language_of(node: &Node, problems: &mut Problems) -> Language {
    let text = node.text(problems).unwrap_or_default();
    Language::from_code(&text).unwrap_or_else(|| {
        problems.add(
            &node.place,
            Said::new(
                format!("`{text}` は使えません: ja か en"),
                format!("`{text}` is not a language: ja or en"),
            ),
        );
        Language::Ja
    })
}

fn zone(fields: &mut Fields<'_>, problems: &mut Problems) -> TimeZone {
    match fields.optional("time_zone") {
        Some(node) => zone_of(node, problems),
        None => TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC),
    }
}

/// The zone with a name.
pub(crate) fn zone_of(node: &Node, problems: &mut Problems) -> TimeZone {
    let text = node.text(problems).unwrap_or_default();
    TimeZone::get(&text).unwrap_or_else(|_| {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("タイムゾーン `{text}` はありません"),
                format!("there is no time zone `{text}`"),
            ),
            Said::new(
                "例: Asia/Tokyo, Europe/Berlin, UTC",
                "examples: Asia/Tokyo, Europe/Berlin, UTC",
            ),
        );
        TimeZone::UTC
    })
}
