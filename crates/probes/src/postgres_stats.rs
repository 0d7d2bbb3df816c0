//! Probe kind `postgres_stats`: what PostgreSQL counts about itself, its sessions and locks.

use crate::{
    database::Entrance,
    login::{self, Steps, Stop, Target},
    pg_statistics,
    probe::{Kind, Probe, ReadingMeaning, Seat, Settings},
    read_only::{self, Row},
    subject::Subject,
    unseen,
};
use domain::reading::{Observation, Reading};
use domain::said::Said;
use futures::future::BoxFuture;
use source::{Fields, Problems, Secret};
use std::sync::Arc;
use tokio::time::{Instant, timeout};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "postgres_stats",
    summary: (
        "PostgreSQL の統計 (接続数・ヒット率・ロック・長い処理・遅延) を見る",
        "looks at PostgreSQL's statistics: connections, hit ratio, locks, long work, lag",
    ),
    example: "\
kind: postgres_stats
service: db
host: 127.0.0.1
user: hikeshi              # grant pg_monitor to it, to see the sessions of others
database: miraikakaku
password_env: HIKESHI_DB_PASSWORD    # or password_file: PATH
every: 30s
",
    readings: READINGS,
    parse,
};

const READINGS: &[ReadingMeaning] = &[
    (
        "connections_used_percent",
        "接続数 / max_connections",
        "connections in use, of max_connections",
    ),
    (
        "connections_free",
        "一般ユーザーがあと何本つなげるか",
        "how many more connections ordinary users can have",
    ),
    ("max_connections", "接続数の上限", "the most connections"),
    ("numbackends", "このデータベースへの接続数", "connections to this database"),
    ("xact_commit", "コミット数 (累計)", "commits since the statistics began"),
    ("xact_rollback", "ロールバック数 (累計)", "rollbacks since the statistics began"),
    ("blks_read", "ディスクから読んだブロック (累計)", "blocks read from disk since then"),
    ("blks_hit", "キャッシュにあったブロック (累計)", "blocks found in the cache since then"),
    ("hit_ratio_percent", "キャッシュのヒット率 (累計)", "blocks found in the cache, of all"),
    ("rollback_ratio_percent", "ロールバックの割合 (累計)", "rollbacks, of all transactions"),
    ("deadlocks", "デッドロック数 (累計)", "deadlocks since then"),
    ("commits_per_s", "前回からのコミット/秒", "commits per second since the last look"),
    ("rollbacks_per_s", "前回からのロールバック/秒", "rollbacks per second since the last look"),
    (
        "longest_transaction_seconds",
        "最も長いトランザクションの秒数",
        "age of the oldest transaction",
    ),
    (
        "longest_query_seconds",
        "実行中で最も長い問い合わせの秒数",
        "age of the longest running query",
    ),
    (
        "idle_in_transaction",
        "トランザクション中で止まっている接続数",
        "sessions idle in a transaction",
    ),
    ("locks_waiting", "待たされているロックの数", "locks that are waited for"),
    ("blocked_by", "誰が誰を待たせているか", "who blocks whom"),
    (
        "replication_lag_seconds",
        "レプリケーションの遅れ (スタンバイのみ)",
        "how far a standby is behind",
    ),
    ("database_size_bytes", "データベースの大きさ", "size of this database"),
];

#[derive(Clone, Debug)]
struct Stats(Target);

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    Some(Arc::new(Stats(Target::take(fields, problems)?)))
}

impl Settings for Stats {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking { seat, target: self.0.clone(), before: None })
    }

    fn secrets(&self) -> Vec<Secret> {
        self.0.secrets()
    }

    fn subject(&self) -> Subject {
        Subject::Database(Entrance::new(self.0.clone()))
    }
}

/// The counters of transactions at one moment.
#[derive(Clone, Copy, Debug)]
struct Counted {
    at: Instant,
    commits: f64,
    rollbacks: f64,
}

struct Looking {
    seat: Seat,
    target: Target,
    before: Option<Counted>,
}

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        Box::pin(async move {
            let limit = self.seat.timeout;
            let mut steps = Steps::default();
            let row = match timeout(limit, self.ask(&mut steps)).await {
                Ok(row) => row,
                Err(_) => {
                    let step = steps.unfinished();
                    Err(Stop::Failed(Said::new(
                        format!("{limit:?} 以内に応答なし (段階 {step})"),
                        format!("no answer within {limit:?} in the step {step}"),
                    )))
                }
            };
            vec![match row {
                Ok(row) => self.observe(&row),
                Err(stop) => self.unasked(stop),
            }]
        })
    }
}

impl Looking {
    async fn ask(&self, steps: &mut Steps) -> Result<Row, Stop> {
        let session = login::open(&self.seat.reader(), &self.target, steps).await?;
        steps.begin("query");
        let rows = read_only::rows(&session, pg_statistics::SQL, self.seat.timeout, 1).await;
        session.close().await;
        rows?.pop().ok_or_else(|| {
            Stop::Failed(Said::new(
                "PostgreSQL にこのデータベースの統計がありません",
                "PostgreSQL has no statistics of this database",
            ))
        })
    }

    fn unasked(&self, stop: Stop) -> Observation {
        let why = match &stop {
            Stop::Failed(why) => why.clone(),
            Stop::Wrong(wrong) => {
                let Target { host, port, .. } = &self.target;
                wrong.detail.within(|why| format!("{host}:{port}: {why}"))
            }
        };
        let seen = self.seat.failed("connections_used_percent", why);
        match stop {
            // The refusal itself is the measurement that matters most here.
            Stop::Wrong(wrong) if wrong.cause == "too_many_clients" => {
                seen.with("connections_free", Reading::number(0.0))
            }
            _ => seen,
        }
    }

    fn observe(&mut self, row: &Row) -> Observation {
        let mut seen = self.seat.observation();
        for (name, reading) in pg_statistics::readings(row) {
            seen = seen.with(name, reading);
        }
        let number = |name: &str| {
            let (_, value) = row.iter().find(|(column, _)| column == name)?;
            value.as_deref()?.parse::<f64>().ok()
        };
        let now = number("xact_commit").zip(number("xact_rollback"));
        let now =
            now.map(|(commits, rollbacks)| Counted { at: Instant::now(), commits, rollbacks });
        let (commits, rollbacks) = rates(self.before, now);
        self.before = now;
        let detail = match (number("connections_used_percent"), number("locks_waiting")) {
            (Some(used), Some(waiting)) => Said::new(
                format!("接続の {used:.0} % を使用中、ロック待ち {waiting} 件"),
                format!("{used:.0} % of the connections are used, {waiting} locks are waited for"),
            ),
            _ => Said::new("PostgreSQL の統計", "PostgreSQL's statistics"),
        };
        let detail = match seen.readings.get("blocked_by") {
            Some(who) => detail.within(|detail| format!("{detail}; {who}")),
            None => detail,
        };
        seen.with("commits_per_s", commits).with("rollbacks_per_s", rollbacks).because(detail)
    }
}

fn rates(before: Option<Counted>, now: Option<Counted>) -> (Reading, Reading) {
    let unknown = |why: Said| (Reading::Unknown(why.clone()), Reading::Unknown(why));
    let (Some(before), Some(now)) = (before, now) else {
        return (unseen::second_look(), unseen::second_look());
    };
    let seconds = now.at.duration_since(before.at).as_secs_f64();
    if seconds <= 0.0 {
        return unknown(Said::new(
            "前回の計測から時間が経っていません",
            "no time has passed since the last look",
        ));
    }
    if now.commits < before.commits || now.rollbacks < before.rollbacks {
        return unknown(Said::new(
            "前回の計測の後にカウンターが最初からになりました",
            "the counters began anew since the last look",
        ));
    }
    (
        Reading::number((now.commits - before.commits) / seconds),
        Reading::number((now.rollbacks - before.rollbacks) / seconds),
    )
}
