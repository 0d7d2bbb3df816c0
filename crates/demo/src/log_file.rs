//! A log file that is appended to line by line and opened anew on SIGHUP, so that it can be rotated.

use crate::error::DemoError;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::signal::unix::{SignalKind, signal};

/// An open log file. Several processes may append to the same one: a line is one write.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: Mutex<File>,
}

impl LogFile {
    /// Opens the file for appending.
    ///
    /// # Errors
    /// [`DemoError::File`] when it cannot be opened.
    pub fn open(path: &Path) -> Result<LogFile, DemoError> {
        let file = append(path).map_err(DemoError::file("open the log", path))?;
        Ok(LogFile { path: path.to_owned(), file: Mutex::new(file) })
    }

    /// Appends one line.
    ///
    /// # Errors
    /// What the system says, a full disk for example.
    pub fn line(&self, text: &str) -> std::io::Result<()> {
        let mut line = String::with_capacity(text.len() + 1);
        line.push_str(text);
        line.push('\n');
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes())
    }

    /// How long the open file is in bytes, wherever its name has moved to.
    ///
    /// # Errors
    /// What the system says.
    pub fn size(&self) -> std::io::Result<u64> {
        Ok(self.file.lock().unwrap_or_else(PoisonError::into_inner).metadata()?.len())
    }

    /// Goes on in a file of the same name; where that is impossible, in the old one.
    pub fn reopen(&self) {
        if let Ok(fresh) = append(&self.path) {
            *self.file.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

/// Opens the logs anew at every SIGHUP from now on.
///
/// # Errors
/// What the system says when the signal cannot be caught.
pub fn reopen_on_hangup(logs: Vec<Arc<LogFile>>) -> std::io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            logs.iter().for_each(|log| log.reopen());
        }
    });
    Ok(())
}

/// One JSON line as the services log it; `more` is an object whose keys are added.
pub fn json_line(level: &str, logger: &str, message: &str, more: Value) -> String {
    let mut line = json!({
        "timestamp": Timestamp::now().to_string(),
        "level": level,
        "logger": logger,
        "message": message,
    });
    if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
        line.extend(more);
    }
    line.to_string()
}

fn append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_log_is_written_to_the_old_file_until_it_is_reopened() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let (path, old) = (place.path().join("error.log"), place.path().join("error.log.1"));
        let log = LogFile::open(&path).expect("opens");
        log.line("before").expect("writes");
        std::fs::rename(&path, &old).expect("rotates");
        log.line("between").expect("writes");
        log.reopen();
        log.line("after").expect("writes");
        assert_eq!(std::fs::read_to_string(old).expect("reads"), "before\nbetween\n");
        assert_eq!(std::fs::read_to_string(path).expect("reads"), "after\n");
        assert_eq!(log.size().expect("has a size"), 6);
    }

    #[test]
    fn a_line_of_hostile_text_stays_one_json_line() {
        let line = json_line("ERROR", "api", "two\nlines \"quoted\"", json!({"instance": "api-1"}));
        assert!(!line.contains('\n'));
        let back: Value = serde_json::from_str(&line).expect("is JSON");
        assert_eq!(back["message"], "two\nlines \"quoted\"");
        assert_eq!(back["instance"], "api-1");
    }
}
