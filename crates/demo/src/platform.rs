//! The whole platform: what it starts, how it is set on fire, and how it is ended again.

use crate::child::Process;
use crate::error::DemoError;
use crate::fault::Fault;
use crate::folder::Folder;
use crate::ports::Ports;
use crate::service::{Launcher, Password, ServiceCommand};
use crate::sinks::{self, Delivery};
use crate::{fire, postgres};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// How long a process may take to get ready; PostgreSQL makes its cluster in that time.
const START_PATIENCE: Duration = Duration::from_secs(120);
/// How long it may take to end before it is killed.
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// PostgreSQL writes its data before it ends.
const DATABASE_STOP_PATIENCE: Duration = Duration::from_secs(15);

/// What a platform is made of.
#[derive(Clone, Debug)]
pub struct PlatformOptions {
    /// The working folder; made where it is missing.
    pub folder: PathBuf,
    /// Where everything listens.
    pub ports: Ports,
    /// The program that runs the roles, usually this one.
    pub program: PathBuf,
    /// Arguments before the role, `demo-process` for example.
    pub program_args: Vec<String>,
    /// Whether there is a PostgreSQL; without, the API serves the same data from memory.
    pub database: bool,
    /// The same seed makes the same prices.
    pub seed: u64,
}

/// How to reach the platform's PostgreSQL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DatabaseAccess {
    /// Always 127.0.0.1.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The role.
    pub user: String,
    /// The database.
    pub name: String,
    /// The password.
    pub password: Password,
}

/// A running platform. It ends when dropped.
#[derive(Debug)]
pub struct Platform {
    launcher: Launcher,
    password: Option<Password>,
    /// In the order they were started; they end in reverse.
    supporting: Vec<Process>,
    services: Vec<Process>,
}

impl Platform {
    /// Starts everything but the services: sinks, PostgreSQL, proxy, and visitors, who come as
    /// soon as the services listen. Faults of an earlier run are cleared.
    ///
    /// # Errors
    /// [`DemoError::PostgresMissing`] where it is wanted and not installed, before anything is
    /// started; else [`DemoError::Start`] with what the process said. Nothing keeps running.
    pub fn start(options: PlatformOptions, progress: &dyn Fn(&str)) -> Result<Platform, DemoError> {
        if options.database {
            postgres::find()?;
        }
        let folder = Folder::create(&options.folder)?;
        fire::clear_all(&folder)?;
        let launcher = Launcher {
            program: options.program,
            program_args: options.program_args,
            folder,
            ports: options.ports,
            seed: options.seed,
        };
        let password =
            options.database.then(|| Password(format!("{:032x}", rand::random::<u128>())));
        let mut platform =
            Platform { launcher, password, supporting: Vec::new(), services: Vec::new() };
        platform.start_sinks(progress)?;
        platform.start_database(progress)?;
        platform.start_proxy(progress)?;
        platform.start_visitors(progress)?;
        Ok(platform)
    }

    /// How to start the services; the platform starts them only when told to.
    pub fn services(&self) -> Vec<ServiceCommand> {
        self.launcher.services(self.password.as_ref())
    }

    /// Starts the services that do not run, where nobody else supervises them.
    ///
    /// # Errors
    /// [`DemoError::Start`] with what the service said.
    pub fn start_services(&mut self, progress: &dyn Fn(&str)) -> Result<(), DemoError> {
        self.services.retain_mut(Process::is_running);
        for service in self.services() {
            if self.services.iter().any(|running| running.name() == service.name) {
                continue;
            }
            progress(&format!("{}: http://127.0.0.1:{}", service.name, service.port));
            let folder = &self.launcher.folder;
            let command = service.guarded();
            let started = Process::start(folder, &service.name, command, START_PATIENCE, progress)?;
            self.services.push(started);
        }
        Ok(())
    }

    /// Makes a fault happen.
    ///
    /// # Errors
    /// As [`fire::set`].
    pub fn set(&self, fault: &Fault) -> Result<(), DemoError> {
        fire::set(&self.launcher.folder, fault)
    }

    /// Ends a fault. A killed service comes back by its supervisor, or [`Self::start_services`].
    ///
    /// # Errors
    /// As [`fire::clear`].
    pub fn clear(&self, fault: &Fault) -> Result<(), DemoError> {
        fire::clear(&self.launcher.folder, fault)
    }

    /// Ends every fault.
    ///
    /// # Errors
    /// As [`fire::clear_all`].
    pub fn clear_all(&self) -> Result<(), DemoError> {
        fire::clear_all(&self.launcher.folder)
    }

    /// What the sinks received, oldest first.
    ///
    /// # Errors
    /// As [`sinks::read`].
    pub fn deliveries(&self) -> Result<Vec<Delivery>, DemoError> {
        sinks::read(&self.launcher.folder)
    }

    /// The working folder.
    pub fn folder(&self) -> &Folder {
        &self.launcher.folder
    }

    /// Where everything listens.
    pub fn ports(&self) -> &Ports {
        &self.launcher.ports
    }

    /// How to reach PostgreSQL, where there is one.
    pub fn database(&self) -> Option<DatabaseAccess> {
        self.password.as_ref().map(|password| DatabaseAccess {
            host: "127.0.0.1".into(),
            port: self.launcher.ports.database,
            user: postgres::USER.into(),
            name: postgres::DATABASE.into(),
            password: password.clone(),
        })
    }

    /// Ends what it started and nothing else: visitors first, PostgreSQL and the sinks last.
    /// Doing it twice is harmless.
    pub fn stop(&mut self) {
        if let Some(visitors) = self.supporting.last_mut() {
            visitors.terminate();
        }
        self.services.iter_mut().for_each(Process::terminate);
        self.services.iter_mut().for_each(|service| service.stop(STOP_PATIENCE));
        for process in self.supporting.iter_mut().rev() {
            let patience = match process.name() {
                "database" => DATABASE_STOP_PATIENCE,
                _ => STOP_PATIENCE,
            };
            process.stop(patience);
        }
        self.services.clear();
        self.supporting.clear();
    }

    fn start_sinks(&mut self, progress: &dyn Fn(&str)) -> Result<(), DemoError> {
        let Ports { mail, chat, phone, .. } = self.launcher.ports;
        progress(&format!("sinks: mail {mail}, chat {chat}, phone {phone}"));
        let ports = [
            ("--mail-port", mail.to_string()),
            ("--chat-port", chat.to_string()),
            ("--phone-port", phone.to_string()),
        ];
        self.start_supporting("sinks", &ports, progress)
    }

    fn start_database(&mut self, progress: &dyn Fn(&str)) -> Result<(), DemoError> {
        if self.password.is_none() {
            progress("PostgreSQL: none, the data is in memory");
            return Ok(());
        }
        let port = self.launcher.ports.database;
        let more = [("--port", port.to_string()), ("--seed", self.launcher.seed.to_string())];
        self.start_supporting("database", &more, progress)?;
        progress(&format!("PostgreSQL: 127.0.0.1:{port}"));
        Ok(())
    }

    fn start_proxy(&mut self, progress: &dyn Fn(&str)) -> Result<(), DemoError> {
        let Ports { api, frontend, proxy, .. } = self.launcher.ports;
        progress(&format!("proxy: http://127.0.0.1:{proxy}"));
        let more = [
            ("--port", proxy.to_string()),
            ("--api-ports", listed(&api)),
            ("--frontend-port", frontend.to_string()),
        ];
        self.start_supporting("proxy", &more, progress)
    }

    fn start_visitors(&mut self, progress: &dyn Fn(&str)) -> Result<(), DemoError> {
        let Ports { api, frontend, proxy, .. } = self.launcher.ports;
        progress("visitors: 16, about 20 requests a second");
        let more = [
            ("--proxy-port", proxy.to_string()),
            ("--await-ports", listed(&[&api[..], &[frontend]].concat())),
        ];
        self.start_supporting("visitors", &more, progress)
    }

    fn start_supporting(
        &mut self,
        name: &str,
        more: &[(&str, String)],
        progress: &dyn Fn(&str),
    ) -> Result<(), DemoError> {
        let argv = self.launcher.argv(name, name, more);
        let mut command = Command::new(&argv[0]);
        command.args(&argv[1..]).arg("--guarded");
        if let (Some(Password(password)), "database") = (&self.password, name) {
            command.env("POSTGRES_PASSWORD", password);
        }
        let folder = &self.launcher.folder;
        let started = Process::start(folder, name, command, START_PATIENCE, progress)?;
        self.supporting.push(started);
        Ok(())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop();
    }
}

fn listed(ports: &[u16]) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",")
}
