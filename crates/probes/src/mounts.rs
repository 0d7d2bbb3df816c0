//! The mounted file systems and how full they are, counted as `df` does.

use std::{collections::BTreeMap, fs, io, path::Path};

/// Always full, or not to be touched, or on another machine where a hang would hang the look: looked at
/// only when a person names them.
const LEFT_OUT: [&str; 12] = [
    "autofs",
    "squashfs",
    "iso9660",
    "erofs",
    "udf",
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "9p",
    "ceph",
    "binfmt_misc",
];

/// How full one file system is.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// The path that was asked for.
    pub place: String,
    /// Bytes in use.
    pub used_bytes: f64,
    /// Bytes that ordinary users can still have.
    pub free_bytes: f64,
    /// Of what ordinary users can have, as `df` counts it.
    pub used_percent: f64,
    /// Nothing where the file system has no fixed number of files.
    pub inodes_used_percent: Option<f64>,
}

/// Every real file system's mount point; one that is mounted twice is named once.
///
/// # Errors
/// The system does not tell.
pub fn mount_points() -> io::Result<Vec<String>> {
    Ok(parse(&fs::read_to_string("/proc/self/mountinfo")?))
}

fn parse(mountinfo: &str) -> Vec<String> {
    let mut points: BTreeMap<&str, String> = BTreeMap::new();
    for line in mountinfo.lines() {
        let Some((head, tail)) = line.split_once(" - ") else { continue };
        let fields: Vec<&str> = head.split(' ').collect();
        let (Some(device), Some(point), Some(kind)) =
            (fields.get(2), fields.get(4), tail.split(' ').next())
        else {
            continue;
        };
        if LEFT_OUT.contains(&kind) || kind.starts_with("fuse") {
            continue;
        }
        let point = unescaped(point);
        let known = points.entry(device).or_insert_with(|| point.clone());
        if point.len() < known.len() {
            *known = point;
        }
    }
    points.into_values().collect()
}

/// Blanks and line ends stand there as octal numbers.
fn unescaped(point: &str) -> String {
    point.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

/// How full the file system with this path is; nothing for one that holds nothing (`/proc` and its like).
///
/// # Errors
/// The path is not there, or may not be looked at.
pub fn usage(path: &str) -> io::Result<Option<Usage>> {
    let stat = rustix::fs::statvfs(Path::new(path))?;
    if stat.f_blocks == 0 {
        return Ok(None);
    }
    let used = stat.f_blocks.saturating_sub(stat.f_bfree);
    let share = |used: u64, free: u64| 100.0 * used as f64 / (used + free).max(1) as f64;
    let inodes =
        (stat.f_files > 0).then(|| share(stat.f_files.saturating_sub(stat.f_ffree), stat.f_favail));
    Ok(Some(Usage {
        place: path.to_owned(),
        used_bytes: used as f64 * stat.f_frsize as f64,
        free_bytes: stat.f_bavail as f64 * stat.f_frsize as f64,
        used_percent: share(used, stat.f_bavail),
        inodes_used_percent: inodes,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_real_mount_is_named_once() {
        let mountinfo = "\
22 1 254:1 / / rw - ext4 /dev/vda1 rw
23 22 254:1 /x /srv/bound rw - ext4 /dev/vda1 rw
24 22 0:22 / /data\\040disk rw - xfs /dev/vdb rw
25 22 7:0 / /snap/core ro - squashfs /dev/loop0 ro
26 22 0:40 / /net/backup rw - nfs4 backup:/ rw
";
        assert_eq!(parse(mountinfo), ["/data disk", "/"]);
    }

    #[test]
    fn a_file_system_that_holds_nothing_has_no_usage() {
        assert_eq!(usage("/proc").expect("it is there"), None);
        let root = usage("/").expect("it is there").expect("it holds this test");
        assert!((0.0..=100.0).contains(&root.used_percent), "{root:?}");
        assert!(usage("/nowhere").is_err());
    }
}
