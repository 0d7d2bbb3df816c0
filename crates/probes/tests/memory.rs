//! Stories of the `pressure` and `oom` probes: files as the kernel writes them, and the machine's own.

mod common;

use common::{again, deps, look, number, spec, text};
use domain::reading::{Observation, Reading, Value};
use std::{fs, io::Write, path::Path};

fn oom(seen: &Observation) -> Option<bool> {
    match seen.readings.get("oom").and_then(Reading::measured) {
        Some(Value::Flag(oom)) => Some(*oom),
        _ => None,
    }
}

fn write_proc(root: &Path, oom_kills: u64, swapped_pages: u64) {
    fs::create_dir_all(root.join("pressure")).expect("a folder");
    let memory = "some avg10=12.50 avg60=3.00 avg300=1.85 total=2562006152\nfull avg10=7.25 avg60=1.00 avg300=0.00 total=0\n";
    fs::write(root.join("pressure/memory"), memory).expect("written");
    // As Linux before 5.13: no `full` for the CPU.
    fs::write(root.join("pressure/cpu"), "some avg10=1.00 avg60=0.50 avg300=0.10 total=5\n")
        .expect("written");
    let vmstat = format!(
        "nr_free_pages 1\npswpin {swapped_pages}\npswpout {swapped_pages}\noom_kill {oom_kills}\nswpin_zero 9\n"
    );
    fs::write(root.join("vmstat"), vmstat).expect("written");
}

#[tokio::test]
async fn waiting_for_memory_is_measured_and_what_is_not_there_is_said() {
    let root = tempfile::tempdir().expect("a folder");
    write_proc(root.path(), 0, 0);
    let seen =
        look(&format!("{{kind: pressure, service: host-1, root: '{}'}}", root.path().display()))
            .await;
    assert_eq!(
        (number(&seen, "memory_some_avg10"), number(&seen, "memory_full_avg60")),
        (12.5, 1.0)
    );
    assert_eq!(number(&seen, "cpu_some_avg60"), 0.5);
    assert!(matches!(seen.readings["cpu_full_avg10"], Reading::Unknown(_)), "{seen:?}");
    assert!(
        matches!(&seen.readings["io_some_avg10"], Reading::Failed(why) if why.en.contains("psi=1")),
        "{seen:?}"
    );
    for name in ["oom_kills", "swap_in_per_s", "swap_out_per_s"] {
        assert!(matches!(seen.readings[name], Reading::Unknown(_)), "one look is no rate: {name}");
    }
}

#[tokio::test]
async fn a_kill_is_counted_until_somebody_took_the_look_that_saw_it() {
    let root = tempfile::tempdir().expect("a folder");
    write_proc(root.path(), 7, 1000);
    let text = format!("{{kind: pressure, service: host-1, root: '{}'}}", root.path().display());
    let mut probe = spec(&text).make(&deps());
    again(&mut probe).await;
    probe.taken();
    write_proc(root.path(), 9, 1500);
    let seen = again(&mut probe).await;
    assert_eq!(number(&seen, "oom_kills"), 2.0, "since the last look, not since the start");
    assert!(number(&seen, "swap_in_per_s") > 0.0);
    assert_eq!(number(&again(&mut probe).await, "oom_kills"), 2.0, "nobody took it yet");
    probe.taken();
    let seen = again(&mut probe).await;
    assert_eq!((number(&seen, "oom_kills"), number(&seen, "swap_out_per_s")), (0.0, 0.0));
}

#[tokio::test]
async fn the_machine_this_runs_on_has_counters() {
    let mut probe = spec("{kind: pressure, service: host-1}").make(&deps());
    again(&mut probe).await;
    probe.taken();
    assert!(number(&again(&mut probe).await, "oom_kills") >= 0.0);
    // Its log may be forbidden to us; waiting for its next record would hang here.
    assert!(look("{kind: oom, service: host-1}").await.readings.contains_key("oom"));
}

/// A record with the kernel's clock as it stood so many seconds ago.
fn record(seconds_ago: f64, message: &str) -> String {
    let uptime = fs::read_to_string("/proc/uptime").expect("Linux");
    let now: f64 = uptime.split(' ').next().and_then(|text| text.parse().ok()).expect("seconds");
    let micros = ((now - seconds_ago).max(0.0) * 1e6) as u64;
    format!("4,100,{micros},-;{message}\n")
}

#[tokio::test]
async fn the_kernels_log_names_the_victim_and_the_eater() {
    // A58.
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("kmsg");
    fs::write(&log, record(1e9, "Out of memory: Killed process 5 (old) total-vm:1kB"))
        .expect("written");
    let text_of_spec =
        format!("{{kind: oom, service: host-1, path: '{}', within: 90s}}", log.display());
    let mut probe = spec(&text_of_spec).make(&deps());
    let seen = again(&mut probe).await;
    let uptime = fs::read_to_string("/proc/uptime").expect("Linux");
    let is_young = uptime.split('.').next().and_then(|s| s.parse::<u64>().ok()) < Some(90);
    assert!(oom(&seen) == Some(false) || is_young, "long past: {seen:?}");

    let mut file = fs::File::options().append(true).open(&log).expect("there");
    for message in [
        "node invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE), order=0",
        "Out of memory: Killed process 123 (python3) total-vm:812kB, anon-rss:4kB",
    ] {
        file.write_all(record(1.0, message).as_bytes()).expect("written");
    }
    for _ in 0..2 {
        let seen = again(&mut probe).await;
        assert_eq!(oom(&seen), Some(true), "for a while, not for one look: {seen:?}");
        assert_eq!(
            (text(&seen, "victim").as_str(), number(&seen, "victim_pid")),
            ("python3", 123.0)
        );
        assert_eq!(text(&seen, "invoked_by"), "node");
        let detail = seen.detail.unwrap_or_default();
        assert!(
            detail.en.starts_with("kernel killed python3 (pid 123), invoked by node"),
            "{detail}"
        );
    }
}

#[tokio::test]
async fn without_the_kernels_log_the_cgroup_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |count: u64| {
        let events = format!("low 0\nhigh 0\nmax 9\noom 4\noom_kill {count}\noom_group_kill 0\n");
        fs::write(folder.path().join("memory.events"), events).expect("written");
    };
    write(3);
    let text_of_spec = format!(
        "{{kind: oom, service: api-1, path: /nowhere/kmsg, cgroup: '{}'}}",
        folder.path().display()
    );
    let mut probe = spec(&text_of_spec).make(&deps());
    let seen = again(&mut probe).await;
    assert!(matches!(seen.readings["oom"], Reading::Unknown(_)), "one look is no count: {seen:?}");
    assert_eq!(oom(&again(&mut probe).await), Some(false), "what was before is not news");
    write(5);
    let seen = again(&mut probe).await;
    assert_eq!((oom(&seen), number(&seen, "oom_kills")), (Some(true), 2.0));
    assert_eq!(text(&seen, "victim"), "", "nobody knows whom");

    let nowhere = "{kind: oom, service: s, path: /nowhere/kmsg, cgroup: /nowhere/cgroup}";
    let seen = look(nowhere).await;
    assert!(
        matches!(&seen.readings["oom"], Reading::Failed(why) if why.en.contains("/nowhere/kmsg") && why.en.contains("CAP_SYSLOG")),
        "{seen:?}"
    );
}
