//! Which files there are: built-in ones, those of the workspace over them, and what each is.

use crate::diagnostic::{Code, Diagnostic, Findings, SourceText};
use crate::fs;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Where built-in playbooks seem to lie.
pub(super) const BUILT_IN: &str = "built-in/";
/// The folder of group overrides.
const GROUPS: &str = "groups";

/// The playbooks that the program brings along, by path (`base.toml`, `base/kpis.toml`).
#[must_use]
pub fn built_in() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Embedded::iter()
        .filter(|path| path.ends_with(".toml") && SHIPPED.contains(&playbook_of(path)))
        .filter_map(|path| {
            let file = Embedded::get(&path)?;
            Some((path.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        })
        .collect();
    files.sort();
    files
}

#[derive(rust_embed::Embed)]
#[folder = "playbooks/"]
struct Embedded;

/// The playbooks that are brought along; other files of the folder are examples.
const SHIPPED: &[&str] = &["base", "low_price", "vip", "freebie", "content"];

/// The playbook that a file belongs to.
fn playbook_of(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or_default()
}

/// A file with its overlays by language.
#[derive(Debug)]
pub(super) struct Part {
    /// Its text.
    pub(super) source: Arc<SourceText>,
    /// The overlays beside it.
    pub(super) overlays: BTreeMap<String, Arc<SourceText>>,
}

/// All files, sorted out.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// The parts of each playbook in the order in which they are joined.
    pub(super) playbooks: BTreeMap<String, Vec<Part>>,
    /// Group overrides by group id.
    pub(super) groups: BTreeMap<String, Part>,
}

/// Collects the files; those of the workspace replace built-in ones of the same path together with
/// their built-in overlays.
pub(super) fn collect(built_in: &[(String, String)], workspace: Option<&Path>, findings: &mut Findings) -> Files {
    let mut texts: BTreeMap<String, Arc<SourceText>> = built_in
        .iter()
        .map(|(path, text)| (path.clone(), SourceText::new(format!("{BUILT_IN}{path}"), text.as_str())))
        .collect();
    if let Some(folder) = workspace {
        let own = read_folder(folder, findings);
        texts.retain(|path, _| overlaid(path).is_none_or(|(original, _)| !own.contains_key(&original)));
        texts.extend(own);
    }
    sort_out(&texts, findings)
}

fn read_folder(folder: &Path, findings: &mut Findings) -> BTreeMap<String, Arc<SourceText>> {
    let mut own = BTreeMap::new();
    if !folder.is_dir() {
        return own;
    }
    let name = folder.file_name().map_or_else(|| "playbooks".into(), |n| n.to_string_lossy().into_owned());
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry =
            match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let at = error.path().and_then(|p| relative(folder, p)).unwrap_or_default();
                    findings.push(Diagnostic::error(Code::Unreadable, "a playbook folder cannot be read").at_file(
                        format!("{name}/{at}"),
                        error.io_error().map_or_else(String::new, ToString::to_string),
                    ));
                    continue;
                }
            };
        let Some(path) = relative(folder, entry.path()).filter(|p| p.ends_with(".toml")) else { continue };
        if entry.file_type().is_dir() {
            continue;
        }
        match fs::read_to_string(entry.path()) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
                let shown = format!("{name}/{path}");
                own.insert(path, SourceText::new(shown, text));
            }
            Err(error) => findings.push(
                Diagnostic::error(Code::Unreadable, "a playbook cannot be read")
                    .at_file(format!("{name}/{path}"), error.source.to_string())
                    .with_help("playbooks are UTF-8"),
            ),
        }
    }
    own
}

/// The path below a folder with `/` between its parts, whatever the system.
fn relative(folder: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(folder).ok()?;
    let parts: Vec<String> = below.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    Some(parts.join("/"))
}

/// The original and the language of an overlay's path: `vip.en.toml` → `vip.toml`, `en`.
fn overlaid(path: &str) -> Option<(String, String)> {
    let (rest, language) = path.strip_suffix(".toml")?.rsplit_once('.')?;
    let primary = language.split('-').next().unwrap_or_default();
    let is_tag = (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_lowercase())
        && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_tag && !rest.is_empty() && !rest.ends_with('/')).then(|| (format!("{rest}.toml"), language.to_owned()))
}

fn sort_out(texts: &BTreeMap<String, Arc<SourceText>>, findings: &mut Findings) -> Files {
    let mut files = Files::default();
    let mut overlays: BTreeMap<String, BTreeMap<String, Arc<SourceText>>> = BTreeMap::new();
    let mut originals: Vec<(&String, &Arc<SourceText>)> = Vec::new();
    for (path, source) in texts {
        match overlaid(path) {
            Some((original, language)) if texts.contains_key(&original) => {
                overlays.entry(original).or_default().insert(language, Arc::clone(source));
            }
            // The id of a group may hold periods.
            Some((original, _)) if !path.starts_with("groups/") => findings.push(
                Diagnostic::error(Code::OverlayChangesRule, "an overlay has no playbook beside it")
                    .at_file(&source.name, format!("expected `{original}` in the same folder")),
            ),
            _ => originals.push((path, source)),
        }
    }
    // The file of a playbook comes before those of its folder.
    originals.sort_by_key(|(path, _)| (path.trim_end_matches(".toml").to_owned(), (*path).clone()));
    for (path, source) in originals {
        let part = Part { source: Arc::clone(source), overlays: overlays.remove(path).unwrap_or_default() };
        let stem = path.strip_suffix(".toml").unwrap_or(path);
        match stem.split_once('/') {
            Some((GROUPS, group)) => drop(files.groups.insert(group.to_owned(), part)),
            Some((playbook, _)) => files.playbooks.entry(playbook.to_owned()).or_default().push(part),
            None => files.playbooks.entry(stem.to_owned()).or_default().push(part),
        }
    }
    files
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sorted(paths: &[&str]) -> Files {
        let texts = paths.iter().map(|p| ((*p).to_owned(), SourceText::new(*p, ""))).collect();
        sort_out(&texts, &mut Findings::new())
    }

    #[test]
    fn a_folder_belongs_to_the_playbook_of_its_name() {
        let files =
            sorted(&["base.toml", "base.en.toml", "base/kpis.toml", "base/a.toml", "base_x.toml", "groups/g-1.toml"]);
        let names: Vec<&str> = files.playbooks["base"].iter().map(|p| p.source.name.as_str()).collect();
        assert_eq!(names, ["base.toml", "base/a.toml", "base/kpis.toml"]);
        assert!(files.playbooks["base"][0].overlays.contains_key("en"));
        assert!(files.playbooks.contains_key("base_x") && files.groups.contains_key("g-1"));
    }

    #[test]
    fn overlays_are_told_by_their_language() {
        assert_eq!(overlaid("a/vip.zh-CN.toml"), Some(("a/vip.toml".into(), "zh-CN".into())));
        assert_eq!(overlaid("vip.toml"), None);
        assert_eq!(overlaid("groups/a.1.toml"), None);
    }
}
