//! Channel kind `email`: SMTP. 4xx and connection trouble try again, 5xx is hopeless.

use crate::{
    channel::{Channel, Kind, Mail, Message, Settings, Told},
    letter, outside,
};
use domain::{contacts::is_placeholder, fact::Delivery, said::Said};
use futures::future::BoxFuture;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    address::Envelope,
    message::Mailbox,
    transport::smtp::{
        Error as SmtpError,
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use secrets::Reader;
use source::{Fields, Node, Problems, Secret};
use std::{error::Error, net::IpAddr, sync::Arc};

/// More people than this belong on a mailing list.
const RECIPIENTS: usize = 20;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "email",
    summary: (
        "メールを送る (SMTP)。`to` を書かなければ連絡先ごとのアドレスへ",
        "sends mail over SMTP; without `to`, to the address of each contact",
    ),
    example: "\
kind: email
server: mail.example.jp:465
tls: tls                          # starttls, or none for a server on this machine
user: hikeshi
password: secret:mail             # or password_env, password_file
from: 火消し <hikeshi@example.jp>
to: [stakeholders@example.jp]     # without it: the address of each contact
timeout: 10s
",
    parse,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    None,
    StartTls,
    Tls,
}

#[derive(Clone, Debug)]
struct Email {
    host: String,
    port: u16,
    encryption: Encryption,
    login: Option<(String, Secret)>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let server = fields.required("server", problems).and_then(|node| server(node, problems));
    let encryption = encryption(fields, server.as_ref(), problems);
    let login = login(fields, problems);
    let from = fields.required("from", problems).and_then(|node| mailbox("from", node, problems));
    let to = match fields.optional("to") {
        Some(node) => recipients(node, problems)?,
        None => Vec::new(),
    };
    let (host, port) = server?;
    Some(Arc::new(Email { host, port, encryption: encryption?, login, from: from?, to }))
}

fn server(node: &Node, problems: &mut Problems) -> Option<(String, u16)> {
    let text = node.text(problems)?;
    let found = text.rsplit_once(':').and_then(|(host, port)| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then_some((host.to_owned(), port.parse().ok()?))
    });
    if found.is_none() {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`{text}` はサーバーとポートではありません"),
                format!("`{text}` is not a server and a port"),
            ),
            Said::new("例: mail.example.jp:465", "for example mail.example.jp:465"),
        );
    }
    found
}

fn encryption(
    fields: &mut Fields<'_>,
    server: Option<&(String, u16)>,
    problems: &mut Problems,
) -> Option<Encryption> {
    let Some(node) = fields.optional("tls") else { return Some(Encryption::Tls) };
    match node.text(problems)?.as_str() {
        "tls" => Some(Encryption::Tls),
        "starttls" => Some(Encryption::StartTls),
        "none" => {
            if server.is_some_and(|(host, _)| !is_loopback(host)) {
                problems.add_with_hint(
                    &node.place,
                    Said::new(
                        "`tls: none` はこのマシン上のサーバーだけに使えます",
                        "`tls: none` is only for this machine",
                    ),
                    Said::new(
                        "`tls: tls` か `tls: starttls` にしてください",
                        "use `tls: tls` or `tls: starttls`",
                    ),
                );
            }
            Some(Encryption::None)
        }
        other => {
            problems.add(
                &node.place,
                Said::new(
                    format!("`{other}` ではなく tls, starttls, none のどれかが必要です"),
                    format!("expected tls, starttls or none, found `{other}`"),
                ),
            );
            None
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn login(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<(String, Secret)> {
    let user = fields.text("user", problems);
    let keys = ["password", "password_env", "password_file"];
    let password = Secret::take(fields, keys, problems);
    if user.is_some() != password.is_some() {
        problems.add(
            fields.place(),
            Said::new(
                "`user` と `password` (または `password_env`, `password_file`) は一緒に書いてください",
                "`user` and `password` (or `password_env`, `password_file`) belong together",
            ),
        );
    }
    user.zip(password)
}

fn recipients(node: &Node, problems: &mut Problems) -> Option<Vec<Mailbox>> {
    let nodes = node.list(problems)?;
    if nodes.is_empty() || nodes.len() > RECIPIENTS {
        problems.add_with_hint(
            &node.place,
            Said::new(
                format!("`to` には 1 から {RECIPIENTS} 件の宛先が必要です"),
                format!("`to` needs 1 to {RECIPIENTS} recipients"),
            ),
            Said::new("多い場合はメーリングリストを使ってください", "use a mailing list for more"),
        );
        return None;
    }
    let read: Vec<_> = nodes.iter().map(|node| mailbox("to", node, problems)).collect();
    read.into_iter().collect()
}

fn mailbox(key: &str, node: &Node, problems: &mut Problems) -> Option<Mailbox> {
    let text = node.text(problems)?;
    if is_placeholder(&text) {
        problems.add(
            &node.place,
            Said::new(
                format!("`{key}`: `{text}` は未記入の仮の宛先です"),
                format!("`{key}`: `{text}` is a placeholder; write the real address"),
            ),
        );
        return None;
    }
    let mailbox = text.parse().ok();
    if mailbox.is_none() {
        problems.add(
            &node.place,
            Said::new(
                format!("`{key}`: `{text}` はメールアドレスではありません"),
                format!("`{key}`: `{text}` is not a mail address"),
            ),
        );
    }
    mailbox
}

impl Settings for Email {
    fn is_room(&self) -> bool {
        !self.to.is_empty()
    }

    fn secrets(&self) -> Vec<Secret> {
        self.login.iter().map(|(_, secret)| secret.clone()).collect()
    }

    fn make(&self, reader: Reader) -> Box<dyn Channel> {
        Box::new(Post { email: self.clone(), reader })
    }
}

/// The channel.
struct Post {
    email: Email,
    reader: Reader,
}

impl Channel for Post {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> BoxFuture<'a, Told> {
        Box::pin(
            async move { self.email.send(&self.reader, message).await.unwrap_or_else(|told| told) },
        )
    }

    fn mail<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Option<Told>> {
        Box::pin(async move {
            // With recipients of its own it is a room, and no way to anybody else.
            if !self.email.to.is_empty() {
                return None;
            }
            Some(self.email.send_mail(&self.reader, mail).await.unwrap_or_else(|told| told))
        })
    }
}

impl Email {
    async fn send(&self, reader: &Reader, message: &Message<'_>) -> Result<Told, Told> {
        let to = self.addressees(message.address)?;
        let letter = letter::write(message, &self.from, &to).map_err(Told::hopeless)?;
        let (transport, password) = self.transport(reader).await.map_err(Told::try_again)?;
        let bytes = letter.formatted();
        let mut tolds = Vec::new();
        // One by one, so that one address that does not exist keeps the mail from nobody else.
        for mailbox in to {
            let told = self.send_to(&transport, &mailbox.email, &bytes, &password).await?;
            tolds.push(told);
        }
        Ok(summed(tolds))
    }

    async fn send_mail(&self, reader: &Reader, mail: &Mail) -> Result<Told, Told> {
        let to = self.addressees(Some(&mail.to))?;
        let letter = letter::mail(mail, &self.from, &to[0]).map_err(Told::hopeless)?;
        let (transport, password) = self.transport(reader).await.map_err(Told::try_again)?;
        self.send_to(&transport, &to[0].email, &letter.formatted(), &password).await
    }

    fn addressees(&self, address: Option<&str>) -> Result<Vec<Mailbox>, Told> {
        if !self.to.is_empty() {
            return Ok(self.to.clone());
        }
        let address = address
            .ok_or_else(|| Told::hopeless("this channel needs an address; give the contact one"))?;
        let mailbox = address.parse().map_err(|_| {
            Told::hopeless(format!(
                "`{}` is not a mail address; correct it in `contacts`",
                outside::shown(address, &[])
            ))
        })?;
        Ok(vec![mailbox])
    }

    async fn transport(
        &self,
        reader: &Reader,
    ) -> Result<(AsyncSmtpTransport<Tokio1Executor>, String), String> {
        let parameters = || {
            TlsParameters::new(self.host.clone()).map_err(|error| {
                format!("TLS is not possible here: {error}; install the package ca-certificates")
            })
        };
        let tls = match self.encryption {
            Encryption::None => Tls::None,
            Encryption::StartTls => Tls::Required(parameters()?),
            Encryption::Tls => Tls::Wrapper(parameters()?),
        };
        // "dangerous" is only that it starts without TLS; it is set right here.
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&self.host)
            .port(self.port)
            .tls(tls)
            // The limit of the whole attempt is the channel's.
            .timeout(None);
        Ok(match &self.login {
            None => (builder.build(), String::new()),
            Some((user, secret)) => {
                let password = reader.read(secret).await?.reveal().to_owned();
                (
                    builder.credentials(Credentials::new(user.clone(), password.clone())).build(),
                    password,
                )
            }
        })
    }

    /// # Errors
    /// What was told, when the server could not be talked to at all: the other recipients need not be tried.
    async fn send_to(
        &self,
        transport: &AsyncSmtpTransport<Tokio1Executor>,
        to: &Address,
        bytes: &[u8],
        password: &str,
    ) -> Result<Told, Told> {
        let server = format!("{}:{}", self.host, self.port);
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.clone()])
            .map_err(|error| Told::hopeless(error.to_string()))?;
        match transport.send_raw(&envelope, bytes).await {
            Ok(response) => {
                let said = outside::shown(response.first_line().unwrap_or_default(), &[password]);
                Ok(Told::delivered(format!("{server}: {} {said}", response.code())))
            }
            Err(error) => {
                let detail =
                    format!("{server}: {to}: {}", outside::shown(&why(&error), &[password]));
                if error.is_permanent() {
                    Ok(Told::hopeless(detail))
                } else if error.status().is_some() {
                    Ok(Told::try_again(detail))
                } else {
                    Err(Told::try_again(detail))
                }
            }
        }
    }
}

/// One answer for all recipients: delivered only when nobody is left to try again, hopeless only when nobody has it.
fn summed(tolds: Vec<Told>) -> Told {
    let has = |outcome| tolds.iter().any(|told| told.outcome == outcome);
    let outcome = if has(Delivery::TryAgain) {
        Delivery::TryAgain
    } else if has(Delivery::Delivered) {
        Delivery::Delivered
    } else {
        Delivery::Hopeless
    };
    let mut details: Vec<_> = tolds.into_iter().map(|told| told.detail).collect();
    details.dedup();
    Told { outcome, detail: details.join("; "), receipt: None, wait: None, gone: Vec::new() }
}

/// The error with what caused it.
fn why(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!(": {cause_text}"));
        }
        next = cause.source();
    }
    text
}
