//! Keeping beside what a run does next.

use super::Cache;
use super::file::Writing;
use std::thread::JoinHandle;

/// A snapshot on its way to the disk; whoever lets go of it waits until it is there.
#[derive(Debug, Default)]
pub(in super::super) struct Keeping(Option<JoinHandle<()>>);

impl Keeping {
    /// Writes a snapshot, if there is one, and gives back the memory of the former one.
    pub fn begin(cache: Cache, writing: Option<Writing>) -> Self {
        let work = move || {
            // That this fails is no harm.
            let _ = writing.map(|w| w.write());
            drop(cache);
        };
        Self(std::thread::Builder::new().spawn(work).ok())
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        let _ = self.0.take().map(JoinHandle::join);
    }
}
