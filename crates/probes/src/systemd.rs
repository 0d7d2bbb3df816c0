//! Probe kind `systemd`: the state of a unit as systemd knows it, and a look at once when it changes.

use crate::{
    outside::shown,
    probe::{Kind, Probe, Seat, Settings},
    unit::Unit,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use source::{Fields, Problems};
use std::sync::Arc;
use supervise::bus::{self, Bus, Properties};
use tokio::time::timeout;

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "systemd",
    summary: (
        "systemd のユニットの状態を見る。変わった瞬間に分かる",
        "looks at the state of a systemd unit; sees its changes at once",
    ),
    example: "\
kind: systemd
service: mks-backend
unit: mks-backend.service
bus: system                # or session, or an address: unix:path=/run/dbus/system_bus_socket
every: 10s
",
    readings: &[
        ("active", "動いているか", "whether it is active"),
        (
            "state",
            "状態: active inactive failed activating deactivating reloading",
            "its state: active inactive failed activating deactivating reloading",
        ),
        (
            "sub_state",
            "詳しい状態: running dead auto-restart など",
            "in detail: running dead auto-restart and so on",
        ),
        (
            "result",
            "最後の結果: success exit-code signal oom-kill timeout start-limit-hit など",
            "the last result: success exit-code signal oom-kill timeout start-limit-hit and so on",
        ),
        (
            "start_limit_hit",
            "再起動の上限に達し、systemd が諦めたか",
            "whether systemd gave up because of too many starts",
        ),
        ("restarts", "systemd による自動再起動の回数", "automatic restarts by systemd"),
        ("exit_status", "最後の終了コード", "the last exit code"),
        ("exit", "最後の終わり方", "how it ended last"),
        ("memory_bytes", "使用中のメモリー", "memory that it holds"),
        ("since_seconds", "今の状態になってからの秒数", "seconds in this state"),
    ],
    parse,
};

/// What systemd writes where it has no number.
const NO_NUMBER: u64 = u64::MAX;

#[derive(Clone, Debug)]
struct Systemd {
    unit: String,
    bus: Bus,
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let unit = fields.required("unit", problems).and_then(|node| node.text(problems));
    let bus = match fields.optional("bus") {
        None => Bus::System,
        Some(node) => {
            let text = node.text(problems)?;
            let bus = Bus::by_name(&text);
            if bus.is_none() {
                problems.add(
                    &node.place,
                    Said::new(
                        format!("`bus` は system, session, unix:path=... のどれかです (`{text}` ではなく)"),
                        format!("`bus` is system, session or unix:path=..., not `{text}`"),
                    ),
                );
            }
            bus?
        }
    };
    Some(Arc::new(Systemd { unit: bus::unit_name(&unit?), bus }))
}

impl Settings for Systemd {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, target: self.clone(), unit: None })
    }
}

struct Looking {
    seat: Seat,
    target: Systemd,
    unit: Option<Unit>,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let limit = self.seat.timeout;
            let answer = match timeout(limit, self.ask()).await {
                Ok(answer) => answer,
                Err(_) => Err(Said::new(
                    format!("systemd が {limit:?} 以内に応答しません"),
                    format!("systemd gave no answer within {limit:?}"),
                )),
            };
            vec![match answer.and_then(|properties| self.observe(&properties)) {
                Ok(seen) => seen,
                Err(why) => {
                    // The next look begins anew: whoever did not answer now may never on this connection.
                    self.unit = None;
                    self.seat.failed("active", why)
                }
            }]
        })
    }

    fn woken(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            match &self.unit {
                Some(unit) => unit.changed().await,
                None => std::future::pending().await,
            }
        })
    }
}

impl Looking {
    async fn ask(&mut self) -> Result<Properties, Said> {
        let unit = match self.unit.take().filter(|unit| !unit.is_closed()) {
            Some(unit) => unit,
            None => Unit::open(&self.target.bus, &self.target.unit).await?,
        };
        self.unit.insert(unit).properties().await
    }

    fn observe(&self, properties: &Properties) -> Result<Observation, Said> {
        let name = &self.target.unit;
        let load = properties.text("LoadState").ok_or_else(|| {
            Said::new(
                "systemd がユニットの有無を答えません",
                "systemd does not say whether it knows it",
            )
        })?;
        if load != "loaded" {
            return Err(match load.as_str() {
                "not-found" => Said::new(
                    format!("systemd にユニット {name} がありません。ユニット名を確かめてください"),
                    format!("systemd knows no unit {name}; check the name of the unit"),
                ),
                other => Said::new(
                    format!("ユニット {name} は使えません。systemd の応答: {}", shown(other)),
                    format!("the unit {name} cannot be used, systemd says: {}", shown(other)),
                ),
            });
        }
        let text = |property| properties.text(property).map(|text| shown(&text));
        let state = text("ActiveState")
            .ok_or_else(|| Said::new("systemd が状態を答えません", "systemd says no state"))?;
        let active = matches!(state.as_str(), "active" | "reloading" | "refreshing");
        let (sub_state, result) = (text("SubState"), text("Result"));
        let limit_hit = start_limit_hit(properties, &state, result.as_deref());
        let mut detail = Said::new(format!("{name} は {state}"), format!("{name} is {state}"));
        if let Some(sub_state) = &sub_state {
            detail = detail.within(|detail| format!("{detail} ({sub_state})"));
        }
        if limit_hit {
            detail.ja += "、起動回数の上限に到達: systemd はもう起動しません";
            detail.en += ", start limit hit: systemd starts it no more";
        } else if let Some(result) = result.as_deref().filter(|result| *result != "success") {
            detail.ja += &format!("、前回の結果 {result}");
            detail.en += &format!(", last result {result}");
        }
        let mut seen = self.seat.observation();
        if let Some(end) = exit(properties) {
            seen = seen.with("exit", Reading::text(end));
        }
        Ok(seen
            .with("active", Reading::flag(active))
            .with("state", Reading::text(state))
            .with("sub_state", word(sub_state))
            .with("result", word(result))
            .with("start_limit_hit", Reading::flag(limit_hit))
            .with("restarts", number(properties.number("NRestarts")))
            .with("exit_status", exit_status(properties))
            .with("memory_bytes", number(properties.number("MemoryCurrent")))
            .with("since_seconds", since(properties, self.seat.now()))
            .because(detail))
    }
}

/// Whether systemd gave up (B27, C20). After a crash loop `Result` keeps the crash (`exit-code`), not the
/// limit: then a unit that is to be restarted, stands still in `failed`, and was restarted as often as allowed.
fn start_limit_hit(properties: &Properties, state: &str, result: Option<&str>) -> bool {
    if result == Some("start-limit-hit") {
        return true;
    }
    let is_restarted = properties.text("Restart").is_some_and(|policy| policy != "no");
    let burst = properties.number("StartLimitBurst").filter(|burst| *burst > 0);
    state == "failed"
        && is_restarted
        && burst.is_some_and(|burst| properties.number("NRestarts") >= Some(burst))
}

/// `ExecMainCode` is how the main process ended, as `waitid` says it: 1 by itself, 2 and 3 by a signal.
fn exit(properties: &Properties) -> Option<String> {
    let status = properties.number("ExecMainStatus")?;
    match properties.number("ExecMainCode")? {
        1 => Some(format!("exit code {status}")),
        2 | 3 => Some(format!("ended by signal {status}")),
        _ => None,
    }
}

fn exit_status(properties: &Properties) -> Reading {
    match (properties.number("ExecMainCode"), properties.number("ExecMainStatus")) {
        (Some(1), Some(status)) => Reading::number(status as f64),
        (Some(2 | 3), Some(_)) => Reading::Unknown(Said::new(
            "シグナルで終了しました。`exit` を見てください",
            "a signal ended it; see `exit`",
        )),
        (Some(_), Some(_)) => {
            Reading::Unknown(Said::new("まだ終了していません", "it has not ended yet"))
        }
        _ => Reading::Unknown(Said::new(
            "systemd がこのユニットについて答えません",
            "systemd does not say it of this unit",
        )),
    }
}

fn since(properties: &Properties, now: Timestamp) -> Reading {
    let micros = properties.number("StateChangeTimestamp").filter(|micros| *micros > 0);
    let at = micros
        .and_then(|micros| i64::try_from(micros).ok())
        .and_then(|micros| Timestamp::from_microsecond(micros).ok());
    match at {
        Some(at) => Reading::number(now.duration_since(at).max(SignedDuration::ZERO).as_secs_f64()),
        None => Reading::Unknown(Said::new(
            "状態が変わったことがありません",
            "it has never changed its state",
        )),
    }
}

fn word(text: Option<String>) -> Reading {
    text.map_or_else(
        || {
            Reading::Unknown(Said::new(
                "systemd がこのユニットについて答えません",
                "systemd does not say it of this unit",
            ))
        },
        Reading::text,
    )
}

fn number(value: Option<u64>) -> Reading {
    match value {
        Some(number) if number != NO_NUMBER => Reading::number(number as f64),
        _ => Reading::Unknown(Said::new(
            "systemd がこのユニットについて数えていません",
            "systemd does not count it for this unit",
        )),
    }
}
