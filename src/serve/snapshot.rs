//! What the sources of a site looked like at a moment, and what has changed since.

use crate::fs;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use walkdir::WalkDir;

/// The sources of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// The workspace; files are named relative to it.
    pub root: PathBuf,
    /// Files and folders that the judgement is made of: configuration, playbooks, data.
    pub inputs: Vec<PathBuf>,
    /// Files and folders that only the pages are made of.
    pub templates: Vec<PathBuf>,
}

/// What has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The configuration, a playbook or data: everything is to be judged anew.
    pub inputs: bool,
    /// Templates: the same judgement is to be shown anew.
    pub templates: bool,
    /// The files, as shown to people, sorted; empty at the first build.
    pub files: Vec<String>,
}

impl Change {
    /// The first build: everything is new.
    pub(super) fn first() -> Self {
        Self { inputs: true, templates: true, files: Vec::new() }
    }
}

/// What tells one state of a file from another without reading it.
type State = (u64, Option<SystemTime>);

/// All files of the sources at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    inputs: BTreeMap<PathBuf, State>,
    templates: BTreeMap<PathBuf, State>,
}

impl Snapshot {
    /// Looks at all files. Those that vanish meanwhile are seen as gone.
    pub fn take(watched: &Watched) -> Self {
        Self { inputs: states(&watched.inputs), templates: states(&watched.templates) }
    }

    /// What is different in a later snapshot.
    pub fn changes(&self, later: &Self, root: &Path) -> Option<Change> {
        let (inputs, templates) =
            (differing(&self.inputs, &later.inputs), differing(&self.templates, &later.templates));
        if inputs.is_empty() && templates.is_empty() {
            return None;
        }
        let files: BTreeSet<String> = inputs.iter().chain(&templates).map(|p| shown(p, root)).collect();
        Some(Change {
            inputs: !inputs.is_empty(),
            templates: !templates.is_empty(),
            files: files.into_iter().collect(),
        })
    }
}

fn states(paths: &[PathBuf]) -> BTreeMap<PathBuf, State> {
    paths
        .iter()
        .flat_map(|path| {
            WalkDir::new(path).follow_links(true).into_iter().filter_entry(|entry| {
                // Editors keep their unfinished copies in hidden files.
                entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
            })
        })
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let meta = fs::metadata(entry.path()).ok()?;
            Some((entry.into_path(), (meta.len(), meta.modified().ok())))
        })
        .collect()
}

fn differing<'a>(before: &'a BTreeMap<PathBuf, State>, after: &'a BTreeMap<PathBuf, State>) -> BTreeSet<&'a Path> {
    let changed = after.iter().filter(|(path, state)| before.get(*path) != Some(*state)).map(|(path, _)| path);
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    changed.chain(gone).map(PathBuf::as_path).collect()
}

fn shown(path: &Path, root: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    relative.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> (tempfile::TempDir, Watched) {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        for path in ["qunce.toml", "playbooks/a.toml", "data/m.csv", "templates/base.html"] {
            fs::write(&at(path), "x").unwrap();
        }
        let watched = Watched {
            root: dir.path().to_path_buf(),
            inputs: vec![at("qunce.toml"), at("playbooks"), at("data"), at("missing")],
            templates: vec![at("templates")],
        };
        (dir, watched)
    }

    fn change(watched: &Watched, act: impl FnOnce(&Path)) -> Option<Change> {
        let before = Snapshot::take(watched);
        act(&watched.root);
        before.changes(&Snapshot::take(watched), &watched.root)
    }

    #[test]
    fn a_change_is_known_by_the_part_it_belongs_to() {
        let (_dir, watched) = workspace();
        assert_eq!(change(&watched, |_| {}), None);
        let inputs = |files: &[&str]| {
            let files = files.iter().map(|f| (*f).to_owned()).collect();
            Some(Change { inputs: true, templates: false, files })
        };
        assert_eq!(change(&watched, |r| fs::write(&r.join("data/m.csv"), "xy").unwrap()), inputs(&["data/m.csv"]));
        assert_eq!(change(&watched, |r| fs::write(&r.join("qunce.toml"), "").unwrap()), inputs(&["qunce.toml"]));
        assert_eq!(
            change(&watched, |r| fs::rename(&r.join("playbooks/a.toml"), &r.join("playbooks/b.toml")).unwrap()),
            inputs(&["playbooks/a.toml", "playbooks/b.toml"])
        );
        assert_eq!(change(&watched, |r| std::fs::remove_dir_all(r.join("data")).unwrap()), inputs(&["data/m.csv"]));
        assert_eq!(
            change(&watched, |r| fs::write(&r.join("templates/assets/own.css"), "x").unwrap()),
            Some(Change { inputs: false, templates: true, files: vec!["templates/assets/own.css".into()] })
        );
    }

    #[test]
    fn hidden_files_and_what_belongs_to_no_source_do_not_count() {
        let (_dir, watched) = workspace();
        assert_eq!(change(&watched, |r| fs::write(&r.join("playbooks/.a.toml.swp"), "x").unwrap()), None);
        assert_eq!(change(&watched, |r| fs::write(&r.join("out/index.html"), "x").unwrap()), None);
    }
}
