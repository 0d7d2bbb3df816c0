//! What a backup is: told by its content, and held against what its name promises.

use crate::{inventory::Fault, outside::shown};
use domain::said::Said;
use source::{Node, Problems};

/// As many bytes tell every format.
pub(crate) const HEAD_BYTES: u64 = 4 << 10;

/// A format that can be told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// PostgreSQL's own (`pg_dump -Fc`).
    Custom,
    /// A folder with PostgreSQL's table of contents (`pg_dump -Fd`).
    Folder,
    /// An archive with PostgreSQL's table of contents (`pg_dump -Ft`).
    PgTar,
    /// SQL statements, as `pg_dump` and `mysqldump` write them.
    Sql,
    Tar,
    Gzip,
    /// Known by name, but there is nothing here that reads it.
    Sealed(&'static str),
    Unknown,
}

impl Format {
    /// The format of what begins like this.
    pub fn of(head: &[u8]) -> Self {
        let is_tar = head.get(257..262) == Some(b"ustar");
        let text = String::from_utf8_lossy(head);
        let is_sql = ["-- PostgreSQL database", "-- MySQL dump", "-- MariaDB dump"];
        match head {
            [b'P', b'G', b'D', b'M', b'P', ..] => Self::Custom,
            _ if is_tar && head.starts_with(b"toc.dat\0") => Self::PgTar,
            _ if is_tar => Self::Tar,
            [0x1f, 0x8b, ..] => Self::Gzip,
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Self::Sealed("zip"),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Sealed("zstd"),
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Self::Sealed("xz"),
            [b'B', b'Z', b'h', ..] => Self::Sealed("bzip2"),
            _ if is_sql.iter().any(|mark| text.contains(mark)) => Self::Sql,
            _ => Self::Unknown,
        }
    }

    /// The name that a configuration and a reading use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Folder => "folder",
            Self::PgTar | Self::Tar => "tar",
            Self::Sql => "sql",
            Self::Gzip => "gzip",
            Self::Sealed(name) => name,
            Self::Unknown => "of no known format",
        }
    }

    /// Reads `format:`: what a backup must be, whatever its name.
    pub fn parse(node: &Node, problems: &mut Problems) -> Option<&'static str> {
        const KNOWN: [&str; 5] = ["custom", "folder", "tar", "sql", "gzip"];
        let text = node.text(problems)?;
        let known = KNOWN.into_iter().find(|known| *known == text);
        if known.is_none() {
            let list = KNOWN.join(", ");
            problems.add(
                &node.place,
                Said::new(
                    format!("`format` は {list} のどれかです (`{text}` ではなく)"),
                    format!("`format` is one of {list}, not `{text}`"),
                ),
            );
        }
        known
    }

    /// Whoever restores goes by the name: `pg_restore` cannot restore SQL that is called a dump, and `psql` no dump
    /// that is called SQL (C16).
    pub fn check(self, file_name: &str, wanted: Option<&'static str>) -> Result<(), Fault> {
        let is = self.name();
        if let Some(wanted) = wanted {
            return if wanted == is {
                Ok(())
            } else {
                Err(Fault::Bad(Said::new(
                    format!("{is} であり、`format` にある {wanted} ではありません"),
                    format!("it is {is}, not {wanted} as `format` says"),
                )))
            };
        }
        let extension = file_name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let (promised, tool): (&[&str], &str) = match extension.to_ascii_lowercase().as_str() {
            "dump" | "custom" | "pgdump" | "pgc" | "backup" => (&["custom", "tar"], "pg_restore"),
            "sql" => (&["sql"], "psql"),
            "tar" => (&["tar"], "tar"),
            "gz" | "tgz" => (&["gzip"], "gzip"),
            _ => return Ok(()),
        };
        if promised.contains(&is) {
            return Ok(());
        }
        let extension = shown(extension);
        Err(Fault::Bad(Said::new(
            format!("名前は .{extension} ですが中身は {is} です。{tool} では復元できません"),
            format!("it is called .{extension} but is {is}: {tool} cannot restore it"),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_content() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(Format::of(&tar), Format::Tar);
        tar[..8].copy_from_slice(b"toc.dat\0");
        assert_eq!(Format::of(&tar), Format::PgTar);
        for (head, format) in [
            (b"PGDMP\x01\x0e".as_slice(), Format::Custom),
            (b"\x1f\x8b\x08", Format::Gzip),
            (b"PK\x03\x04", Format::Sealed("zip")),
            (b"--\n-- PostgreSQL database dump\n--\n", Format::Sql),
            (b"-- MySQL dump 10.13", Format::Sql),
            (b"hello", Format::Unknown),
            (b"", Format::Unknown),
        ] {
            assert_eq!(Format::of(head), format);
        }
    }

    #[test]
    fn a_name_is_a_promise() {
        let bad = |format: Format, name| format.check(name, None).is_err();
        assert!(bad(Format::Sql, "prices.dump") && bad(Format::Custom, "prices.SQL"));
        assert!(bad(Format::Tar, "prices.tar.gz") && bad(Format::Gzip, "prices.tar"));
        assert!(!bad(Format::Custom, "prices.dump") && !bad(Format::Gzip, "prices.sql.gz"));
        assert!(!bad(Format::Sql, "prices-20261120"), "no extension, no promise");
        assert!(
            Format::Custom.check("prices.sql", Some("custom")).is_ok(),
            "whoever says so knows"
        );
        assert!(Format::Sql.check("prices.sql", Some("custom")).is_err());
    }
}
