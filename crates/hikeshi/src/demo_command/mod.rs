//! `hikeshi demo`: a small platform, hikeshi watching it, and fires that are put out before your eyes.

mod configuration;
mod live;
mod manual;
mod scenario;
mod scenarios;
mod server;
mod stage;

use crate::{
    common::Common,
    show::{BOLD, Trouble, pick, progress, say, trouble},
};
use clap::Args;
use demo::{Platform, PlatformOptions, Ports};
use domain::said::Said;
use scenario::Played;
use scenarios::SCENARIOS;
use serde_json::json;
use stage::Stage;
use std::{path::PathBuf, process::ExitCode};

/// What can be asked of the demo.
#[derive(Args)]
pub struct DemoArguments {
    /// Play the scenarios and end; exit code 0 only if every one ended as it must
    #[arg(long)]
    once: bool,
    /// List the scenarios and end
    #[arg(long)]
    list: bool,
    /// Play only this one (may be given several times)
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Use this working folder and keep it
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// What a newcomer sees first, before the demo goes on by itself.
const FIRST: &[&str] = &["api-instance-killed", "database-stopped"];

/// Runs the demo.
pub fn run(common: &Common, arguments: DemoArguments) -> Result<ExitCode, Trouble> {
    if arguments.list {
        return list(common);
    }
    let wanted: Vec<&str> = match (arguments.scenario.is_empty(), arguments.once) {
        (false, _) => arguments.scenario.iter().map(String::as_str).collect(),
        (true, true) => SCENARIOS.iter().map(|scenario| scenario.name).collect(),
        (true, false) => FIRST.to_vec(),
    };
    let chosen: Vec<_> =
        wanted.iter().map(|name| scenarios::find(name)).collect::<Result<_, _>>()?;
    let _runtime = tokio::runtime::Runtime::new().map_err(trouble)?;
    let ended = live::until_ctrl_c()?;
    let has_database = demo::is_postgres_installed();
    if !has_database {
        progress(&Said::new(
            "PostgreSQL がないため、データベースなしで再生します (Debian/Ubuntu: sudo apt-get install postgresql)",
            "no PostgreSQL here: playing what needs none (Debian/Ubuntu: sudo apt-get install postgresql)",
        ));
    }
    let folder = configuration::Work::new(arguments.keep)?;
    let ports = Ports::free_where_busy().map_err(trouble)?;
    let options = PlatformOptions {
        folder: folder.platform(),
        ports,
        program: std::env::current_exe().map_err(trouble)?,
        program_args: vec![crate::common::DEMO_PROCESS.to_owned()],
        database: has_database,
        seed: 20_260_701,
    };
    let mut platform =
        Platform::start(options, &|line| progress(&Said::same(line))).map_err(trouble)?;
    configuration::write(&folder, &platform)?;
    manual::import(&folder)?;
    let server = server::Server::start(&folder, &platform)?;
    manual::promote(&server)?;
    if !arguments.once {
        show_the_way(&server)?;
    }
    let live = live::Live::start(&server, !common.json);
    let mut stage = Stage::new(&platform, &server, ended.clone());
    stage.wait_until_calm()?;

    let mut played = Vec::new();
    for scenario in chosen {
        if ended.is_set() {
            break;
        }
        if scenario.needs_database && !has_database {
            played.push(Played::left_out(scenario));
            continue;
        }
        heading(scenario.title.0, scenario.title.1);
        let outcome = scenario.play(&mut stage);
        outcome.show();
        played.push(outcome);
    }
    let code = conclude(common, &played);
    if !arguments.once && !ended.is_set() {
        invite(&folder, &platform, &server);
        ended.wait();
    }
    live.stop();
    drop(server);
    platform.stop();
    folder.clean_up();
    Ok(code)
}

fn list(common: &Common) -> Result<ExitCode, Trouble> {
    if common.json {
        let rows: Vec<_> = SCENARIOS.iter().map(|s| json!({"name": s.name, "title": {"ja": s.title.0, "en": s.title.1}, "needs_database": s.needs_database})).collect();
        say!("{}", serde_json::Value::Array(rows));
    } else {
        SCENARIOS.iter().for_each(|scenario| {
            say!("{:<24} {}", scenario.name, pick(scenario.title.0, scenario.title.1))
        });
    }
    Ok(ExitCode::SUCCESS)
}

fn conclude(common: &Common, played: &[Played]) -> ExitCode {
    let failed = played.iter().filter(|outcome| outcome.has_failed()).count();
    let left_out = played.iter().filter(|outcome| outcome.is_left_out()).count();
    let passed = played.len() - failed - left_out;
    if common.json {
        let scenarios: Vec<_> = played.iter().map(Played::json).collect();
        say!(
            "{}",
            json!({"scenarios": scenarios, "passed": passed, "failed": failed, "left_out": left_out})
        );
    } else {
        let en = format!("{passed} passed, {failed} failed, {left_out} skipped");
        let ja = format!("成功 {passed}、失敗 {failed}、省略 {left_out}");
        say!("\n{BOLD}{}{BOLD:#}", pick(&ja, &en));
    }
    // Under CI nothing that was to be played may be left out.
    let incomplete = left_out > 0 && std::env::var_os("CI").is_some();
    ExitCode::from(u8::from(failed > 0 || incomplete))
}

/// Where everything can be watched in a browser; the link is the visitor's own, and good once.
fn show_the_way(server: &server::Server) -> Result<(), Trouble> {
    let made = server.client()?.post("/api/v1/accounts", json!({"name": "guest"}))?;
    heading(
        "ブラウザーで見る (パスワードを決めて入る)",
        "Watch it in a browser (choose a password and come in)",
    );
    anstream::eprintln!("  {}", made["link"].as_str().unwrap_or_default());
    Ok(())
}

/// What to try now, in a second terminal.
fn invite(folder: &configuration::Work, platform: &Platform, server: &server::Server) {
    let ports = platform.ports();
    let me = std::env::current_exe()
        .map(|path| path.display().to_string())
        .unwrap_or_else(|_| "hikeshi".into());
    let (config, platform_folder) =
        (folder.config().display().to_string(), folder.platform().display().to_string());
    heading(
        "動き続けています。Ctrl-C で、ここで起動したものだけを止めます",
        "It keeps running. Ctrl-C stops what was started here, and nothing else",
    );
    say!(
        "{}: http://127.0.0.1:{}/   API: http://127.0.0.1:{}/api/market/summary",
        pick("開いてみる", "open"),
        ports.proxy,
        ports.proxy
    );
    say!("hikeshi: http://{}/   /metrics   /api/v1/incidents", server.listen());
    say!("{}:", pick("別の端末で試す", "try in a second terminal"));
    for (command, ja, en) in [
        (
            format!(
                "{me} {} fault set api-2:kill --folder {platform_folder}",
                crate::common::DEMO_PROCESS
            ),
            "壊してみる",
            "break something",
        ),
        (
            format!(
                "{me} {} fault set api-1:error-rate=60 --folder {platform_folder}",
                crate::common::DEMO_PROCESS
            ),
            "エラー率 60%",
            "60 % errors",
        ),
        (
            format!(
                "{me} {} fault clear api-1:error-rate=60 --folder {platform_folder}",
                crate::common::DEMO_PROCESS
            ),
            "元に戻す",
            "put it back",
        ),
        (format!("{me} check -c {config}"), "一度だけ見る", "take one look"),
        (format!("{me} incident list --all -c {config}"), "インシデント", "incidents"),
        (format!("{me} incident show latest -c {config}"), "タイムライン", "the timeline"),
        (format!("{me} incident ack latest -c {config}"), "対応する", "acknowledge"),
    ] {
        say!("  {command}\n      # {}", pick(ja, en));
    }
}

pub(crate) fn heading(ja: &str, en: &str) {
    anstream::eprintln!("\n{BOLD}━━ {}{BOLD:#}", pick(ja, en));
}
