//! `hikeshi rules`: Prometheus rule files linted and imported, our own conditions exported; and the Grafana dashboard.

use crate::{
    accesses::{self, FromCommand},
    common::Common,
    openapi,
    show::{self, BOLD, Trouble, pick, plain, progress, say, trouble},
    validate,
};
use clap::{Args, Subcommand};
use domain::said::Said;
use jiff::SignedDuration;
use probes::{Subject, metrics_page::MetricsPage};
use rules::{Exported, Finding, Gravity, RuleFile, Wiring};
use secrets::{Reader, Safe};
use source::Problems;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

/// How long a target may take to show its metrics.
const SCRAPE_LIMIT: Duration = Duration::from_secs(10);
/// What Prometheus adds to every target, and no target shows.
const ADDED_LABELS: [&str; 2] = ["job", "instance"];

/// What can be done with rule files. Exit codes: 0 fine, 1 errors found, 2 could not look.
#[derive(Subcommand)]
pub enum RulesCommand {
    /// Say what is wrong with rule files and dashboards; a metric that no target exports is an error
    Lint(LintArguments),
    /// Turn alerting rules into probes and alerts of hikeshi
    Import(ImportArguments),
    /// Print hikeshi's own conditions as a rule file
    Export,
}

/// What can be handed to other systems.
#[derive(Subcommand)]
pub enum ExportCommand {
    /// hikeshi's own conditions as a Prometheus rule file
    Rules,
    /// A Grafana dashboard over hikeshi's metrics
    Grafana,
    /// The description of the JSON API (OpenAPI 3.1); it needs no configuration and no server
    Openapi,
}

#[derive(Args)]
pub struct LintArguments {
    /// Rule files, or Grafana dashboards
    #[arg(required_unless_present = "file")]
    files: Vec<PathBuf>,
    /// One more
    #[arg(long)]
    file: Vec<PathBuf>,
    /// A target's address (http://127.0.0.1:9100/metrics) besides those of the configured `prometheus` probes
    #[arg(long, value_name = "URL")]
    target: Vec<String>,
}

#[derive(Args)]
pub struct ImportArguments {
    /// Rule files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write here instead of printing; a file that is there is left alone
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The Prometheus that is to be asked
    #[arg(long, default_value = "http://127.0.0.1:9090")]
    url: String,
    /// The service of alerts that name none; the first one of the configuration unless written
    #[arg(long)]
    service: Option<String>,
}

type Done = Result<ExitCode, Trouble>;

/// `hikeshi rules …`
pub fn run(common: &Common, command: RulesCommand) -> Done {
    match command {
        RulesCommand::Lint(wanted) => lint(common, wanted),
        RulesCommand::Import(wanted) => import(common, &wanted),
        RulesCommand::Export => export(common, ExportCommand::Rules),
    }
}

/// `hikeshi export …`
pub fn export(common: &Common, command: ExportCommand) -> Done {
    let policy = || validate::load(&common.config).map(|loaded| loaded.policy);
    let text = match command {
        ExportCommand::Rules => rules::export(&policy()?),
        ExportCommand::Grafana => rules::grafana(policy()?.language),
        ExportCommand::Openapi => format!("{:#}", openapi::document()),
    };
    say!("{}", text.trim_end());
    Ok(ExitCode::SUCCESS)
}

fn lint(common: &Common, wanted: LintArguments) -> Done {
    let mut problems = Problems::new();
    let paths = wanted.files.iter().chain(&wanted.file);
    let files = read_all(paths, &mut problems)?;
    let (exported, is_blind) = scrape(&pages(common, &wanted.target)?)?;
    let mut findings: Vec<Finding> = problems.sorted().into_iter().map(Finding::from).collect();
    findings.extend(rules::lint(&files, exported.as_ref()));
    if common.json {
        let list: Vec<_> =
            findings.iter().map(|finding| finding.to_json(show::language())).collect();
        say!("{}", serde_json::Value::Array(list));
    } else {
        findings.iter().for_each(|finding| say!("{}", finding.render(show::language())));
        let errors = findings.iter().filter(|finding| finding.gravity == Gravity::Error).count();
        let metrics = exported.as_ref().map(|exported| exported.metrics().count());
        let known = match metrics {
            Some(count) => format!("{count}"),
            None => pick("調べていません", "not looked at").to_owned(),
        };
        let (found, known_to) =
            (pick("指摘", "findings"), pick("公開メトリクス", "exported metrics"));
        let of_these = pick("うちエラー", "of these errors");
        say!(
            "{BOLD}{found}: {}, {of_these}: {errors}{BOLD:#} ({known_to}: {known})",
            findings.len()
        );
    }
    let has_errors = findings.iter().any(|finding| finding.gravity == Gravity::Error);
    Ok(ExitCode::from(if has_errors { 1 } else { u8::from(is_blind) * 2 }))
}

fn read_all<'p>(
    paths: impl Iterator<Item = &'p PathBuf>,
    problems: &mut Problems,
) -> Result<Vec<RuleFile>, Trouble> {
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        files.extend(rules::read(&path.display().to_string(), &text, problems));
    }
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Trouble {
    let path = path.display();
    Trouble::unusable(Said::new(
        format!("{path}: 読めません: {error}"),
        format!("{path}: cannot be read: {error}"),
    ))
}

/// Pages of metrics, each with who reads the secrets for it, and where that is written down.
struct Pages {
    pages: Vec<(MetricsPage, Reader)>,
    ledger: Option<Arc<FromCommand>>,
}

/// The targets of the configuration, where there is one, and those that are named.
fn pages(common: &Common, named: &[String]) -> Result<Pages, Trouble> {
    let (mut pages, mut ledger) = (Vec::new(), None);
    if has_configuration(common) {
        let loaded = validate::load(&common.config)?;
        let (safe, own) = accesses::for_a_command(common, &loaded);
        for spec in &loaded.probes {
            if let Subject::Metrics(page) = spec.settings.subject() {
                pages.push((page, safe.reader(format!("probe {}", spec.name))));
            }
        }
        ledger = Some(own);
    }
    for url in named {
        let page = MetricsPage::at(url).map_err(Trouble::unusable)?;
        pages.push((page, Safe::default().reader("rules")));
    }
    Ok(Pages { pages, ledger })
}

fn has_configuration(common: &Common) -> bool {
    common.config.join("hikeshi.yaml").exists()
}

/// What all targets export. Nothing can be said of what no target exports when one of them does not answer.
fn scrape(Pages { pages, ledger }: &Pages) -> Result<(Option<Exported>, bool), Trouble> {
    if pages.is_empty() {
        progress(&Said::new(
            "対象がないため、メトリクスの有無は調べません (--target URL か `prometheus` プローブで指定)",
            "no targets, so nobody looks which metrics there are (name them with --target URL or `prometheus` probes)",
        ));
        return Ok((None, false));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(trouble)?;
    let looks = pages.iter().map(|(page, reader)| page.fetch(reader, SCRAPE_LIMIT));
    let answers = runtime.block_on(futures::future::join_all(looks));
    let mut exported = Exported::new();
    ADDED_LABELS.into_iter().for_each(|label| exported.add_label(label));
    let mut is_blind = false;
    if let Some(ledger) = ledger {
        ledger.hand_in();
    }
    for ((page, _), answer) in pages.iter().zip(answers) {
        let url = page.url().as_str();
        let read = answer.and_then(|text| {
            exported
                .read_exposition(url, &text, &[])
                .map_err(|problem| Said::same(problem.render(show::language())))
        });
        if let Err(why) = read {
            is_blind = true;
            let (ja, en) = (plain(&why.ja), plain(&why.en));
            progress(&Said::new(
                format!("{url}: {ja}: メトリクスの有無は調べません"),
                format!("{url}: {en}: nobody looks which metrics there are"),
            ));
        }
    }
    Ok(((!is_blind).then_some(exported), is_blind))
}

fn import(common: &Common, wanted: &ImportArguments) -> Done {
    let mut problems = Problems::new();
    let files = read_all(wanted.files.iter(), &mut problems)?;
    if !problems.is_empty() {
        anstream::eprintln!("{}", plain(&problems.render(show::language())));
        return Err(Trouble::problem(Said::new(
            "規則ファイルに誤りがあります",
            "the rule files have mistakes",
        )));
    }
    let Some(first) = files.first() else { return Ok(ExitCode::from(2)) };
    // One document: two would name `probes:` twice.
    let groups = files.iter().flat_map(|file| file.groups.clone()).collect();
    let all = RuleFile { name: first.name.clone(), groups };
    let imported = rules::import(&all, &wiring(common, wanted)?);
    for note in &imported.notes {
        anstream::eprintln!("{}", plain(&note.render(show::language())));
    }
    match &wanted.output {
        None => say!("{}", imported.yaml.trim_end()),
        Some(path) => {
            let written = File::create_new(path)
                .and_then(|mut file| file.write_all(imported.yaml.as_bytes()));
            written.map_err(|error| {
                let path = path.display();
                Trouble::unusable(Said::new(
                    format!("{path}: 書けません: {error}"),
                    format!("{path}: cannot be written: {error}"),
                ))
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn wiring(common: &Common, wanted: &ImportArguments) -> Result<Wiring, Trouble> {
    let policy = match has_configuration(common) {
        true => Some(validate::load(&common.config)?.policy),
        false => None,
    };
    let services: Vec<String> = policy
        .iter()
        .flat_map(|policy| policy.graph.services().map(|service| service.name.to_string()))
        .collect();
    let service =
        wanted.service.clone().or_else(|| services.first().cloned()).ok_or_else(|| {
            Trouble::unusable(Said::new(
                "どのサービスのアラートか分かりません",
                "nothing says which service the alerts are about",
            ))
            .hint(Said::new(
                "--service で名前を指定するか、-c で設定フォルダーを指定してください",
                "name one with --service, or the configuration with -c",
            ))
        })?;
    Ok(Wiring {
        url: wanted.url.clone(),
        service,
        services: services.into_iter().collect(),
        taken: policy
            .iter()
            .flat_map(|policy| policy.rules.keys())
            .map(ToString::to_string)
            .collect(),
        every: SignedDuration::from_secs(30),
        language: show::language(),
    })
}
