//! What a step prints: counted in full, kept at the head and at the tail only, and read as values.

use crate::mask::Mask;
use domain::{plan::Capture, said::Said};
use std::{collections::BTreeMap, sync::Mutex};

/// Bytes kept from the beginning.
const HEAD: usize = 64 << 10;
/// Bytes kept from the end.
const TAIL: usize = 192 << 10;
/// Bytes of standard output that are read as values.
const VALUES: usize = 64 << 10;
/// Bytes of the last lines that go into a report.
const LAST: usize = 4 << 10;

/// What both streams of a step gave so far.
#[derive(Default)]
pub struct Output(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    head: Vec<u8>,
    tail: Vec<u8>,
    total: u64,
    /// The beginning of standard output alone.
    values: Vec<u8>,
}

impl Output {
    /// Takes a piece.
    pub fn push(&self, bytes: &[u8], is_stdout: bool) {
        let mut kept = self.kept();
        kept.total += bytes.len() as u64;
        if is_stdout {
            let room = VALUES.saturating_sub(kept.values.len()).min(bytes.len());
            kept.values.extend_from_slice(&bytes[..room]);
        }
        let room = HEAD.saturating_sub(kept.head.len()).min(bytes.len());
        kept.head.extend_from_slice(&bytes[..room]);
        kept.tail.extend_from_slice(&bytes[room..]);
        if kept.tail.len() > 2 * TAIL {
            let surplus = kept.tail.len() - TAIL;
            kept.tail.drain(..surplus);
        }
    }

    /// How many bytes there were.
    pub fn total(&self) -> u64 {
        self.kept().total
    }

    /// Head and tail, masked, with a line that says how much is left out between them.
    pub fn text(&self, mask: &Mask) -> String {
        let kept = self.kept();
        let surplus = kept.tail.len().saturating_sub(TAIL);
        let tail = &kept.tail[surplus..];
        let left_out = kept.total - (kept.head.len() + tail.len()) as u64;
        if left_out == 0 {
            let whole = [kept.head.as_slice(), tail].concat();
            return mask.clean(&whole);
        }
        // Cut at line ends: half a secret would pass the mask.
        let head_end = kept.head.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let tail_start = tail.iter().position(|b| *b == b'\n').map_or(tail.len(), |at| at + 1);
        let left_out = left_out + (kept.head.len() - head_end + tail_start) as u64;
        format!(
            "{}[… {left_out} bytes left out …]\n{}",
            mask.clean(&kept.head[..head_end]),
            mask.clean(&tail[tail_start..])
        )
    }

    /// Standard output read as values.
    ///
    /// # Errors
    /// Why it cannot be read so.
    pub fn values(&self, capture: Capture, mask: &Mask) -> Result<BTreeMap<String, String>, Said> {
        let text = mask.clean(&self.kept().values);
        let pairs = match capture {
            Capture::Kv => text
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
                .collect(),
            Capture::Json => json(&text)?,
        };
        Ok(pairs
            .into_iter()
            .filter(|(key, _)| is_name(key))
            .take(64)
            .map(|(key, value)| (key, cut(&value)))
            .collect())
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // Nothing panics while it is held, and even then what it holds is whole.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The last lines of a text, for a report.
pub fn last_lines(text: &str) -> String {
    let mut start = text.len().saturating_sub(LAST);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let tail = &text[start..];
    if start == 0 {
        tail.to_owned()
    } else {
        tail.split_once('\n').map_or(tail, |(_, rest)| rest).to_owned()
    }
}

/// The last line that says something, cut.
pub fn last_line(text: &str) -> String {
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().take(200).collect()
}

fn json(text: &str) -> Result<Vec<(String, String)>, Said> {
    let value = serde_json::from_str(text).map_err(|error| {
        Said::new(
            format!("出力が JSON オブジェクトではありません: {error}"),
            format!("the output is no JSON object: {error}"),
        )
    })?;
    let serde_json::Value::Object(object) = value else {
        return Err(Said::new(
            "出力は JSON ですがオブジェクトではありません",
            "the output is JSON, but no object",
        ));
    };
    let print = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(object.into_iter().map(|(key, value)| (key, print(value))).collect())
}

fn is_name(key: &str) -> bool {
    (1..=64).contains(&key.len())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

fn cut(value: &str) -> String {
    value.chars().take(1024).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask() -> Mask {
        Mask::new(vec!["hunter2".into()])
    }

    #[test]
    fn head_and_tail_of_endless_output_are_kept() {
        let output = Output::default();
        output.push(b"first line\n", true);
        for number in 0..100_000 {
            output.push(format!("line {number}\n").as_bytes(), number % 2 == 0);
        }
        let text = output.text(&mask());
        assert!(text.len() < HEAD + TAIL + 100, "{}", text.len());
        assert!(text.starts_with("first line\nline 0\n") && text.ends_with("line 99999\n"));
        assert!(text.contains("bytes left out"));
        assert_eq!(
            output.total(),
            11 + (0..100_000).map(|n| format!("line {n}\n").len() as u64).sum::<u64>()
        );
    }

    #[test]
    fn short_output_is_kept_whole_even_across_the_border_of_head_and_tail() {
        let output = Output::default();
        let filler = vec![b'x'; HEAD - 3];
        output.push(&filler, true);
        output.push(b"hunter2\n", true);
        assert!(output.text(&mask()).ends_with("x***\n"));
    }

    #[test]
    fn values_are_read_masked_and_bounded() {
        let output = Output::default();
        output.push(b"ActiveState=failed\npassword=hunter2\nbad key=1\n no pair\n", true);
        output.push(b"from_stderr=1\n", false);
        let values = output.values(Capture::Kv, &mask()).expect("it reads");
        assert_eq!(values["ActiveState"], "failed");
        assert_eq!(values["password"], "***");
        assert_eq!(values.len(), 2);
        assert!(output.values(Capture::Json, &mask()).is_err());

        let output = Output::default();
        output.push(br#"{"pid": 12, "state": "up", "nested": {"a": 1}}"#, true);
        let values = output.values(Capture::Json, &mask()).expect("it reads");
        assert_eq!((values["pid"].as_str(), values["nested"].as_str()), ("12", r#"{"a":1}"#));
    }

    #[test]
    fn the_last_lines_are_whole_lines() {
        let text: String = (0..10_000).map(|number| format!("行 {number}\n")).collect();
        let last = last_lines(&text);
        assert!(last.len() <= LAST && last.starts_with("行 ") && last.ends_with("行 9999\n"));
        assert_eq!(last_line("a\nb \n\n"), "b");
    }
}
