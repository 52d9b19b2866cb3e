//! Results kept as files, what changed between two of them, and what must hold of one.
//!
//! A [`ResultFile`] holds both sides of every score: the values of the KPIs, which come from the data, and the rules
//! that they are judged by, which come from the playbooks. So two results can be scored crosswise without any rows,
//! and each change of a score told by what caused it ([`compare`]).

mod attribute;
mod compare;
mod fingerprint;
mod gather;
mod holds;
mod load;
mod result;
mod rules;
mod show;
#[cfg(test)]
mod tests;
mod text;

pub use attribute::{Parts, parts};
pub use compare::{Diff, GroupDiff, KpiDiff, RuleDiff, compare};
pub use fingerprint::files as fingerprint_files;
pub use gather::gather;
pub use holds::{Gates, Limit, check};
pub use load::{LoadError, read_result};
pub use result::{GroupResult, KpiValue, PeriodRef, RESULT_SCHEMA_VERSION, ResultFile, ScoreValue, Tool};
pub use rules::{Cuts, KpiRule, RuleSet, Rules, StageRules};
pub use show::{human, json, markdown};
pub use text::write;
