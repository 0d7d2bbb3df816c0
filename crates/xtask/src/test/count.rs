//! Runs cargo, shows what it says as it says it, and counts the tests from its summary lines.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// Tests that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Those that passed.
    pub passed: usize,
    /// Those that did not, for whatever reason.
    pub failed: usize,
}

impl Count {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// What a line of output counts: the summaries of `cargo test` and of `cargo nextest run`, else nothing.
    pub fn of_line(line: &str) -> Self {
        let plain = without_colour(line);
        let plain = plain.trim_start();
        let summary = plain.strip_prefix("test result: ").or_else(|| {
            let is_nextest = plain.starts_with("Summary [");
            is_nextest.then(|| plain.split_once("run: ").map(|(_, counts)| counts)).flatten()
        });
        let mut count = Self::default();
        // `ok. 3 passed; 1 failed; …` and `3 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
        for part in summary.unwrap_or_default().split([';', ',', '.']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(number)), Some(word)) =
                (words.next().map(str::parse::<usize>), words.next())
            else {
                continue;
            };
            match word {
                "passed" => count.passed += number,
                "failed" | "timed" | "exec" => count.failed += number,
                _ => {}
            }
        }
        count
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Runs cargo with arguments; whether it ended well, and what it counted.
///
/// # Errors
/// Cargo could not be started, or waiting for it failed.
pub fn run(root: &Path, arguments: &[&str]) -> io::Result<(bool, Count)> {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root).stdout(Stdio::piped()).stderr(Stdio::piped());
    if io::IsTerminal::is_terminal(&io::stdout()) {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command.spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let count = thread::scope(|scope| {
        let errors = scope.spawn(|| err.map_or(Count::default(), |err| pass_on(err, io::stderr())));
        let mut count = out.map_or(Count::default(), |out| pass_on(out, io::stdout()));
        count.add(errors.join().unwrap_or_default());
        count
    });
    Ok((child.wait()?.success(), count))
}

/// Line by line, as bytes: what tests print need not be UTF-8.
fn pass_on(from: impl Read, mut to: impl Write) -> Count {
    let (mut from, mut line, mut count) = (BufReader::new(from), Vec::new(), Count::default());
    while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // Nobody reads our output any more: count on, so that the child does not stand still.
        let _ = to.write_all(&line);
        count.add(Count::of_line(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    count
}

/// The text without escape sequences of terminals.
fn without_colour(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split('\u{1b}');
    plain.push_str(parts.next().unwrap_or_default());
    parts.for_each(|part| plain.push_str(part.split_once('m').map_or("", |(_, rest)| rest)));
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(line: &str) -> (usize, usize) {
        let count = Count::of_line(line);
        (count.passed, count.failed)
    }

    #[test]
    fn the_summary_of_cargo_test_is_counted() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.05s";
        assert_eq!(count(line), (12, 2));
    }

    #[test]
    fn the_summary_of_nextest_is_counted_also_in_colour() {
        let line = "     Summary [   0.512s] 20/24 tests run: 16 passed (2 slow, 1 flaky), 2 failed, 1 timed out, 1 exec failed, 4 skipped";
        assert_eq!(count(line), (16, 4));
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.5s] \u{1b}[1m1\u{1b}[0m test run: \u{1b}[1m1\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, 0 skipped";
        assert_eq!(count(line), (1, 0));
    }

    #[test]
    fn other_lines_count_nothing() {
        assert_eq!(count("test it_counts_3_passed ... ok"), (0, 0));
        assert_eq!(count("3 passed, 4 failed"), (0, 0));
    }

    #[test]
    fn what_is_said_is_passed_on_as_it_is() {
        let said = b"one\n\xff two\ntest result: ok. 3 passed; 0 failed;\nno end";
        let mut shown = Vec::new();
        assert_eq!(pass_on(&said[..], &mut shown), Count { passed: 3, failed: 0 });
        assert_eq!(shown, said);
    }

    #[test]
    fn the_last_line_is_easy_to_read_for_people_and_programs() {
        assert_eq!(Count { passed: 120, failed: 0 }.to_string(), "120 passed, 0 failed");
    }
}
