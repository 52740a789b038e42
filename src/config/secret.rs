//! What must not be shown, and the file that keeps the secret key when nobody has set one.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself; the name makes each such place easy to find.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What all tokens are made with: 32 characters or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretKey(Secret);

const KEY_CHARACTERS: usize = 32;

/// Why there is no secret key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileFault {
    #[error(
        "a secret key is required with PostgreSQL, where several servers share one key: \
         set it to any text of 32 characters or more, such as the output of `openssl rand -hex 32`"
    )]
    Required,
    #[error("{} may be read by everybody on this machine: run `chmod 600` on it", .0.display())]
    Exposed(PathBuf),
    #[error("{} holds no key of 32 characters or more: put the former one back; without it every link mailed so far is dead", .0.display())]
    Spoilt(PathBuf),
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, #[source] io::Error),
}

impl SecretKey {
    pub(super) fn parse(value: &str) -> Result<Self, String> {
        match value.chars().count() {
            KEY_CHARACTERS.. => Ok(Self(Secret::new(value))),
            n => Err(format!(
                "has {n} characters: 32 is the least; `openssl rand -hex 32` makes a good one"
            )),
        }
    }

    /// For the functions that make and check tokens, and for nothing else.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.reveal().as_bytes()
    }

    /// The key in the file beside `database`, made at random when it is not there.
    pub(super) fn of_file_beside(database: &Path) -> Result<Self, KeyFileFault> {
        let path = key_path(database);
        let fault = |error| KeyFileFault::Unreadable(path.clone(), error);
        if !path.try_exists().map_err(fault)? {
            make_key_file(&path).map_err(fault)?;
        }
        if is_exposed(&path).map_err(fault)? {
            return Err(KeyFileFault::Exposed(path));
        }
        let text = fs::read_to_string(&path).map_err(fault)?;
        Self::parse(text.trim()).map_err(|_| KeyFileFault::Spoilt(path))
    }
}

fn key_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// Writes the whole key under a name of this process, then links it to its place: the link fails
/// when the place is taken, so of two first starts one wins, and both read the winner's key.
fn make_key_file(path: &Path) -> io::Result<()> {
    let mut draft_name = path.as_os_str().to_owned();
    draft_name.push(format!(".{}", HEXLOWER.encode(&rand::random::<[u8; 8]>())));
    let draft = PathBuf::from(draft_name);
    let made = write_key(&draft).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => removed,
        Err(error) => Err(error),
        Ok(()) => removed.and_then(|()| sync_folder_of(path)),
    }
}

fn write_key(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", HEXLOWER.encode(&rand::random::<[u8; 32]>()))?;
    file.sync_all()
}

/// A key that a power cut takes away again would leave dead links behind.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn is_exposed(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o007 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_path: &Path) -> io::Result<bool> {
    Ok(false)
}
