//! The fires of the demo, one row each.

use super::{
    scenario::{Checks, Scenario},
    stage::Stage,
};
use crate::show::{Trouble, pick};
use domain::said::Said;
use serde_json::{Value, json};
use std::time::Duration;

/// Every scenario, in the order of playing.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "api-instance-killed",
        title: ("API の 1 台が落ちる", "one of three API instances is killed"),
        needs_database: false,
        run: api_instance_killed,
    },
    Scenario {
        name: "database-stopped",
        title: ("データベースが停止する", "the database stops"),
        needs_database: true,
        run: database_stopped,
    },
    Scenario {
        name: "api-hangs",
        title: ("API の 1 台が応答しなくなる", "one API instance hangs"),
        needs_database: false,
        run: api_hangs,
    },
    Scenario {
        name: "api-crash-loop",
        title: ("すべての API が起動直後に落ち続ける", "all APIs crash as soon as they start"),
        needs_database: false,
        run: api_crash_loop,
    },
    Scenario {
        name: "slow-5100ms",
        title: ("応答が 5.1 秒になる", "answers take 5.1 s"),
        needs_database: false,
        run: |stage, checks| slow(stage, checks, 5100, "P2"),
    },
    Scenario {
        name: "slow-9900ms",
        title: ("応答が 9.9 秒になる", "answers take 9.9 s"),
        needs_database: false,
        run: |stage, checks| slow(stage, checks, 9900, "P2"),
    },
    Scenario {
        name: "slow-10000ms",
        title: ("応答が 10 秒になる", "answers take 10 s"),
        needs_database: false,
        run: |stage, checks| slow(stage, checks, 10_000, "P1"),
    },
    Scenario {
        name: "error-rate-60",
        title: ("リクエストの 60% が失敗する", "60 % of requests fail"),
        needs_database: false,
        run: error_rate,
    },
    Scenario {
        name: "disk-filled-by-log",
        title: ("ログがディスクを埋める", "a log fills the disk"),
        needs_database: false,
        run: disk_filled,
    },
    Scenario {
        name: "channel-down",
        title: ("通知チャネルが落ちている", "a notification channel is down"),
        needs_database: false,
        run: channel_down,
    },
];

/// The scenario with this name.
pub fn find(name: &str) -> Result<&'static Scenario, Trouble> {
    SCENARIOS.iter().find(|scenario| scenario.name == name).ok_or_else(|| {
        let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        let names = names.join(", ");
        Trouble::unusable(Said::new(
            format!("シナリオ `{name}` はありません: {names}"),
            format!("there is no scenario `{name}`: {names}"),
        ))
    })
}

type Run = Result<(), Trouble>;

const SOON: Duration = Duration::from_secs(60);
const LATE: Duration = Duration::from_secs(180);

/// The targets of changing steps named `restart`, in the order in which they were intended, with their positions.
fn restarts(stage: &Stage<'_>) -> Result<Vec<(String, u64)>, Trouble> {
    let intended = stage.facts("step_intended")?;
    let changing = intended.iter().filter(|entry| entry["fact"]["changes"] == true);
    Ok(changing
        .map(|entry| {
            (text(&entry["fact"]["target"]), entry["position"].as_u64().unwrap_or_default())
        })
        .collect())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn priority_of(incidents: &[Value]) -> String {
    incidents.first().map(|incident| text(&incident["priority"])).unwrap_or_default()
}

fn all_recovered(stage: &Stage<'_>) -> Result<bool, Trouble> {
    let incidents = stage.incidents()?;
    Ok(!incidents.is_empty()
        && incidents.iter().all(|incident| !incident["times"]["recovered"].is_null()))
}

/// Scenario 1: a warning, no incident, only the dead instance is restarted, the team hears of both ends.
fn api_instance_killed(stage: &mut Stage<'_>, checks: &mut Checks) -> Run {
    stage.set(&["api-2:kill"])?;
    let resolved = stage.wait_for(SOON, "alert_resolved")?;
    checks.note("検知され、解消した", "seen, and over", resolved);
    stage.wait(SOON, |stage| Ok(!stage.facts("run_finished")?.is_empty()))?;
    let restarted: Vec<_> = restarts(stage)?.into_iter().map(|(target, _)| target).collect();
    checks.note(
        "api-2 だけを 1 回再起動した",
        "only api-2 was restarted, once",
        restarted == ["api-2"],
    );
    let alerts = stage.alerts()?;
    let is_warning = alerts.len() == 1
        && alerts[0]["level"] == "warning"
        && alerts[0]["key"] == "service_down@api-2";
    checks.note("残りが動いているため警告どまり", "a warning, because others serve", is_warning);
    checks.note("インシデントにはならない", "no incident", stage.incidents()?.is_empty());
    let finished = stage.facts("run_finished")?;
    let verified = finished.iter().any(|entry| entry["fact"]["result"] == "recovered");
    checks.note("修復を確認した", "the repair was verified", verified);
    stage.wait(SOON, |stage| {
        Ok(stage.deliveries()?.iter().filter(|delivery| delivery.sink == "chat").count() >= 2)
    })?;
    let chats = stage.deliveries()?.iter().filter(|delivery| delivery.sink == "chat").count();
    checks.note("チャットに発生と解消が届いた", "chat got both firing and resolved", chats == 2);
    Ok(())
}

/// Faults 9, A8, A40, A55, A57: one incident, the database first, no API restarted before it is back.
fn database_stopped(stage: &mut Stage<'_>, checks: &mut Checks) -> Run {
    stage.set(&["api-2:sticky-pool", "database:stop"])?;
    let held = stage.wait(SOON, |stage| {
        let held = stage.facts("run_held")?;
        Ok(held.iter().any(|entry| entry["fact"]["reason"]["dependency"] == "database")
            && !stage.facts("escalated")?.is_empty())
    })?;
    checks.note(
        "API の修復はデータベースを待っている",
        "repairs of the APIs wait for the database",
        held,
    );
    // The database administrator brings it back; hikeshi restarts no database by itself.
    std::thread::sleep(Duration::from_secs(5));
    let before = restarts(stage)?;
    checks.note(
        "データベースが戻る前に再起動したものはない",
        "nothing was restarted before the database was back",
        before.is_empty(),
    );
    stage.clear(&["database:stop"])?;
    let recovered = stage.wait(LATE, all_recovered)?;
    stage.clear(&["api-2:sticky-pool"])?;
    checks.note("復旧した", "recovered", recovered);
    let incidents = stage.incidents()?;
    checks.note("インシデントは 1 件だけ", "one incident", incidents.len() == 1);
    checks.note("P0 と判定された", "classified P0", priority_of(&incidents) == "P0");
    let cause =
        incidents.first().map(|incident| text(&incident["cause"]["component"])).unwrap_or_default();
    checks.note("原因はデータベース", "its cause is the database", cause == "database");
    let restarted: Vec<_> = restarts(stage)?.into_iter().map(|(target, _)| target).collect();
    checks.note(
        "壊れたままの api-2 だけを再起動した",
        "only api-2, which stayed broken, was restarted",
        restarted == ["api-2"],
    );
    let boxes = incidents
        .first()
        .and_then(|incident| incident["recovery"]["checklist"].as_object().cloned())
        .unwrap_or_default();
    checks.note(
        "復旧チェックリスト 5 項目がすべて合格",
        "all five boxes of the checklist passed",
        boxes.len() == 5 && boxes.values().all(|result| result == "pass"),
    );
    template(stage, checks)?;
    stage.close_all("demo: the database was stopped")
}

/// A52, A53: the notices of document A arrived, in the language of the demo, with nothing left to fill in.
fn template(stage: &Stage<'_>, checks: &mut Checks) -> Run {
    const JA: [&str; 6] =
        ["発生時刻: ", "影響範囲: ", "現在の状況: ", "推定復旧時間: ", "対応状況: ", "次回更新: "];
    const EN: [&str; 6] =
        ["Began: ", "Scope: ", "Situation: ", "Expected recovery: ", "Response: ", "Next update: "];
    let fields = crate::show::language().pick(JA, EN);
    let begun = pick("[P0] Miraikakakuサービス緊急事態", "[P0] Miraikakaku: service emergency");
    let over =
        pick("[復旧完了] Miraikakakuサービス正常化", "[Recovered] Miraikakaku: back to normal");
    let is_closing = |delivery: &demo::sinks::Delivery| {
        delivery.sink == "mail" && delivery.subject.as_deref() == Some(over)
    };
    stage.wait(SOON, |stage| Ok(stage.deliveries()?.iter().any(is_closing)))?;
    let deliveries = stage.deliveries()?;
    let is_opening = |delivery: &&demo::sinks::Delivery| {
        delivery.sink == "mail" && delivery.subject.as_deref() == Some(begun)
    };
    let opening = deliveries.iter().find(is_opening);
    let is_filled = opening.is_some_and(|mail| {
        fields.iter().all(|field| mail.body.contains(field)) && !mail.body.contains('[')
    });
    checks.note(
        "P0 通知の 6 項目がすべて埋まっている",
        "the P0 notice has all six fields filled",
        is_filled,
    );
    let phone = deliveries.iter().any(|delivery| delivery.sink == "phone");
    checks.note("当番の電話が鳴った", "the phone of the person on call rang", phone);
    let closing = deliveries.iter().filter(|delivery| is_closing(delivery)).count();
    checks.note("復旧完了通知が届いた", "the recovery notice arrived", closing > 0);
    Ok(())
}

/// Fault 3: the port accepts and nothing answers.
fn api_hangs(stage: &mut Stage<'_>, checks: &mut Checks) -> Run {
    stage.set(&["api-3:hang"])?;
    let acting = stage.wait(LATE, |stage| Ok(!restarts(stage)?.is_empty()))?;
    checks.note(
        "無応答を検知して再起動した",
        "the hang was seen, and the instance restarted",
        acting,
    );
    stage.clear(&["api-3:hang"])?;
    let over = stage.wait(LATE, |stage| {
        Ok(stage.facts("run_finished")?.iter().any(|entry| entry["fact"]["result"] == "recovered"))
    })?;
    checks.note("修復を確認した", "the repair was verified", over);
    let mut restarted: Vec<_> = restarts(stage)?.into_iter().map(|(target, _)| target).collect();
    restarted.dedup();
    checks.note("api-3 だけを再起動した", "only api-3 was restarted", restarted == ["api-3"]);
    Ok(())
}

/// Fault 2, B27: at most three attempts, then people; success is never claimed.
fn api_crash_loop(stage: &mut Stage<'_>, checks: &mut Checks) -> Run {
    let apis = ["api-1", "api-2", "api-3"];
    let faults = ["api-1:crash-loop", "api-2:crash-loop", "api-3:crash-loop"];
    stage.set(&faults)?;
    let latched = stage.wait(LATE, |stage| Ok(stage.facts("latched")?.len() >= apis.len()))?;
    checks.note("上限で自動再起動を止めた", "automatic restarts stopped at the limit", latched);
    let escalated = stage.wait(SOON, |stage| {
        Ok(stage.facts("escalated")?.iter().any(|entry| entry["fact"]["level"].as_u64() >= Some(2)))
    })?;
    checks.note("レベル 2 に引き継いだ", "handed over to level 2", escalated);
    let counts = restarts(stage)?;
    let within = apis
        .iter()
        .all(|api| (1..=3).contains(&counts.iter().filter(|(target, _)| target == api).count()));
    checks.note("再起動は 1 台につき 3 回まで", "at most three restarts per instance", within);
    let claimed =
        stage.facts("run_finished")?.iter().any(|entry| entry["fact"]["result"] == "recovered")
            || all_recovered(stage)?;
    checks.note("成功したとは一度も言っていない", "success was never claimed", !claimed);
    let incidents = stage.incidents()?;
    checks.note(
        "インシデントは 1 件、P0",
        "one incident, P0",
        incidents.len() == 1 && priority_of(&incidents) == "P0",
    );
    // A person mends the configuration and restarts them, inside the same limit of attempts: some starts come too early.
    stage.clear(&faults)?;
    let mut left = apis.to_vec();
    stage.wait(LATE, |stage| {
        let started: Vec<_> = left.iter().map(|api| (*api, start_restart(stage, api))).collect();
        for (api, run) in started {
            if run.map_or(Ok(false), |run| is_repaired(stage, run))? {
                left.retain(|other| *other != api);
            }
        }
        std::thread::sleep(Duration::from_secs(2));
        Ok(left.is_empty())
    })?;
    checks.note(
        "人の操作で復旧した",
        "a person's restart recovered it",
        stage.wait(LATE, all_recovered)?,
    );
    stage.close_all("demo: every start failed")
}

/// A person starts a restart of a service; none where it is refused.
fn start_restart(stage: &Stage<'_>, service: &str) -> Option<u64> {
    let path = "/api/v1/runbooks/service-restart/run";
    stage.post(path, json!({"service": service})).ok()?["run"].as_u64()
}

/// Whether a run went well, once it is over.
fn is_repaired(stage: &Stage<'_>, run: u64) -> Result<bool, Trouble> {
    let path = format!("/api/v1/runs/{run}");
    stage.wait(SOON, |stage| Ok(!stage.get(&path)?["result"].is_null()))?;
    Ok(stage.get(&path)?["result"] == "recovered")
}

/// A7, A11: 5 s and more is P2, 10 s and more is P1.
fn slow(stage: &mut Stage<'_>, checks: &mut Checks, ms: u64, expected: &str) -> Run {
    let faults: Vec<_> = (1..=3).map(|number| format!("api-{number}:slow={ms}")).collect();
    let faults: Vec<_> = faults.iter().map(String::as_str).collect();
    stage.set(&faults)?;
    let is_expected = |stage: &Stage<'_>| {
        Ok(stage
            .facts("classified")?
            .iter()
            .any(|entry| entry["fact"]["classification"]["priority"] == expected))
    };
    let seen = stage.wait(LATE, is_expected)?;
    checks.note(format!("{expected} と判定された"), format!("classified {expected}"), seen);
    // Long enough that a wrong priority would have come, too.
    stage.wait(Duration::from_secs(5), |_| Ok(false))?;
    stage.clear(&faults)?;
    checks.note("復旧した", "recovered", stage.wait(LATE, all_recovered)?);
    let incidents = stage.incidents()?;
    checks.note(
        format!("インシデントは 1 件、{expected} のまま"),
        format!("one incident, and it stayed {expected}"),
        incidents.len() == 1 && priority_of(&incidents) == expected,
    );
    let rule = incidents
        .first()
        .map(|incident| text(&incident["classification"]["rule"]))
        .unwrap_or_default();
    checks.note(
        "応答時間の規則で決まった",
        "decided by the rule on answer times",
        rule.starts_with("api_latency"),
    );
    checks.note("何も再起動していない", "nothing was restarted", restarts(stage)?.is_empty());
    stage.close_all("demo: slow answers")
}

/// A9: half of all requests and more is P1. Pages do not fail, so three quarters of the API's answers make 60 % of all.
fn error_rate(stage: &mut Stage<'_>, checks: &mut Checks) -> Run {
    let faults = ["api-1:error-rate=75", "api-2:error-rate=75", "api-3:error-rate=75"];
    stage.set(&faults)?;
    let is_p1 = |stage: &Stage<'_>| {
        Ok(stage
            .facts("classified")?
            .iter()
            .any(|entry| entry["fact"]["classification"]["priority"] == "P1"))
    };
    let seen = stage.wait(LATE, is_p1)?;
    stage.clear(&faults)?;
    checks.note("P1 と判定された", "classified P1", seen);
    checks.note("復旧した", "recovered", stage.wait(LATE, all_recovered)?);
    let incidents = stage.incidents()?;
    checks.note("インシデントは 1 件", "one incident", incidents.len() == 1);
    let by_rate = stage
        .facts("classified")?
        .iter()
        .any(|entry| text(&entry["fact"]["classification"]["rule"]).starts_with("error_rate"));
    checks.note("エラー率の規則で決まった", "decided by the rule on the error rate", by_rate);
    let chat = stage
        .deliveries()?
        .iter()
        .any(|delivery| delivery.sink == "chat" && delivery.body.contains("P1"));
    checks.note("チャットに P1 が届いた", "chat was told of a P1", chat);
    checks.note(
        "電話は鳴らない",
        "no phone rang",
        !stage.deliveries()?.iter().any(|delivery| delivery.sink == "phone"),
    );
    stage.close_all("demo: a bad release")
}

/// Fault 16, B11: rotated, compressed, space measured again.
fn disk_filled(stage: &mut Stage<'_>, checks: &mut Checks) -> Run {
    stage.set(&["mks-backend:fill=62000000"])?;
    let fired = stage.wait_for(SOON, "alert_fired")?;
    checks.note("90% 超を検知した", "more than 90 % was seen", fired);
    let resolved = stage.wait_for(SOON, "alert_resolved")?;
    checks.note("空き容量が戻った", "space was freed", resolved);
    stage.wait_for(SOON, "run_finished")?;
    let settled = stage.facts("step_settled")?;
    let freed = settled
        .iter()
        .find(|entry| entry["fact"]["captured"]["freed_bytes"].is_string())
        .map(|entry| text(&entry["fact"]["captured"]["freed_bytes"]));
    let freed = freed.and_then(|bytes| bytes.parse::<u64>().ok()).unwrap_or_default();
    checks.note(
        format!("ローテーションで {freed} バイト空いた"),
        format!("rotation freed {freed} bytes"),
        freed > 30_000_000,
    );
    let verified =
        stage.facts("run_finished")?.iter().any(|entry| entry["fact"]["result"] == "recovered");
    checks.note("修復を確認した", "the repair was verified", verified);
    checks.note("インシデントにはならない", "no incident", stage.incidents()?.is_empty());
    Ok(())
}

/// Fault 37, A28: every attempt is recorded, the next channel is used, nothing owed is lost.
fn channel_down(stage: &mut Stage<'_>, checks: &mut Checks) -> Run {
    stage.set(&["chat:down"])?;
    stage.set(&["mks-backend:kill"])?;
    let failed = |entry: &&Value| {
        entry["fact"]["channel"] == "chat" && entry["fact"]["outcome"] != "delivered"
    };
    let tried = stage.wait(SOON, |stage| {
        Ok(stage.facts("notice_attempted")?.iter().any(|entry| failed(&entry)))
    })?;
    checks.note("失敗した送信が記録された", "failed attempts were recorded", tried);
    let fell_back = |stage: &Stage<'_>| {
        let attempts = stage.facts("notice_attempted")?;
        let broken: Vec<_> =
            attempts.iter().filter(failed).map(|entry| entry["fact"]["notice"].clone()).collect();
        Ok(attempts.iter().any(|entry| {
            entry["fact"]["outcome"] == "delivered"
                && entry["fact"]["channel"] != "chat"
                && broken.contains(&entry["fact"]["notice"])
        }))
    };
    checks.note("次のチャネルで届いた", "the next channel delivered", stage.wait(SOON, fell_back)?);
    stage.clear(&["chat:down"])?;
    checks.note("復旧した", "recovered", stage.wait(LATE, all_recovered)?);
    checks.note(
        "mks-backend だけを再起動した",
        "only mks-backend was restarted",
        restarts(stage)?.iter().all(|(target, _)| target == "mks-backend"),
    );
    stage.close_all("demo: killed")
}
