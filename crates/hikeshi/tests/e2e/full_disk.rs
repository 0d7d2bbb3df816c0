//! The disk under the journal is full: said clearly, told to people, and nothing acknowledged is lost.

use crate::common::{House, sink::Sink, wait};
use serde_json::Value;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A small disk of its own below a folder; both are taken away with this value.
struct SmallDisk {
    place: PathBuf,
    above: PathBuf,
}

impl SmallDisk {
    fn mount(place: &Path, above: &Path) -> Option<Self> {
        std::fs::create_dir_all(place).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
            .arg(place)
            .output();
        match mounted {
            Ok(output) if output.status.success() => {
                Some(Self { place: place.to_owned(), above: above.to_owned() })
            }
            failed => {
                let must = std::env::var_os("CI").is_some() && rustix::process::getuid().is_root();
                assert!(!must, "in CI, as root, a disk can be mounted: {failed:?}");
                eprintln!("skipped: a small disk cannot be mounted here: {failed:?}");
                None
            }
        }
    }

    fn fill(&self) {
        let mut file = File::create(self.place.join("ballast")).expect("a file");
        let mut block = &[0_u8; 65536][..];
        while !block.is_empty() {
            if file.write_all(block).is_err() {
                block = &block[..block.len() / 2];
            }
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.place.join("ballast")).expect("it is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.place).status();
        // The house could not take away what a disk was mounted on.
        let _ = std::fs::remove_dir_all(&self.above);
    }
}

#[test]
fn a_full_disk_is_told_and_nothing_acknowledged_is_lost() {
    let sink = Sink::start();
    let yaml = format!(
        "services: {{task: {{command: [sleep, \"1000\"]}}}}\nchannels: {{chat: {}, console: {{kind: console}}}}\nroutes: {{P3: {{channels: []}}}}\n",
        sink.channel()
    );
    let house = House::new(&yaml);
    // The disk comes first, so that it goes last.
    let Some(disk) = SmallDisk::mount(&house.data(), house.path()) else { return };
    let mut house = house;
    house.serve();
    let open = house.open_door();
    let mut kept = Vec::new();
    let mut tell = |house: &House, title: String| {
        let ran = house.run(&["incident", "open", "--title", &title]);
        if ran.code == 0 {
            kept.push(title);
        }
        ran
    };
    tell(&house, "before".into());
    disk.fill();
    let mut number = 0;
    let refused = wait("the disk is full", || {
        number += 1;
        let ran = tell(&house, format!("while it fills {number}"));
        (ran.code != 0).then_some(ran)
    });
    assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused:?}");
    assert!(refused.stderr.contains("no space left for the journal"), "{refused:?}");
    // The samples meet the same wall, a moment later. They must not make room for one fact, and take it back.
    house.wait("the samples have no space either", |house| {
        house.log().contains("no space left for the samples").then_some(())
    });
    let japanese = house.run(&["incident", "open", "--title", "x", "--lang", "ja"]);
    assert!(japanese.code == 2 && japanese.stderr.contains("hikeshi 自身の障害"), "{japanese:?}");

    // It says so itself: to the room, on the console, to the load balancer, to Prometheus.
    let heard = || -> Vec<Value> {
        let told = sink.told().into_iter().map(|told| told.body);
        let own = told.filter(|body| body["about"]["alert"] == "journal@hikeshi");
        own.map(|body| body["event"].clone()).collect()
    };
    wait("the room hears of it", || heard().contains(&"firing".into()).then_some(()));
    house.wait("the console hears of it", |house| {
        house.log().contains("cannot write its journal").then_some(())
    });
    let ready = open.get("/readyz").expect("an answer");
    assert_eq!(ready.status, 503, "{ready:?}");
    let alive = open.get("/healthz").expect("an answer");
    assert_eq!(alive.status, 200, "alive, only not ready");
    let metrics = open.get("/metrics").expect("an answer").body;
    assert!(metrics.lines().any(|line| line == "hikeshi_journal_fault 1"), "{metrics}");

    disk.free();
    wait("it takes facts again", || {
        number += 1;
        (tell(&house, format!("after {number}")).code == 0).then_some(())
    });
    house.wait("it is ready again", |house| house.is_ready().then_some(()));
    wait("the room hears of that too", || heard().contains(&"resolved".into()).then_some(()));
    assert_eq!(heard(), ["firing", "resolved"], "once each");
    let metrics = open.get("/metrics").expect("an answer").body;
    assert!(metrics.lines().any(|line| line == "hikeshi_journal_fault 0"), "{metrics}");
    house.kill();
    house.serve();
    assert_eq!(house.json(&["journal", "verify"])["ok"], true);
    let facts = house.facts_of("detected");
    let titles: Vec<_> = facts.iter().map(|fact| fact["fact"]["title"].clone()).collect();
    for title in &kept {
        assert!(titles.contains(&title.as_str().into()), "{title} was acknowledged: {titles:?}");
    }
}
