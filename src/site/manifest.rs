//! The list of everything that was written, by which a site is known and proven.

use crate::diagnostic::{Code, Diagnostic};
use crate::fs;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::Path;

/// The list's name; it is written last.
pub const MANIFEST: &str = "manifest.json";
/// The newest form of the list that this program knows.
const SCHEMA_VERSION: u32 = 1;

/// What was written, sorted by path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// A list that cannot be taken for one.
#[derive(Debug)]
pub enum Unread {
    /// There is none.
    Missing,
    /// It is damaged.
    Damaged,
    /// A newer version of this program wrote it, in this form.
    Newer(u64),
}

impl ManifestEntry {
    /// The entry of a content.
    #[must_use]
    pub fn of(path: &str, content: &[u8]) -> Self {
        Self { path: path.to_owned(), bytes: content.len() as u64, hash: short_hash(content) }
    }
}

impl Manifest {
    /// A list of these files.
    #[must_use]
    pub fn new(mut files: Vec<ManifestEntry>) -> Self {
        files.sort();
        Self { schema_version: SCHEMA_VERSION, files }
    }

    /// The list as it is written.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// Reads the list of a site.
    ///
    /// # Errors
    /// When there is none that this program can read.
    pub fn read(site: &Path) -> Result<Self, Unread> {
        let bytes = fs::read(&site.join(MANIFEST)).map_err(|_| Unread::Missing)?;
        Self::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Unread> {
        // The form is looked at first: a newer one need not have the keys of this one.
        #[derive(Deserialize)]
        struct Form {
            schema_version: u64,
        }
        let form: Form = serde_json::from_slice(bytes).map_err(|_| Unread::Damaged)?;
        if form.schema_version > u64::from(SCHEMA_VERSION) {
            return Err(Unread::Newer(form.schema_version));
        }
        serde_json::from_slice(bytes).map_err(|_| Unread::Damaged)
    }

    /// The paths.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        self.files.iter().map(|f| f.path.clone()).collect()
    }

    /// A hash of the stamps of all files of the site, the list included, in a few system calls a file; `None` when
    /// one is missing. Equal hashes mean that nobody wrote to any of them.
    #[must_use]
    pub fn stamps(&self, site: &Path) -> Option<String> {
        let stamp = |path: &str| -> Option<String> {
            let meta = fs::symlink_metadata(&site.join(path)).ok()?;
            let s = fs::stamp_of(&meta);
            Some(format!("{path} {} {} {} {}\n", s.bytes, s.modified, s.changed, s.inode))
        };
        let lines: Option<Vec<String>> = self.files.par_iter().map(|f| stamp(&f.path)).collect();
        let mut hash = Sha256::new();
        hash.update(stamp(MANIFEST)?);
        lines?.iter().for_each(|line| hash.update(line));
        Some(hex(&hash.finalize()))
    }

    /// Whether every file of the site has the content that the list says; reads them all.
    #[must_use]
    pub fn holds_for(&self, site: &Path) -> bool {
        self.files.par_iter().all(|file| {
            let path = site.join(&file.path);
            fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() == file.bytes)
                && fs::read(&path).is_ok_and(|content| short_hash(&content) == file.hash)
        })
    }
}

/// What to say of a site that a newer version wrote.
#[must_use]
pub fn newer(shown: &str, form: u64) -> Diagnostic {
    Diagnostic::error(
        Code::NewerSite,
        format!(
            "a newer version of this program wrote the site in `{shown}`: its list has form {form}, \
             this version knows forms up to {SCHEMA_VERSION}"
        ),
    )
    .at_file(format!("{shown}/{MANIFEST}"), "`schema_version`")
    .with_help("build with that version, or name another output folder")
}

fn short_hash(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    hex(digest.get(..16).unwrap_or_default())
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |n: u8| DIGITS.get(usize::from(n)).copied().unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let list = Manifest::new(vec![ManifestEntry::of("b", b"2"), ManifestEntry::of("a", b"1")]);
        assert_eq!(list.files[0].path, "a");
        assert_eq!(Manifest::parse(&list.to_bytes()).unwrap(), list);
        // SHA-256 of "1" begins 6b86b273ff34fce19d6b804eff5a3f57.
        assert_eq!(list.files[0].hash, "6b86b273ff34fce19d6b804eff5a3f57");
    }

    #[test]
    fn a_newer_form_is_named_whatever_else_it_holds() {
        let newer = br#"{"schema_version": 9, "pages": {}}"#;
        assert!(matches!(Manifest::parse(newer), Err(Unread::Newer(9))));
        assert!(matches!(Manifest::parse(b"{"), Err(Unread::Damaged)));
    }
}
