//! The working folder: where every process of the platform keeps its logs, pid, faults and mail.

use crate::error::DemoError;
use std::path::{Path, PathBuf};

/// The working folder, known by its absolute path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder and everything in it that processes expect to find.
    ///
    /// # Errors
    /// [`DemoError::File`] when a folder cannot be made.
    pub fn create(path: &Path) -> Result<Folder, DemoError> {
        for part in ["logs/api", "logs/proxy", "logs/mks", "logs/postgres", "sinks", "faults"]
            .into_iter()
            .chain(["pids", "spool"])
        {
            let folder = path.join(part);
            std::fs::create_dir_all(&folder)
                .map_err(DemoError::file("make the folder", &folder))?;
        }
        Folder::open(path)
    }

    /// A working folder that is there already.
    ///
    /// # Errors
    /// [`DemoError::File`] when there is no such folder.
    pub fn open(path: &Path) -> Result<Folder, DemoError> {
        path.canonicalize().map(Folder).map_err(DemoError::file("find the folder", path))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// All log files live below this.
    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// What the API instances log, JSON lines, shared by all of them.
    pub fn api_log(&self) -> PathBuf {
        self.logs().join("api/miraikakaku_api.log")
    }

    /// The errors of the API instances, JSON lines, shared by all of them.
    pub fn api_errors(&self) -> PathBuf {
        self.logs().join("api/miraikakaku_errors.log")
    }

    /// The access log of the proxy.
    pub fn access_log(&self) -> PathBuf {
        self.logs().join("proxy/access.log")
    }

    /// The error log of the mks backend.
    pub fn mks_log(&self) -> PathBuf {
        self.logs().join("mks/error.log")
    }

    /// What PostgreSQL itself logs.
    pub fn postgres_log(&self) -> PathBuf {
        self.logs().join("postgres/postgresql.log")
    }

    /// What a process wrote to its standard error.
    pub fn stderr_log(&self, name: &str) -> PathBuf {
        self.logs().join(format!("{name}.stderr.log"))
    }

    /// What a sink received, one JSON document a line.
    pub fn sink(&self, name: &str) -> PathBuf {
        self.0.join("sinks").join(format!("{name}.jsonl"))
    }

    /// All fault files.
    pub fn faults(&self) -> PathBuf {
        self.0.join("faults")
    }

    /// The switches of one process.
    pub fn fault_file(&self, name: &str) -> PathBuf {
        self.faults().join(format!("{name}.json"))
    }

    /// The pid of one process, digits and a line end.
    pub fn pid_file(&self, name: &str) -> PathBuf {
        self.0.join("pids").join(format!("{name}.pid"))
    }

    /// The PostgreSQL cluster (or a link to it).
    pub fn postgres(&self) -> PathBuf {
        self.0.join("postgres")
    }
}
