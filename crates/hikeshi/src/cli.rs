//! The command line: what can be asked, and the exit codes (0 fine, 1 problem found, 2 usage or unreachable).

use crate::{
    account_commands, answer_commands, audit_command, channel_commands, check, commands,
    common::Common, comms_commands, contact_commands, device_commands, diagnose, doctor_command,
    init, intake_commands, journal_commands, log_commands, on_call_commands, quiet_commands,
    repair_commands, rules_commands, scan_command, serve, show::Trouble, status_commands,
    token_commands, validate,
};
use clap::{CommandFactory, Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// hikeshi (火消し): detects, tells the right person, runs your runbooks with guardrails, verifies, reports.
///
/// Exit codes: 0 fine, 1 a problem was found, 2 wrong usage or hikeshi cannot be reached.
#[derive(Parser)]
#[command(name = "hikeshi", version, max_term_width = 100)]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Play fires on a small stock prediction platform, and see them put out
    Demo(crate::demo_command::DemoArguments),
    /// Write a commented starter folder
    Init {
        /// The folder to write; it must be empty or not there
        #[arg(default_value = "hikeshi")]
        folder: PathBuf,
    },
    /// Take one look at everything, change nothing
    Check {
        /// Seconds after which the look ends whatever hangs
        #[arg(long, default_value_t = 25)]
        within: u64,
    },
    /// Name by day what would fail at 3 a.m.: who cannot be reached, what nobody watches or has reviewed
    Doctor,
    /// Look closely at what is slow, at the database, at one service or at the logs; change nothing
    #[command(subcommand)]
    Diagnose(diagnose::DiagnoseCommand),
    /// Look for weak places: known holes in packages, secrets, permissions, open routes, TLS; change nothing
    Scan(scan_command::ScanArguments),
    /// Read the logs: the last errors, and who asked for what
    #[command(subcommand)]
    Logs(log_commands::LogsCommand),
    /// Prometheus rule files: lint, import, export
    #[command(subcommand)]
    Rules(rules_commands::RulesCommand),
    /// Print what other systems can import: rules for Prometheus, a dashboard for Grafana
    #[command(subcommand)]
    Export(rules_commands::ExportCommand),
    /// Watch, tell, repair
    Serve {
        /// End when this process ends
        #[arg(long, hide = true, value_name = "PID")]
        ends_with: Option<u32>,
    },
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Incidents
    #[command(subcommand)]
    Incident(commands::IncidentCommand),
    /// Measures that were decided after incidents
    #[command(subcommand)]
    Measure(commands::MeasureCommand),
    /// Alerts
    #[command(subcommand)]
    Alert(commands::AlertCommand),
    /// Runbooks
    #[command(subcommand)]
    Runbook(repair_commands::RunbookCommand),
    /// Hand in what a user reports
    Report(intake_commands::ReportArguments),
    /// Give a sign of life of a job
    Ping(intake_commands::PingArguments),
    /// Jobs that must give a sign of life
    #[command(subcommand)]
    Heartbeat(intake_commands::HeartbeatCommand),
    /// Channels: how they fare, and trying one out
    #[command(subcommand)]
    Channel(channel_commands::ChannelCommand),
    /// Contacts: who is reached how, and asking people to confirm it
    Contacts {
        #[command(subcommand)]
        command: Option<contact_commands::ContactsCommand>,
    },
    /// The delivery ledger: who was told of what, on which way, and what shows that it arrived
    Notices(crate::notices_command::NoticesArguments),
    /// Texts for the press, customers and stakeholders: draft, fill in, release
    #[command(subcommand)]
    Comms(comms_commands::CommsCommand),
    /// The page that customers see
    #[command(subcommand)]
    Status(status_commands::StatusCommand),
    /// Phones and browsers that receive pushes
    #[command(subcommand)]
    Device(device_commands::DeviceCommand),
    /// What the daily digest would say now, and when the next one goes out
    Digest,
    /// Who may use the pages, and what they may do there
    #[command(subcommand)]
    Account(account_commands::AccountCommand),
    /// Tokens with which other systems show who they are
    #[command(subcommand)]
    Token(token_commands::TokenCommand),
    /// Silences: alerts that are recorded and tell nobody for a while
    #[command(subcommand)]
    Silence(quiet_commands::SilenceCommand),
    /// Who is on call, and changing it
    #[command(subcommand, name = "oncall")]
    OnCall(on_call_commands::OnCallCommand),
    /// Maintenance windows
    #[command(subcommand)]
    Maint(quiet_commands::MaintenanceCommand),
    /// Approvals: what waits for a person's yes
    #[command(subcommand)]
    Approval(answer_commands::ApprovalCommand),
    /// Runs of runbooks: show, answer, end
    #[command(subcommand)]
    Run(answer_commands::RunCommand),
    /// Whether automation is on, which services it must not touch, and until when
    Automation,
    /// Stop at once everything that hikeshi does to services by itself
    StopAutomation {
        /// Why
        #[arg(long)]
        reason: String,
        /// For how long; without it, until it is resumed
        #[arg(long = "for", value_name = "TIME")]
        hold: Option<String>,
    },
    /// Let automation go on
    ResumeAutomation,
    /// Services
    #[command(subcommand)]
    Service(repair_commands::ServiceCommand),
    /// Run the runbooks of everything that burns, in the order of the dependencies
    Recover {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Play stories against your configuration
    Story {
        /// Story files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// System, application and business in numbers
    Dashboard(crate::dashboard::DashboardArguments),
    /// Who did what, and which secrets were asked for
    Audit(audit_command::AuditArguments),
    /// The journal
    #[command(subcommand)]
    Journal(journal_commands::JournalCommand),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say every mistake at once, with file, line and hint
    Check,
    /// Print the alert rules that come built in
    ShowAlerts,
    /// Print the JSON Schema of a file, for editors; descriptions are in the language of --lang
    Schema {
        /// Which file: hikeshi.yaml, hikeshi.local.yaml, or the front matter of a runbook
        #[arg(long = "for", value_name = "FILE", default_value = "main", value_parser = ["main", "local", "runbook"])]
        file: String,
    },
}

/// Carries out a command line.
pub fn run(arguments: Arguments) -> Result<ExitCode, Trouble> {
    let common = arguments.common;
    crate::show::set_language(common.lang.as_deref())?;
    match arguments.command {
        Command::Demo(demo) => crate::demo_command::run(&common, demo),
        Command::Init { folder } => init::run(&folder),
        Command::Check { within } => check::run(&common, within),
        Command::Doctor => doctor_command::run(&common),
        Command::Diagnose(command) => diagnose::run(&common, command),
        Command::Scan(asked) => scan_command::run(&common, &asked),
        Command::Logs(command) => log_commands::run(&common, command),
        Command::Rules(command) => rules_commands::run(&common, command),
        Command::Export(command) => rules_commands::export(&common, command),
        Command::Serve { ends_with } => serve::run(&common, ends_with),
        Command::Config(ConfigCommand::Check) => validate::run(&common),
        Command::Config(ConfigCommand::ShowAlerts) => validate::show_alerts(),
        Command::Config(ConfigCommand::Schema { file }) => validate::schema(&file),
        Command::Incident(command) => commands::incident(&common, command),
        Command::Measure(command) => commands::measure(&common, command),
        Command::Alert(command) => commands::alert(&common, command),
        Command::Runbook(command) => repair_commands::runbook(&common, command),
        Command::Report(ask) => intake_commands::report(&common, &ask),
        Command::Ping(ask) => intake_commands::ping(&common, &ask),
        Command::Heartbeat(command) => intake_commands::heartbeat(&common, &command),
        Command::Channel(command) => channel_commands::run(&common, &command),
        Command::Contacts { command } => contact_commands::run(&common, command.as_ref()),
        Command::Notices(asked) => crate::notices_command::run(&common, &asked),
        Command::Comms(command) => comms_commands::run(&common, &command),
        Command::Status(command) => status_commands::run(&common, &command),
        Command::Device(command) => device_commands::run(&common, &command),
        Command::Digest => comms_commands::digest(&common),
        Command::Account(command) => account_commands::run(&common, &command),
        Command::Token(command) => token_commands::run(&common, &command),
        Command::Silence(command) => quiet_commands::silence(&common, command),
        Command::Maint(command) => quiet_commands::maintenance(&common, command),
        Command::OnCall(command) => on_call_commands::run(&common, command),
        Command::Service(command) => repair_commands::service(&common, command),
        Command::Approval(command) => answer_commands::approval(&common, command),
        Command::Run(command) => answer_commands::run(&common, command),
        Command::Automation => answer_commands::automation(&common),
        Command::StopAutomation { reason, hold } => {
            answer_commands::stop(&common, &reason, hold.as_deref())
        }
        Command::ResumeAutomation => answer_commands::resume(&common),
        Command::Recover { yes } => repair_commands::recover(&common, yes),
        Command::Story { files } => validate::stories(&common, &files),
        Command::Dashboard(asked) => crate::dashboard::run(&common, &asked),
        Command::Audit(asked) => audit_command::run(&common, &asked),
        Command::Journal(command) => journal_commands::run(&common, command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "hikeshi", &mut script);
            crate::show::say!("{}", String::from_utf8_lossy(&script).trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}
