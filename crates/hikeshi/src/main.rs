//! hikeshi (火消し): an incident response system that runs the team's own runbooks.

mod accesses;
mod account_commands;
mod answer_commands;
mod answer_key;
mod audit_command;
mod channel_commands;
mod check;
mod cli;
mod client;
mod clock;
mod commands;
mod common;
mod comms_commands;
mod contact_commands;
mod dashboard;
mod data_folder;
mod deliver;
mod demo_command;
mod device_commands;
mod diagnose;
mod diagnose_views;
mod dispatch;
mod doctor_command;
mod doctor_runbooks;
mod import_command;
mod import_folder;
mod import_views;
mod init;
mod intake_commands;
mod journal_commands;
mod lint_command;
mod log_commands;
mod looking;
mod masking;
mod notices_command;
mod on_call_commands;
mod openapi;
mod outside;
mod outside_eyes;
mod perform;
mod promote_command;
mod quiet_commands;
mod reload;
mod repair_commands;
mod rules_commands;
mod sampling;
mod sarif;
mod scan_command;
mod serve;
mod show;
mod signals;
mod status_commands;
mod status_page;
mod surveying;
mod token_commands;
mod validate;
mod views;

use clap::Parser;
use std::process::ExitCode;

/// Requests and facts are many small pieces, made on one thread and given back on another.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Processes of the demo platform are this binary too; they have nothing to do with the command line below.
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(first) if first == common::DEMO_PROCESS => return demo::process::main(arguments),
        // A step of a runbook runs inside a process of its own, which is this program too.
        Some(first) if first == runbook::recorder::RECORDER => return runbook::recorder::main(),
        _ => {}
    }
    // The crate for HTTP asks for one even where it speaks over a local socket. It fails only when one is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = cli::Arguments::parse();
    let answer = cli::run(arguments);
    match answer {
        Ok(code) => code,
        Err(trouble) => {
            trouble.show();
            ExitCode::from(trouble.code)
        }
    }
}
