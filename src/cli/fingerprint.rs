//! What a build depends on, as one hash, in much less time than the build takes.
//!
//! Small files are known by their content. That of a file whose stamp is the one it had when it was last read need
//! not be read again: length, times and number of a file change with its content, unless somebody sets clocks
//! back. A drop above [`BY_CONTENT`] is known by its stamps alone, since reading it would cost as much as a
//! build; copied or touched, it counts as another one.

use super::arguments::{GateArguments, TimeOptions};
use crate::config::Config;
use crate::data::{FileMark, discover};
use crate::diagnostic::Findings;
use crate::fs::{self, Stamp};
use crate::site::hex;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Bytes of data up to which their content is hashed.
const BY_CONTENT: u64 = 512 * 1024 * 1024;

/// By what a file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Known {
    /// Its content, as it was when it was read.
    Content(FileMark),
    /// Its stamp has to do.
    Stamp(Stamp),
}

impl Known {
    fn stamp(&self) -> Stamp {
        match self {
            Self::Content(mark) => mark.stamp,
            Self::Stamp(stamp) => *stamp,
        }
    }
}

/// All inputs of a build at one moment.
#[derive(Debug)]
pub(super) struct Fingerprint {
    /// Equal for equal inputs.
    pub hash: String,
    /// The files, by label.
    pub files: BTreeMap<String, Known>,
    paths: BTreeMap<String, PathBuf>,
}

impl Fingerprint {
    /// Takes the fingerprint; `None` when something cannot be read, which the build tells better.
    pub fn take(
        root: &Path,
        config: &Config,
        time: &TimeOptions,
        gates: &GateArguments,
        known: &BTreeMap<String, Known>,
    ) -> Option<Self> {
        let mut paths = BTreeMap::new();
        let own = config.gate.baseline.as_ref().map(|path| root.join(&path.value));
        if let Some(baseline) = gates.baseline.clone().or(own) {
            paths.insert("baseline".to_owned(), baseline);
        }
        let file = config.source.as_ref().map_or(crate::config::FILE_NAME, |s| s.name.as_str());
        paths.insert(format!("config {file}"), root.join(file));
        for (label, folder) in [("playbook", &config.site.playbooks), ("template", &config.site.templates)] {
            add_folder(label, &root.join(folder), &mut paths)?;
        }
        let by_content: BTreeMap<String, Stamp> = stamps(&paths)?;
        let mut findings = Findings::new();
        let sources = discover(root, config, &mut findings);
        if findings.has_errors() {
            return None;
        }
        let mut data = BTreeMap::new();
        for part in sources.parts.values().flatten() {
            data.insert(format!("{} {} {}", part.table, part.drop, part.shown), part.path.clone());
        }
        let data_stamps = stamps(&data)?;
        let read = data_stamps.values().map(|s| s.bytes).sum::<u64>() <= BY_CONTENT;
        paths.extend(data);
        let wanted = by_content.into_iter().map(|f| (f, true)).chain(data_stamps.into_iter().map(|f| (f, read)));
        let wanted: Vec<_> = wanted.collect();
        let files: Option<BTreeMap<String, Known>> = wanted
            .into_par_iter()
            .map(|((label, stamp), read)| {
                let content = |path| know(path, stamp, known.get(&label)).map(Known::Content);
                let now = if read { content(paths.get(&label)?)? } else { Known::Stamp(stamp) };
                Some((label, now))
            })
            .collect();
        let files = files?;
        let mut hash = Sha256::new();
        let mut line = |text: &str| {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        };
        line(env!("CARGO_PKG_VERSION"));
        line(&program());
        line(&format!("{time:?} {gates:?}"));
        // The names of members depend on the key. It is nowhere to be read from the hash of it all.
        line(&std::env::var(&config.privacy.key_env).unwrap_or_default());
        if let Some(file) = &config.privacy.key_file {
            line(&fs::read_to_string(&root.join(file)).unwrap_or_default());
        }
        for (label, file) in &files {
            line(label);
            match file {
                Known::Content(mark) => line(&format!("{:?}", mark.hash)),
                Known::Stamp(stamp) => line(&format!("{stamp:?}")),
            }
        }
        Some(Self { hash: hex(&hash.finalize()), files, paths })
    }

    /// Whether no file was written to since the fingerprint was taken.
    pub fn still_holds(&self) -> bool {
        self.paths.iter().all(|(label, path)| {
            self.files.get(label).is_some_and(|known| fs::stamp(path).is_ok_and(|now| now == known.stamp()))
        })
    }
}

/// The program itself: during its development it changes without its version.
fn program() -> String {
    let stamp = std::env::current_exe().ok().and_then(|path| fs::stamp(&path).ok());
    stamp.map(|s| format!("{} {}", s.bytes, s.modified)).unwrap_or_default()
}

fn add_folder(label: &str, folder: &Path, paths: &mut BTreeMap<String, PathBuf>) -> Option<()> {
    if !folder.exists() {
        return Some(());
    }
    let tree = fs::walk(folder).ok()?;
    for below in tree.files {
        // Hidden files are no input, and a folder behind a link cannot be told from here.
        if below.split('/').any(|part| part.starts_with('.')) {
            continue;
        }
        let path = folder.join(&below);
        if !path.is_file() {
            return None;
        }
        paths.insert(format!("{label} {below}"), path);
    }
    Some(())
}

fn stamps(paths: &BTreeMap<String, PathBuf>) -> Option<BTreeMap<String, Stamp>> {
    paths.iter().map(|(label, path)| Some((label.clone(), fs::stamp(path).ok()?))).collect()
}

/// A file by its content, which is read unless its stamp says that it is as it was.
fn know(path: &Path, stamp: Stamp, before: Option<&Known>) -> Option<FileMark> {
    match before {
        Some(Known::Content(mark)) if mark.holds(stamp) => Some(*mark),
        _ => FileMark::of(path, stamp),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_read_again_unless_its_stamp_is_old_and_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "1").unwrap();
        let stamp = fs::stamp(&path).unwrap();
        let first = know(&path, stamp, None).unwrap();
        let hash = |before| know(&path, stamp, Some(&before)).unwrap().hash;
        let told = FileMark { hash: [1, 2], ..first };
        // Read so soon that it may have changed since without a trace.
        assert_eq!(hash(Known::Content(told)), first.hash);
        let later = FileMark { at: i128::MAX, ..told };
        assert_eq!(hash(Known::Content(later)), told.hash);
        let other = Stamp { inode: stamp.inode + 1, ..stamp };
        assert_eq!(hash(Known::Content(FileMark { stamp: other, ..later })), first.hash);
        assert_eq!(hash(Known::Stamp(stamp)), first.hash);
    }
}
