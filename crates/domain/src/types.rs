//! Typed parameters: text in, canonical print out, or a sentence why not.

use crate::said::Said;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::{
    net::IpAddr,
    path::{Component, Path, PathBuf},
};

/// A typed parameter value, printed canonically; the only thing that reaches a step's environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The declared type: `port`, `const_url`, `systemd_unit`, …
    pub kind: String,
    /// The canonical print.
    pub value: String,
}

/// A type that a parameter can have.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    /// Its name in a configuration.
    pub name: &'static str,
    expects: (&'static str, &'static str),
    /// The canonical print of a text, if it is of this type.
    print: fn(&str) -> Option<String>,
}

/// Text from outside. It is shown or kept as evidence; nothing takes it into an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

/// Every type there is, except [`Text`], which is none that a step can get.
pub const TYPES: &[Type] = &[
    row("enum", "改行を含まない文字列", "one line of text", one_line),
    row("int", "整数", "a whole number", |text| Some(text.parse::<i64>().ok()?.to_string())),
    row("float", "数", "a number", |text| {
        text.parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(|number| number.to_string())
    }),
    row("bool", "true か false", "true or false", |text| {
        Some(text.parse::<bool>().ok()?.to_string())
    }),
    row("duration", "時間 (例: 30s, 5m)", "a duration such as 30s or 5m", |text| {
        Some(format!("{:#}", duration(text)?))
    }),
    row("port", "1 から 65535 のポート番号", "a port from 1 to 65535", |text| {
        text.parse::<u16>().ok().filter(|port| *port > 0).map(|port| port.to_string())
    }),
    row("hex", "128 桁までの 16 進数", "up to 128 hex digits", |text| {
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| text.to_ascii_lowercase())
    }),
    row("ip", "IP アドレス", "an IP address", |text| Some(ip(text)?.to_string())),
    row("cidr", "ネットワーク (例: 10.0.0.0/8)", "a network such as 10.0.0.0/8", cidr),
    row("ident", "英数字と _ . - の 64 字まで", "up to 64 letters, digits, _ . -", ident),
    row("systemd_unit", "systemd のユニット名", "the name of a systemd unit", ident),
    row("service", "サービス名", "the name of a service", name),
    row("host", "ホスト名か IP アドレス", "a host name or an IP address", |text| {
        ident(text).or_else(|| Some(ip(text)?.to_string()))
    }),
    row("contact", "連絡先の名前", "the name of a contact", name),
    row("path", "`..` のない絶対パス", "an absolute path without `..`", path),
    row(
        "const",
        "改行を含まない 1024 字までの文字列",
        "one line of at most 1024 characters",
        one_line,
    ),
    row(
        "const_url",
        "利用者名と空白を含まない URL",
        "a URL without a user name and without blanks",
        url,
    ),
];

/// Reads a text as a type.
///
/// ```
/// let port = domain::types::parse("port", "08080").expect("a port");
/// assert_eq!(port.value, "8080");
/// assert!(domain::types::parse("port", "80; reboot").is_err());
/// ```
///
/// # Errors
/// An unknown type, or a text that is not of it; `text` is never a parameter.
pub fn parse(kind: &str, text: &str) -> Result<Parameter, Said> {
    let found = by_name(kind)?;
    match (found.print)(text) {
        Some(value) => Ok(Parameter { kind: kind.to_owned(), value }),
        None => Err(Said::new(
            format!("`{}` は {kind} ではありません ({})", shown(text), found.expects.0),
            format!("`{}` is not of type {kind}: expected {}", shown(text), found.expects.1),
        )),
    }
}

/// What a value of a type must also be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// The values of an `enum`.
    pub values: Vec<String>,
    /// The folder that a `path` lies in.
    pub under: Option<String>,
}

impl Limits {
    /// Whether a value is within the limits; a number without limits is not.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, parameter: &Parameter) -> Result<(), Said> {
        let value = &parameter.value;
        match parameter.kind.as_str() {
            "enum" if !self.values.contains(value) => Err(Said::new(
                format!("`{}` は `values` にありません", shown(value)),
                format!("`{}` is not one of `values`", shown(value)),
            )),
            "int" | "float" => {
                let (min, max) = self.numbers(&parameter.kind)?;
                if value.parse::<f64>().is_ok_and(|number| (min..=max).contains(&number)) {
                    return Ok(());
                }
                Err(Said::new(
                    format!("`{value}` は {min} から {max} の範囲にありません"),
                    format!("`{value}` is not between {min} and {max}"),
                ))
            }
            "path" => {
                let folder = self.under.as_deref();
                let fits = folder.is_none_or(|folder| Path::new(value).starts_with(folder));
                fits.then_some(()).ok_or_else(|| {
                    let folder = folder.unwrap_or_default();
                    Said::new(
                        format!("`{value}` は {folder} の下にありません"),
                        format!("`{value}` is not under {folder}"),
                    )
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether a parameter of this type can have these limits.
    ///
    /// # Errors
    /// What is missing.
    pub fn suit(&self, kind: &str) -> Result<(), Said> {
        match kind {
            "enum" if self.values.is_empty() => Err(Said::new(
                "enum には `values` が必要です",
                "a parameter of type enum needs `values`",
            )),
            "int" | "float" => self.numbers(kind).map(drop),
            "path" if self.under.is_none() => Err(Said::new(
                "path には `under` (フォルダー) が必要です",
                "a parameter of type path needs `under`, a folder",
            )),
            _ => Ok(()),
        }
    }

    fn numbers(&self, kind: &str) -> Result<(f64, f64), Said> {
        self.min.zip(self.max).ok_or_else(|| {
            Said::new(
                format!("{kind} には `min` と `max` が必要です"),
                format!("a parameter of type {kind} needs `min` and `max`"),
            )
        })
    }
}

/// The type with this name.
///
/// # Errors
/// There is none; the sentence names those that there are.
pub fn by_name(name: &str) -> Result<&'static Type, Said> {
    if name == "text" {
        return Err(Said::new(
            "`text` は手順に渡せません。表示と証拠にだけ使えます",
            "`text` is never given to a step: it is only shown or kept as evidence",
        ));
    }
    TYPES.iter().find(|known| known.name == name).ok_or_else(|| {
        let names: Vec<_> = TYPES.iter().map(|known| known.name).collect();
        Said::new(
            format!("型 `{}` はありません。使える型: {}", shown(name), names.join(", ")),
            format!("there is no type `{}`; the types are {}", shown(name), names.join(", ")),
        )
    })
}

/// Whether values of a type also give one of this suffix: see [`derived`].
pub fn derives(kind: &str, suffix: &str) -> bool {
    matches!((kind, suffix), ("duration", "SECONDS") | ("ip", "VERSION"))
}

/// What a typed value also gives: `_SECONDS` of a duration, `_VERSION` of an address.
pub fn derived(parameter: &Parameter, suffix: &str) -> Option<String> {
    match (parameter.kind.as_str(), suffix) {
        ("duration", "SECONDS") => Some(duration(&parameter.value)?.as_secs().to_string()),
        ("ip", "VERSION") => {
            Some(if ip(&parameter.value)?.is_ipv4() { "4" } else { "6" }.to_owned())
        }
        _ => None,
    }
}

const fn row(
    name: &'static str,
    ja: &'static str,
    en: &'static str,
    print: fn(&str) -> Option<String>,
) -> Type {
    Type { name, expects: (ja, en), print }
}

fn duration(text: &str) -> Option<SignedDuration> {
    text.parse::<SignedDuration>().ok().filter(|duration| !duration.is_negative())
}

/// No zone, no leading zeros (the standard parser sees to both), and no IPv4 dressed up as IPv6.
fn ip(text: &str) -> Option<IpAddr> {
    let ip: IpAddr = text.parse().ok()?;
    let is_mapped = matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    (!is_mapped).then_some(ip)
}

/// The bits behind the prefix must be zero: else it is not clear which network is meant.
fn cidr(text: &str) -> Option<String> {
    let (address, prefix) = text.split_once('/')?;
    let address = ip(address)?;
    let prefix = prefix.parse::<u32>().ok().filter(|n| n.to_string() == prefix)?;
    let (bits, width) = match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let rest = bits.checked_shl(prefix).unwrap_or(0);
    (prefix <= width && rest == 0).then(|| format!("{address}/{prefix}"))
}

fn ident(text: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let fits = (1..=64).contains(&text.len())
        && plain(text.as_bytes()[0])
        && text.bytes().all(|b| plain(b) || matches!(b, b'.' | b'-'));
    fits.then(|| text.to_owned())
}

/// A key of the configuration; whether it exists is for who knows the configuration.
fn name(text: &str) -> Option<String> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let fits = (1..=64).contains(&text.chars().count());
    (fits && !text.starts_with(['-', '.']) && text.chars().all(is_plain)).then(|| text.to_owned())
}

fn path(text: &str) -> Option<String> {
    let path = Path::new(text);
    let climbs = path.components().any(|part| part == Component::ParentDir);
    if !path.is_absolute() || climbs || text.contains(char::is_control) || text.len() > 4096 {
        return None;
    }
    // Taken apart and put together again: `//` and `/./` are gone.
    path.components().collect::<PathBuf>().to_str().map(str::to_owned)
}

fn one_line(text: &str) -> Option<String> {
    let fits = text.chars().count() <= 1024 && !text.contains(char::is_control);
    fits.then(|| text.to_owned())
}

/// A user name in a URL usually comes with a password, and secrets do not stand in files.
fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let is_clean = text
        .chars()
        .all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '`' | '\\' | '<' | '>'));
    let fits = is_scheme && is_clean && !authority.is_empty() && !authority.contains('@');
    (fits && text.len() <= 2048).then(|| text.to_owned())
}

/// A stranger's text on one line, cut.
fn shown(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_the_type_is_printed_canonically() {
        for (kind, text, value) in [
            ("int", "+5", "5"),
            ("float", "1e1", "10"),
            ("duration", "90s", "1m 30s"),
            ("hex", "DEADbeef", "deadbeef"),
            ("ip", "2001:db8:0:0::1", "2001:db8::1"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/8"),
            ("cidr", "::/0", "::/0"),
            ("host", "db.example.com", "db.example.com"),
            ("path", "/var//log/./mks/*.log", "/var/log/mks/*.log"),
            (
                "const_url",
                "http://127.0.0.1:5100/api/v1/health",
                "http://127.0.0.1:5100/api/v1/health",
            ),
        ] {
            let parameter = parse(kind, text).unwrap_or_else(|why| panic!("{kind} {text}: {why}"));
            assert_eq!(parameter.value, value, "{kind}");
            assert_eq!(parse(kind, value).expect("canonical").value, value, "reads back");
        }
    }

    #[test]
    fn hostile_text_has_no_type() {
        for (kind, text) in [
            ("port", "0"),
            ("port", "80 80"),
            ("int", "a[$(reboot)]"),
            ("float", "nan"),
            ("ip", "010.0.0.1"),
            ("ip", "fe80::1%eth0"),
            ("ip", "::ffff:10.0.0.1"),
            ("cidr", "10.0.0.1/8"),
            ("cidr", "10.0.0.0/33"),
            ("ident", "-rf"),
            ("ident", "a b"),
            ("systemd_unit", "$(reboot)"),
            ("service", "a\nb"),
            ("path", "/var/log/../../etc/shadow"),
            ("path", "etc/passwd"),
            ("const", "one\ntwo"),
            ("const_url", "http://user:secret@host/"),
            ("const_url", "http://host/a b"),
            ("const_url", "http://host/\"$(reboot)"),
            ("text", "anything"),
            ("string", "anything"),
        ] {
            assert!(parse(kind, text).is_err(), "{kind} {text}");
        }
    }

    #[test]
    fn durations_and_addresses_give_more_than_one_value() {
        let wait = parse("duration", "5m").expect("a duration");
        assert_eq!(derived(&wait, "SECONDS").as_deref(), Some("300"));
        let address = parse("ip", "::1").expect("an address");
        assert_eq!(derived(&address, "VERSION").as_deref(), Some("6"));
        assert_eq!(derived(&address, "SECONDS"), None);
    }
}
