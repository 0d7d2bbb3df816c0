//! Stories of performing shell steps, with real processes: what comes in is typed, what runs is bounded, what ends is gone.

mod world;

use domain::{command::StepReport, ids::RunId, plan::Outcome, said::Said};
use runbook::{Job, Performer};
use std::{fs, os::unix::fs::PermissionsExt, time::Duration};
use supervise::Identity;
use tokio::time::Instant;
use world::{CANARY, World, plan, until};

/// Whether a process has this pid; more than its number is not known here.
fn is_running(pid: &str) -> bool {
    Identity::of(pid.trim().parse().expect("a pid")).is_some()
}

#[tokio::test]
async fn a_step_that_ends_well_is_ok_and_its_values_are_captured() {
    let world = World::new().attribute("port", "port", "5100");
    let report = world
        .perform("```bash {name=a timeout=30s capture=kv}\necho \"ActiveState=active\"; echo \"port=$HK_PORT\"; echo to stderr >&2\n```")
        .await;
    assert_eq!((report.outcome, report.exit), (Outcome::Ok, Some(0)));
    assert_eq!(
        (report.captured["ActiveState"].as_str(), report.captured["port"].as_str()),
        ("active", "5100")
    );
    assert!(report.output.contains("to stderr"));
    let script = fs::metadata(world.path("runs/RUN-7/a.sh")).expect("the script is kept");
    assert_eq!(script.permissions().mode() & 0o777, 0o600);
    let folder = fs::metadata(world.path("runs/RUN-7")).expect("the folder");
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
    let started = world.started.lock().expect("not poisoned").clone();
    assert!(started.len() == 1 && started[0].is_some(), "{started:?}");
}

#[tokio::test]
async fn a_failure_says_its_exit_code_and_its_last_line() {
    let world = World::new();
    let report = world
        .perform("```bash {name=a timeout=30s}\necho first\nfalse | cat\necho never\n```")
        .await;
    assert_eq!(
        report.outcome,
        Outcome::Failed(Said::new("終了コード 1: first", "exit code 1: first")),
        "errexit and pipefail are on"
    );
    let report = world.perform("```bash {name=a timeout=30s ok_exit=0,3}\nexit 3\n```").await;
    assert_eq!((report.outcome, report.exit), (Outcome::Ok, Some(3)));
    let report = world.perform("```bash {name=a timeout=30s}\nkill -9 $$\n```").await;
    assert_eq!(
        (report.outcome, report.exit),
        (Outcome::Failed(Said::new("シグナル 9 で終了", "ended by signal 9")), None)
    );
    let report =
        world.perform("```bash {name=a timeout=30s capture=json}\necho not json\n```").await;
    assert!(matches!(report.outcome, Outcome::Failed(why) if why.en.contains("no JSON object")));
}

#[tokio::test]
async fn the_environment_starts_empty() {
    // The test runner's own variables stand for BASH_ENV, LD_PRELOAD and whatever else is set.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let world =
        World::new().attribute("unit", "systemd_unit", "mks").attribute("port", "port", "5100");
    let report = world.perform("```bash {name=a timeout=30s}\necho \"$HK_UNIT\" >/dev/null\nenv | cut -d= -f1 | sort | tr '\\n' ' '\n```").await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert_eq!(report.output.trim(), "HK_ATTEMPT HK_UNIT HOME LANG PATH PWD SHLVL TMPDIR _");
}

#[tokio::test]
async fn hostile_values_stay_data() {
    let hostile = "\"; touch pwned; $(touch pwned) `touch pwned` a[$(touch pwned)] *";
    let world = World::new().attribute("note", "const", hostile);
    let report =
        world.perform("```bash {name=a timeout=30s}\nprintf '%s\\n' \"$HK_NOTE\"\n```").await;
    assert_eq!(report.output.trim_end(), hostile);
    assert!(!world.path("runs/RUN-7/pwned").exists());
}

#[tokio::test]
async fn a_missing_value_or_another_body_blocks_and_nothing_starts() {
    let world = World::new();
    let report = world.perform("```bash {name=a timeout=30s}\ntouch \"$HK_UNIT\" ran\n```").await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("HK_UNIT")),
        "{report:?}"
    );

    // The file was changed between the approval and the run.
    let plan = plan("```bash {name=a timeout=30s}\ntouch ran\n```");
    let step = plan.step(&"a".into()).expect("the step");
    let approved = runbook::digest::of_bytes(b"true\n");
    let job = Job {
        plan: &plan,
        step,
        service: &world.service,
        given: &Default::default(),
        approved_values: None,
        graph: &world.graph,
        approved_digest: &approved,
        run: RunId(7),
        by: &domain::ids::Actor::Hikeshi,
        attempt: 1,
        incident: None,
        deadline: Instant::now() + Duration::from_secs(30),
    };
    let performer = Performer::new(world.deps.clone());
    let attempt = performer.perform(job, |_| panic!("it must not start"));
    fn can_be_spawned(_: &impl Send) {}
    can_be_spawned(&attempt);
    let report = attempt.await;
    assert!(
        matches!(report.outcome, Outcome::Blocked(why) if why.en.contains("not the approved one"))
    );
    assert!(!world.path("runs/RUN-7/ran").exists());
    assert!(world.started.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn a_step_that_prints_a_gigabyte_ends_and_fills_nothing() {
    let world = World::new();
    let report =
        world.perform("```bash {name=a timeout=5m}\nhead -c 1000000000 /dev/zero | tr '\\0' x\necho\necho the end\n```").await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert!(
        report.output.ends_with("the end\n") && report.output.len() < 8 << 10,
        "{}",
        report.output.len()
    );
    let kept =
        fs::metadata(world.path("runs/RUN-7/a-1.log")).expect("head and tail are kept").len();
    assert!(kept < 512 << 10, "{kept}");
}

#[tokio::test]
async fn secrets_and_control_characters_are_masked_everywhere() {
    let world = World::new();
    let report = world
        .perform(&format!(
            "```bash {{name=a timeout=30s capture=kv}}\nprintf 'p={CANARY}\\n\\033[31mred\\n' \n```"
        ))
        .await;
    let shown = format!("{report:?}");
    assert!(!shown.contains(CANARY) && !report.output.contains('\u{1b}'), "{shown}");
    assert!(!world.read("runs/RUN-7/a-1.log").contains(CANARY));
    let report = world
        .perform(&format!("```bash {{name=a timeout=30s}}\necho {CANARY} >&2; exit 1\n```"))
        .await;
    assert_eq!(report.outcome, Outcome::Failed(Said::new("終了コード 1: ***", "exit code 1: ***")));
}

/// It ignores TERM, and so does its child, which leaves the session as a daemon does. Both end with the folder
/// of their test, should it fail.
const STUBBORN: &str = r#"```bash {name=a timeout=1s}
trap '' TERM
setsid bash ./daemon.sh &
echo $$ >leader
while [ -e daemon.sh ]; do sleep 0.2; done
```"#;

fn with_daemon(world: &World) {
    let folder = world.path("runs/RUN-7");
    fs::create_dir_all(&folder).expect("made");
    let script = "trap '' TERM; echo $$ >daemon.new; mv daemon.new daemon; while [ -e daemon.sh ]; do sleep 0.2; done";
    fs::write(folder.join("daemon.sh"), script).expect("written");
}

#[tokio::test]
async fn a_step_that_ignores_term_is_killed_with_the_daemon_that_left_its_session() {
    let world = World::new();
    with_daemon(&world);
    let daemon = world.path("runs/RUN-7/daemon");
    // The limit is long enough for the daemon to come up on a loaded machine.
    let report = world.perform_within(STUBBORN, Duration::from_secs(5)).await;
    assert_eq!(report.outcome, Outcome::Timeout);
    assert!(daemon.exists(), "the daemon was there");
    assert!(!is_running(&world.read("runs/RUN-7/leader")));
    assert!(
        !is_running(&world.read("runs/RUN-7/daemon")),
        "the mark in its environment gave it away"
    );
}

#[tokio::test]
async fn what_a_step_leaves_in_its_session_is_ended_with_it() {
    let world = World::new();
    let report = world.perform("```bash {name=a timeout=60s}\nsleep 600 & echo $!\n```").await;
    assert_eq!(report.outcome, Outcome::Ok);
    assert!(!is_running(&report.output), "{}", report.output);
}

#[tokio::test]
async fn what_is_left_after_a_crash_of_hikeshi_is_found_and_ended() {
    let world = World::new();
    with_daemon(&world);
    let daemon = world.path("runs/RUN-7/daemon");
    {
        // Dropped like everything else when hikeshi dies.
        let attempt = world.perform_within(STUBBORN, Duration::from_secs(600));
        tokio::select! {
            report = attempt => panic!("it never ends: {report:?}"),
            () = until("the daemon", || daemon.exists()) => {}
        }
    }
    let identity = world.started.lock().expect("not poisoned")[0].clone().expect("a process");
    assert!(is_running(&world.read("runs/RUN-7/leader")));
    assert!(runbook::reap(&identity).await.expect("ended") >= 2);
    assert!(
        !is_running(&world.read("runs/RUN-7/leader"))
            && !is_running(&world.read("runs/RUN-7/daemon"))
    );
    assert_eq!(runbook::reap(&identity).await, Ok(0));
}

#[tokio::test]
async fn a_dry_run_shows_typed_values_and_body_and_runs_nothing() {
    let world = World::new().attribute("unit", "systemd_unit", "mks");
    let shown = |fence: &str| -> StepReport {
        let plan = plan(fence);
        let step = plan.step(&"a".into()).expect("the step");
        let job = Job {
            plan: &plan,
            step,
            service: &world.service,
            given: &Default::default(),
            approved_values: None,
            graph: &world.graph,
            approved_digest: &step.digest,
            run: RunId(7),
            by: &domain::ids::Actor::Hikeshi,
            attempt: 1,
            incident: None,
            deadline: Instant::now(),
        };
        Performer::new(world.deps.clone()).show(&job)
    };
    let report = shown("```bash {name=a timeout=1s}\ntouch ran \"$HK_UNIT\"\n```");
    assert_eq!(report.outcome, Outcome::Skipped);
    assert_eq!(report.output, "HK_UNIT=mks\ntouch ran \"$HK_UNIT\"\n");
    let report = shown("```action {name=a timeout=1s}\nservice.restart\nservice: $HK_SERVICE\n```");
    assert!(report.output.contains("would run: service.restart @api-1"), "{}", report.output);
    let report = shown("```action {name=a timeout=1s}\nhost.block_ip\nip: 203.0.113.7\n```");
    let and = "; verify: host.is_blocked; undo: host.unblock_ip";
    assert!(report.output.contains(and), "{}", report.output);
    assert!(matches!(
        shown("```bash {name=a timeout=1s}\necho \"$HK_PORT\"\n```").outcome,
        Outcome::Blocked(_)
    ));
    assert!(!world.path("runs").exists());
}

/// C27: whatever else this process starts would inherit a file that it holds open for one step.
#[tokio::test]
async fn a_step_with_a_secret_runs_only_inside_a_recorder() {
    let world = World::new();
    let fence = "```bash {name=a timeout=30s secrets=db}\ncat \"$HK_SECRET_DB\" > ran\n```";
    let report = world.perform(fence).await;
    assert!(
        matches!(&report.outcome, Outcome::Blocked(why) if why.en.contains("only inside a recorder")),
        "{report:?}"
    );
    assert!(world.started.lock().expect("not poisoned").is_empty());
}
