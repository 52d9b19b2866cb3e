//! From the text of `qunce.toml` to a valid [`Config`], telling everything that is wrong.

use super::toml::{Located, TableReader, parse};
use super::{Attribution, Config, FILE_NAME, MemberNames, table};
use crate::calendar::Cadence;
use crate::diagnostic::{Code, Diagnostic, Findings, SourceText};
use crate::fs;
use crate::schema::Table;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The nearest folder, from `start` upwards, that holds a `qunce.toml`.
#[must_use]
pub fn find_workspace(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(FILE_NAME).is_file()).map(Path::to_path_buf)
}

/// Reads and validates a `qunce.toml`; `None` when it cannot be read or is not TOML.
///
/// Other mistakes leave the default of their key; whether to go on is told by
/// [`Findings::has_errors`].
pub fn load(path: &Path, findings: &mut Findings) -> Option<Config> {
    let name = path.file_name().map_or_else(|| FILE_NAME.into(), |n| n.to_string_lossy().into_owned());
    match fs::read_to_string(path) {
        Ok(text) => from_source(&SourceText::new(name, text), findings),
        Err(error) => {
            findings.push(
                Diagnostic::error(Code::Unreadable, format!("cannot read the configuration: {}", error.source))
                    .at_file(name, ""),
            );
            None
        }
    }
}

/// Validates a configuration that is already in memory.
pub fn from_source(source: &Arc<SourceText>, findings: &mut Findings) -> Option<Config> {
    let root = parse(source, findings)?;
    let mut config = Config { source: Some(Arc::clone(source)), ..Config::default() };
    let mut top = TableReader::new(&root, format!("`{}`", source.name));
    if let Some(reader) = top.take_table("site", findings) {
        read_site(reader, &mut config, findings);
    }
    if let Some(reader) = top.take_table("data", findings) {
        read_data(reader, &mut config, findings);
    }
    if let Some(reader) = top.take_table("privacy", findings) {
        read_privacy(reader, &mut config, findings);
    }
    if let Some(reader) = top.take_table("gate", findings) {
        config.gate = super::gate::read(reader, findings);
    }
    for (key, value) in top.take_texts("extra", findings).unwrap_or_default() {
        config.extra.insert(key.value, value.value);
    }
    top.finish(findings);
    Some(config)
}

fn read_site(mut reader: TableReader<'_>, config: &mut Config, findings: &mut Findings) {
    let site = &mut config.site;
    // An empty title is the template's way to say "none".
    site.title = reader.take_str("title", findings).map(|t| t.value).filter(|t| !t.is_empty());
    if let Some(entry) = reader.take("languages")
        && let Some(languages) = entry.node.strings(findings)
    {
        let mut known: Vec<String> = Vec::new();
        for language in languages {
            if !is_language(&language.value) {
                invalid(&language, "is not a language tag", "a tag such as `zh-CN` or `en`", findings);
            } else if known.contains(&language.value) {
                invalid(&language, "is listed twice", "each language once", findings);
            } else {
                known.push(language.value);
            }
        }
        if known.is_empty() {
            entry.node.invalid("no language is left", "at least one language", findings);
        } else {
            site.languages = known;
        }
    }
    if let Some(zone) = reader.take_str("zone", findings).and_then(|name| table::zone(&name, findings)) {
        site.zone = zone;
    }
    let cadences = [("week", Cadence::Week), ("month", Cadence::Month)];
    if let Some(period) = reader.take_choice("period", &cadences, findings) {
        site.period = period.value;
    }
    if let Some(trend) = take_whole(&mut reader, "trend", 2..=60, findings) {
        site.trend = trend;
    }
    for (key, folder) in
        [("output", &mut site.output), ("templates", &mut site.templates), ("playbooks", &mut site.playbooks)]
    {
        if let Some(inner) = take_folder(&mut reader, key, findings) {
            *folder = inner;
        }
    }
    reader.finish(findings);
}

fn read_data(mut reader: TableReader<'_>, config: &mut Config, findings: &mut Findings) {
    let data = &mut config.data;
    if let Some(dir) = take_folder(&mut reader, "dir", findings) {
        data.dir = dir;
    }
    if let Some(share) = take_share(&mut reader, "max_bad_share", findings) {
        data.max_bad_share = share;
    }
    if let Some(share) = take_share(&mut reader, "max_orphan_share", findings) {
        data.max_orphan_share = share;
    }
    data.fail_orphan_share = take_share(&mut reader, "fail_orphan_share", findings);
    if let Some(bytes) = take_whole(&mut reader, "max_field_bytes", 1024..=64 * 1024 * 1024, findings) {
        data.max_field_bytes = bytes;
    }
    let rules = [Attribution::LastJoined, Attribution::FirstJoined, Attribution::All].map(|a| (a.name(), a));
    if let Some(rule) = reader.take_choice("attribution", &rules, findings) {
        data.attribution = rule.value;
    }
    if let Some(days) = take_whole(&mut reader, "isolated_future_days", 1..=36_500, findings) {
        data.isolated_future_days = u32::try_from(days).unwrap_or(u32::MAX);
    }
    if let Some(mut infer) = reader.take_table("infer", findings) {
        data.infer.groups = infer.take_str("groups", findings).map(|g| g.value).filter(|g| !g.is_empty());
        data.infer.members = infer.take_bool("members", findings).is_some_and(|m| m.value);
        infer.finish(findings);
    }
    for name in Table::ALL {
        if let Some(entry) = reader.take(name.name())
            && entry.node.entries(findings).is_some()
        {
            data.tables.insert(name, table::read(name, &entry.node, findings));
        }
    }
    reader.finish(findings);
}

fn read_privacy(mut reader: TableReader<'_>, config: &mut Config, findings: &mut Findings) {
    let choices = [("pseudonym", MemberNames::Pseudonym), ("plain", MemberNames::Plain)];
    if let Some(members) = reader.take_choice("members", &choices, findings) {
        config.privacy.members = members.value;
    }
    if let Some(name) = reader.take_str("key_env", findings) {
        let good = !name.value.is_empty() && name.value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if good {
            config.privacy.key_env = name.value;
        } else {
            invalid(&name, "cannot name an environment variable", "letters, digits and `_`", findings);
        }
    }
    config.privacy.key_file = reader.take_str("key_file", findings).map(|f| f.value).filter(|f| !f.is_empty());
    if let Some(persons) = take_whole(&mut reader, "min_cell", 1..=1000, findings) {
        config.privacy.min_cell = persons as u64;
    }
    reader.finish(findings);
}

fn invalid(text: &Located<String>, what: &str, wanted: &str, findings: &mut Findings) {
    findings.push(
        Diagnostic::error(Code::InvalidValue, format!("`{}` {what}", text.value))
            .at(&text.span, format!("expected {wanted}")),
    );
}

fn take_whole(
    reader: &mut TableReader<'_>,
    key: &'static str,
    range: std::ops::RangeInclusive<usize>,
    findings: &mut Findings,
) -> Option<usize> {
    let number = reader.take_int(key, findings)?;
    let whole = usize::try_from(number.value).ok().filter(|n| range.contains(n));
    if whole.is_none() {
        let wanted = format!("expected {} to {}", range.start(), range.end());
        findings.push(
            Diagnostic::error(Code::InvalidValue, format!("`{key}` cannot be {}", number.value))
                .at(&number.span, wanted),
        );
    }
    whole
}

fn take_share(reader: &mut TableReader<'_>, key: &'static str, findings: &mut Findings) -> Option<f64> {
    let share = reader.take_float(key, findings)?;
    if (0.0..=1.0).contains(&share.value) {
        return Some(share.value);
    }
    findings.push(
        Diagnostic::error(Code::InvalidValue, format!("`{key}` cannot be {}", share.value))
            .at(&share.span, "expected a share from 0 to 1, such as `0.05` for 5 %"),
    );
    None
}

/// A folder inside the workspace, `/`-separated.
fn take_folder(reader: &mut TableReader<'_>, key: &'static str, findings: &mut Findings) -> Option<String> {
    let text = reader.take_str(key, findings)?;
    let inside = !text.value.is_empty()
        && Path::new(&text.value).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
    if inside {
        return Some(text.value);
    }
    invalid(&text, "does not lie in the workspace", "a relative path without `..`", findings);
    None
}

/// Whether a text is shaped like a BCP 47 tag: `zh-CN`, `en`, `zh-Hant-TW`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}
