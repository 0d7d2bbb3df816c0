//! The command line of one process of the platform, and of the switches.

use crate::api::{self, ApiOptions};
use crate::error::DemoError;
use crate::fault::{Fault, FaultKind, Target};
use crate::folder::Folder;
use crate::lifetime::{Lifetime, say};
use crate::postgres::{self, DatabaseOptions};
use crate::sinks::{self, SinkPorts};
use crate::{fire, frontend, mks, proxy, visitors};
use clap::{Args, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// The environment variable that names the working folder for `fault`.
const FOLDER_VARIABLE: &str = "MIRAIKAKAKU_FOLDER";

/// One process of a small stock prediction platform, or its switches.
#[derive(Parser)]
#[command(name = "demo-process", no_binary_name = true)]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// One instance of the stock API (environment: DATABASE_HOST, DATABASE_PORT,
    /// POSTGRES_PASSWORD).
    Api {
        #[command(flatten)]
        common: Common,
        #[arg(long)]
        port: u16,
        /// Serve the seeded data from memory.
        #[arg(long)]
        without_database: bool,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// The page with data fetched through the proxy.
    Frontend {
        #[command(flatten)]
        common: Common,
        #[arg(long)]
        port: u16,
        #[arg(long)]
        proxy_port: u16,
    },
    /// The least-connections proxy in front of API and front end.
    Proxy {
        #[command(flatten)]
        common: Common,
        #[arg(long)]
        port: u16,
        #[arg(long, value_delimiter = ',', required = true)]
        api_ports: Vec<u16>,
        #[arg(long)]
        frontend_port: u16,
    },
    /// Simulated visitors.
    Visitors {
        #[command(flatten)]
        common: Common,
        #[arg(long)]
        proxy_port: u16,
        /// Come only when somebody listens on all of these.
        #[arg(long, value_delimiter = ',')]
        await_ports: Vec<u16>,
    },
    /// The backend of a second product.
    MksBackend {
        #[command(flatten)]
        common: Common,
        #[arg(long)]
        port: u16,
    },
    /// Mail, chat and phone.
    Sinks {
        #[command(flatten)]
        common: Common,
        #[arg(long)]
        mail_port: u16,
        #[arg(long)]
        chat_port: u16,
        #[arg(long)]
        phone_port: u16,
    },
    /// A private PostgreSQL and its guard (environment: POSTGRES_PASSWORD).
    Database {
        #[command(flatten)]
        common: Common,
        #[arg(long)]
        port: u16,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Set something on fire, or put it out.
    Fault {
        /// The working folder; without it the one in MIRAIKAKAKU_FOLDER, else the current one.
        #[arg(long, global = true)]
        folder: Option<PathBuf>,
        #[command(subcommand)]
        action: FaultAction,
    },
}

#[derive(Args)]
struct Common {
    /// The working folder.
    #[arg(long)]
    folder: PathBuf,
    /// The name of this process; without it, its role.
    #[arg(long)]
    name: Option<String>,
    /// End when standard input ends.
    #[arg(long)]
    guarded: bool,
}

#[derive(Subcommand)]
enum FaultAction {
    /// Turn a fault on: `set api-2 slow=5100` or `set api-2:slow=5100`.
    Set {
        #[arg(num_args = 1..=2, required = true)]
        fault: Vec<String>,
    },
    /// Turn a fault off: `clear api-2 slow`, or all of them: `clear`.
    Clear {
        #[arg(num_args = 0..=2)]
        fault: Vec<String>,
    },
    /// Show what is on.
    List,
}

/// Runs a role, or flips a switch; `args` come without the program's name. Exit codes: 0 fine,
/// 1 failed, 2 wrong usage.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(args) {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match run(arguments.role) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Once for whoever started us, once for the log.
            eprintln!("error: {error}");
            if !matches!(error, DemoError::UnknownFault(_) | DemoError::Process { .. }) {
                say(&format!("failed {error}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(role: Role) -> Result<(), DemoError> {
    let (common, fallback_name) = match &role {
        Role::Api { common, .. } => (common, "api-1"),
        Role::Frontend { common, .. } => (common, "frontend"),
        Role::Proxy { common, .. } => (common, "proxy"),
        Role::Visitors { common, .. } => (common, "visitors"),
        Role::MksBackend { common, .. } => (common, "mks-backend"),
        Role::Sinks { common, .. } => (common, "sinks"),
        Role::Database { common, .. } => (common, "database"),
        Role::Fault { folder, action } => return switch(folder.clone(), action),
    };
    let folder = Folder::create(&common.folder)?;
    let name = common.name.clone().unwrap_or_else(|| fallback_name.to_owned());
    let guarded = common.guarded;
    let refused =
        |error: std::io::Error| DemoError::Start { name: name.clone(), reason: error.to_string() };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(refused)?;
    let ran = runtime.block_on(async {
        let lifetime = Lifetime::begin(&folder, &name, guarded).await?;
        serve(role, folder, name, &lifetime).await
    });
    // What still runs (a hung request for example) ends with the process.
    runtime.shutdown_background();
    ran
}

async fn serve(
    role: Role,
    folder: Folder,
    name: String,
    lifetime: &Lifetime,
) -> Result<(), DemoError> {
    match role {
        Role::Api { port, without_database, seed, .. } => {
            let database = if without_database { None } else { Some(database_config()?) };
            api::run(ApiOptions { folder, name, port, database, seed }, lifetime).await
        }
        Role::Frontend { port, proxy_port, .. } => frontend::run(port, proxy_port, lifetime).await,
        Role::Proxy { port, api_ports, frontend_port, .. } => {
            proxy::run(&folder, port, &api_ports, frontend_port, lifetime).await
        }
        Role::Visitors { proxy_port, await_ports, .. } => {
            visitors::run(proxy_port, &await_ports, lifetime).await;
            Ok(())
        }
        Role::MksBackend { port, .. } => mks::run(&folder, port, lifetime).await,
        Role::Sinks { mail_port, chat_port, phone_port, .. } => {
            let ports = SinkPorts { mail: mail_port, chat: chat_port, phone: phone_port };
            sinks::run(&folder, ports, lifetime).await
        }
        Role::Database { port, seed, .. } => {
            let password = variable("POSTGRES_PASSWORD")?;
            postgres::run(DatabaseOptions { folder, port, password, seed }, lifetime).await
        }
        Role::Fault { folder, action } => switch(folder, &action),
    }
}

fn switch(folder: Option<PathBuf>, action: &FaultAction) -> Result<(), DemoError> {
    let folder = folder
        .or_else(|| std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from))
        .unwrap_or_else(|| ".".into());
    let folder = Folder::open(&folder)?;
    match action {
        FaultAction::Set { fault } => fire::set(&folder, &fault.join(":").parse()?),
        FaultAction::Clear { fault } if fault.is_empty() => fire::clear_all(&folder),
        FaultAction::Clear { fault } => fire::clear(&folder, &to_clear(&fault.join(":"))?),
        FaultAction::List => {
            fire::list(&folder)?.iter().for_each(|fault| say(&fault.to_string()));
            Ok(())
        }
    }
}

/// To put a fire out, nobody has to remember how large it was.
fn to_clear(text: &str) -> Result<Fault, DemoError> {
    let Some((target, kind)) = text.split_once(':') else { return text.parse() };
    let target: Target = target.parse()?;
    let kind: FaultKind =
        kind.parse().or_else(|error| format!("{kind}=1").parse().map_err(|_| error))?;
    Fault::new(target, kind)
}

fn database_config() -> Result<tokio_postgres::Config, DemoError> {
    let port = variable("DATABASE_PORT").unwrap_or_else(|_| "5432".into());
    let port = port.parse().map_err(|_| DemoError::Start {
        name: "api".into(),
        reason: format!("DATABASE_PORT is {port:?}, not a port"),
    })?;
    let mut config = tokio_postgres::Config::new();
    config
        .host(variable("DATABASE_HOST").unwrap_or_else(|_| "127.0.0.1".into()))
        .port(port)
        .user(postgres::USER)
        .dbname(postgres::DATABASE)
        .password(variable("POSTGRES_PASSWORD")?);
    Ok(config)
}

fn variable(name: &str) -> Result<String, DemoError> {
    std::env::var(name).map_err(|_| DemoError::Start {
        name: "process".into(),
        reason: format!("the environment variable {name} is not set (or use --without-database)"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fire_is_put_out_without_knowing_its_size() {
        let cleared = |text: &str| to_clear(text).map(|fault| fault.to_string());
        assert_eq!(cleared("api-2:slow").expect("parses"), "api-2:slow=1");
        assert_eq!(cleared("api-2:slow=5100").expect("parses"), "api-2:slow=5100");
        assert_eq!(cleared("api-2:hang").expect("parses"), "api-2:hang");
        assert!(cleared("api-2:burn").is_err() && cleared("api-2").is_err());
    }

    #[test]
    fn the_command_line_makes_sense_to_its_parser() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
        let words = ["fault", "set", "api-2", "hang", "--folder", "x"];
        assert!(Arguments::try_parse_from(words).is_ok());
    }
}
