//! Probe kind `break_glass`: whether a secret was had from its place for emergencies of late (A89, C27).

use crate::probe::{Kind, Probe, Seat, Settings};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use futures::future::BoxFuture;
use source::{Fields, Problems};
use std::{collections::BTreeSet, sync::Arc};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "break_glass",
    summary: (
        "シークレットが緊急用の場所から取得されたかを見る (`secrets:` に `break_glass` があれば自動で作られる)",
        "looks whether a secret was had from its place for emergencies; made by itself where `secrets:` has a `break_glass`",
    ),
    example: "\
kind: break_glass
service: hikeshi
every: 10s
",
    readings: &[
        (
            "broken",
            "直近 5 分に緊急用の場所から取得されたか",
            "whether one was had from there in the last five minutes",
        ),
        ("secrets", "その名前", "their names"),
    ],
    parse,
};

#[derive(Debug)]
struct BreakGlass;

fn parse(_: &mut Fields<'_>, _: &mut Problems) -> Option<Arc<dyn Settings>> {
    Some(Arc::new(BreakGlass))
}

impl Settings for BreakGlass {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Box::new(Looking(seat))
    }
}

struct Looking(Seat);

impl Probe for Looking {
    fn look(&mut self) -> BoxFuture<'_, Vec<Observation>> {
        let seen = observe(&self.0);
        Box::pin(async move { vec![seen] })
    }
}

fn observe(seat: &Seat) -> Observation {
    let broken = seat.deps.safe.broken();
    let seen = seat.observation().with("broken", Reading::flag(!broken.is_empty()));
    let Some(last) = broken.last() else { return seen };
    let names: BTreeSet<&str> = broken.iter().map(|access| access.secret.as_str()).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let why =
        Said::same(format!("{} for {} ({}): {}", last.secret, last.purpose, last.by, last.reason));
    seen.with("secrets", Reading::text(names)).because(why.en)
}
