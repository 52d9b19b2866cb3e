//! What the last build of a folder came to, kept in the workspace, so that a build with nothing to do need not read
//! the drop to say so.

use super::fingerprint::{Fingerprint, Known};
use crate::diagnostic::{Code, Diagnostic, Findings, StoredFindings};
use crate::fs;
use crate::site::{MARKER, Manifest, Output, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where records lie, relative to the workspace.
const FOLDER: &str = ".qunce/builds";
const SCHEMA_VERSION: u32 = 3;

/// What a build says at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    /// The period reported.
    pub period: String,
    /// Number of groups.
    pub groups: usize,
    /// Number of pages.
    pub pages: usize,
    /// Number of files.
    pub files: usize,
}

/// How a build came out whose site stands.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Whether a gate failed.
    pub failed: bool,
    /// Everything that is told.
    pub findings: Findings,
}

/// A record as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    schema_version: u32,
    inputs: String,
    files: BTreeMap<String, Known>,
    /// Hash of the site's list.
    manifest: String,
    /// Hash of the stamps of the site's files.
    output: String,
    gate_failed: bool,
    findings: StoredFindings,
    summary: Summary,
}

/// The record of one output folder.
#[derive(Debug)]
pub(super) struct Record {
    path: PathBuf,
    kept: Option<Kept>,
}

impl Record {
    /// Reads the record of a folder; a damaged one, or one of another version, is none.
    pub fn read(root: &Path, out: &Path) -> Self {
        let name = hex(&Sha256::digest(out.as_os_str().as_encoded_bytes()));
        let path = root.join(FOLDER).join(format!("{}.json", name.get(..16).unwrap_or_default()));
        let kept = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        Self { path, kept: kept.filter(|k| k.schema_version == SCHEMA_VERSION) }
    }

    /// The files as they were when they were last read.
    pub fn known(&self) -> BTreeMap<String, Known> {
        self.kept.as_ref().map(|k| k.files.clone()).unwrap_or_default()
    }

    /// How it came out when the same inputs gave the site that still stands.
    pub fn unchanged(&self, inputs: &Fingerprint, output: &Output) -> Option<(Summary, Verdict)> {
        let kept = self.kept.as_ref().filter(|k| k.inputs == inputs.hash)?;
        let manifest = output.manifest()?;
        if !output.path().join(MARKER).is_file() {
            return None;
        }
        let untouched = manifest.stamps(output.path())? == kept.output;
        // Touched but the same, as after a copy: read it all.
        let same = untouched || (hash(manifest) == kept.manifest && manifest.holds_for(output.path()));
        if !same {
            return None;
        }
        let verdict = Verdict { failed: kept.gate_failed, findings: kept.findings.clone().restore()? };
        // Errors of a site that stands are those of gates: a record that says otherwise is damaged.
        (verdict.failed == verdict.findings.has_errors()).then(|| (kept.summary.clone(), verdict))
    }

    /// Keeps what a build came to. That this fails is a note: the site is whole.
    pub fn keep(&self, inputs: &Fingerprint, output: &Path, summary: &Summary, verdict: &Verdict) -> Findings {
        let mut told = Findings::new();
        // What changed meanwhile may have been read before or after.
        let Some(manifest) = Manifest::read(output).ok().filter(|_| inputs.still_holds()) else { return told };
        let Some(stamps) = manifest.stamps(output) else { return told };
        let kept = Kept {
            schema_version: SCHEMA_VERSION,
            inputs: inputs.hash.clone(),
            files: inputs.files.clone(),
            manifest: hash(&manifest),
            output: stamps,
            gate_failed: verdict.failed,
            findings: StoredFindings::of(&verdict.findings),
            summary: summary.clone(),
        };
        let bytes = serde_json::to_vec(&kept).unwrap_or_default();
        if let Err(error) = fs::replace(&self.path, &bytes) {
            told.push(
                Diagnostic::note(Code::NotRemembered, error.to_string())
                    .with_note("the site is whole; the next build begins from scratch"),
            );
        }
        told
    }
}

fn hash(manifest: &Manifest) -> String {
    hex(&Sha256::digest(manifest.to_bytes()))
}
