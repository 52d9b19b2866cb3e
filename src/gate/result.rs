//! A result as it stands in a file.

use super::rules::Rules;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Version of the file's schema. Keys are only ever added; a change of meaning raises the version. Older versions
/// are read, newer ones refused.
pub const RESULT_SCHEMA_VERSION: u32 = 1;

/// Everything that later runs are compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultFile {
    /// Version of the schema.
    pub schema_version: u32,
    /// What wrote it.
    pub tool: Tool,
    /// The last instant that counted, UTC.
    pub as_of: String,
    /// The report's period.
    pub period: PeriodRef,
    /// Hashes of what it was made from.
    pub made_from: MadeFrom,
    /// By group id.
    pub groups: BTreeMap<String, GroupResult>,
    /// By playbook, with `#group` behind it where a group has overrides of its own.
    pub rules: BTreeMap<String, Rules>,
}

/// The program that wrote a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `qunce`
    pub name: String,
    /// Version.
    pub version: String,
}

/// A period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodRef {
    /// `2025-W19`
    pub id: String,
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
}

/// Short hashes by which two results are seen to be made from the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFrom {
    /// The bytes of the drop; not told in a site, whose build does not read the files twice.
    pub data: Option<String>,
    /// `qunce.toml` without its gates.
    pub configuration: String,
    /// All rules below.
    pub playbooks: String,
}

/// A group in the report's period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupResult {
    /// Name.
    pub name: String,
    /// Key of its rules.
    pub rules: String,
    /// The stage it is in.
    pub stage: Option<String>,
    /// Customers.
    pub members: Option<i64>,
    /// The health score.
    pub score: ScoreValue,
    /// By KPI id.
    pub kpis: BTreeMap<String, KpiValue>,
    /// Alerts that fire, with the number of members they are for.
    #[serde(default)]
    pub alerts: BTreeMap<String, u64>,
    /// Waivers that hold.
    #[serde(default)]
    pub waivers: Vec<String>,
}

/// A health score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreValue {
    /// 0..=100; `None` where none is issued.
    pub value: Option<f64>,
    /// Grade letter.
    pub grade: Option<String>,
    /// Measured share of the weight, 0..=1.
    pub coverage: f64,
    /// The score if all unmeasured weight were 0.
    pub low: f64,
    /// The score if all unmeasured weight were 100.
    pub high: f64,
}

/// A KPI's value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KpiValue {
    /// In the KPI's unit; `None` without data.
    pub value: Option<f64>,
    /// Numerator of a ratio, exact: a number or a decimal as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Value>,
    /// Denominator of a ratio, or the number of observations of a mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Value>,
    /// How many observations the value rests on, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observations: Option<f64>,
    /// `critical` to `excellent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// 0..=100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// Points it gives to the health score.
    #[serde(default)]
    pub points: f64,
}
