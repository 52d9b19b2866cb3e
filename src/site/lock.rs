//! One build at a time writes a folder: how a build waits for another, and what it says of it.

use crate::diagnostic::{Code, Diagnostic};
use crate::fs::{Attempt, Lock, Owner};
use std::path::Path;
use std::time::Duration;

/// How often a waiting build looks again.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether and how a build waits for another.
#[derive(Clone, Copy)]
pub enum Patience<'a> {
    /// It does not.
    None,
    /// It does, and says so once.
    Wait(&'a dyn Fn(&str)),
}

/// Takes the lock of the folder `shown`.
///
/// # Errors
/// `Q0407` when another build holds it, `Q0403` when the file cannot be written.
pub(super) fn take(path: &Path, shown: &str, patience: Patience<'_>) -> Result<Lock, Diagnostic> {
    let mut told = false;
    loop {
        let owner = match Lock::attempt(path).map_err(|e| super::output::write_failed(&e))? {
            Attempt::Taken(lock) => return Ok(lock),
            Attempt::Busy(owner) => owner,
            Attempt::Elsewhere(owner) => return Err(locked(shown, Some(&owner), Some(path))),
        };
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

fn who(owner: Option<&Owner>) -> String {
    owner.map_or_else(|| "another build".to_owned(), |owner| format!("another build, {owner}"))
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

    #[test]
    fn a_second_build_is_told_who_holds_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".out.qunce-lock");
        let lock = take(&path, "out", Patience::None).unwrap();
        let refused = take(&path, "out", Patience::None).unwrap_err();
        assert!(refused.title.contains(&format!("another build, process {} on", std::process::id())), "{refused:?}");
        drop(lock);
        std::fs::write(&path, r#"{"pid": 1, "host": "elsewhere", "since": "earlier"}"#).unwrap();
        let refused = take(&path, "out", Patience::None).unwrap_err();
        assert!(refused.title.ends_with("process 1 on `elsewhere` since earlier"), "{refused:?}");
        assert!(refused.help.unwrap().contains(".out.qunce-lock"));
    }

    #[test]
    fn a_waiting_build_goes_on_when_the_first_ends() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".out.qunce-lock");
        let lock = take(&path, "out", Patience::None).unwrap();
        let said = std::cell::RefCell::new(Vec::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(250));
                drop(lock);
            });
            take(&path, "out", Patience::Wait(&|text| said.borrow_mut().push(text.to_owned()))).unwrap();
        });
        assert_eq!(said.borrow().len(), 1, "it says once that it waits: {said:?}");
    }
}
