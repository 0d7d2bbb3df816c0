//! A private cluster: its folder, its server process, its sessions.

use super::binaries::{Account, Binaries, account, find};
use crate::error::DemoError;
use crate::folder::Folder;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};
use std::fs::OpenOptions;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::{Client, Config, NoTls};

/// The role the services use, which here is also the one that administers.
pub const USER: &str = "postgres";
/// How long the server may take to accept its first session.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long it may take to stop when asked, before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// Socket names are limited to 107 bytes, of which PostgreSQL adds some.
const LONGEST_SOCKET_FOLDER: usize = 80;
/// Only who may enter the folder reaches the socket; over TCP the password is asked.
const ACCESS: &str = "# who may connect: the owner of this folder by socket, others by password\n\
                      local all all trust\n\
                      host all all 127.0.0.1/32 scram-sha-256\n";

/// A cluster on disk.
#[derive(Debug)]
pub struct Cluster {
    binaries: Binaries,
    account: Option<Account>,
    data: PathBuf,
    link: PathBuf,
    log: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes the cluster, or takes the one that is there.
    ///
    /// # Errors
    /// [`DemoError`] when PostgreSQL is missing or the folder cannot be made.
    pub async fn prepare(folder: &Folder, port: u16) -> Result<Cluster, DemoError> {
        let account = account()?;
        let link = folder.postgres();
        let data = place(&link, account)?;
        let cluster =
            Cluster { binaries: find()?, account, data, link, log: folder.postgres_log(), port };
        cluster.end_stray().await;
        if !cluster.data.join("PG_VERSION").exists() {
            cluster.init().await?;
        }
        let access = cluster.data.join("pg_hba.conf");
        std::fs::write(&access, ACCESS).map_err(DemoError::file("write", &access))?;
        Ok(cluster)
    }

    /// Starts the server and waits until it accepts sessions.
    ///
    /// # Errors
    /// [`DemoError::Database`] with the last lines of its log.
    pub async fn start(&self) -> Result<Child, DemoError> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log);
        let log = log.map_err(DemoError::file("open the log", &self.log))?;
        let mut command = self.command(&self.binaries.postgres);
        command.arg("-D").arg(&self.data).arg("-k").arg(&self.data);
        command.args(["-p", &self.port.to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| DemoError::Database(format!("cannot start: {error}")))?;
        let deadline = Instant::now() + START_TIMEOUT;
        while self.session("postgres").await.is_err() {
            if let Ok(Some(status)) = child.try_wait() {
                return Err(self.failure(&format!("ended at its start ({status})")));
            }
            if Instant::now() > deadline {
                return Err(self.failure("accepts no session"));
            }
            sleep(Duration::from_millis(30)).await;
        }
        Ok(child)
    }

    /// Stops the server: sessions are ended, data is written, then it goes.
    pub async fn stop(&self, mut server: Child) {
        let pid = server.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::INT);
        }
        if timeout(STOP_TIMEOUT, server.wait()).await.is_err() {
            let _ = server.kill().await;
        }
    }

    /// A session by the socket, as administrator.
    ///
    /// # Errors
    /// What the server says.
    pub async fn session(&self, database: &str) -> Result<Client, DemoError> {
        let mut config = Config::new();
        config.host_path(&self.data).port(self.port).user(USER).dbname(database);
        // An administrator writes even where writing is off; passwords stay out of the log.
        config.options("-c default_transaction_read_only=off -c log_min_error_statement=panic");
        config.connect_timeout(Duration::from_secs(5));
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(client)
    }

    /// Removes the cluster where it had to live outside the working folder.
    pub fn clean_up(&self) {
        if self.data != self.link {
            let _ = std::fs::remove_dir_all(&self.data);
            let _ = std::fs::remove_file(&self.link);
        }
    }

    async fn init(&self) -> Result<(), DemoError> {
        let mut command = self.command(&self.binaries.initdb);
        command.arg("-D").arg(&self.data).args(["-U", USER, "-E", "UTF8", "--locale=C"]);
        command.args(["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"]);
        let output = command
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(|error| DemoError::Database(format!("cannot run initdb: {error}")))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(DemoError::Database(format!("initdb failed: {}", last_lines(&said))))
    }

    /// A program of PostgreSQL, as its user and with nothing of our environment.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
        command.current_dir(&self.data);
        if let Some(account) = self.account {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    /// Ends a server that outlived its guard in an earlier run: one that serves this very folder.
    async fn end_stray(&self) {
        let Ok(text) = std::fs::read_to_string(self.data.join("postmaster.pid")) else { return };
        let number: i32 = text.lines().next().and_then(|line| line.parse().ok()).unwrap_or(0);
        let Some(pid) = Pid::from_raw(number) else { return };
        let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { return };
        let line = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        let folder = self.data.as_os_str().as_encoded_bytes();
        if !line.split(|byte| *byte == 0).any(|word| word == folder) {
            return;
        }
        let _ = pidfd_send_signal(&pidfd, Signal::INT);
        let deadline = Instant::now() + STOP_TIMEOUT;
        while self.data.join("postmaster.pid").exists() && Instant::now() < deadline {
            sleep(Duration::from_millis(30)).await;
        }
    }

    fn failure(&self, what: &str) -> DemoError {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        DemoError::Database(format!("the server {what}: {}", last_lines(&log)))
    }
}

/// It is a toy whose data is made anew: fast start and small footprint beat durability.
const SETTINGS: [&str; 10] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_permissions=0700",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=50",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
];

/// Where the data goes: the wished place, or where its user cannot reach that, a folder in the
/// temporary one with a link to it.
fn place(wish: &Path, account: Option<Account>) -> Result<PathBuf, DemoError> {
    if let Some(existing) = linked(wish, account) {
        return Ok(existing);
    }
    let _ = std::fs::remove_file(wish);
    let fits = wish.as_os_str().len() <= LONGEST_SOCKET_FOLDER;
    let reachable = account.is_none_or(|account| can_reach(wish, account));
    let data = if fits && reachable {
        if !wish.exists() {
            let made = std::fs::DirBuilder::new().mode(0o700).create(wish);
            made.map_err(DemoError::file("make the folder", wish))?;
        }
        wish.to_owned()
    } else {
        let temporary = std::env::temp_dir();
        let made = tempfile::Builder::new().prefix("miraikakaku-").tempdir_in(&temporary);
        let data = made.map_err(DemoError::file("make a folder in", temporary))?.keep();
        symlink(&data, wish).map_err(DemoError::file("link", wish))?;
        data
    };
    if let Some(Account { uid, gid }) = account {
        chown(&data, Some(uid), Some(gid)).map_err(DemoError::file("hand over", &data))?;
    }
    Ok(data)
}

/// The target of the link of an earlier run, if its user still owns it.
fn linked(wish: &Path, account: Option<Account>) -> Option<PathBuf> {
    let data = std::fs::read_link(wish).ok()?;
    let owner = std::fs::symlink_metadata(&data).ok().filter(|it| it.is_dir())?.uid();
    let expected = account.map_or_else(|| rustix::process::geteuid().as_raw(), |it| it.uid);
    (owner == expected).then_some(data)
}

/// Whether that user may enter every folder above the path.
fn can_reach(path: &Path, account: Account) -> bool {
    path.ancestors().skip(1).all(|folder| {
        std::fs::metadata(folder).is_ok_and(|it| {
            it.mode() & 0o001 != 0 || (it.uid() == account.uid && it.mode() & 0o100 != 0)
        })
    })
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const STRANGER: Account = Account { uid: 54_321, gid: 54_321 };

    #[test]
    fn a_folder_below_a_closed_one_is_out_of_reach_for_others() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let open = std::fs::Permissions::from_mode(0o755);
        let closed = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(place.path(), open).expect("opens");
        let inside = place.path().join("postgres");
        let above = place.path().parent().expect("has a parent").join("x");
        assert_eq!(can_reach(&inside, STRANGER), can_reach(&above, STRANGER));
        std::fs::set_permissions(place.path(), closed).expect("closes");
        assert!(!can_reach(&inside, STRANGER));
    }

    #[test]
    fn a_path_too_long_for_a_socket_gets_a_short_one_and_a_link() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let long = home.path().join("x".repeat(100));
        std::fs::create_dir(&long).expect("makes");
        let wish = long.join("postgres");
        let data = place(&wish, None).expect("finds a place");
        assert_ne!(data, wish);
        assert_eq!(std::fs::read_link(&wish).expect("a link"), data);
        assert_eq!(place(&wish, None).expect("the same again"), data);
        std::fs::remove_dir_all(data).expect("removes");
    }

    #[test]
    fn the_last_lines_are_what_a_reader_needs() {
        assert_eq!(last_lines("a\nb\n\nc\nd\n"), "b | c | d");
        assert_eq!(last_lines(""), "");
    }
}
