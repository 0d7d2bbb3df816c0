//! Who is who: pid files, and signals that reach the process meant and no other.

use crate::error::DemoError;
use crate::folder::Folder;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::io::ErrorKind;
use std::os::fd::OwnedFd;

/// A process that was killed ends sooner, unless the system is in trouble.
const LONGEST_END: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// A running process of the platform, held by a file descriptor that never means another one.
#[derive(Debug)]
pub struct Running {
    name: String,
    pid: u32,
    pidfd: OwnedFd,
}

/// A pid file that is removed when its process ends in order.
#[derive(Debug)]
pub struct PidFile {
    path: std::path::PathBuf,
}

impl PidFile {
    /// Writes the own pid for everyone to read.
    ///
    /// # Errors
    /// [`DemoError::File`] when it cannot be written.
    pub fn write(folder: &Folder, name: &str) -> Result<PidFile, DemoError> {
        let path = folder.pid_file(name);
        let fresh = path.with_extension(format!("pid.{}", std::process::id()));
        std::fs::write(&fresh, format!("{}\n", std::process::id()))
            .and_then(|()| std::fs::rename(&fresh, &path))
            .map_err(DemoError::file("write", &path))?;
        Ok(PidFile { path })
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        // A successor may have written its own pid already.
        let own = std::process::id().to_string();
        if std::fs::read_to_string(&self.path).is_ok_and(|pid| pid.trim() == own) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Running {
    /// The process `name` of this working folder, if it runs.
    ///
    /// # Errors
    /// [`DemoError::File`] when the pid file is there and cannot be read.
    pub fn find(folder: &Folder, name: &str) -> Result<Option<Running>, DemoError> {
        let path = folder.pid_file(name);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(DemoError::file("read", path)(error)),
        };
        let Ok(number) = text.trim().parse::<u32>() else { return Ok(None) };
        let Some(pid) = i32::try_from(number).ok().and_then(Pid::from_raw) else {
            return Ok(None);
        };
        let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { return Ok(None) };
        // Checked after the descriptor is open: from here on the pid cannot change hands unseen.
        let same = is_ours(number, folder, name);
        Ok(same.then(|| Running { name: name.to_owned(), pid: number, pidfd }))
    }

    /// Ends it with SIGKILL and comes back when it has ended.
    ///
    /// # Errors
    /// [`DemoError::Process`] when the system does not allow it.
    pub fn kill(&self) -> Result<(), DemoError> {
        let failed = |error| DemoError::Process {
            name: self.name.clone(),
            reason: format!("cannot kill pid {}: {error}", self.pid),
        };
        pidfd_send_signal(&self.pidfd, Signal::KILL).map_err(failed)?;
        // The descriptor becomes readable when the process ends.
        let mut ended = [PollFd::new(&self.pidfd, PollFlags::IN)];
        match poll(&mut ended, Some(&LONGEST_END)).map_err(failed)? {
            0 => Err(failed(Errno::TIMEDOUT)),
            _ => Ok(()),
        }
    }
}

/// Whether the command line is the one this platform starts its processes with.
fn is_ours(pid: u32, folder: &Folder, name: &str) -> bool {
    let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    let has = |option: &str, value: &[u8]| {
        words.windows(2).any(|pair| pair[0] == option.as_bytes() && pair[1] == value)
    };
    has("--name", name.as_bytes()) && has("--folder", folder.path().as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command, Stdio};

    fn folder() -> (tempfile::TempDir, Folder) {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(place.path()).expect("the working folder");
        (place, folder)
    }

    /// A real process with the words in its command line that identify it.
    fn sleeper(folder: &Folder, name: &str) -> Child {
        Command::new("sh")
            .args(["-c", "read gone", "sh", "--name", name, "--folder"])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh starts")
    }

    fn write_pid(folder: &Folder, name: &str, pid: u32) {
        std::fs::write(folder.pid_file(name), format!("{pid}\n")).expect("writes the pid");
    }

    #[test]
    fn the_process_of_the_pid_file_is_killed() {
        let (_place, folder) = folder();
        let mut child = sleeper(&folder, "api-1");
        write_pid(&folder, "api-1", child.id());
        let found = loop {
            // Between fork and exec the command line is still ours.
            if let Some(found) = Running::find(&folder, "api-1").expect("reads") {
                break found;
            }
        };
        assert_eq!(found.pid, child.id());
        found.kill().expect("kills");
        assert!(!child.wait().expect("ends").success());
        assert!(Running::find(&folder, "api-1").expect("reads").is_none(), "gone");
    }

    #[test]
    fn a_stale_pid_file_never_reaches_a_stranger() {
        let (_place, folder) = folder();
        let (_other_place, other) = self::folder();
        let mut child = sleeper(&other, "api-1");
        for pid in [child.id(), std::process::id(), 0, u32::MAX] {
            write_pid(&folder, "api-1", pid);
            assert!(Running::find(&folder, "api-1").expect("reads").is_none(), "pid {pid}");
        }
        child.kill().expect("kills");
        child.wait().expect("ends");
    }

    #[test]
    fn a_pid_file_goes_with_its_process_but_not_a_successors() {
        let (_place, folder) = folder();
        drop(PidFile::write(&folder, "api-1").expect("writes"));
        assert!(!folder.pid_file("api-1").exists());
        let mine = PidFile::write(&folder, "api-2").expect("writes");
        write_pid(&folder, "api-2", 1);
        drop(mine);
        assert!(folder.pid_file("api-2").exists(), "the successor's stays");
    }
}
