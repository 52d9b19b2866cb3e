//! What the file system tells of a file without reading it.

use super::Result;
use std::fs::Metadata;
use std::path::Path;

/// Marks of a file that change when its content does. Only whoever sets clocks back can change a file and keep
/// them: on Unix the time of the last change of any kind is among them, which no program can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    /// Length in bytes.
    pub bytes: u64,
    /// Nanoseconds since 1970 of the last modification of the content.
    pub modified: i128,
    /// Nanoseconds since 1970 of the last change of content or attributes; 0 where the system does not tell.
    pub changed: i128,
    /// Number of the file on its disk; 0 where the system does not tell.
    pub inode: u64,
}

impl Stamp {
    /// The later of both times, in nanoseconds since 1970.
    #[must_use]
    pub fn latest(&self) -> i128 {
        self.modified.max(self.changed)
    }
}

/// The stamp of what lies at a path, links followed.
///
/// # Errors
/// When it cannot be examined.
pub fn stamp(path: &Path) -> Result<Stamp> {
    super::metadata(path).map(|meta| stamp_of(&meta))
}

/// The stamp of a file that was examined already.
#[must_use]
pub fn stamp_of(meta: &Metadata) -> Stamp {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let nanos = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        Stamp {
            bytes: meta.len(),
            modified: nanos(meta.mtime(), meta.mtime_nsec()),
            changed: nanos(meta.ctime(), meta.ctime_nsec()),
            inode: meta.ino(),
        }
    }
    #[cfg(not(unix))]
    {
        let since = meta.modified().ok().and_then(|m| m.duration_since(std::time::UNIX_EPOCH).ok());
        let modified = since.and_then(|d| i128::try_from(d.as_nanos()).ok()).unwrap_or(0);
        Stamp { bytes: meta.len(), modified, changed: 0, inode: 0 }
    }
}
