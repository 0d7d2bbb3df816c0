//! Fault switches as files: `faults/NAME.json`, flipped from anywhere, obeyed by the process NAME.

use crate::error::DemoError;
use crate::fault::{Fault, FaultKind, Target};
use crate::folder::Folder;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The switches as one process sees them, read anew when their file changes.
#[derive(Debug)]
pub struct Switches {
    path: PathBuf,
    seen: Mutex<(Option<Stamp>, Active)>,
}

/// The faults that are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Active(Vec<FaultKind>);

/// Tells one version of a file from the next: an atomic rename changes the inode.
type Stamp = (u64, u64, SystemTime);

#[derive(Default, Serialize, Deserialize)]
struct FaultFile {
    faults: Vec<String>,
}

impl Switches {
    /// The switches of the process `name`.
    pub fn of(folder: &Folder, name: &str) -> Switches {
        Switches { path: folder.fault_file(name), seen: Mutex::default() }
    }

    /// What is on now. A file that cannot be read leaves things as they were.
    pub fn now(&self) -> Active {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.path);
        if stamp != seen.0
            && let Ok(active) = read(&self.path)
        {
            *seen = (stamp, active);
        }
        seen.1.clone()
    }
}

impl Active {
    /// Whether this very fault is on (for those without a value).
    pub fn has(&self, kind: FaultKind) -> bool {
        self.0.contains(&kind)
    }

    /// How late every answer is, in milliseconds.
    pub fn slow_ms(&self) -> Option<u64> {
        self.0.iter().find_map(|kind| if let FaultKind::Slow(ms) = kind { Some(*ms) } else { None })
    }

    /// How late the process listens after its start, in milliseconds.
    pub fn slow_start_ms(&self) -> Option<u64> {
        self.0
            .iter()
            .find_map(|kind| if let FaultKind::SlowStart(ms) = kind { Some(*ms) } else { None })
    }

    /// How many of a hundred requests fail.
    pub fn error_percent(&self) -> Option<u8> {
        self.0.iter().find_map(|kind| {
            if let FaultKind::ErrorRate(percent) = kind { Some(*percent) } else { None }
        })
    }

    /// How large the log is to grow, in bytes.
    pub fn fill_bytes(&self) -> Option<u64> {
        self.0
            .iter()
            .find_map(|kind| if let FaultKind::Fill(bytes) = kind { Some(*bytes) } else { None })
    }

    /// How many error lines a second are logged.
    pub fn log_errors_per_second(&self) -> Option<u32> {
        self.0.iter().find_map(|kind| {
            if let FaultKind::LogErrors(count) = kind { Some(*count) } else { None }
        })
    }
}

/// Turns a fault on; a value it already has is replaced.
///
/// # Errors
/// [`DemoError::File`] when the switch cannot be written.
pub fn set(folder: &Folder, fault: &Fault) -> Result<(), DemoError> {
    change(folder, fault.target(), |faults| {
        faults.retain(|kind| kind.name() != fault.kind().name());
        faults.push(fault.kind());
    })
}

/// Turns a fault off, whatever its value.
///
/// # Errors
/// [`DemoError::File`] when the switch cannot be written.
pub fn clear(folder: &Folder, fault: &Fault) -> Result<(), DemoError> {
    change(folder, fault.target(), |faults| {
        faults.retain(|kind| kind.name() != fault.kind().name());
    })
}

/// Turns every fault off.
///
/// # Errors
/// [`DemoError::File`] when a switch cannot be written.
pub fn clear_all(folder: &Folder) -> Result<(), DemoError> {
    Target::ALL.into_iter().try_for_each(|target| change(folder, target, Vec::clear))
}

/// Everything that is on.
///
/// # Errors
/// [`DemoError::File`] when a switch cannot be read, [`DemoError::UnknownFault`] when it holds
/// something else than faults.
pub fn list(folder: &Folder) -> Result<Vec<Fault>, DemoError> {
    let mut faults = Vec::new();
    for target in Target::ALL {
        for kind in read(&folder.fault_file(target.name()))?.0 {
            faults.push(Fault::new(target, kind)?);
        }
    }
    Ok(faults)
}

fn change(
    folder: &Folder,
    target: Target,
    edit: impl FnOnce(&mut Vec<FaultKind>),
) -> Result<(), DemoError> {
    let lock_path = folder.faults().join(".lock");
    let lock = File::create(&lock_path).map_err(DemoError::file("write", &lock_path))?;
    lock.lock().map_err(DemoError::file("lock", &lock_path))?;
    let path = folder.fault_file(target.name());
    // A file someone broke by hand must not keep anyone from putting the fire out.
    let before = read(&path).unwrap_or_default().0;
    let mut after = before.clone();
    edit(&mut after);
    if after == before && path.exists() != after.is_empty() {
        return Ok(());
    }
    let file = FaultFile { faults: after.iter().map(ToString::to_string).collect() };
    write(&path, &file).map_err(DemoError::file("write", &path))
}

fn write(path: &Path, file: &FaultFile) -> std::io::Result<()> {
    if file.faults.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut fresh, file)?;
    fresh.write_all(b"\n")?;
    fresh.persist(path)?;
    Ok(())
}

fn read(path: &Path) -> Result<Active, DemoError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Active::default()),
        Err(error) => return Err(DemoError::file("read", path)(error)),
    };
    let file: FaultFile = serde_json::from_str(&text).map_err(|error| {
        DemoError::UnknownFault(format!(
            "{}: {error} (it should look like {{\"faults\":[\"hang\"]}})",
            path.display()
        ))
    })?;
    file.faults.iter().map(|text| text.parse()).collect::<Result<_, _>>().map(Active)
}

fn stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.len(), metadata.modified().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let place = tempfile::tempdir().expect("a temporary folder");
        let folder = Folder::create(place.path()).expect("the working folder");
        (place, folder)
    }

    fn fault(text: &str) -> Fault {
        text.parse().expect("a known fault")
    }

    #[test]
    fn a_flipped_switch_is_seen_at_the_next_look() {
        let (_place, folder) = folder();
        let switches = Switches::of(&folder, "api-2");
        assert_eq!(switches.now(), Active::default());
        set(&folder, &fault("api-2:hang")).expect("sets");
        set(&folder, &fault("api-2:slow=100")).expect("sets");
        set(&folder, &fault("api-2:slow=5100")).expect("replaces the value");
        assert!(switches.now().has(FaultKind::Hang));
        assert_eq!(switches.now().slow_ms(), Some(5100));
        clear(&folder, &fault("api-2:slow=1")).expect("clears whatever the value");
        assert_eq!(switches.now().slow_ms(), None);
        assert!(switches.now().has(FaultKind::Hang), "the other fault stays");
    }

    #[test]
    fn the_list_names_every_fault_of_every_target_until_all_are_cleared() {
        let (_place, folder) = folder();
        for text in ["mail:down", "api-1:error-rate=60", "database:stop"] {
            set(&folder, &fault(text)).expect("sets");
        }
        let listed: Vec<String> =
            list(&folder).expect("lists").iter().map(ToString::to_string).collect();
        assert_eq!(listed, ["api-1:error-rate=60", "database:stop", "mail:down"]);
        clear_all(&folder).expect("clears");
        assert_eq!(list(&folder).expect("lists"), []);
    }

    #[test]
    fn a_broken_fault_file_changes_nothing_and_is_reported_with_its_place() {
        let (_place, folder) = folder();
        let switches = Switches::of(&folder, "api-1");
        set(&folder, &fault("api-1:hang")).expect("sets");
        assert!(switches.now().has(FaultKind::Hang));
        std::fs::write(folder.fault_file("api-1"), "{\"faults\":[\"burn\"]").expect("writes");
        assert!(switches.now().has(FaultKind::Hang), "as before");
        assert!(list(&folder).expect_err("broken").to_string().contains("api-1.json"));
        clear(&folder, &fault("api-1:hang")).expect("can still be put out");
        assert_eq!(switches.now(), Active::default());
    }

    #[test]
    fn two_terminals_at_once_lose_no_switch() {
        let (_place, folder) = folder();
        std::thread::scope(|scope| {
            for text in ["api-1:hang", "api-1:slow=7", "api-1:broken-search", "api-1:sticky-pool"] {
                let folder = &folder;
                scope.spawn(move || set(folder, &fault(text)).expect("sets"));
            }
        });
        assert_eq!(list(&folder).expect("lists").len(), 4);
    }
}
