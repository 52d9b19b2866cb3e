//! Finds the CSV files of a workspace and the order of its drops.
//!
//! A file belongs to the table whose name it bears, alone or before `-` or `_`: `messages.csv`,
//! `messages-2025w19.csv`, `2025-05-12/messages_b.csv.gz`; or to the table whose `files` pattern
//! matches its path. The folder below the data folder, then what follows the table's name, tell
//! its drop. Drops are ordered by folder and then by suffix, numbers by their value, so that
//! `messages.csv` in the data folder itself is the oldest and `w10` comes after `w9`.

use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Findings, did_you_mean, list};
use crate::schema::Table;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;

/// One file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The table.
    pub table: Table,
    /// Where it lies.
    pub path: PathBuf,
    /// Its path as shown to people: relative to the workspace, `/`-separated.
    pub shown: String,
    /// Order key of its drop: a later drop's key sorts later; files of one drop share it.
    pub drop: String,
}

/// The files of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The parts of each table that has any, from the oldest drop to the newest.
    pub parts: BTreeMap<Table, Vec<Part>>,
}

impl Sources {
    /// The parts of a table, from the oldest drop to the newest.
    #[must_use]
    pub fn of(&self, table: Table) -> &[Part] {
        self.parts.get(&table).map_or(&[], Vec::as_slice)
    }
}

/// Finds all data files below the data folder of the workspace `root`.
///
/// A data folder that does not exist has no files. Files whose name does not end in `.csv` or
/// `.csv.gz` and names that begin with a dot are passed over.
pub fn discover(root: &Path, config: &Config, findings: &mut Findings) -> Sources {
    let folder = root.join(&config.data.dir);
    let mut sources = Sources::default();
    if !folder.exists() {
        return sources;
    }
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let mut entries = WalkDir::new(&folder).follow_links(true).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                findings.push(walk_error(root, &folder, &error));
                continue;
            }
        };
        let is_folder = entry.file_type().is_dir();
        if entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.') {
            if is_folder {
                entries.skip_current_dir();
            }
            continue;
        }
        if entry.path_is_symlink() && !leads_inside(entry.path(), &real_root) {
            findings.push(
                Diagnostic::error(Code::FileLoop, "a link leads out of the workspace")
                    .at_file(shown(root, entry.path()), "")
                    .with_help("copy the data into the workspace, or make the folder that holds them the workspace"),
            );
            if is_folder {
                entries.skip_current_dir();
            }
            continue;
        }
        if is_folder {
            continue;
        }
        let below = shown(&folder, entry.path());
        let name = shown(root, entry.path());
        let Some(stem) = csv_stem(&below) else { continue };
        if let Some((table, suffix)) = table_of(&below, stem, config, &name, findings) {
            let directory = below.rsplit_once('/').map_or("", |(d, _)| d);
            let drop = format!("{}\u{1}{}", natural(directory), natural(suffix));
            sources.parts.entry(table).or_default().push(Part { table, path: entry.into_path(), shown: name, drop });
        }
    }
    for parts in sources.parts.values_mut() {
        parts.sort_by(|a, b| (&a.drop, &a.shown).cmp(&(&b.drop, &b.shown)));
    }
    sources
}

fn leads_inside(path: &Path, real_root: &Path) -> bool {
    path.canonicalize().is_ok_and(|real| real.starts_with(real_root))
}

fn walk_error(root: &Path, folder: &Path, error: &walkdir::Error) -> Diagnostic {
    let place = shown(root, error.path().unwrap_or(folder));
    if let Some(ancestor) = error.loop_ancestor() {
        return Diagnostic::error(Code::FileLoop, "a link leads back into itself")
            .at_file(place, "")
            .with_note(format!("it points at `{}`", shown(root, ancestor)))
            .with_help("remove the link");
    }
    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    Diagnostic::error(Code::Unreadable, format!("cannot read: {reason}")).at_file(place, "")
}

/// A path relative to a folder, `/`-separated.
fn shown(folder: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<String> = relative
        .components()
        .filter(|c| !matches!(c, Component::CurDir))
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

/// The file's name without its folder and `.csv` or `.csv.gz`; `None` for other files.
fn csv_stem(below: &str) -> Option<&str> {
    let name = below.rsplit_once('/').map_or(below, |(_, n)| n);
    [".csv.gz", ".csv"].iter().find_map(|ending| {
        let cut = name.len().checked_sub(ending.len())?;
        name.get(cut..)?.eq_ignore_ascii_case(ending).then(|| name.get(..cut))?
    })
}

/// The table of a file and the suffix that tells its drop.
fn table_of<'a>(
    below: &str,
    stem: &'a str,
    config: &Config,
    name: &str,
    findings: &mut Findings,
) -> Option<(Table, &'a str)> {
    let claims = |t: &Table| config.data.table(*t).files.iter().any(|p| matches(p, below));
    let claimed: Vec<Table> = Table::ALL.into_iter().filter(claims).collect();
    match claimed.as_slice() {
        [table] => return Some((*table, stem)),
        [] => {}
        several => {
            let names: Vec<&str> = several.iter().map(|t| t.name()).collect();
            findings.push(
                Diagnostic::error(Code::UnknownTable, "a file is claimed by several tables")
                    .at_file(name, "")
                    .with_help(format!("narrow the `files` patterns of {} so that one matches", list(&names, "and"))),
            );
            return None;
        }
    }
    let named = Table::ALL.into_iter().find_map(|table| {
        let head = stem.get(..table.name().len())?;
        let suffix = stem.get(table.name().len()..)?;
        let separated = suffix.is_empty() || suffix.starts_with(['-', '_']);
        (head.eq_ignore_ascii_case(table.name()) && separated).then_some((table, suffix))
    });
    if named.is_none() {
        let word = stem.split(['-', '_', ' ', '.']).next().unwrap_or(stem);
        let names = Table::ALL.map(Table::name);
        let meant = did_you_mean(stem, names).or_else(|| did_you_mean(word, names));
        let example = meant.unwrap_or("messages");
        let mut finding = Diagnostic::error(Code::UnknownTable, format!("`{stem}` is not a table"))
            .at_file(name, "")
            .with_note(format!("the tables are {}", list(&names, "and")));
        finding = match meant {
            Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
            None => finding.with_help(format!(
                "rename it, or name its table in `qunce.toml`: `[data.{example}] files = [\"{below}\"]`"
            )),
        };
        findings.push(finding);
    }
    named
}

/// Whether a path matches a pattern in which `*` stands for any characters and `?` for one.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<char>, Vec<char>) = (pattern.chars().collect(), path.chars().collect());
    let (mut p, mut s) = (0, 0);
    // Where to go on when the text after the last `*` does not fit: one character further.
    let mut retry: Option<(usize, usize)> = None;
    while s < path.len() {
        if pattern.get(p) == Some(&'*') {
            retry = Some((p + 1, s));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == '?' || Some(c) == path.get(s)) {
            p += 1;
            s += 1;
        } else if let Some((after, from)) = retry {
            retry = Some((after, from + 1));
            p = after;
            s = from + 1;
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// A text whose plain order is the natural order of the original: numbers by their value.
fn natural(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut digits = String::new();
    for c in text.chars().map(Some).chain([None]) {
        if let Some(d) = c.filter(char::is_ascii_digit) {
            digits.push(d);
            continue;
        }
        if !digits.is_empty() {
            out.push_str(&format!("{digits:0>20}"));
            digits.clear();
        }
        out.extend(c);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::diagnostic::render;
    use proptest::prelude::*;

    fn workspace(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            crate::fs::write(&dir.path().join(file), "").unwrap();
        }
        dir
    }

    fn found(dir: &Path, config: &Config) -> (Sources, String) {
        let mut findings = Findings::new();
        let sources = discover(dir, config, &mut findings);
        (sources, findings.items().iter().map(|d| render(d, false)).collect())
    }

    #[test]
    fn drops_are_ordered_by_folder_then_suffix_then_number() {
        let dir = workspace(&[
            "data/messages-2025w10.csv",
            "data/messages-2025w9.csv",
            "data/messages.csv",
            "data/2025-05-12/messages.csv",
            "data/2025-05-05/messages_b.csv.gz",
            "data/2025-05-05/Messages.CSV",
            "data/notes.txt",
            "data/.hidden/orders.csv",
            "data/._orders.csv",
        ]);
        let (sources, shown) = found(dir.path(), &Config::default());
        assert_eq!(shown, "");
        let order: Vec<&str> = sources.of(Table::Messages).iter().map(|p| p.shown.as_str()).collect();
        assert_eq!(
            order,
            [
                "data/messages.csv",
                "data/messages-2025w9.csv",
                "data/messages-2025w10.csv",
                "data/2025-05-05/Messages.CSV",
                "data/2025-05-05/messages_b.csv.gz",
                "data/2025-05-12/messages.csv",
            ]
        );
        assert_eq!(sources.parts.len(), 1);
    }

    #[test]
    fn unknown_table_files_are_errors() {
        let dir = workspace(&["data/message.csv"]);
        let (_, shown) = found(dir.path(), &Config::default());
        assert_eq!(
            shown,
            "error[Q0301]: `message` is not a table\n\
             --> data/message.csv\n \
             = note: the tables are `groups`, `members`, `products`, `posts`, `messages`, `events`, `orders`, \
             `surveys` and `daily`\n \
             = help: did you mean `messages`?\n"
        );
    }

    #[test]
    fn patterns_of_the_workspace_name_other_files() {
        let dir = workspace(&["data/chat_茶友.csv", "data/导出/订单.csv", "data/x/y.csv"]);
        let mut config = Config::default();
        for (table, pattern) in [(Table::Messages, "chat_*.csv"), (Table::Orders, "*/订?.csv"), (Table::Groups, "x/*")]
        {
            config.data.tables.entry(table).or_default().files.push(pattern.into());
        }
        let (sources, shown) = found(dir.path(), &config);
        assert_eq!(shown, "");
        assert_eq!(sources.of(Table::Messages)[0].shown, "data/chat_茶友.csv");
        assert_eq!(sources.of(Table::Orders)[0].shown, "data/导出/订单.csv");
        config.data.tables.entry(Table::Daily).or_default().files.push("*.csv".into());
        assert!(found(dir.path(), &config).1.contains("claimed by several tables"));
    }

    #[cfg(unix)]
    #[test]
    fn links_neither_loop_nor_leave_the_workspace() {
        let outside = workspace(&["messages.csv"]);
        let dir = workspace(&["data/a/messages.csv"]);
        std::os::unix::fs::symlink(dir.path().join("data"), dir.path().join("data/a/again")).unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("data/b")).unwrap();
        let (sources, shown) = found(dir.path(), &Config::default());
        assert_eq!(sources.of(Table::Messages).len(), 1);
        assert_eq!(
            shown,
            "error[Q0318]: a link leads back into itself\n\
             --> data/a/again\n \
             = note: it points at `data`\n \
             = help: remove the link\n\
             error[Q0318]: a link leads out of the workspace\n\
             --> data/b\n \
             = help: copy the data into the workspace, or make the folder that holds them the workspace\n"
        );
    }

    #[test]
    fn no_data_folder_has_no_files() {
        let dir = workspace(&[]);
        assert_eq!(found(dir.path(), &Config::default()), (Sources::default(), String::new()));
    }

    proptest! {
        #[test]
        fn patterns_match_what_they_were_made_from(path in "[ab/.]{0,12}", cut in 0usize..13) {
            let cut = cut.min(path.len());
            let pattern = format!("{}*{}", &path[..cut], &path[cut..]);
            prop_assert!(matches(&pattern, &path));
            prop_assert!(matches("*", &path));
            let longer = format!("{path}z");
            prop_assert!(!matches(&path, &longer));
        }
    }
}
