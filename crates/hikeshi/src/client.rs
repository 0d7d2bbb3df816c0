//! Talks to the running server over its local socket.

use crate::{common::Common, show::Trouble, validate};
use domain::said::Said;
use serde_json::Value;
use std::{path::PathBuf, time::Duration};

/// A server that answers on this machine.
pub struct Client {
    http: reqwest::Client,
    socket: PathBuf,
    runtime: tokio::runtime::Runtime,
    by: String,
}

impl Client {
    /// Finds the server of a configuration folder.
    pub fn find(common: &Common) -> Result<Self, Trouble> {
        let socket = validate::load(&common.config)?.settings.data.join(crate::data_folder::SOCKET);
        Self::at(socket, common.by.clone())
    }

    /// The server behind a socket.
    pub fn at(socket: PathBuf, by: Option<String>) -> Result<Self, Trouble> {
        let trouble =
            |error: &dyn std::fmt::Display| Trouble::unusable(Said::same(error.to_string()));
        let http = reqwest::Client::builder()
            .unix_socket(socket.clone())
            .timeout(Duration::from_secs(30))
            .no_proxy();
        let http = http.build().map_err(|error| trouble(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| trouble(&error))?;
        Ok(Self { http, socket, runtime, by: by.unwrap_or_else(user) })
    }

    /// In whose name it acts.
    pub fn by(&self) -> &str {
        &self.by
    }

    /// Asks.
    pub fn get(&self, path: &str) -> Result<Value, Trouble> {
        self.answer(self.http.get(url(path)))
    }

    /// Acts, under the name of the person.
    pub fn post(&self, path: &str, mut body: Value) -> Result<Value, Trouble> {
        body["by"] = Value::String(self.by.clone());
        self.answer(self.http.post(url(path)).json(&body))
    }

    /// Hands in a mail as it stands.
    pub fn post_mail(&self, path: &str, mail: Vec<u8>) -> Result<Value, Trouble> {
        let request = self.http.post(url(path)).header("Content-Type", "message/rfc822");
        self.answer(request.body(mail))
    }

    /// Takes something away, under the name of the person.
    pub fn delete(&self, path: &str) -> Result<Value, Trouble> {
        self.answer(self.http.delete(url(path)).json(&serde_json::json!({"by": self.by})))
    }

    fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, Trouble> {
        let sent = self.runtime.block_on(async {
            let answer = request.send().await?;
            let status = answer.status();
            let body = answer.bytes().await?;
            // Some routes belong to other systems and answer with nothing, or in words.
            Ok::<_, reqwest::Error>((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
        });
        let (status, body) = sent.map_err(|_| self.unreachable())?;
        if status.is_success() {
            return Ok(body);
        }
        let said = serde_json::from_value::<Said>(body["error"]["message"].clone());
        let said = said.unwrap_or_else(|_| Said::same(format!("HTTP {status}")));
        Err(if status.is_server_error() { Trouble::unusable(said) } else { Trouble::problem(said) })
    }

    fn unreachable(&self) -> Trouble {
        let socket = self.socket.display();
        Trouble::unusable(Said::new(
            format!("hikeshi に接続できません ({socket})"),
            format!("hikeshi cannot be reached ({socket})"),
        ))
        .hint(Said::new(
            "`hikeshi serve -c DIR` で起動し、同じ -c を指定してください",
            "start it with `hikeshi serve -c DIR` and give the same -c here",
        ))
    }
}

/// A text as a part of a path.
pub(crate) fn escaped(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@');
    text.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn url(path: &str) -> String {
    format!("http://hikeshi{path}")
}

/// The name of the user who asks, as the system knows it.
fn user() -> String {
    let uid = rustix::process::getuid().as_raw();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = passwd.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| format!("uid {uid}"))
}
