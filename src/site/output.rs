//! The output folder: whose it is, who may write it, and what is left of a build that was cut short.

use super::lock::{self, Patience};
use super::manifest::{MANIFEST, Manifest, Unread, newer};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::fs;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The file that says that a folder is ours.
pub const MARKER: &str = ".qunce-site";
/// The file in a folder that is being written and no site yet.
pub(super) const UNFINISHED: &str = ".qunce-unfinished";

/// An output folder that may be written.
#[derive(Debug)]
pub struct Target {
    /// The folder itself.
    pub(super) out: PathBuf,
    /// Where the new site is made.
    pub(super) staging: PathBuf,
    /// Where the old site waits where the two cannot change places in one step.
    pub(super) old: PathBuf,
    /// The lock's file.
    lock: PathBuf,
}

/// An output folder that this build alone may write.
#[derive(Debug)]
pub struct Output {
    pub(super) target: Target,
    manifest: Option<Manifest>,
    _lock: fs::Lock,
}

impl Target {
    /// Looks at an output folder without changing anything.
    ///
    /// # Errors
    /// `Q0401` for a folder that is not ours, is a link, or touches one of the `inputs`; `Q0409` for a site of a
    /// newer version.
    pub fn open(out: &Path, inputs: &[PathBuf]) -> Result<Self, Diagnostic> {
        let shown = shown(out);
        let refused =
            |why: String| Diagnostic::error(Code::OutputRefused, why).at_file(shown.as_str(), "the output folder");
        let here = absolute(out);
        for input in inputs {
            let input_path = absolute(input);
            if here.starts_with(&input_path) || input_path.starts_with(&here) {
                return Err(refused(format!(
                    "the output folder `{shown}` and the input folder `{}` lie within each other",
                    self::shown(input)
                ))
                .with_help("choose an output folder of its own, such as `out`"));
            }
        }
        if let Ok(meta) = fs::symlink_metadata(out) {
            if meta.is_symlink() {
                return Err(
                    refused(format!("the output folder `{shown}` is a link")).with_help("name the folder itself")
                );
            }
            if !meta.is_dir() {
                return Err(refused(format!("`{shown}` is a file")));
            }
            let empty = fs::read_dir(out).map_err(|e| refused(e.to_string()))?.is_empty();
            if !empty && !out.join(MARKER).is_file() {
                return Err(refused(format!("the output folder `{shown}` holds files that this program did not write"))
                    .with_help(format!(
                        "choose an empty folder, or empty this one if nothing in it matters; a site is known by its `{MARKER}`"
                    )));
            }
            if let Err(Unread::Newer(form)) = Manifest::read(out) {
                return Err(newer(&shown, form));
            }
        }
        let name = here.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "out".to_owned());
        Ok(Self {
            staging: here.with_file_name(format!(".{name}.qunce-new")),
            old: here.with_file_name(format!(".{name}.qunce-old")),
            lock: here.with_file_name(format!(".{name}.qunce-lock")),
            out: here,
        })
    }

    /// Takes the folder for this build alone and clears what an earlier one left that was cut short.
    ///
    /// # Errors
    /// `Q0407` when another build has it, `Q0403` when the disk cannot be written.
    pub fn take(self, patience: Patience<'_>) -> Result<Output, Diagnostic> {
        let lock = lock::take(&self.lock, &shown(&self.out), patience)?;
        self.recover().map_err(|e| write_failed(&e))?;
        let manifest = Manifest::read(&self.out).ok();
        Ok(Output { target: self, manifest, _lock: lock })
    }

    /// Brings back a site that stands beside its place, and removes what is no site.
    fn recover(&self) -> fs::Result<()> {
        let there = |path: &Path| fs::symlink_metadata(path).is_ok();
        if !there(&self.out) {
            // Cut short between two renames: the new site is whole, or else the old one still is.
            if self.staging.join(MARKER).is_file() && !there(&self.staging.join(UNFINISHED)) {
                fs::rename(&self.staging, &self.out)?;
            } else if there(&self.old) {
                fs::rename(&self.old, &self.out)?;
            }
        }
        self.discard(&self.staging)?;
        self.discard(&self.old)
    }

    /// Removes a folder of ours beside the site. Files of others that came into it while it was the site go to the
    /// site that has taken its place.
    pub(super) fn discard(&self, folder: &Path) -> fs::Result<()> {
        match fs::symlink_metadata(folder) {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return fs::remove_file(folder),
            Err(_) => return Ok(()),
        }
        let unfinished = folder.join(UNFINISHED).exists();
        let ours = Manifest::read(folder).map(|m| m.paths()).unwrap_or_default();
        let tree = fs::walk(folder)?;
        // What says whose the files are goes last, so that this can be cut short as well.
        let last = [MANIFEST, MARKER, UNFINISHED];
        for file in tree.files.iter().filter(|f| !last.contains(&f.as_str())) {
            let path = folder.join(file);
            if unfinished || ours.contains(file) || !self.is_missed(&path, &self.out.join(file)) {
                fs::remove_file(&path)?;
            } else {
                let home = self.out.join(file);
                home.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::rename(&path, &home)?;
            }
        }
        for below in tree.folders.iter().rev() {
            fs::remove_dir(&folder.join(below))?;
        }
        for file in last {
            if tree.files.iter().any(|f| f == file) {
                fs::remove_file(&folder.join(file))?;
            }
        }
        fs::remove_dir(folder)
    }

    /// Whether a file of others is not in the site that has taken this one's place, or is older there.
    fn is_missed(&self, here: &Path, there: &Path) -> bool {
        match (fs::symlink_metadata(here), fs::symlink_metadata(there)) {
            (Ok(here), Ok(there)) => fs::stamp_of(&here).modified > fs::stamp_of(&there).modified,
            (here, _) => here.is_ok(),
        }
    }
}

impl Output {
    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.target.out
    }

    /// The list of the site that stood there when the folder was taken, if one did.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }
}

/// Paths that occur twice, also if only their case differs.
#[must_use]
pub fn collisions<'a>(paths: impl Iterator<Item = &'a str>) -> Findings {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut findings = Findings::new();
    for path in paths {
        if let Some(first) = seen.insert(path.to_lowercase(), path) {
            findings.push(
                Diagnostic::error(Code::PathCollision, format!("two pages would be written to `{path}`"))
                    .at_file(first, "the path as the other page has it")
                    .with_help("rename one of the groups, segments, churn depths or alerts behind them"),
            );
        }
    }
    findings
}

/// The finding of a failed write.
#[must_use]
pub fn write_failed(error: &fs::FsError) -> Diagnostic {
    Diagnostic::error(Code::WriteFailed, error.to_string())
}

/// Absolute, links of the existing part resolved, without `.` and `..`.
fn absolute(path: &Path) -> PathBuf {
    let joined = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let mut plain = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    let mut tail = Vec::new();
    let mut head = plain.as_path();
    loop {
        if let Ok(real) = head.canonicalize() {
            return tail.iter().rev().fold(real, |p, t| p.join(t));
        }
        match (head.parent(), head.file_name()) {
            (Some(parent), Some(name)) => {
                tail.push(name.to_owned());
                head = parent;
            }
            _ => return plain,
        }
    }
}

/// The last part of a path: messages carry no machine paths.
pub(super) fn shown(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
