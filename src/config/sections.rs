//! The keys of `qunce.toml` as one table, from which editors' schema is made. The reader of the file
//! checks more than a schema can say; a test holds the two to the same keys.

use crate::format::{Key, Kind, Section, key};
use Kind::{Flag, Free, Number, Positive, Share, Str, Strings, Word};

static SITE: Section = Section {
    what: "`[site]`",
    keys: &[
        key("title", Kind::Str).doc("Shown on every page; empty: a name in the reader's language."),
        key("languages", Strings)
            .doc("Languages of the site (`zh-CN`, `en`); the first is the one visitors get without asking."),
        key("zone", Str).doc("IANA time zone in which days, weeks and months begin; `Asia/Shanghai` by default."),
        key("period", Word(&["week", "month"])).doc("Length of a report's period; weeks begin on Monday."),
        key("trend", Positive).doc("Number of periods in trends, the latest included, 2 to 60; 9 by default."),
        key("output", Str).doc("Folder of the site, relative to this file; `out` by default."),
        key("templates", Str).doc("Folder of templates that replace built-in ones; `templates` by default."),
        key("playbooks", Str).doc("Folder of the playbooks; `playbooks` by default."),
    ],
};

static INFER: Section = Section {
    what: "`[data.infer]`",
    keys: &[
        key("groups", Str).doc("Playbook of groups that are known only by their rows, for drops without groups.csv."),
        key("members", Flag).doc("Whether authors and buyers who are not in members.csv are taken as members."),
    ],
};

static TABLE: Section = Section {
    what: "a table of the data",
    keys: &[
        key("files", Strings).doc("Patterns (`*`, `?`) of further files, matched against the path in the data folder."),
        key("encoding", Str).doc("Encoding of its files, such as `gb18030`; detected by default."),
        key("delimiter", Str).doc("The character between fields; a comma by default."),
        key("zone", Str).doc("IANA zone of times that do not say theirs; the site's by default."),
        key("time_format", Str).doc("Pattern tried before the usual forms of times, such as `%d/%m/%Y %H:%M`."),
        key("key", Strings).doc("Columns that identify a row; `[]` for rows without identity."),
        key("absent", Word(&["no_data", "zero"]))
            .doc("What it means that a group has no row: nothing is known, or nothing happened."),
        key("columns", Free(&Str)).doc("Header of the file for each column."),
        key("constants", Free(&Str)).doc("Value of a column that the files do not have."),
        key("values", Free(&Free(&Str))).doc("What to read instead of a cell's text, by column."),
        key("keep", Free(&Strings)).doc("Only rows with one of these cells count, by header."),
        key("compute", Free(&Strings)).doc("Columns whose product a decimal column is, where a file lacks it."),
    ],
};

/// The settings of one table, described.
const fn table(name: &'static str) -> Key {
    key(name, Kind::Table(&TABLE)).doc("How this table's exports are found and read.")
}

static DATA: Section = Section {
    what: "`[data]`",
    keys: &[
        key("dir", Str).doc("Folder of the CSV drops; `data` by default."),
        key("max_bad_share", Share)
            .doc("The build fails when a larger share of a table's rows cannot be read; 0.05 by default."),
        key("max_orphan_share", Share)
            .doc("A warning is given when a larger share of rows names unknown groups or members; 0.2 by default."),
        key("fail_orphan_share", Share).doc("The build fails above this share of such rows."),
        key("max_field_bytes", Positive)
            .doc("Longest field in bytes, 1024 to 67108864; a longer one is an error. 65536 by default."),
        key("attribution", Word(&["last_joined", "first_joined", "all"]))
            .doc("Group of an order that names none, among those of its buyer."),
        key("isolated_future_days", Positive)
            .doc("A few rows dated so many days after all others are taken for mistakes of the clock; 60 by default."),
        key("infer", Kind::Table(&INFER)).doc("How to do without lists of groups and members."),
        table("groups"),
        table("members"),
        table("messages"),
        table("posts"),
        table("events"),
        table("orders"),
        table("surveys"),
        table("products"),
        table("daily"),
    ],
};

static PRIVACY: Section = Section {
    what: "`[privacy]`",
    keys: &[
        key("members", Word(&["pseudonym", "plain"]))
            .doc("How members appear in the site: under a code, or by id and name."),
        key("key_env", Str).doc("Environment variable that holds the key of the codes; `QUNCE_KEY` by default."),
        key("key_file", Str).doc(
            "File that holds the key, for when the variable is not set; it must lie outside of any git repository.",
        ),
        key("min_cell", Positive).doc("Parts of a breakdown, and of those who joined in a period, with fewer persons are withheld, 1 to 1000; 5 by default."),
    ],
};

static GATE: Section = Section {
    what: "`[gate]`",
    keys: &[
        key("fail_under", Number).doc("Least score of every group, 0 to 100."),
        key("fail_on", Strings)
            .doc("What fails: `critical` for a KPI below its `watch` cut, `alert` for one that fires."),
        key("max_drop", Number).doc("Most points that a group may lose since the baseline."),
        key("baseline", Str).doc("The earlier result, as `qunce baseline` writes it; relative to this file."),
    ],
};

static CONFIG: Section = Section {
    what: "`qunce.toml`",
    keys: &[
        key("site", Kind::Table(&SITE)).doc("The site: title, languages, periods, folders."),
        key("data", Kind::Table(&DATA)).doc("The drops: where they are and how they are read."),
        key("privacy", Kind::Table(&PRIVACY)).doc("How members appear in what is published."),
        key("gate", Kind::Table(&GATE)).doc("What must hold of every group for a run to succeed."),
        key("extra", Free(&Kind::Str)).doc("Free texts for your own templates."),
    ],
};

/// The whole format of `qunce.toml`.
#[must_use]
pub fn format() -> &'static Section {
    &CONFIG
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::config::from_source;
    use crate::diagnostic::{Code, Findings, SourceText};

    /// Writes every key with a value of a type that none of them has.
    fn wrong(section: &'static Section, path: &str, found: &mut Vec<(String, String)>) {
        for key in section.keys {
            let place = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
            match key.kind {
                Kind::Table(inner) => wrong(inner, &place, found),
                _ => found.push((place.clone(), format!("{place} = 1979-05-27T07:32:00Z\n"))),
            }
        }
    }

    fn codes(text: &str) -> Vec<Code> {
        let mut findings = Findings::new();
        from_source(&SourceText::new("qunce.toml", text), &mut findings);
        findings.items().iter().map(|f| f.code).collect()
    }

    #[test]
    fn the_reader_knows_every_key_of_the_schema() {
        let mut lines = Vec::new();
        wrong(format(), "", &mut lines);
        assert!(lines.len() > 100, "{}", lines.len());
        for (place, text) in lines {
            let codes = codes(&text);
            assert!(!codes.is_empty() && !codes.contains(&Code::UnknownKey), "{place}: {codes:?}");
        }
    }

    /// The template names every key, commented out or not; the schema must have them all.
    #[test]
    fn the_schema_has_every_key_of_the_template() {
        fn known(section: &'static Section, name: &str) -> bool {
            section.keys.iter().any(|k| k.name == name || matches!(k.kind, Kind::Table(inner) if known(inner, name)))
        }
        for line in crate::config::TEMPLATE.lines() {
            let line = line.trim_start_matches("# ");
            let Some((name, _)) = line.split_once(" = ") else { continue };
            let name = name.split('.').next().unwrap();
            let is_key = name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && name != "contact";
            assert!(!is_key || known(format(), name), "{name}");
        }
    }

    #[test]
    fn every_key_is_explained() {
        fn visit(section: &'static Section) {
            for key in section.keys {
                assert!(!key.doc.is_empty(), "{} of {}", key.name, section.what);
                if let Kind::Table(inner) = key.kind {
                    visit(inner);
                }
            }
        }
        visit(format());
    }
}
