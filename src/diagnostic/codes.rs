//! The stable codes of all findings. A code is never reused for something else.

macro_rules! codes {
    ($( $name:ident = $code:literal, $slug:literal, $why:literal; )*) => {
        /// A stable code with a name and an explanation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $( #[doc = $why] $name, )*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$( Code::$name, )*];

            /// `Q0101`
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $( Self::$name => $code, )* }
            }

            /// `unknown-key`
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $( Self::$name => $slug, )* }
            }

            /// One or two sentences on what the code means and what to do.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $( Self::$name => $why, )* }
            }
        }
    };
}

codes! {
    // Q00xx: workspace and configuration
    WorkspaceMissing = "Q0001", "workspace-missing", "No `qunce.toml` was found in this folder or above it. Run `qunce init` or pass `--workspace DIR`.";
    TomlSyntax = "Q0002", "toml-syntax", "The file is not valid TOML.";
    UnknownKey = "Q0003", "unknown-key", "A key that the format does not have. Nothing is ignored silently, because a misspelt threshold would be lost.";
    WrongType = "Q0004", "wrong-type", "The value has another type than the key wants.";
    InvalidValue = "Q0005", "invalid-value", "The value has the right type but lies outside what the key allows.";
    MissingKey = "Q0006", "missing-key", "A key that the format requires is not there.";
    Unreadable = "Q0007", "unreadable", "A file could not be read.";
    // Q01xx: playbooks
    UnknownParent = "Q0101", "unknown-parent", "`extends` names a playbook that is neither in the workspace nor built in.";
    ExtendsCycle = "Q0102", "extends-cycle", "Playbooks extend each other in a circle.";
    OverlayChangesRule = "Q0103", "overlay-changes-rule", "A language overlay may replace texts only, so that both languages judge by the same numbers.";
    BandOrder = "Q0104", "band-order", "The cut points of a KPI do not run in its good direction.";
    BandUnreachable = "Q0105", "band-unreachable", "A band can never apply, because its cut point lies outside the values that the KPI can take.";
    UnknownReference = "Q0106", "unknown-reference", "A name refers to a measure, KPI, segment, tactic or stage that does not exist.";
    MeasureCycle = "Q0107", "measure-cycle", "Measures use each other in a circle, so none can be computed first.";
    DuplicateId = "Q0108", "duplicate-id", "Two entries of one list have the same id.";
    InvalidId = "Q0109", "invalid-id", "An id is not `snake_case` (lower-case letters, digits and `_`, starting with a letter).";
    NoTactic = "Q0110", "kpi-without-tactic", "A KPI can fall below its band in a stage whose tactics do nothing for it.";
    OrphanTactic = "Q0111", "tactic-without-kpi", "A tactic improves no KPI that is scored in its stage, so no failing number ever leads to it.";
    RemovedNothing = "Q0112", "removed-nothing", "`remove = true` names an entry that was not inherited.";
    MissingTranslation = "Q0113", "missing-translation", "A text has no counterpart in a configured language.";
    UnknownGroup = "Q0114", "unknown-group", "A group override or a waiver belongs to no group of the data.";
    SetTwice = "Q0115", "set-twice", "Two parts of one playbook set the same key, so it would depend on their order which one holds.";
    // Q02xx: expressions
    ExprSyntax = "Q0201", "expression-syntax", "The expression cannot be parsed.";
    ExprUnknownName = "Q0202", "unknown-name", "The expression names a column or measure that does not exist here.";
    ExprType = "Q0203", "expression-type", "The parts of the expression have types that do not fit together.";
    ExprUnsupported = "Q0204", "expression-unsupported", "SQL syntax that playbook expressions do not have.";
    ExprWindow = "Q0205", "window-syntax", "A window is not one of the known forms.";
    ExprGrain = "Q0206", "wrong-grain", "A measure cannot be read at this grain.";
    // Q03xx: data
    UnknownTable = "Q0301", "unknown-table", "A CSV file's name matches no table.";
    MissingColumn = "Q0302", "missing-column", "A required column is not in the header.";
    DuplicateHeader = "Q0303", "duplicate-header", "Two columns have the same name.";
    Encoding = "Q0304", "encoding", "Bytes that the file's encoding does not have.";
    RaggedRow = "Q0305", "ragged-row", "A row has more or fewer fields than the header.";
    UnclosedQuote = "Q0306", "unclosed-quote", "A quote opens and never closes, so the rest of the file would be read as one field.";
    FieldTooLong = "Q0307", "field-too-long", "A field is longer than the limit.";
    BadCell = "Q0308", "bad-cell", "A cell is not of its column's type.";
    ImpossibleTime = "Q0309", "impossible-time", "A time that cannot be: in a gap of the zone's clock, in the future, or before the group was created.";
    NegativeAmount = "Q0310", "negative-amount", "A negative amount without a refund time. Refunds are told by the column `refunded_at`.";
    DuplicateKey = "Q0311", "duplicate-key", "Two different rows of one drop have the same key.";
    Orphans = "Q0312", "orphans", "Rows point at groups or members that are not known.";
    TooManyBadRows = "Q0313", "too-many-bad-rows", "More rows were set aside than the workspace allows.";
    EmptyFile = "Q0314", "empty-file", "A data file has no rows.";
    FileChanged = "Q0315", "file-changed", "A data file changed while it was read.";
    UnknownPlaybook = "Q0316", "unknown-playbook", "A group names a playbook that does not exist.";
    NoData = "Q0317", "no-data", "No data was found at all.";
    FileLoop = "Q0318", "file-loop", "A link leads out of the workspace or back into itself.";
    EmptyKey = "Q0319", "empty-key", "A column that identifies the row is empty.";
    // Q037x: facts asked for by name
    UnknownMeasure = "Q0370", "unknown-measure", "No playbook in use declares the measure that was asked for.";
    UnfitMeasure = "Q0371", "unfit-measure", "The measure that was asked for has no value of this kind or over this window.";
    // Q04xx: output
    OutputRefused = "Q0401", "output-refused", "The output folder is not empty and was not written by this program, or lies where it would overwrite input.";
    Template = "Q0402", "template", "A template could not be parsed or rendered.";
    WriteFailed = "Q0403", "write-failed", "The site could not be written.";
    PathCollision = "Q0404", "path-collision", "Two pages would be written to one path.";
    UnknownName = "Q0405", "unknown-argument", "The command line asks for what does not exist: an option or value that no command has, or a group, KPI or playbook that the workspace has not.";
    PublicKey = "Q0406", "public-key", "Members are published under codes made with this program's public key, so whoever knows an id can find its code. Set the environment variable that `privacy.key_env` names.";
    OutputLocked = "Q0407", "output-locked", "Another build is writing the same output folder. Wait for it with `--wait`.";
    SiteDiffers = "Q0408", "site-differs", "The site is not what these inputs give: files were changed, removed or added after the build, or the inputs were.";
    NewerSite = "Q0409", "newer-site", "A newer version of this program wrote the site, in a form that this one does not know.";
    NotRemembered = "Q0410", "not-remembered", "What this build came to could not be kept in `.qunce`, so the next one begins from scratch. The site is whole.";
    KeyFile = "Q0450", "key-file", "The file with the key of members' codes cannot be read, is empty, or lies in a git repository, where it would be committed beside what it protects.";
    WordingSyntax = "Q0435", "wording-syntax", "A file of texts (`i18n/<language>.ftl`) could not be read as Fluent.";
    WordingMessage = "Q0436", "wording-message", "A file of texts names a message, variable, term or function that does not exist, so the text would never be shown or would show a gap.";
    WordingIncomplete = "Q0437", "wording-incomplete", "A language of the site lacks texts.";
    WordingUnused = "Q0438", "wording-unused", "A file of texts belongs to no language of the site, so nothing in it is shown.";
    // Q046x: the live server
    PortRefused = "Q0460", "port-refused", "The live server cannot have its address, most likely because another program has the port. Name another one with `--port`.";
    ServedAlready = "Q0461", "served-already", "Another `qunce serve` serves this workspace. Two would build into each other's pages.";
    ServeFailed = "Q0462", "serve-failed", "The live server could not read or write what a build needs. It tries again when a source changes.";
    // Q0501..Q0549: gates, results, waivers
    InputOutput = "Q0501", "input-output", "A file or folder could not be read or written. Nothing is wrong with the input itself.";
    ScoreBelow = "Q0502", "score-below", "A group scores less than the gate `fail_under` asks for.";
    CriticalKpi = "Q0503", "kpi-critical", "A KPI lies below its `watch` cut, and the gate `fail_on` asks for none that does.";
    AlertFires = "Q0504", "alert-fires", "An alert fires, and the gate `fail_on` asks for none that does.";
    ScoreDropped = "Q0505", "score-dropped", "A group lost more points since the baseline than the gate `max_drop` allows.";
    NoScore = "Q0506", "no-score", "A group has no score, so that a gate on scores cannot hold it to anything. It fails the gate `max_drop` if the baseline had a score.";
    ResultVersion = "Q0507", "result-version", "A result was written by a later version of this program, whose format this one does not know.";
    InvalidResult = "Q0508", "invalid-result", "A file is no result as `qunce baseline` writes it, or its numbers contradict each other.";
    BaselineDiffers = "Q0509", "baseline-differs", "The baseline has other groups than the drop, or tells of another length of periods, so that not everything can be compared.";
    WaiverExpired = "Q0510", "waiver-expired", "A waiver's last day has passed, so that it holds nothing back any more.";
    Waived = "Q0511", "waived", "A finding that would fail a gate is held back by a waiver of the playbook.";
    NoGate = "Q0512", "no-gate", "The gates were asked for and none is set, so that nothing was held against anything.";
}

impl Code {
    /// Whether the disk or another process is to blame, and no input.
    #[must_use]
    pub fn is_input_output(self) -> bool {
        matches!(self, Self::WriteFailed | Self::OutputLocked | Self::InputOutput)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_slugs_are_unique_and_explained() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|c| c.id()).collect();
        let slugs: BTreeSet<_> = Code::ALL.iter().map(|c| c.slug()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        assert_eq!(slugs.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|c| c.explanation().ends_with('.')));
    }
}
