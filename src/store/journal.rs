//! A file beside an SQLite database to which small records are added, each lasting from the moment
//! that [`Journal::add`] returns: for what must be certain at once and may stand in the database a
//! little later. A record costs one write and one sync of a few bytes, where a commit costs many
//! pages and waits for whatever else is being committed.
//!
//! The file has one size and is written round and round; a record that was written over has long
//! been in the database. Whoever reads finds old ones beside new ones and must be able to tell.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Db, Result, Url, unavailable};

/// What one record holds.
pub const BYTES: usize = 56;
/// Followed by a part of its hash: of a record that was half written when the power went, nothing is read.
const SEAL: usize = 8;
/// No record lies across two sectors of a disk.
const WIDTH: usize = BYTES + SEAL;
/// Records until the first one is written over.
pub const ROOM: usize = 16_384;

/// The open file; one process has it at a time.
pub struct Journal {
    file: File,
    /// Where the next record goes.
    next: usize,
}

impl Journal {
    /// `None`: the database has none, as others on other machines could not read it.
    pub fn open(db: &Db) -> Result<Option<Journal>> {
        let Some(path) = path_of(db) else { return Ok(None) };
        let failed = |error: io::Error| unavailable(format!("cannot write {}: {error}", path.display()));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        // All of it is written once: what is written later changes no size and needs no new room.
        if file.metadata().map_err(failed)?.len() < (ROOM * WIDTH) as u64 {
            file.write_all(&vec![0; ROOM * WIDTH]).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            sync_folder(&path).map_err(failed)?;
        }
        Ok(Some(Journal { file, next: 0 }))
    }

    /// Adds records; once this returns they outlast a power cut.
    pub fn add(&mut self, records: &[[u8; BYTES]]) -> io::Result<()> {
        let mut rest = records;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(ROOM - self.next));
            let mut bytes = Vec::with_capacity(now.len() * WIDTH);
            for record in now {
                bytes.extend_from_slice(record);
                bytes.extend_from_slice(&seal(record));
            }
            self.file.seek(SeekFrom::Start((self.next * WIDTH) as u64))?;
            self.file.write_all(&bytes)?;
            self.next = (self.next + now.len()) % ROOM;
            rest = later;
        }
        self.file.sync_data()
    }
}

/// All whole records, old and new, in no order that says anything.
pub fn read(db: &Db) -> Result<Vec<[u8; BYTES]>> {
    let Some(path) = path_of(db) else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
    match read {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unavailable(format!("cannot read {}: {error}", path.display()))),
    }
    let whole = bytes.chunks_exact(WIDTH).filter_map(|chunk| {
        let (record, sealed) = chunk.split_at(BYTES);
        let record: [u8; BYTES] = record.try_into().ok()?;
        (record != [0; BYTES] && seal(&record) == sealed).then_some(record)
    });
    Ok(whole.collect())
}

fn path_of(db: &Db) -> Option<PathBuf> {
    match db.url() {
        Url::Sqlite(path) => {
            let mut path = path.clone().into_os_string();
            path.push(".sent");
            Some(PathBuf::from(path))
        }
        Url::Postgres(_) => None,
    }
}

fn seal(record: &[u8; BYTES]) -> [u8; SEAL] {
    let mut seal = [0; SEAL];
    seal.copy_from_slice(&Sha256::digest(record)[..SEAL]);
    seal
}

/// A new file's name is kept by its folder.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match cfg!(unix) {
        true => File::open(folder.unwrap_or(Path::new(".")))?.sync_all(),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: usize) -> [u8; BYTES] {
        let mut record = [1; BYTES];
        record[..8].copy_from_slice(&(n as u64).to_le_bytes());
        record
    }

    #[test]
    fn what_was_added_is_read_again_until_it_is_written_over_and_half_a_record_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.db");
        let db = Db::open(&Url::Sqlite(file.clone())).expect("a database");
        assert!(read(&db).expect("no file yet").is_empty());
        let mut journal = Journal::open(&db).expect("a journal").expect("SQLite has one");
        assert!(read(&db).expect("an empty one").is_empty());
        journal.add(&[record(1), record(2)]).expect("added");
        assert_eq!(read(&db).expect("read"), [record(1), record(2)]);

        // Opened anew it begins at its beginning; what is behind stays.
        let mut journal = Journal::open(&db).expect("a journal").expect("SQLite has one");
        journal.add(&[record(3)]).expect("added");
        assert_eq!(read(&db).expect("read"), [record(3), record(2)]);
        let many: Vec<_> = (0..ROOM).map(|n| record(100 + n)).collect();
        journal.add(&many).expect("added");
        let all = read(&db).expect("read");
        assert_eq!(all.len(), ROOM);
        assert!(many.iter().all(|record| all.contains(record)));

        let path = path_of(&db).expect("a file");
        let mut bytes = std::fs::read(&path).expect("read");
        assert_eq!(bytes.len(), ROOM * WIDTH);
        bytes[10] ^= 1;
        std::fs::write(&path, bytes).expect("written");
        assert_eq!(read(&db).expect("read").len(), ROOM - 1);
    }
}
