//! A private PostgreSQL of the system's own binaries, for the stories that need a real one.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A private cluster; it is stopped when it is dropped.
pub struct Cluster {
    folder: TempDir,
    bin: PathBuf,
    owner: Option<(u32, u32)>,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    server: Option<Child>,
}

impl Cluster {
    /// Nothing when PostgreSQL is not installed; then the story is told nowhere, and CI does not accept that.
    pub fn start() -> Option<Self> {
        let Some(bin) = binaries() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "PostgreSQL is missing: apt-get install postgresql"
            );
            eprintln!("skipped: PostgreSQL is not installed (apt-get install postgresql)");
            return None;
        };
        let folder =
            tempfile::Builder::new().prefix("hikeshi-pg").tempdir_in("/tmp").expect("a folder");
        let owner = owner();
        if let Some((uid, gid)) = owner {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid)).expect("we are root");
        }
        fs::write(folder.path().join("pw"), "right").expect("written");
        fs::set_permissions(
            folder.path().join("pw"),
            std::os::unix::fs::PermissionsExt::from_mode(0o644),
        )
        .expect("ours");
        let mut cluster = Self { folder, bin, owner, port: free_port(), server: None };
        let data = cluster.data();
        let made = cluster
            .run("initdb")
            .args([
                "-U",
                "app",
                "-A",
                "scram-sha-256",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
                "--pwfile",
            ])
            .arg(cluster.folder.path().join("pw"))
            .arg("-D")
            .arg(&data)
            .status()
            .expect("initdb runs");
        assert!(made.success(), "initdb: {made}");
        cluster.boot(&[]);
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some((uid, gid)) = self.owner {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Starts it with these settings and waits until it is ready.
    pub fn boot(&mut self, options: &[&str]) {
        let mut command = self.run("postgres");
        command.arg("-D").arg(self.data()).args([
            "-p",
            &self.port.to_string(),
            "-h",
            "127.0.0.1",
            "-k",
        ]);
        command.arg(self.folder.path());
        for option in ["fsync=off", "max_connections=5", "superuser_reserved_connections=0"]
            .iter()
            .chain(options)
        {
            command.args(["-c", option]);
        }
        self.server = Some(command.spawn().expect("postgres runs"));
        let deadline = Instant::now() + Duration::from_secs(60);
        let is_ready = || {
            let mut ready = self.run("pg_isready");
            ready
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .is_ok_and(|s| s.success())
        };
        while !is_ready() {
            assert!(Instant::now() < deadline, "PostgreSQL never became ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops it at once.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // SIGQUIT: at once.
        let stopped =
            self.run("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(self.data()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = server.kill();
        }
        let _ = server.wait();
    }

    /// A `postgres` probe of it, with this password and more keys.
    pub fn spec(&self, password: &str, more: &str) -> String {
        let file = self.folder.path().join(format!("password-{password}"));
        fs::write(&file, password).expect("written");
        format!(
            "{{kind: postgres, service: db, host: 127.0.0.1, port: {}, user: app, database: postgres, \
             password_file: '{}'{more}}}",
            self.port,
            file.display()
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|e| e.path().join("bin")).collect();
    found.retain(|bin| bin.join("initdb").exists());
    found.sort();
    found.pop()
}

/// PostgreSQL refuses to run as root: then it runs as the user that its package made.
fn owner() -> Option<(u32, u32)> {
    let am_root = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").ok()?) == 0;
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:")).filter(|_| am_root)?;
    let fields: Vec<&str> = line.split(':').collect();
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}
