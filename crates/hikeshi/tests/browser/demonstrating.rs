//! What a newcomer does first: `hikeshi demo` in a terminal, and its link on a telephone. All API instances of the
//! platform crash; it is watched, taken, seen put out and closed, and read.

use crate::{
    driver::{self, Browser, PHONE},
    town::PASSWORD,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

/// The demo; it ends with this value, as by Ctrl-C, and everything that it started with it.
struct Demo(Child);

impl Demo {
    /// Starts it in a folder, and answers with the link that it prints.
    fn start(folder: &std::path::Path) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hikeshi"));
        command.args(["demo", "--lang", "ja", "--scenario", "api-crash-loop", "--keep"]);
        let mut child = command
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let link = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.trim().strip_prefix("http://").map(|rest| format!("http://{rest}"))
            })
            .expect("a link");
        // What it says later must be taken, or it would wait for somebody to read it.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        (Self(child), link)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.0.wait();
    }
}

#[test]
fn a_newcomer_watches_the_demo_on_a_telephone() {
    if !driver::is_there() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (_demo, link) = Demo::start(folder.path());
    let browser = Browser::start(PHONE);
    browser.open(&link);
    browser.write("input[name=password]", PASSWORD);
    browser.press("main button");
    browser.wait("the first page", |browser| browser.find("#p-head"));
    // The fire starts by itself, and stands on the page without anybody loading it anew.
    browser.press(".card");
    browser.wait("the room", |browser| browser.find("#r-head"));
    browser.press("#r-take button");
    browser.see("担当 guest");
    // The demo's own person mends the cause, starts the repair and closes it: all of it is seen from here.
    browser.see("継続");
    browser.see("クローズ");
    browser.press("#r-report a");
    browser.see("インシデント報告書");
    browser.see("引き受け");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
