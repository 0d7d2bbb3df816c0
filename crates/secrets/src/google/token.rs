//! Access tokens: who hikeshi is for Google. From the machine's own server for metadata, or for the key file of a service
//! account.
//!
//! <https://cloud.google.com/compute/docs/access/authenticate-workloads#applications>

use super::{
    call::{Answer, Caller},
    key_file,
};
use crate::miss::{Miss, Variable};
use reqwest::StatusCode;
use serde::Deserialize;
use source::Hidden;
use std::{path::PathBuf, time::Duration};
use tokio::{sync::Mutex, time::Instant};

const METADATA: &str = "metadata.google.internal";
const PATH: &str = "computeMetadata/v1/instance/service-accounts/default/token";
/// A token is not used in its last minute: it must still hold when it arrives.
const REST: Duration = Duration::from_secs(60);

enum Identity {
    /// The service account of the machine; where its server for metadata is.
    Machine(String),
    /// The key file of a service account.
    KeyFile(PathBuf),
}

/// Gets tokens, and keeps the last one as long as it holds.
pub(super) struct Tokens {
    identity: Identity,
    last: Mutex<Option<(Hidden, Instant)>>,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

impl Tokens {
    pub(super) fn of(variable: &Variable) -> Self {
        let identity = match variable("GOOGLE_APPLICATION_CREDENTIALS") {
            Some(path) => Identity::KeyFile(path.into()),
            None => Identity::Machine(variable("GCE_METADATA_HOST").unwrap_or(METADATA.into())),
        };
        Self { identity, last: Mutex::default() }
    }

    /// A token that holds. Who comes while one is fetched waits for it.
    pub(super) async fn get(&self, caller: &Caller) -> Result<Hidden, Miss> {
        let mut last = self.last.lock().await;
        if let Some((token, until)) = &*last
            && Instant::now() < *until
        {
            return Ok(token.clone());
        }
        let asked = Instant::now();
        let answer = match &self.identity {
            Identity::Machine(host) => from_machine(caller, host).await?,
            Identity::KeyFile(path) => key_file::exchange(caller, path).await?,
        };
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|_| Miss::Unreachable("what should be a token of Google's is none".into()))?;
        let token = Hidden::from(granted.access_token);
        let holds = Duration::from_secs(granted.expires_in.min(86_400)).saturating_sub(REST);
        *last = Some((token.clone(), asked + holds));
        Ok(token)
    }

    /// Lets the last one go.
    pub(super) async fn forget(&self) {
        *self.last.lock().await = None;
    }
}

async fn from_machine(caller: &Caller, host: &str) -> Result<Answer, Miss> {
    let url = format!("http://{host}/{PATH}");
    let asked = caller.send(|client| client.get(url).header("metadata-flavor", "Google")).await;
    let answer = asked.map_err(|miss| Miss::Unreachable(format!("token: {}", miss.why())))?;
    match answer.status {
        // A portal of some network answers everything.
        _ if !answer.is_google => {
            Err(Miss::Unreachable(format!("{host} is no server for metadata of Google's")))
        }
        StatusCode::OK => Ok(answer),
        StatusCode::NOT_FOUND => Err(Miss::Denied("this machine has no service account".into())),
        _ => Err(answer.refusal("the server for metadata")),
    }
}
