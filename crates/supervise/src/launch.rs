//! Starts the program of a service: its own session, its log file, and only the environment it was given.

use crate::{error::SuperviseError, identity::Signal};
use domain::ids::ServiceName;
use process_wrap::tokio::{ChildWrapper, CommandWrap, ProcessSession};
use std::{
    collections::BTreeMap,
    fmt, fs,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    process::Stdio,
    time::Duration,
};
use tokio::process::Command;

/// The variable that marks every process of a service, so that none is lost and started twice.
pub(crate) const MARK: &str = "HIKESHI_SERVICE";
/// What a service gets of hikeshi's own environment without asking.
const INHERITED: [&str; 3] = ["PATH", "HOME", "LANG"];

/// How one service is run.
#[derive(Clone)]
pub struct ServiceCommand {
    /// The service.
    pub name: ServiceName,
    /// The program and its arguments; nothing goes through a shell.
    pub argv: Vec<String>,
    /// Variables with their values.
    pub env: BTreeMap<String, String>,
    /// Variables of hikeshi's own environment that are passed through, for secrets.
    pub pass_env: Vec<String>,
    /// The folder to run in; hikeshi's own when nothing is given.
    pub cwd: Option<PathBuf>,
    /// What asks the service to end.
    pub stop_signal: Signal,
    /// How long it may take to end before it is killed.
    pub stop_timeout: Duration,
    /// What asks the service to read its configuration again.
    pub reload_signal: Signal,
    /// Where its output is appended.
    pub log_file: PathBuf,
}

impl ServiceCommand {
    /// A command with the usual signals: TERM, 10 s, HUP.
    pub fn new(
        name: impl Into<ServiceName>,
        argv: Vec<String>,
        log_file: impl Into<PathBuf>,
    ) -> Self {
        Self {
            name: name.into(),
            argv,
            env: BTreeMap::new(),
            pass_env: Vec::new(),
            cwd: None,
            stop_signal: Signal::TERM,
            stop_timeout: Duration::from_secs(10),
            reload_signal: Signal::HUP,
            log_file: log_file.into(),
        }
    }

    /// Starts the program. It runs when this returns.
    pub(crate) fn spawn(&self, mark: &str) -> Result<Box<dyn ChildWrapper>, SuperviseError> {
        let refuse = |program: PathBuf, error| SuperviseError::Exec {
            service: self.name.clone(),
            program,
            error,
        };
        let Some((program, arguments)) = self.argv.split_first() else {
            return Err(refuse(
                PathBuf::new(),
                io::Error::new(io::ErrorKind::InvalidInput, "the command is empty"),
            ));
        };
        if let Some(cwd) = self.cwd.as_ref().filter(|cwd| !cwd.is_dir()) {
            return Err(refuse(
                cwd.clone(),
                io::Error::new(io::ErrorKind::NotADirectory, "no such folder"),
            ));
        }
        let log = self.open_log()?;
        let errors = log.try_clone().map_err(|error| self.log_error(error))?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().stdin(Stdio::null()).stdout(log).stderr(errors);
        for name in INHERITED.into_iter().chain(self.pass_env.iter().map(String::as_str)) {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(&self.env).env(MARK, mark);
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        let child = CommandWrap::from(command)
            .wrap(ProcessSession)
            .spawn()
            .map_err(|error| refuse(program.into(), error))?;
        Ok(child.into_inner())
    }

    fn open_log(&self) -> Result<File, SuperviseError> {
        if let Some(folder) = self.log_file.parent() {
            fs::create_dir_all(folder).map_err(|error| self.log_error(error))?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o640);
        options.open(&self.log_file).map_err(|error| self.log_error(error))
    }

    fn log_error(&self, error: io::Error) -> SuperviseError {
        SuperviseError::File { path: self.log_file.clone(), error }
    }
}

/// Names of variables, never their values: they may be secrets.
impl fmt::Debug for ServiceCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceCommand")
            .field("name", &self.name)
            .field("argv", &self.argv)
            .field("env", &self.env.keys())
            .field("pass_env", &self.pass_env)
            .field("cwd", &self.cwd)
            .field("stop_signal", &self.stop_signal)
            .field("stop_timeout", &self.stop_timeout)
            .field("log_file", &self.log_file)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_variables_are_not_shown() {
        let mut command = ServiceCommand::new("api-1", vec!["true".into()], "/tmp/x.log");
        command.env.insert("DB_PASSWORD".into(), "hunter2".into());
        let shown = format!("{command:?}");
        assert!(shown.contains("DB_PASSWORD") && !shown.contains("hunter2"), "{shown}");
    }
}
