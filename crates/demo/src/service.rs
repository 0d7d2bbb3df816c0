//! How each service of the platform is started, for whoever supervises it.

use crate::folder::Folder;
use crate::ports::Ports;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How to start one service: argv, additional environment, and where it will listen.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceCommand {
    /// Its name, also of its pid file: `api-1` to `api-3`, `frontend`, `mks-backend`.
    pub name: String,
    /// The program and its arguments; no secret is among them.
    pub argv: Vec<String>,
    /// What is added to the environment, the database password among it.
    pub env: Vec<(String, String)>,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
}

/// How every process of one platform is started.
#[derive(Clone, Debug)]
pub struct Launcher {
    /// The program that runs the roles.
    pub program: PathBuf,
    /// What comes before the role.
    pub program_args: Vec<String>,
    /// The working folder.
    pub folder: Folder,
    /// Where everything listens.
    pub ports: Ports,
    /// What the data is made from.
    pub seed: u64,
}

/// A database password. It shows in no Debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl Launcher {
    /// The arguments that start a role under a name.
    pub fn argv(&self, role: &str, name: &str, more: &[(&str, String)]) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut argv = vec![text(&self.program)];
        argv.extend(self.program_args.iter().cloned());
        argv.extend([role, "--name", name, "--folder"].map(str::to_owned));
        argv.push(text(self.folder.path()));
        for (option, value) in more {
            argv.push((*option).to_owned());
            if !value.is_empty() {
                argv.push(value.clone());
            }
        }
        argv
    }

    /// The services; with a password they use PostgreSQL, else the data in memory.
    pub fn services(&self, password: Option<&Password>) -> Vec<ServiceCommand> {
        let mut services: Vec<ServiceCommand> = (1..)
            .zip(self.ports.api)
            .map(|(number, port)| self.api(&format!("api-{number}"), port, password))
            .collect();
        let proxy = ("--proxy-port", self.ports.proxy.to_string());
        services.push(self.service("frontend", "frontend", self.ports.frontend, &[proxy]));
        services.push(self.service("mks-backend", "mks-backend", self.ports.mks, &[]));
        services
    }

    fn api(&self, name: &str, port: u16, password: Option<&Password>) -> ServiceCommand {
        let Some(Password(password)) = password else {
            let memory = ("--without-database", String::new());
            let seed = ("--seed", self.seed.to_string());
            return self.service("api", name, port, &[memory, seed]);
        };
        let env = [
            ("DATABASE_HOST", "127.0.0.1".to_owned()),
            ("DATABASE_PORT", self.ports.database.to_string()),
            ("POSTGRES_PASSWORD", password.clone()),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value)).to_vec();
        ServiceCommand { env, ..self.service("api", name, port, &[]) }
    }

    fn service(
        &self,
        role: &str,
        name: &str,
        port: u16,
        more: &[(&str, String)],
    ) -> ServiceCommand {
        let listen = [("--port", port.to_string())];
        ServiceCommand {
            name: name.to_owned(),
            argv: self.argv(role, name, &[&listen, more].concat()),
            env: Vec::new(),
            port,
        }
    }
}

impl ServiceCommand {
    /// The same as a command that ends when standard input does.
    pub fn guarded(&self) -> Command {
        let mut command = Command::new(&self.argv[0]);
        command.args(&self.argv[1..]).arg("--guarded").envs(self.env.iter().cloned());
        command
    }
}

impl fmt::Debug for ServiceCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ServiceCommand")
            .field("name", &self.name)
            .field("argv", &self.argv)
            .field("env", &names)
            .field("port", &self.port)
            .finish()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launcher(place: &Path) -> Launcher {
        Launcher {
            program: "/usr/bin/program".into(),
            program_args: vec!["demo-process".into()],
            folder: Folder::create(place).expect("the working folder"),
            ports: Ports::default(),
            seed: 7,
        }
    }

    #[test]
    fn the_password_is_in_the_environment_and_nowhere_else() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let password = Password("hunter2".into());
        let services = launcher(place.path()).services(Some(&password));
        assert!(services[0].env.contains(&("POSTGRES_PASSWORD".into(), "hunter2".into())));
        assert!(services.iter().all(|it| !it.argv.join(" ").contains("hunter2")));
        assert!(!format!("{services:?}{password:?}").contains("hunter2"));
    }

    #[test]
    fn five_services_are_started_by_their_role_and_name() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let services = launcher(place.path()).services(None);
        let names: Vec<&str> = services.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["api-1", "api-2", "api-3", "frontend", "mks-backend"]);
        assert_eq!(
            services[1].argv[..5],
            ["/usr/bin/program", "demo-process", "api", "--name", "api-2"]
        );
        assert!(services[1].argv.contains(&"--without-database".into()));
        assert_eq!(services[1].port, 8081);
    }
}
