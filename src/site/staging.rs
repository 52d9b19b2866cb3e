//! A new site beside the old one: what did not change is the same file under a second name, so that it keeps its
//! time and its number, and the whole takes the old one's place in one step.

use super::manifest::{MANIFEST, Manifest, ManifestEntry};
use super::output::{MARKER, Output, UNFINISHED, write_failed};
use crate::diagnostic::{Code, Diagnostic, list};
use crate::fs;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

const MARKER_TEXT: &str = "Written by qunce; the next build replaces what `manifest.json` lists.\n";

/// A site in the making.
#[derive(Debug)]
pub struct Staging<'o> {
    output: &'o Output,
    /// What the old site consists of, by path.
    old: BTreeMap<String, ManifestEntry>,
    written: AtomicUsize,
}

/// What publishing did.
#[derive(Debug, Clone)]
pub struct Published {
    /// The list of the site that now stands.
    pub manifest: Manifest,
    /// Files whose content is new.
    pub written: usize,
    /// Files of the old site that the new one does not have.
    pub removed: usize,
    /// Whether there was an old site.
    pub update: bool,
}

impl Output {
    /// Begins a new site.
    ///
    /// # Errors
    /// `Q0403` when its folder cannot be made.
    pub fn begin(&self) -> Result<Staging<'_>, Diagnostic> {
        let old = self.manifest().map_or(&[][..], |m| &m.files);
        let staging = &self.target.staging;
        fs::put(&staging.join(UNFINISHED), b"").map_err(|e| write_failed(&e))?;
        Ok(Staging {
            output: self,
            old: old.iter().map(|e| (e.path.clone(), e.clone())).collect(),
            written: AtomicUsize::new(0),
        })
    }
}

impl Staging<'_> {
    fn folder(&self) -> &Path {
        &self.output.target.staging
    }

    fn out(&self) -> &Path {
        &self.output.target.out
    }

    /// Puts a file into the site: the old one where that holds the same, byte for byte.
    ///
    /// # Errors
    /// `Q0403` when it cannot be written.
    pub fn put(&self, path: &str, content: &[u8]) -> Result<ManifestEntry, Diagnostic> {
        let entry = ManifestEntry::of(path, content);
        let (old, new) = (self.out().join(path), self.folder().join(path));
        let done = if self.old.get(path) == Some(&entry) && fs::holds(&old, content) {
            fs::keep(&old, &new)
        } else {
            self.written.fetch_add(1, Ordering::Relaxed);
            fs::put(&new, content)
        };
        done.map(|()| entry).map_err(|e| write_failed(&e))
    }

    /// Puts the site in the old one's place; files of others stay. Where nothing changed, nothing is touched.
    ///
    /// # Errors
    /// `Q0401` when a file of others is where a page must be, `Q0403` when the disk fails: then the old site
    /// stands as it was, or the new one as a whole, as the note says.
    pub fn publish(self, entries: Vec<ManifestEntry>) -> Result<Published, Diagnostic> {
        let manifest = Manifest::new(entries);
        let written = self.written.load(Ordering::Relaxed);
        let now = manifest.paths();
        let removed = self.old.keys().filter(|p| !now.contains(*p)).count();
        let update = self.output.manifest().is_some();
        let published = Published { manifest, written, removed, update };
        if written == 0 && removed == 0 && update && self.out().join(MARKER).is_file() {
            self.abandon();
            return Ok(published);
        }
        let staged = self.others().and_then(|(files, folders)| {
            self.refuse_clash(&files, &now)?;
            self.complete(&published.manifest, &files, &folders).map_err(|e| write_failed(&e))
        });
        if let Err(error) = staged.and_then(|()| self.swap().map_err(|e| write_failed(&e))) {
            self.abandon();
            return Err(error);
        }
        let target = &self.output.target;
        let tidy = parent(self.out())
            .map_or(Ok(()), fs::sync)
            .and_then(|()| target.discard(&target.staging))
            .and_then(|()| target.discard(&target.old));
        tidy.map(|()| published).map_err(|e| {
            write_failed(&e)
                .with_note("the new site is in its place; the next build removes what is left of the old one")
        })
    }

    /// Files and folders in the old site that are not ours.
    fn others(&self) -> Result<(Vec<String>, Vec<String>), Diagnostic> {
        if fs::symlink_metadata(self.out()).is_err() {
            return Ok(Default::default());
        }
        let mut tree = fs::walk(self.out()).map_err(|e| write_failed(&e))?;
        tree.files.retain(|p| p != MARKER && p != MANIFEST && p != UNFINISHED && !self.old.contains_key(p));
        let ours: BTreeSet<&str> = self.old.keys().flat_map(|p| p.match_indices('/').map(|(i, _)| &p[..i])).collect();
        tree.folders.retain(|p| !ours.contains(p.as_str()));
        Ok((tree.files, tree.folders))
    }

    fn refuse_clash(&self, others: &[String], ours: &BTreeSet<String>) -> Result<(), Diagnostic> {
        let clash: Vec<&str> = others.iter().map(String::as_str).filter(|p| ours.contains(*p)).take(3).collect();
        if clash.is_empty() {
            return Ok(());
        }
        Err(Diagnostic::error(
            Code::OutputRefused,
            format!(
                "files in the output folder that this program did not write are in the way: {}",
                list(&clash, "and")
            ),
        )
        .at_file(super::output::shown(self.out()), "the output folder")
        .with_help("move them elsewhere"))
    }

    /// Adds what others put into the old site, then the list, once everything else is on the disk.
    fn complete(&self, manifest: &Manifest, files: &[String], folders: &[String]) -> fs::Result<()> {
        let (folder, out) = (self.folder(), self.out());
        for below in folders {
            fs::create_dir_like(&out.join(below), &folder.join(below))?;
        }
        files.par_iter().try_for_each(|path| fs::keep(&out.join(path), &folder.join(path)))?;
        if out.is_dir() {
            fs::create_dir_like(out, folder)?;
        }
        fs::sync_tree(folder)?;
        for (name, content) in [(MARKER, MARKER_TEXT.as_bytes()), (MANIFEST, &manifest.to_bytes())] {
            if fs::holds(&out.join(name), content) {
                fs::keep(&out.join(name), &folder.join(name))?;
            } else {
                fs::put(&folder.join(name), content)?;
            }
            fs::sync(&folder.join(name))?;
        }
        fs::remove_file(&folder.join(UNFINISHED))?;
        fs::sync(folder)
    }

    fn swap(&self) -> fs::Result<()> {
        let (folder, out, old) = (self.folder(), self.out(), &self.output.target.old);
        if fs::symlink_metadata(out).is_err() {
            return fs::rename(folder, out);
        }
        if fs::exchange(folder, out)? {
            return Ok(());
        }
        // For a moment neither is in place. Whoever is cut short here leaves both whole, and the next build goes on.
        fs::rename(out, old)?;
        fs::rename(folder, out).or_else(|error| {
            fs::rename(old, out)?;
            Err(error)
        })
    }

    /// Removes what was staged.
    pub fn abandon(&self) {
        // The build has failed already or changes nothing, and the next one clears the folder.
        let _ = self.output.target.discard(self.folder());
    }
}

fn parent(path: &Path) -> Option<&Path> {
    path.parent().filter(|p| !p.as_os_str().is_empty())
}
