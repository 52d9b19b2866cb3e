//! The one door to the disk. Every error carries the path it happened on.

use std::io;
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

/// Opens a file for streaming.
///
/// # Errors
/// When the file cannot be opened.
pub fn open(path: &Path) -> Result<std::fs::File> {
    at("open", path, std::fs::File::open(path))
}

/// Creates (or truncates) a file for streaming output, making its parent folders.
///
/// # Errors
/// When a folder or the file cannot be created.
pub fn create(path: &Path) -> Result<std::fs::File> {
    if let Some(parent) = path.parent() {
        create_dir_all(parent)?;
    }
    at("create", path, std::fs::File::create(path))
}

/// Makes a folder and all its parents.
///
/// # Errors
/// When one of them cannot be made.
pub fn create_dir_all(path: &Path) -> Result<()> {
    at("create", path, std::fs::create_dir_all(path))
}

/// Writes a whole file, making its parent folders.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(parent) = path.parent() {
        create_dir_all(parent)?;
    }
    at("write", path, std::fs::write(path, content))
}

/// Copies a file, making the target's parent folders.
///
/// # Errors
/// When the source cannot be read or the target cannot be written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(parent) = to.parent() {
        create_dir_all(parent)?;
    }
    at("copy", from, std::fs::copy(from, to).map(|_| ()))
}

/// Removes a file.
///
/// # Errors
/// With the path.
pub fn remove_file(path: &Path) -> Result<()> {
    at("remove", path, std::fs::remove_file(path))
}

/// Renames a file or folder.
///
/// # Errors
/// When the system refuses.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    at("rename", from, std::fs::rename(from, to))
}

/// Removes a folder with all it holds; a missing folder is fine.
///
/// # Errors
/// When something in it cannot be removed.
pub fn remove_dir_all(path: &Path) -> Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => at("remove", path, other),
    }
}

/// Holds a lock on a file, which is made if it is missing, for as long as the result lives; `None` when somebody
/// else holds it.
///
/// # Errors
/// When the file cannot be made, or the file system has no locks.
pub fn lock(path: &Path) -> Result<Option<std::fs::File>> {
    if let Some(parent) = path.parent() {
        create_dir_all(parent)?;
    }
    let file = at("open", path, std::fs::OpenOptions::new().create(true).append(true).open(path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => at("lock", path, Err(error)),
    }
}

/// The length and modification time of a file, to notice that it changed while it was read.
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
