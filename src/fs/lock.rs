//! One process at a time. The system's lock on a file is what counts, because it goes with the process however that
//! ends; what the file says tells people who holds it.

use super::{FsError, Result, fill, open_or_create, read_to_string, remove_file, stamp, stamp_of};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

/// The right to what a lock's file stands for; it ends when this is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// What came of trying to take a lock.
#[derive(Debug)]
pub enum Attempt {
    /// It is taken.
    Taken(Lock),
    /// A process on this system holds it; `None` when it does not say which.
    Busy(Option<Owner>),
    /// The file names a process of another machine. The lock may not reach as far as that, so only people know
    /// whether the process lives.
    Elsewhere(Owner),
}

/// Who holds a lock; shown as a process with its host and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pid: u32,
    host: String,
    /// What the system is called since it was started, where it tells: processes of several containers see
    /// different hosts on one system.
    #[serde(default)]
    boot: Option<String>,
    since: String,
}

impl Lock {
    /// Tries to take a lock once. The file is made if it is missing; that of a process that has died on this system
    /// is taken over.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn attempt(path: &Path) -> Result<Attempt> {
        loop {
            let mut file = open_or_create(path)?;
            let (free, shared) = match file.try_lock() {
                Ok(()) => (true, true),
                Err(TryLockError::WouldBlock) => (false, true),
                // Some network file systems know no locks: what the file says has to do.
                Err(TryLockError::Error(_)) => (true, false),
            };
            // Its last owner removed the file after it was opened here.
            if free && !is_still_at(&file, path) {
                continue;
            }
            let owner = read(&mut file);
            let held = match owner {
                _ if !free => true,
                None => false,
                Some(ref owner) if owner.is_here() => !shared && owner.is_alive(),
                Some(owner) => return Ok(Attempt::Elsewhere(owner)),
            };
            if held {
                return Ok(Attempt::Busy(owner));
            }
            let me = serde_json::to_vec(&Owner::me()).unwrap_or_default();
            let begun = file.set_len(0).and_then(|()| file.rewind());
            let lock = Self { file, path: path.to_path_buf() };
            begun.map_err(|source| FsError { action: "write", path: path.to_path_buf(), source })?;
            fill(&mut &lock.file, path, &me)?;
            return Ok(Attempt::Taken(lock));
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that stays is no lock: the system's ends with this process.
        let _ = remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on `{}` since {}", self.pid, self.host, self.since)
    }
}

impl Owner {
    fn me() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let since = i64::try_from(since.as_secs()).ok().and_then(|s| chrono::DateTime::from_timestamp(s, 0));
        Self {
            pid: std::process::id(),
            host: host(),
            boot: boot(),
            since: since.map(|t| t.format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default(),
        }
    }

    /// Whether it runs, or ran, on this system. After a restart the name is the same and the process is gone.
    fn is_here(&self) -> bool {
        self.host == host() || (self.boot.is_some() && self.boot == boot())
    }

    /// Asked only where the system has no locks.
    fn is_alive(&self) -> bool {
        self.boot == boot() && Path::new("/proc").join(self.pid.to_string()).exists()
    }
}

fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

fn boot() -> Option<String> {
    read_to_string(Path::new("/proc/sys/kernel/random/boot_id")).ok().map(|id| id.trim().to_owned())
}

fn read(file: &mut File) -> Option<Owner> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn is_still_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), stamp(path)) {
        (Ok(mine), Ok(there)) => stamp_of(&mine).inode == there.inode,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("made/for/the.lock");
        (dir, path)
    }

    #[test]
    fn a_second_one_is_told_who_holds_it_and_gets_it_later() {
        let (_dir, path) = file();
        let Attempt::Taken(lock) = Lock::attempt(&path).unwrap() else { panic!("it is free") };
        let Attempt::Busy(Some(owner)) = Lock::attempt(&path).unwrap() else { panic!("it is held") };
        assert!(owner.to_string().contains(&format!("process {} on `{}`", std::process::id(), host())), "{owner}");
        drop(lock);
        assert!(!path.exists());
        assert!(matches!(Lock::attempt(&path).unwrap(), Attempt::Taken(_)));
    }

    #[test]
    fn what_a_dead_process_left_is_taken_over_but_not_from_another_machine() {
        let (_dir, path) = file();
        let dead = Owner { pid: 1, since: "earlier".to_owned(), ..Owner::me() };
        super::super::write(&path, serde_json::to_vec(&dead).unwrap()).unwrap();
        assert!(matches!(Lock::attempt(&path).unwrap(), Attempt::Taken(_)));
        let other = Owner { host: "elsewhere".to_owned(), boot: None, ..dead };
        std::fs::write(&path, serde_json::to_vec(&other).unwrap()).unwrap();
        let Attempt::Elsewhere(owner) = Lock::attempt(&path).unwrap() else { panic!("nobody here knows") };
        assert_eq!(owner.to_string(), "process 1 on `elsewhere` since earlier");
        std::fs::write(&path, "damaged").unwrap();
        assert!(matches!(Lock::attempt(&path).unwrap(), Attempt::Taken(_)));
    }
}
