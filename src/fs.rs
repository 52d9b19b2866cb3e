//! The one door to the disk. Every error carries the path it happened on.

mod fault;
mod lock;
mod stamp;

pub use lock::{Attempt, Lock, Owner};
pub use stamp::{Stamp, stamp, stamp_of};

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// An input/output error that knows its path and what was being done to it.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {source}", path.display())]
pub struct FsError {
    /// What was attempted, as a verb ("read", "write", "create").
    pub action: &'static str,
    /// The path it was attempted on.
    pub path: PathBuf,
    /// The operating system's reason.
    pub source: io::Error,
}

/// Result of a file operation.
pub type Result<T> = std::result::Result<T, FsError>;

fn at<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|source| FsError { action, path: path.to_path_buf(), source })
}

/// A change of the disk: counted, so that tests can let any of them fail.
fn change<T>(action: &'static str, path: &Path, make: impl FnOnce() -> io::Result<T>) -> Result<T> {
    at(action, path, fault::strike(action, path).and_then(|()| make()))
}

/// Reads a whole text file; meant for configuration and templates, never for data.
///
/// # Errors
/// When the file cannot be opened or is not UTF-8.
pub fn read_to_string(path: &Path) -> Result<String> {
    at("read", path, std::fs::read_to_string(path))
}

/// Reads a whole file; meant for templates and small outputs, never for data.
///
/// # Errors
/// When the file cannot be opened.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    at("read", path, std::fs::read(path))
}

/// Reads as many bytes of a file as there is room for.
///
/// # Errors
/// When the file cannot be opened or has fewer.
pub fn read_exact(path: &Path, room: &mut [u8]) -> Result<()> {
    at("read", path, File::open(path).and_then(|mut file| file.read_exact(room)))
}

/// Opens a file for streaming.
///
/// # Errors
/// When the file cannot be opened.
pub fn open(path: &Path) -> Result<File> {
    at("open", path, File::open(path))
}

/// Passes a file to `each` piece by piece.
///
/// # Errors
/// When the file cannot be read to its end.
pub fn stream(path: &Path, mut each: impl FnMut(&[u8])) -> Result<()> {
    let mut file = open(path)?;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => each(buffer.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return at("read", path, Err(source)),
        }
    }
}

/// Whether a path is a file of its own (no link) that holds exactly this content.
#[must_use]
pub fn holds(path: &Path, content: &[u8]) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|m| m.is_file() && m.len() == content.len() as u64)
        && std::fs::read(path).is_ok_and(|found| found == content)
}

/// Creates (or truncates) a file for streaming output, making its parent folders.
///
/// # Errors
/// When a folder or the file cannot be created.
pub fn create(path: &Path) -> Result<File> {
    if let Some(parent) = path.parent() {
        create_dir_all(parent)?;
    }
    change("create", path, || File::create(path))
}

/// A file without a name, in the system's folder for such; it goes when it is closed.
#[derive(Debug)]
pub struct Scratch {
    file: File,
}

impl Scratch {
    /// Makes one.
    ///
    /// # Errors
    /// When the system has no place for it.
    pub fn new() -> Result<Self> {
        let folder = std::env::temp_dir();
        change("create", &folder, tempfile::tempfile).map(|file| Self { file })
    }

    /// The same file, to be read from its beginning once it is written.
    ///
    /// # Errors
    /// When the system gives no second handle.
    pub fn again(&self) -> Result<File> {
        at("open", &std::env::temp_dir(), self.file.try_clone())
    }
}

impl Write for Scratch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        fault::strike("write", &std::env::temp_dir())?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A temporary file with a name, for those who want to pass it on as a file.
///
/// # Errors
/// When it cannot be made, or `fill` cannot write it.
pub fn temporary(fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<tempfile::NamedTempFile> {
    let folder = std::env::temp_dir();
    let mut file = change("create", &folder, tempfile::NamedTempFile::new)?;
    change("write", &folder, || fill(&mut file).and_then(|()| file.flush()))?;
    Ok(file)
}

/// Opens a file for reading and writing and makes it if it is not there; its content stays.
///
/// # Errors
/// When it can neither be opened nor made.
pub fn open_or_create(path: &Path) -> Result<File> {
    if let Some(parent) = path.parent() {
        create_dir_all(parent)?;
    }
    change("create", path, || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path))
}

/// Makes a folder and all its parents; one that is there is fine.
///
/// # Errors
/// When one of them cannot be made.
pub fn create_dir_all(path: &Path) -> Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    change("create", path, || std::fs::create_dir_all(path))
}

/// Writes a whole file, making its parent folders.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    let mut file = create(path)?;
    fill(&mut file, path, content.as_ref())
}

/// Writes a new file, making its parent folders; never through a link or into a file that is there.
///
/// # Errors
/// When there is a file already, or it cannot be written.
pub fn put(path: &Path, content: &[u8]) -> Result<()> {
    let mut file = match change("create", path, || File::create_new(path)) {
        Err(e) if e.source.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), create_dir_all)?;
            at("create", path, File::create_new(path))?
        }
        other => other?,
    };
    fill(&mut file, path, content)
}

/// Puts a file in another's place so that there is always the old or the new one, also after a loss of power.
///
/// # Errors
/// When it cannot be written; the old file stays.
pub fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let new = path.with_file_name(format!(".{name}.new"));
    let written = write(&new, content).and_then(|()| sync(&new)).and_then(|()| rename(&new, path));
    if written.is_err() {
        // The failure is told; what is left of the attempt is overwritten by the next.
        let _ = std::fs::remove_file(&new);
    }
    written
}

/// Writes the content of an open file anew.
///
/// # Errors
/// When it cannot be written.
pub fn fill(file: &mut impl Write, path: &Path, content: &[u8]) -> Result<()> {
    let (part, verdict) = fault::strike_write(path, content);
    at("write", path, file.write_all(part).and(verdict))
}

/// Copies a file, making the target's parent folders.
///
/// # Errors
/// When the source cannot be read or the target cannot be written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        create_dir_all(parent)?;
    }
    change("copy", from, || std::fs::copy(from, to).map(|_| ()))
}

/// Gives whatever lies at a path (a link as such) a second name, making that name's parent folders. Where the
/// file system knows no second names, a copy with the same time of modification.
///
/// # Errors
/// When neither can be made.
pub fn keep(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        create_dir_all(parent)?;
    }
    let linked = if fault::without("link") {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    } else {
        change("link", to, || std::fs::hard_link(from, to)).map_err(|e| e.source)
    };
    match linked {
        Ok(()) => return Ok(()),
        // These would fail the copy as well; and a copy onto a second name of the same file would empty it.
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::AlreadyExists
            ) =>
        {
            return at("link", to, Err(e));
        }
        Err(_) => {}
    }
    let meta = symlink_metadata(from)?;
    #[cfg(unix)]
    if meta.is_symlink() {
        let target = at("read", from, std::fs::read_link(from))?;
        return change("link", to, || std::os::unix::fs::symlink(target, to));
    }
    change("copy", from, || {
        std::fs::copy(from, to)?;
        let times = std::fs::FileTimes::new().set_modified(meta.modified()?);
        OpenOptions::new().write(true).open(to)?.set_times(times)
    })
}

/// Makes a folder with the permissions of another; one that is there gets them.
///
/// # Errors
/// When it cannot be made or may not be changed.
pub fn create_dir_like(model: &Path, path: &Path) -> Result<()> {
    create_dir_all(path)?;
    let permissions = metadata(model)?.permissions();
    if metadata(path)?.permissions() == permissions {
        return Ok(());
    }
    change("set permissions of", path, || std::fs::set_permissions(path, permissions))
}

/// Renames a file or folder.
///
/// # Errors
/// When the system refuses.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    change("rename", from, || std::fs::rename(from, to))
}

/// Lets two paths change their places in one step; `false` where the system or file system cannot.
///
/// # Errors
/// When the system can, but refuses these.
pub fn exchange(one: &Path, other: &Path) -> Result<bool> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    if !fault::without("exchange") {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        let done = change("exchange", one, || {
            renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).map_err(io::Error::from)
        });
        return match done {
            Ok(()) => Ok(true),
            Err(e) if matches!(e.source.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput) => Ok(false),
            Err(e) => Err(e),
        };
    }
    let _ = (one, other);
    Ok(false)
}

/// Removes a file or link; one that is not there is fine.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_file(path: &Path) -> Result<()> {
    match change("remove", path, || std::fs::remove_file(path)) {
        Err(e) if e.source.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Removes an empty folder; one that is not there is fine.
///
/// # Errors
/// When it is not empty or cannot be removed.
pub fn remove_dir(path: &Path) -> Result<()> {
    match change("remove", path, || std::fs::remove_dir(path)) {
        Err(e) if e.source.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Waits until a file, or the entries of a folder, are on the disk and would survive a loss of power.
///
/// # Errors
/// When the disk cannot take them.
pub fn sync(path: &Path) -> Result<()> {
    // Only Unix can open a folder as a file.
    if cfg!(not(unix)) && path.is_dir() {
        return Ok(());
    }
    change("sync", path, || File::open(path)?.sync_all())
}

/// As [`sync`] for a folder with all it holds: on Linux in one go, since thousands of single waits would take
/// minutes.
///
/// # Errors
/// When the disk cannot take it all.
pub fn sync_tree(folder: &Path) -> Result<()> {
    #[cfg(target_os = "linux")]
    return change("sync", folder, || rustix::fs::syncfs(File::open(folder)?).map_err(io::Error::from));
    #[cfg(not(target_os = "linux"))]
    {
        for path in read_dir(folder)? {
            match symlink_metadata(&path)? {
                meta if meta.is_dir() => sync_tree(&path)?,
                meta if meta.is_file() => sync(&path)?,
                _ => {}
            }
        }
        sync(folder)
    }
}

/// What lies at a path, links followed.
///
/// # Errors
/// When the file cannot be examined.
pub fn metadata(path: &Path) -> Result<std::fs::Metadata> {
    at("examine", path, std::fs::metadata(path))
}

/// What lies at a path, links not followed.
///
/// # Errors
/// When nothing is there or it cannot be examined.
pub fn symlink_metadata(path: &Path) -> Result<std::fs::Metadata> {
    at("examine", path, std::fs::symlink_metadata(path))
}

/// The names of a folder's entries, sorted.
///
/// # Errors
/// When the folder cannot be listed.
pub fn read_dir(path: &Path) -> Result<Vec<PathBuf>> {
    let entries = at("list", path, std::fs::read_dir(path))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(at("list", path, entry)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// What [`walk`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Files, links and everything else that is no folder, by `/`-separated path, sorted.
    pub files: Vec<String>,
    /// Folders, those within others after them.
    pub folders: Vec<String>,
}

/// Everything below a folder; links are named, not followed.
///
/// # Errors
/// When a folder cannot be listed.
pub fn walk(folder: &Path) -> Result<Tree> {
    let mut tree = Tree::default();
    for entry in walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_path_buf();
                return at("list", &path, Err(io::Error::from(error)));
            }
        };
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let name = below.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("/");
        if entry.file_type().is_dir() { tree.folders.push(name) } else { tree.files.push(name) }
    }
    tree.files.sort();
    Ok(tree)
}
