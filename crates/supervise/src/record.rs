//! What must survive hikeshi's own death: which process is which service, written before success is reported.

use crate::{error::SuperviseError, identity::Identity};
use domain::ids::ServiceName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The file of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The main process that was started last; nothing after a stop.
    pub identity: Option<Identity>,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// How often the service was restarted.
    #[serde(default)]
    pub restarts: u64,
}

impl Record {
    /// Reads the file; a missing one is an empty record, and so is a broken one: the process is then
    /// found again by its mark (see `session::find_marked`).
    pub fn read(path: &Path) -> Result<Self, SuperviseError> {
        match fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(SuperviseError::File { path: path.to_owned(), error }),
        }
    }

    /// Writes the file so that it is the old one or the new one, whatever happens.
    pub fn write(&self, path: &Path) -> Result<(), SuperviseError> {
        self.try_write(path).map_err(|error| SuperviseError::File { path: path.to_owned(), error })
    }

    fn try_write(&self, path: &Path) -> io::Result<()> {
        let fresh = path.with_extension("json.new");
        let mut file = File::create(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}

/// The file of a service; bytes that are not plain in a file name are written as `%XX`.
pub(crate) fn path_of(folder: &Path, service: &ServiceName) -> PathBuf {
    let mut name = String::new();
    for byte in service.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            _ => name.push_str(&format!("%{byte:02X}")),
        }
    }
    folder.join(format!("{name}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_a_torn_one_is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = path_of(folder.path(), &"api-1".into());
        assert_eq!(Record::read(&path).expect("missing is empty"), Record::default());
        let record =
            Record { identity: Identity::of(std::process::id()), started_at: None, restarts: 3 };
        record.write(&path).expect("written");
        assert_eq!(Record::read(&path).expect("read"), record);
        fs::write(&path, b"{\"identity\":{\"pid\"").expect("torn");
        assert_eq!(Record::read(&path).expect("torn is empty"), Record::default());
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        let path = path_of(Path::new("/state"), &"../etc/予測".into());
        assert_eq!(path.parent(), Some(Path::new("/state")));
    }
}
