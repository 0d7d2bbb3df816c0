//! Under which names an access log has its fields.

use source::{Fields, Problems};

/// The names that are looked for, the first that is there counts. A name with a `/` in front is a path into JSON.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub client: Vec<String>,
    pub forwarded_for: Vec<String>,
    pub user: Vec<String>,
    pub authorization: Vec<String>,
    pub time: Vec<String>,
    pub request: Vec<String>,
    pub method: Vec<String>,
    pub path: Vec<String>,
    pub status: Vec<String>,
    pub bytes: Vec<String>,
    pub latency: Vec<String>,
    pub upstream: Vec<String>,
    pub upstream_status: Vec<String>,
}

impl Names {
    /// Takes `fields:`; what is not written there has its usual names, those of nginx and Caddy.
    pub fn take(fields: &mut Fields<'_>, problems: &mut Problems) -> Self {
        let mut names = Self::default();
        let Some(mut own) = fields.optional("fields").and_then(|node| Fields::open(node, problems))
        else {
            return names;
        };
        let mut replace = |key: &'static str, names: &mut Vec<String>| {
            if let Some(node) = own.optional(key)
                && let Some(own) = node.texts(problems)
            {
                *names = own;
            }
        };
        replace("client", &mut names.client);
        replace("forwarded_for", &mut names.forwarded_for);
        replace("user", &mut names.user);
        replace("authorization", &mut names.authorization);
        replace("time", &mut names.time);
        replace("request", &mut names.request);
        replace("method", &mut names.method);
        replace("path", &mut names.path);
        replace("status", &mut names.status);
        replace("bytes", &mut names.bytes);
        replace("latency", &mut names.latency);
        replace("upstream", &mut names.upstream);
        replace("upstream_status", &mut names.upstream_status);
        own.finish(problems);
        names
    }
}

impl Default for Names {
    fn default() -> Self {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect();
        Self {
            client: names("remote_addr client_ip remote_ip client ip /request/remote_ip"),
            forwarded_for: names("http_x_forwarded_for x_forwarded_for xff"),
            user: names("remote_user user user_id"),
            authorization: names("http_authorization authorization auth"),
            time: names("time_iso8601 time @timestamp timestamp ts time_local msec"),
            request: names("request"),
            method: names("request_method method /request/method"),
            path: names("request_uri uri path url /request/uri"),
            status: names("status status_code"),
            bytes: names("body_bytes_sent bytes_sent bytes size"),
            latency: names("request_time latency_ms duration_ms duration rt"),
            upstream: names("upstream_addr us"),
            upstream_status: names("upstream_status ust"),
        }
    }
}
