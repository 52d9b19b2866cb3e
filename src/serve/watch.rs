//! The system's notices that something changed. They only wake: what changed is a snapshot's to say, so a
//! lost or a superfluous notice does no harm.

use super::Watched;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long it must be quiet before a change counts as whole: an editor saves in several steps.
const QUIET: Duration = Duration::from_millis(120);
/// A drop that is being copied for longer is looked at all the same.
const PATIENCE: Duration = Duration::from_secs(3);
/// The sources are looked at this often without a notice, because some file systems give none.
const SLOW: Duration = Duration::from_secs(3);

/// Wakes when a source may have changed.
pub(super) struct Watch {
    /// `None` where the system has no notices to give.
    watcher: Option<RecommendedWatcher>,
    following: Vec<(PathBuf, RecursiveMode)>,
    notices: Receiver<()>,
    // Kept, so that waiting works without a watcher.
    _sender: Sender<()>,
}

impl Watch {
    pub fn new() -> Self {
        let (sender, notices) = channel();
        let wake = sender.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.map_or(true, |e| is_change(&e.kind)) {
                // Nobody listens any more when the server ends.
                let _ = wake.send(());
            }
        });
        Self { watcher: watcher.ok(), following: Vec::new(), notices, _sender: sender }
    }

    /// Follows the sources as they are now: folders may have come, gone, or been replaced by others.
    pub fn follow(&mut self, watched: &Watched) {
        let Some(watcher) = &mut self.watcher else { return };
        for (path, _) in self.following.drain(..) {
            // A folder that is gone is no longer followed anyway.
            let _ = watcher.unwatch(&path);
        }
        // The workspace itself tells of `qunce.toml` and of new folders, without looking into `out`.
        let mut wanted = vec![(watched.root.clone(), RecursiveMode::NonRecursive)];
        let folders = watched.inputs.iter().chain(&watched.templates).filter(|p| p.is_dir() && **p != watched.root);
        wanted.extend(folders.map(|p| (p.clone(), RecursiveMode::Recursive)));
        // Where notices fail, for instance because the system's limit is reached, the slow look remains.
        wanted.retain(|(path, mode)| watcher.watch(path, *mode).is_ok());
        self.following = wanted;
    }

    /// Waits for a notice, or for a while; then until it is quiet.
    pub fn wait(&self) {
        if self.notices.recv_timeout(SLOW).is_err() {
            return;
        }
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            match self.notices.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// Reading a file is told, too, and every build reads.
fn is_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(access) => *access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}
