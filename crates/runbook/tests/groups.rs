//! A story of a process that hides: it leaves the session, clears its environment, and is ended all the same because it
//! cannot leave the control group.

use runbook::tree::{Scope, Tree};
use std::{fs, path::PathBuf, process::Command};
use supervise::Identity;

/// A control group that this process may make; nothing where it may not, or where the kernel has none.
fn group(name: &str) -> Option<PathBuf> {
    let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
    let root = roots.iter().map(PathBuf::from).find(|root| root.join("cgroup.procs").exists())?;
    let folder = root.join(name);
    fs::create_dir(&folder).ok().map(|()| folder)
}

#[tokio::test]
async fn who_left_the_session_and_cleared_the_environment_is_found_by_the_group() {
    let leader = Identity::of(std::process::id()).expect("this process lives");
    let tree = Tree { leader, mark: Tree::fresh_mark("RUN-7/hide/1") };
    let Some(group) = group(&tree.scope()) else {
        eprintln!("skipped: no control group can be made here (root and cgroup v2 are needed)");
        return;
    };
    let mut hidden = Command::new("setsid")
        .args(["--wait", "sleep", "600"])
        .env_clear()
        .spawn()
        .expect("setsid is there");
    fs::write(group.join("cgroup.procs"), hidden.id().to_string()).expect("it enters the group");
    let collected = std::thread::spawn(move || hidden.wait());
    assert_eq!(tree.end(Scope::Everything).await, Ok(()));
    collected.join().expect("no panic").expect("it has ended");
    fs::remove_dir(&group).expect("the group is empty");
}
