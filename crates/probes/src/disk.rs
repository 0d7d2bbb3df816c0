//! Probe kind `disk`: how full file systems are, in bytes and inodes, or a folder against its budget.

use crate::{
    aside::{Aside, Blocking},
    filling,
    mounts::{self, Usage},
    probe::{Kind, Probe, Seat, Settings},
    tree,
};
use domain::{
    reading::{Observation, Reading},
    said::Said,
};
use source::{Fields, Problems};
use std::{io, path::PathBuf, sync::Arc};

/// The row of the table.
pub(crate) const KIND: Kind = Kind {
    name: "disk",
    summary: (
        "ディスクの使用率 (容量と inode)、またはフォルダーの割り当てに対する使用率を見る",
        "looks how full disks are, in bytes and inodes, or a folder against its budget",
    ),
    example: "\
kind: disk
service: host-1
paths: [/, /var/log]      # every local file system unless written
# or a folder with a budget:   folder: /srv/logs   budget: 64MiB
every: 30s
",
    readings: &[
        (
            "used_percent",
            "最も使われている所の使用率 (df と同じ数え方)",
            "of the fullest, counted as df does",
        ),
        ("used_bytes", "そこの使用量", "used there"),
        ("free_bytes", "そこの空き", "free there"),
        (
            "inodes_used_percent",
            "最も使われている inode の使用率",
            "inodes of the one with fewest left",
        ),
        ("worst", "最も使われている所", "the fullest"),
        (
            "full_in_hours",
            "この増え方で満杯になるまでの時間数 (8760 は 1 年以内には満杯にならない)",
            "hours until the first of them is full if it goes on like this; 8760: not within a year",
        ),
        ("unmeasured", "測れなかった所の数", "how many places could not be measured"),
    ],
    parse,
};

#[derive(Clone, Debug)]
enum Where {
    Everywhere,
    Paths(Vec<String>),
    Folder { folder: PathBuf, budget: u64 },
}

fn parse(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Arc<dyn Settings>> {
    let paths = fields.texts("paths", problems);
    let folder = fields.text("folder", problems);
    let budget = fields.optional("budget").and_then(|node| node.bytes(problems));
    let place = match (paths.is_empty(), folder, budget) {
        (true, None, None) => Where::Everywhere,
        (false, None, None) => Where::Paths(paths),
        (true, Some(folder), Some(budget)) if budget > 0 => {
            Where::Folder { folder: folder.into(), budget }
        }
        _ => {
            let message = Said::new(
                "`paths` だけ、または `folder` と `budget` (1 以上) の両方を書いてください",
                "write `paths` alone, or both `folder` and `budget` (above 0)",
            );
            problems.add(fields.place(), message);
            return None;
        }
    };
    Some(Arc::new(place))
}

impl Settings for Where {
    fn make(&self, seat: Seat) -> Box<dyn Probe> {
        Aside::new(seat.clone(), "used_percent", Looking { seat, place: self.clone() })
    }
}

struct Looking {
    seat: Seat,
    place: Where,
}

impl Blocking for Looking {
    fn look(&mut self) -> Vec<Observation> {
        let (usages, problems) = match self.measure() {
            Ok(measured) => measured,
            Err(error) => return vec![self.seat.failed("used_percent", error.to_string())],
        };
        vec![observe(&self.seat, &usages, &problems)]
    }
}

impl Looking {
    fn measure(&self) -> io::Result<(Vec<Usage>, Vec<Said>)> {
        match &self.place {
            Where::Folder { folder, budget } => {
                let used = tree::used_bytes(folder)? as f64;
                let budget = *budget as f64;
                let usage = Usage {
                    place: folder.display().to_string(),
                    used_bytes: used,
                    free_bytes: (budget - used).max(0.0),
                    used_percent: 100.0 * used / budget,
                    inodes_used_percent: None,
                };
                Ok((vec![usage], Vec::new()))
            }
            Where::Paths(paths) => Ok(usages(paths, true)),
            Where::Everywhere => Ok(usages(&mounts::mount_points()?, false)),
        }
    }
}

/// Nobody asked for the mounts that this user may not see; a path that a person named is another matter.
fn usages(paths: &[String], named: bool) -> (Vec<Usage>, Vec<Said>) {
    let (mut usages, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        match mounts::usage(path) {
            Ok(Some(usage)) => usages.push(usage),
            Ok(None) if named => problems.push(Said::new(
                format!("{path}: このファイルシステムには容量の情報がありません"),
                format!("{path}: this file system has no size"),
            )),
            Err(error) if named => problems.push(format!("{path}: {error}").into()),
            Ok(None) | Err(_) => {}
        }
    }
    (usages, problems)
}

fn observe(seat: &Seat, usages: &[Usage], problems: &[Said]) -> Observation {
    let Some(worst) = usages.iter().max_by(|a, b| a.used_percent.total_cmp(&b.used_percent)) else {
        let why = if problems.is_empty() {
            Said::new("計測の対象がありません", "there is nothing to measure")
        } else {
            Said::join(problems, "; ")
        };
        return seat.failed("used_percent", why);
    };
    let inodes = usages.iter().filter_map(|usage| usage.inodes_used_percent).max_by(f64::total_cmp);
    let inodes = inodes.map_or_else(
        || Reading::Unknown(Said::new("inode 数に上限がありません", "no fixed number of inodes")),
        Reading::number,
    );
    let mut detail = Said::same(format!("{} {:.1} %", worst.place, worst.used_percent));
    if !problems.is_empty() {
        let which = Said::join(problems, "; ");
        detail.ja += &format!("。計測できず: {}", which.ja);
        detail.en += &format!("; not measured: {}", which.en);
    }
    let (full_in_hours, which) = filling::first_full(seat, usages);
    if let Some(which) = which {
        detail.ja += &format!("。{}", which.ja);
        detail.en += &format!("; {}", which.en);
    }
    let seen = filling::places(usages).fold(seat.observation(), |seen, usage| {
        seen.with(&filling::reading(usage), Reading::number(usage.used_percent))
    });
    seen.with("full_in_hours", full_in_hours)
        .with("used_percent", Reading::number(worst.used_percent))
        .with("used_bytes", Reading::number(worst.used_bytes))
        .with("free_bytes", Reading::number(worst.free_bytes))
        .with("inodes_used_percent", inodes)
        .with("worst", Reading::text(worst.place.clone()))
        .with("unmeasured", Reading::number(problems.len() as f64))
        .because(detail)
}
