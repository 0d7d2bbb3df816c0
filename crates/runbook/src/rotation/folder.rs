//! One folder of log files. Everything goes through one handle on it and follows no link: the folder may belong to the service.

use glob::Pattern;
use jiff::Timestamp;
use rustix::fs::{self, AtFlags, CWD, FileType, Gid, Mode, OFlags, RenameFlags, Uid};
use std::{io, os::fd::OwnedFd, path::Path};

/// The folder that holds the logs of one pattern.
pub struct LogFolder {
    /// A handle on it.
    pub fd: OwnedFd,
    pattern: Pattern,
}

/// What a file is, whatever its name: it follows a rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    /// The device.
    pub device: u64,
    /// The inode.
    pub inode: u64,
}

/// A file of the folder.
#[derive(Clone, Debug)]
pub struct LogFile {
    /// Its name.
    pub name: String,
    /// Which file it is.
    pub id: FileId,
    /// Its length.
    pub bytes: u64,
    /// What it takes on the disk.
    pub allocated: u64,
    mode: Mode,
    owner: (Uid, Gid),
}

impl LogFolder {
    /// Opens the folder of a pattern such as `/var/log/mks/*.log`; nothing when there is no such folder.
    ///
    /// # Errors
    /// The pattern is none, or the folder cannot be opened.
    pub fn open(pattern: &str) -> io::Result<Option<Self>> {
        let path = Path::new(pattern);
        let invalid =
            |why: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("{pattern}: {why}"));
        let (Some(folder), Some(name)) =
            (path.parent(), path.file_name().and_then(|name| name.to_str()))
        else {
            return Err(invalid("no file name"));
        };
        if folder.to_string_lossy().contains(['*', '?', '[']) {
            return Err(invalid("only the last part may be a pattern"));
        }
        let name = Pattern::new(name).map_err(|error| invalid(&error.to_string()))?;
        match fs::openat(
            CWD,
            folder,
            OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        ) {
            Ok(fd) => Ok(Some(Self { fd, pattern: name })),
            Err(rustix::io::Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The live log files: plain files that match, without those that were rotated before.
    pub fn live(&self) -> io::Result<Vec<LogFile>> {
        let mut files = self.files()?;
        files.retain(|file| self.pattern.matches(&file.name) && stem(&file.name).is_none());
        Ok(files)
    }

    /// The rotated files of all matching logs, the oldest first.
    pub fn rotated(&self) -> io::Result<Vec<LogFile>> {
        let mut files = self.files()?;
        files.retain(|file| stem(&file.name).is_some_and(|(name, _)| self.pattern.matches(name)));
        files.sort_by(|a, b| stem(&a.name).cmp(&stem(&b.name)));
        Ok(files)
    }

    /// Gives a live file a name with the time, and puts an empty one with the same mode and owner in its place.
    /// When that fails the live file has its name again.
    pub fn rotate(&self, file: &LogFile, now: Timestamp) -> io::Result<String> {
        let aside = self.move_aside(&file.name, now)?;
        match self.create(&file.name, file) {
            // A writer that opens its file for every line was faster; its file serves as well.
            Ok(_) | Err(rustix::io::Errno::EXIST) => Ok(aside),
            Err(error) => {
                fs::renameat_with(&self.fd, &aside, &self.fd, &file.name, RenameFlags::NOREPLACE)?;
                Err(error.into())
            }
        }
    }

    fn move_aside(&self, name: &str, now: Timestamp) -> io::Result<String> {
        let stamp = now.strftime("%Y%m%d-%H%M%S");
        for number in 0..100 {
            let aside = if number == 0 {
                format!("{name}.{stamp}")
            } else {
                format!("{name}.{stamp}-{number:02}")
            };
            let is_compressed =
                fs::statat(&self.fd, format!("{aside}.gz"), AtFlags::SYMLINK_NOFOLLOW).is_ok();
            if is_compressed {
                continue;
            }
            match fs::renameat_with(&self.fd, name, &self.fd, &aside, RenameFlags::NOREPLACE) {
                Ok(()) => return Ok(aside),
                Err(rustix::io::Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::other(format!("{name} was rotated a hundred times within a second")))
    }

    /// Creates a file that was not there, with the mode and owner of another.
    pub fn create(&self, name: &str, like: &LogFile) -> rustix::io::Result<OwnedFd> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::openat(&self.fd, name, flags, Mode::RUSR | Mode::WUSR)?;
        // Only root may give a file away; anybody else made it as the owner that it has to have, or cannot.
        match fs::fchown(&fd, Some(like.owner.0), Some(like.owner.1)) {
            Ok(()) | Err(rustix::io::Errno::PERM) => fs::fchmod(&fd, like.mode)?,
            Err(error) => return Err(error),
        }
        Ok(fd)
    }

    /// Opens a file for reading, if it is still the one that was listed.
    pub fn open_file(&self, file: &LogFile) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = fs::openat(&self.fd, &file.name, flags, Mode::empty())?;
        let stat = fs::fstat(&fd)?;
        if (FileId { device: stat.st_dev, inode: stat.st_ino }) == file.id {
            return Ok(fd);
        }
        Err(io::Error::other(format!("{} became another file meanwhile", file.name)))
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        Ok(fs::unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    /// Gives a file its final name.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(fs::renameat_with(&self.fd, from, &self.fd, to, RenameFlags::NOREPLACE)?)
    }

    /// What is free for ordinary users on the disk of the folder, in bytes.
    pub fn available(&self) -> io::Result<u64> {
        let disk = fs::fstatvfs(&self.fd)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    fn files(&self) -> io::Result<Vec<LogFile>> {
        let mut files = Vec::new();
        for entry in fs::Dir::read_from(&self.fd)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            let Ok(stat) = fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
                continue;
            }
            files.push(LogFile {
                name: name.to_owned(),
                id: FileId { device: stat.st_dev, inode: stat.st_ino },
                bytes: u64::try_from(stat.st_size).unwrap_or(0),
                allocated: u64::try_from(stat.st_blocks).unwrap_or(0) * 512,
                mode: Mode::from_raw_mode(stat.st_mode) & (Mode::RWXU | Mode::RWXG | Mode::RWXO),
                owner: (Uid::from_raw(stat.st_uid), Gid::from_raw(stat.st_gid)),
            });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

/// The live name and the stamp of a rotated file: `error.log.20250926-101500.gz`.
pub fn stem(name: &str) -> Option<(&str, &str)> {
    let plain = name.strip_suffix(".gz").unwrap_or(name);
    let (live, stamp) = plain.rsplit_once('.')?;
    let bytes = stamp.as_bytes();
    let is_stamp = bytes.len() >= 15
        && bytes
            .iter()
            .enumerate()
            .all(|(at, b)| if at == 8 || at == 15 { *b == b'-' } else { b.is_ascii_digit() });
    is_stamp.then_some((live, stamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_file_is_known_by_its_stamp() {
        assert_eq!(stem("error.log.20250926-101500.gz"), Some(("error.log", "20250926-101500")));
        assert_eq!(stem("error.log.20250926-101500-01"), Some(("error.log", "20250926-101500-01")));
        assert_eq!(stem("error.log"), None);
        assert_eq!(stem("error.log.gz"), None);
        assert_eq!(stem("error.20250926"), None);
    }

    #[test]
    fn links_and_folders_are_no_log_files() {
        let place = tempfile::tempdir().expect("a folder");
        let path = |name: &str| place.path().join(name);
        std::fs::write(path("a.log"), "x").expect("written");
        std::fs::create_dir(path("b.log")).expect("made");
        std::os::unix::fs::symlink("/etc/passwd", path("c.log")).expect("linked");
        std::fs::write(path("a.log.20250926-101500"), "x").expect("written");
        let folder =
            LogFolder::open(&path("*").display().to_string()).expect("opened").expect("there");
        let names =
            |files: Vec<LogFile>| files.into_iter().map(|file| file.name).collect::<Vec<_>>();
        assert_eq!(names(folder.live().expect("listed")), ["a.log"]);
        assert_eq!(names(folder.rotated().expect("listed")), ["a.log.20250926-101500"]);
        assert!(LogFolder::open("/nowhere/at/all/*.log").expect("missing is fine").is_none());
        assert!(LogFolder::open("/var/*/x.log").is_err());
    }
}
