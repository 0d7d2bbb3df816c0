//! `miraikakaku up` runs the platform with its services; every other word is a role of it.

use demo::{DemoError, Platform, PlatformOptions, Ports};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: miraikakaku up [--without-database] [--free-ports] [FOLDER]\n       \
                     miraikakaku fault (set | clear | list) [FAULT] [--folder FOLDER]";

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match args.first().and_then(|word| word.to_str()) {
        Some("up") => match up(&args[1..]) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
        Some(_) => demo::process::main(args.into_iter()),
    }
}

fn up(args: &[OsString]) -> Result<(), DemoError> {
    let has = |option: &str| args.iter().any(|word| word == option);
    let folder = args.iter().find(|word| !word.to_string_lossy().starts_with("--"));
    let options = PlatformOptions {
        folder: folder.map_or_else(|| "miraikakaku-demo".into(), PathBuf::from),
        ports: if has("--free-ports") { Ports::all_free()? } else { Ports::free_where_busy()? },
        program: std::env::current_exe().map_err(|source| DemoError::File {
            action: "find",
            path: "this program".into(),
            source,
        })?,
        program_args: Vec::new(),
        database: !has("--without-database"),
        seed: 1,
    };
    let progress = |line: &str| eprintln!("{line}");
    let mut platform = match Platform::start(options.clone(), &progress) {
        Err(error @ DemoError::PostgresMissing) => {
            eprintln!("{error}; going on without");
            Platform::start(PlatformOptions { database: false, ..options }, &progress)?
        }
        started => started?,
    };
    platform.start_services(&progress)?;
    eprintln!(
        "open http://127.0.0.1:{}/ and break something: miraikakaku fault set api-2 hang --folder {}",
        platform.ports().proxy,
        platform.folder().path().display()
    );
    wait_for_the_end()?;
    platform.stop();
    Ok(())
}

/// Comes back at Ctrl-C or SIGTERM.
fn wait_for_the_end() -> Result<(), DemoError> {
    let refused = |source| DemoError::File { action: "wait on", path: "signals".into(), source };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(refused)?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended.map_err(refused),
            _ = terminate.recv() => Ok(()),
        }
    })
}
