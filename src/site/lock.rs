//! One build at a time writes a folder. The system's lock on a file beside it is what counts, because it goes with
//! the process however that ends; what the file says tells people who holds it.

use crate::diagnostic::{Code, Diagnostic};
use crate::fs;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a waiting build looks again.
const PAUSE: Duration = Duration::from_millis(100);

/// The right to write a folder; it ends when this is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// Whether and how a build waits for another.
#[derive(Clone, Copy)]
pub enum Patience<'a> {
    /// It does not.
    None,
    /// It does, and says so once.
    Wait(&'a dyn Fn(&str)),
}

/// Who writes the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owner {
    pid: u32,
    host: String,
    /// What the system is called since it was started, where it tells: processes of several containers see
    /// different hosts on one system.
    #[serde(default)]
    boot: Option<String>,
    since: String,
}

impl Lock {
    /// Takes the lock of the folder `shown`. That of a process that has died on this system is taken over.
    ///
    /// # Errors
    /// `Q0407` when another build holds it, `Q0403` when the file cannot be written.
    pub fn take(path: &Path, shown: &str, patience: Patience<'_>) -> Result<Self, Diagnostic> {
        let mut told = false;
        loop {
            let mut file = fs::open_or_create(path).map_err(|e| super::output::write_failed(&e))?;
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
            let held = match &owner {
                _ if !free => true,
                None => false,
                Some(owner) if owner.is_here() => !shared && owner.is_alive(),
                // The lock may not reach as far as that host's; only people know whether it lives.
                Some(_) => return Err(locked(shown, owner.as_ref(), Some(path))),
            };
            if !held {
                let me = serde_json::to_vec(&Owner::me()).unwrap_or_default();
                let written = file
                    .set_len(0)
                    .and_then(|()| file.rewind())
                    .map_err(|source| fs::FsError { action: "write", path: path.to_path_buf(), source })
                    .and_then(|()| fs::fill(&mut file, path, &me));
                let lock = Self { file, path: path.to_path_buf() };
                return written.map(|()| lock).map_err(|e| super::output::write_failed(&e));
            }
            match patience {
                Patience::None => return Err(locked(shown, owner.as_ref(), None)),
                Patience::Wait(tell) => {
                    if !told {
                        tell(&format!("waiting for {}", who(owner.as_ref())));
                        told = true;
                    }
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that stays is no lock: the system's ends with this process.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
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
    fs::read_to_string(Path::new("/proc/sys/kernel/random/boot_id")).ok().map(|id| id.trim().to_owned())
}

fn read(file: &mut File) -> Option<Owner> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn is_still_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::stamp(path)) {
        (Ok(mine), Ok(there)) => fs::stamp_of(&mine).inode == there.inode,
        _ => false,
    }
}

fn who(owner: Option<&Owner>) -> String {
    match owner {
        Some(o) => format!("another build, process {} on `{}` since {}", o.pid, o.host, o.since),
        None => "another build".to_owned(),
    }
}

fn locked(shown: &str, owner: Option<&Owner>, elsewhere: Option<&Path>) -> Diagnostic {
    let found = Diagnostic::error(
        Code::OutputLocked,
        format!("the output folder `{shown}` is being written by {}", who(owner)),
    );
    match elsewhere.and_then(Path::file_name) {
        None => found.with_help("wait for it with `--wait`"),
        Some(file) => found
            .with_note("it runs on another machine, so whether it still lives cannot be seen from here")
            .with_help(format!("if it does not, remove `{}` beside the folder", file.to_string_lossy())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".out.qunce-lock");
        (dir, path)
    }

    #[test]
    fn a_second_build_is_told_who_holds_the_folder() {
        let (_dir, path) = file();
        let lock = Lock::take(&path, "out", Patience::None).unwrap();
        let refused = Lock::take(&path, "out", Patience::None).unwrap_err();
        assert!(refused.title.contains(&format!("process {} on `{}`", std::process::id(), host())), "{refused:?}");
        drop(lock);
        assert!(!path.exists());
        Lock::take(&path, "out", Patience::None).unwrap();
    }

    #[test]
    fn a_waiting_build_goes_on_when_the_first_ends() {
        let (_dir, path) = file();
        let lock = Lock::take(&path, "out", Patience::None).unwrap();
        let said = std::cell::RefCell::new(Vec::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(250));
                drop(lock);
            });
            Lock::take(&path, "out", Patience::Wait(&|text| said.borrow_mut().push(text.to_owned()))).unwrap();
        });
        assert_eq!(said.borrow().len(), 1, "it says once that it waits: {said:?}");
    }

    #[test]
    fn what_a_dead_process_left_is_taken_over_but_not_from_another_machine() {
        let (_dir, path) = file();
        let dead = Owner { pid: 1, since: "earlier".to_owned(), ..Owner::me() };
        std::fs::write(&path, serde_json::to_vec(&dead).unwrap()).unwrap();
        drop(Lock::take(&path, "out", Patience::None).unwrap());
        let other = Owner { host: "elsewhere".to_owned(), boot: None, ..dead };
        std::fs::write(&path, serde_json::to_vec(&other).unwrap()).unwrap();
        let refused = Lock::take(&path, "out", Patience::None).unwrap_err();
        assert!(refused.title.contains("`elsewhere` since earlier"), "{refused:?}");
        assert!(refused.help.unwrap().contains(".out.qunce-lock"));
        std::fs::write(&path, "damaged").unwrap();
        Lock::take(&path, "out", Patience::None).unwrap();
    }
}
