//! The working folder of the demo: the example configuration as it is, and beside it what differs here.

use crate::show::Trouble;
use demo::Platform;
use domain::said::Said;
use include_dir::{Dir, include_dir};
use std::{
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

static EXAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples/miraikakaku");

/// Policy times run this much faster: half an hour becomes two and a half minutes.
const TIME_LAPSE: u32 = 12;

/// The probes of the example that log in to its database.
const DATABASE_PROBES: [&str; 3] =
    ["database/login", "database/accuracy", "database/due-predictions"];
/// Its rules that judge what they see.
const DATABASE_RULES: [&str; 3] =
    ["data_integrity_duplicates", "data_integrity_orphans", "data_integrity_missing"];

/// The working folder.
pub struct Work {
    path: PathBuf,
    is_kept: bool,
}

impl Work {
    /// A folder to keep, or one that goes with the demo.
    pub fn new(keep: Option<PathBuf>) -> Result<Self, Trouble> {
        let is_kept = keep.is_some();
        let path = keep.unwrap_or_else(|| {
            std::env::temp_dir().join(format!("hikeshi-demo-{}", std::process::id()))
        });
        std::fs::create_dir_all(&path).map_err(|error| cannot(&path, &error))?;
        let path = path.canonicalize().map_err(|error| cannot(&path, &error))?;
        Ok(Self { path, is_kept })
    }

    /// hikeshi's configuration.
    pub fn config(&self) -> PathBuf {
        self.path.join("hikeshi")
    }

    /// The platform's folder.
    pub fn platform(&self) -> PathBuf {
        self.path.join("platform")
    }

    /// The database's password, readable for its owner only.
    pub fn password(&self) -> PathBuf {
        self.path.join("database.password")
    }

    /// What the server says.
    pub fn server_log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// Removes a folder that nobody asked to keep.
    pub fn clean_up(self) {
        if !self.is_kept {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Writes the example and `hikeshi.local.yaml`.
pub fn write(work: &Work, platform: &Platform) -> Result<(), Trouble> {
    let folder = work.config();
    std::fs::create_dir_all(&folder).map_err(|error| cannot(&folder, &error))?;
    EXAMPLE.extract(&folder).map_err(|error| cannot(&folder, &error))?;
    if let Some(access) = platform.database() {
        let password = work.password();
        let mut file = std::fs::OpenOptions::new();
        let file = file.create(true).truncate(true).write(true).mode(0o600).open(&password);
        file.and_then(|mut file| file.write_all(access.password.0.as_bytes()))
            .map_err(|error| cannot(&password, &error))?;
    }
    let local = folder.join("hikeshi.local.yaml");
    std::fs::write(&local, local_text(work, platform)).map_err(|error| cannot(&local, &error))
}

fn cannot(path: &Path, error: &std::io::Error) -> Trouble {
    let path = path.display();
    Trouble::unusable(Said::new(
        format!("{path}: 書けません: {error}"),
        format!("{path}: cannot be written: {error}"),
    ))
}

/// What differs: ports, folders, commands, and the pace. JSON is YAML, and quotes everything safely.
fn local_text(work: &Work, platform: &Platform) -> String {
    let ports = platform.ports();
    let logs = work.platform().join("logs");
    let proxy = format!("http://127.0.0.1:{}", ports.proxy);
    let mut services = serde_json::Map::new();
    for service in platform.services() {
        let health = match service.name.as_str() {
            "frontend" => "/",
            "mks-backend" => "/api/v1/health",
            _ => "/health",
        };
        // Secrets stay in the environment of the server, which passes them on by name.
        let (secret, plain): (Vec<_>, Vec<_>) =
            service.env.into_iter().partition(|(name, _)| name.contains("PASSWORD"));
        let value = serde_json::json!({
            "port": service.port.to_string(),
            "command": service.argv,
            "env": plain.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "pass_env": secret.into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "health": {"url": format!("http://127.0.0.1:{}{health}", service.port)},
        });
        services.insert(service.name, value);
    }
    let mks_log = logs.join("mks").join("error.log");
    services.insert("mks-logs".into(), serde_json::json!({"log_path": mks_log}));
    let access_log = logs.join("proxy").join("access.log");
    for name in ["proxy", "firewall"] {
        services.insert(name.into(), serde_json::json!({"access_log": access_log}));
    }
    let mut probes = serde_json::json!({
        "prediction/journey": {"steps": [{"name": "予測", "url": format!("{proxy}/api/finance/stocks/7203.T/predictions"), "expect": {"body_contains": "predicted_price"}}]},
        "price/journey": {"steps": [
            {"name": "画面", "url": format!("{proxy}/"), "expect": {"body_contains": "Miraikakaku"}},
            {"name": "株価", "url": format!("{proxy}/api/finance/stocks/7203.T/price"), "expect": {"body_contains": "close_price"}},
        ]},
        "search/journey": {"steps": [{"name": "検索", "url": format!("{proxy}/api/stocks/search?q=7203")}]},
        "proxy/traffic": {"path": logs.join("proxy").join("access.log"), "window": "25s", "latency_window": "20s", "every": "2s"},
        "proxy/security": {"path": logs.join("proxy").join("access.log"), "every": "2s"},
        // How full this machine is by itself is no part of the play.
        "machine/disk": "off",
        "machine/oom": "off",
        // Nobody serves TLS, keeps backups or builds there.
        "proxy/certificate": "off",
        "backups/newest": "off",
        "ci/main": "off",
        "mks-logs/space": {"folder": logs.join("mks"), "budget": "64MiB", "every": "2s"},
        "mks-logs/errors": {"path": mks_log, "window": "25s"},
    });
    let (mut recovery, mut dashboard) = (serde_json::json!({}), serde_json::json!({}));
    // How busy this machine is by itself is no part of the play.
    let mut alerts = serde_json::json!({"cpu_usage": "off", "memory_usage": "off"});
    match platform.database() {
        Some(access) => {
            services.insert(
                "database".into(),
                serde_json::json!({"host": access.host, "port": access.port.to_string()}),
            );
            for probe in DATABASE_PROBES {
                probes[probe] = serde_json::json!({
                    "host": access.host, "port": access.port, "user": access.user, "database": access.name,
                    // A file instead of the environment, so that `check` works from any terminal.
                    "password_env": null, "password_file": work.password(),
                });
            }
        }
        None => {
            // Nothing to log in to: the probe and what rests on it are switched off.
            for probe in DATABASE_PROBES {
                probes[probe] = "off".into();
            }
            for rule in DATABASE_RULES {
                alerts[rule] = "off".into();
            }
            dashboard =
                serde_json::json!({"business": {"accuracy": null, "due_predictions": null}});
            recovery = serde_json::json!({"Miraikakaku": {"db": "off", "integrity": "off"}});
        }
    }
    let local = serde_json::json!({
        "listen": "127.0.0.1:0",
        "language": crate::show::language(),
        "time_lapse": TIME_LAPSE,
        "stop_services_on_exit": true,
        "evidence_logs": [logs.join("api").join("*.log"), logs.join("mks").join("error.log"), logs.join("proxy").join("access.log")],
        "alerts": alerts,
        "services": services,
        "probes": probes,
        "recovery": recovery,
        "dashboard": dashboard,
        "channels": {
            "phone": {"url": format!("http://127.0.0.1:{}/call", ports.phone)},
            "chat": {"url": format!("http://127.0.0.1:{}/hook", ports.chat)},
            "mail": {"server": format!("127.0.0.1:{}", ports.mail)},
        },
    });
    format!("# What differs on this machine; laid over hikeshi.yaml.\n{local:#}\n")
}
