//! Why a service could not be started, stopped or asked, in both languages.

use crate::program::ProgramError;
use domain::{ids::ServiceName, said::Said};
use std::{io, path::PathBuf};

/// What went wrong with a service.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// No such service is supervised here.
    #[error("{}", self.said().en)]
    UnknownService(ServiceName),
    /// The program did not start at all.
    #[error("{}", self.said().en)]
    Exec {
        /// The service.
        service: ServiceName,
        /// What was to be run, or the folder it was to run in.
        program: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The service does not run, so there is nothing to signal.
    #[error("{}", self.said().en)]
    NotRunning(ServiceName),
    /// Processes of the service are still there after KILL.
    #[error("{}", self.said().en)]
    WillNotDie {
        /// The service.
        service: ServiceName,
        /// The processes that are left.
        pids: Vec<u32>,
    },
    /// A process of the service could not be signalled or watched.
    #[error("{}", self.said().en)]
    Signal {
        /// The service.
        service: ServiceName,
        /// What the system said.
        error: io::Error,
    },
    /// The supervisor's own record or log file cannot be read or written.
    #[error("{}", self.said().en)]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The supervisor's program gave no answer.
    #[error("{}", self.said().en)]
    Program {
        /// The service.
        service: ServiceName,
        /// Why.
        error: ProgramError,
    },
    /// The supervisor did not do it, or what it did had not the effect.
    #[error("{}", self.said().en)]
    Refused {
        /// The service.
        service: ServiceName,
        /// The kind of supervisor.
        supervisor: &'static str,
        /// Its reason.
        why: Said,
    },
}

impl SuperviseError {
    /// The sentence for people: what happened, where, what to do.
    pub fn said(&self) -> Said {
        match self {
            Self::UnknownService(service) => Said::new(
                format!(
                    "`{service}` は hikeshi が起動するサービスではありません。設定を確かめてください"
                ),
                format!(
                    "`{service}` is not a service that hikeshi starts; check the configuration"
                ),
            ),
            Self::Exec { service, program, error } => Said::new(
                format!(
                    "{service} を起動できません: {}: {error}。パスと実行権限を確かめてください",
                    program.display()
                ),
                format!(
                    "cannot start {service}: {}: {error}; check the path and the permission to execute",
                    program.display()
                ),
            ),
            Self::NotRunning(service) => Said::new(
                format!("{service} は動いていません。先に起動してください"),
                format!("{service} is not running; start it first"),
            ),
            Self::WillNotDie { service, pids } => Said::new(
                format!(
                    "{service} のプロセスが KILL の後も残っています (pid {pids:?})。ディスクの応答を確かめてください"
                ),
                format!(
                    "processes of {service} are still there after KILL (pid {pids:?}); see whether its disk answers"
                ),
            ),
            Self::Signal { service, error } => Said::new(
                format!(
                    "{service} のプロセスに合図を送れません: {error}。hikeshi の利用者権限を確かめてください"
                ),
                format!(
                    "cannot signal the processes of {service}: {error}; check the user that hikeshi runs as"
                ),
            ),
            Self::File { path, error } => Said::new(
                format!("{}: {error}。場所と書き込み権限を確かめてください", path.display()),
                format!("{}: {error}; check the place and the permission to write", path.display()),
            ),
            Self::Program { service, error } => {
                let Said { ja, en } = error.said();
                Said::new(format!("{service}: {ja}"), format!("{service}: {en}"))
            }
            Self::Refused { service, supervisor, why } => Said::new(
                format!("{supervisor} が {service} を操作できません: {}", why.ja),
                format!("{supervisor} did not do it for {service}: {}", why.en),
            ),
        }
    }
}
