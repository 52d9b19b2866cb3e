//! The output folder: whose it is, what was in it, and how the new site takes the old one's place.

use crate::diagnostic::{Code, Diagnostic, Findings, list};
use crate::fs;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// The file that says that a folder is ours.
pub const MARKER: &str = ".qunce-site";
/// The list of everything written.
pub const MANIFEST: &str = "manifest.json";
const MARKER_TEXT: &str = "Written by qunce; the next build replaces what `manifest.json` lists.\n";

/// What was written, sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this list's form.
    pub schema_version: u32,
    /// The files.
    pub files: Vec<ManifestEntry>,
}

/// One written file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// Path below the output folder, `/`-separated.
    pub path: String,
    /// Length.
    pub bytes: u64,
    /// First 16 bytes of the content's SHA-256, in hexadecimal digits.
    pub hash: String,
}

impl ManifestEntry {
    /// The entry of a content.
    #[must_use]
    pub fn of(path: &str, content: &[u8]) -> Self {
        let hash = Sha256::digest(content).iter().take(16).map(|b| format!("{b:02x}")).collect();
        Self { path: path.to_owned(), bytes: content.len() as u64, hash }
    }
}

/// An output folder that may be written.
#[derive(Debug)]
pub struct Target {
    out: PathBuf,
    staging: PathBuf,
    old: PathBuf,
    /// Files that are there and are not ours.
    foreign: Vec<String>,
}

impl Target {
    /// Looks at an output folder without changing anything.
    ///
    /// # Errors
    /// `Q0401` for a folder that is not ours, is a link, or touches one of the `inputs`.
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
        let mut foreign = Vec::new();
        if let Ok(meta) = fs::symlink_metadata(out) {
            if meta.is_symlink() {
                return Err(
                    refused(format!("the output folder `{shown}` is a link")).with_help("name the folder itself")
                );
            }
            if !meta.is_dir() {
                return Err(refused(format!("`{shown}` is a file")));
            }
            let entries = fs::read_dir(out).map_err(|e| refused(e.to_string()))?;
            if !entries.is_empty() {
                if !out.join(MARKER).is_file() {
                    return Err(refused(format!("the output folder `{shown}` holds files that this program did not write"))
                        .with_help(format!("choose an empty folder, or empty this one if nothing in it matters; a site is known by its `{MARKER}`")));
                }
                let ours = previous(out);
                foreign = files_below(out).map_err(|e| refused(e.to_string()))?;
                foreign.retain(|p| p != MARKER && p != MANIFEST && !ours.contains(p));
            }
        }
        let name = here.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "out".to_owned());
        Ok(Self {
            staging: here.with_file_name(format!(".{name}.qunce-new")),
            old: here.with_file_name(format!(".{name}.qunce-old")),
            out: here,
            foreign,
        })
    }

    /// The folder to write into: new and empty, beside the target.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(&self) -> fs::Result<&Path> {
        fs::remove_dir_all(&self.staging)?;
        fs::create_dir_all(&self.staging)?;
        Ok(&self.staging)
    }

    /// Puts the staged site in the target's place; files of others stay.
    ///
    /// # Errors
    /// When a file of others is where a page must be, or the system refuses.
    pub fn finish(&self, mut entries: Vec<ManifestEntry>) -> Result<Manifest, Diagnostic> {
        entries.sort();
        let written: BTreeSet<&str> = entries.iter().map(|e| e.path.as_str()).collect();
        let clash: Vec<&str> =
            self.foreign.iter().map(String::as_str).filter(|p| written.contains(p)).take(3).collect();
        if !clash.is_empty() {
            return Err(Diagnostic::error(
                Code::OutputRefused,
                format!(
                    "files in the output folder that this program did not write are in the way: {}",
                    list(&clash, "and")
                ),
            )
            .at_file(shown(&self.out), "the output folder")
            .with_help("move them elsewhere"));
        }
        let manifest = Manifest { schema_version: 1, files: entries };
        self.swap(&manifest).map_err(|e| write_failed(&e))?;
        Ok(manifest)
    }

    fn swap(&self, manifest: &Manifest) -> fs::Result<()> {
        let mut json = serde_json::to_vec_pretty(manifest).unwrap_or_default();
        json.push(b'\n');
        fs::write(&self.staging.join(MANIFEST), json)?;
        fs::write(&self.staging.join(MARKER), MARKER_TEXT)?;
        for path in &self.foreign {
            fs::copy(&self.out.join(path), &self.staging.join(path))?;
        }
        fs::remove_dir_all(&self.old)?;
        if self.out.exists() {
            fs::rename(&self.out, &self.old)?;
        }
        if let Err(error) = fs::rename(&self.staging, &self.out) {
            // The old site comes back, so that no moment is without one.
            if self.old.exists() {
                fs::rename(&self.old, &self.out)?;
            }
            return Err(error);
        }
        fs::remove_dir_all(&self.old)
    }

    /// Removes what was staged.
    pub fn abandon(&self) {
        // The build has failed already, and the next one clears the folder.
        let _ = fs::remove_dir_all(&self.staging);
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

fn previous(out: &Path) -> BTreeSet<String> {
    fs::read(&out.join(MANIFEST))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok())
        .map(|m| m.files.into_iter().map(|f| f.path).collect())
        .unwrap_or_default()
}

fn files_below(folder: &Path) -> fs::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for path in fs::read_dir(&next)? {
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                found.push(relative.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("/"));
            }
        }
    }
    found.sort();
    Ok(found)
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
fn shown(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
