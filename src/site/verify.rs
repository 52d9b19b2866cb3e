//! Proves that a site comes from its inputs: everything is made again and compared, nothing is believed.

use super::build::{Inputs, produce};
use super::manifest::{MANIFEST, Manifest, ManifestEntry, Unread, newer};
use super::output::{MARKER, shown, write_failed};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::fs;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;

/// In what a site is not what its inputs give; paths below the output folder, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Files that hold something else.
    pub changed: Vec<String>,
    /// Files that are not there.
    pub missing: Vec<String>,
    /// Files that no input accounts for.
    pub foreign: Vec<String>,
    /// Number of files that are as they must be, as a build counts them: without their list.
    pub same: usize,
}

impl Differences {
    /// Whether the site is just what its inputs give.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.missing.is_empty() && self.foreign.is_empty()
    }
}

/// Makes a site again in memory, file by file, and compares it with the one in a folder. Writes nothing.
///
/// # Errors
/// As [`super::build`] while rendering; `Q0408` where there is no site at all.
pub fn verify(inputs: &Inputs<'_>, out: &Path) -> Result<Differences, Findings> {
    let only = |d: Diagnostic| {
        let mut findings = Findings::new();
        findings.push(d);
        findings
    };
    let before = match Manifest::read(out) {
        Ok(manifest) => Some(manifest),
        Err(Unread::Newer(form)) => return Err(only(newer(&shown(out), form))),
        Err(Unread::Damaged) => None,
        Err(Unread::Missing) if out.join(MARKER).is_file() => None,
        Err(Unread::Missing) => {
            let found = Diagnostic::error(Code::SiteDiffers, format!("there is no site in `{}`", shown(out)))
                .with_help("write one with `qunce build`");
            return Err(only(found));
        }
    };
    let found = Mutex::new(Differences::default());
    let (entries, _) = produce(inputs, &|path, content| {
        let file = out.join(path);
        let mut found = if fs::holds(&file, content) {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.same += 1;
            return Ok(ManifestEntry::of(path, content));
        } else {
            found.lock().unwrap_or_else(PoisonError::into_inner)
        };
        let there = fs::symlink_metadata(&file).is_ok();
        if there {
            found.changed.push(path.to_owned())
        } else {
            found.missing.push(path.to_owned())
        }
        Ok(ManifestEntry::of(path, content))
    })?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let expected = Manifest::new(entries);
    if before.as_ref() != Some(&expected) || !fs::holds(&out.join(MANIFEST), &expected.to_bytes()) {
        let list = if out.join(MANIFEST).exists() { &mut found.changed } else { &mut found.missing };
        list.push(MANIFEST.to_owned());
    }
    let ours: BTreeSet<&str> = expected.files.iter().map(|f| f.path.as_str()).chain([MANIFEST, MARKER]).collect();
    let there = fs::walk(out).map_err(|e| only(write_failed(&e)))?;
    found.foreign = there.files.into_iter().filter(|p| !ours.contains(p.as_str())).collect();
    found.changed.sort();
    found.missing.sort();
    Ok(found)
}
