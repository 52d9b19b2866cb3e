//! The texts of playbooks: in the reader's language, with their variables filled in.

use crate::diagnostic::Diagnostic;
use crate::playbook::Text;
use serde::Serialize;
use std::collections::BTreeMap;

/// The variables that messages, tactics, artefacts, rules and calendar titles may use, beside `schedule`: when the
/// text is due, in words, and empty where nothing recurs.
///
/// ```text
/// 欢迎加入 {{ group.name }}！本周 {{ period.label }}，发言率 {{ kpi.speak_rate }}。
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct TextVariables {
    /// The group.
    pub group: GroupVariables,
    /// The report's period.
    pub period: PeriodVariables,
    /// The month in which the period ends and the next begins.
    pub month: MonthVariables,
    /// The week after the period.
    pub week: WeekVariables,
    /// The products that the group was shown or bought, at most [`MOST_PRODUCTS`].
    pub products: Vec<ProductVariables>,
    /// Name of the current stage; empty when there is none.
    pub stage: String,
    /// Name of the playbook.
    pub playbook: String,
    /// The latest value of each KPI by id, written in its unit; `–` without data.
    pub kpi: BTreeMap<String, String>,
    /// `[extra]` of `qunce.toml`.
    pub extra: BTreeMap<String, String>,
}

/// What texts may say of the group; unknown facts are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct GroupVariables {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Owner.
    pub owner: String,
    /// Brand.
    pub brand: String,
    /// Region.
    pub region: String,
    /// Number of customers in it, to be compared with; 0 where it is unknown.
    pub members: i64,
    /// Capacity; 0 where it is unknown.
    pub capacity: i64,
    /// Age in days; 0 where it is unknown.
    pub age_days: i64,
}

/// What texts may say of the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct PeriodVariables {
    /// `2025-W19`
    pub id: String,
    /// `2025年第19周`
    pub label: String,
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
}

/// As many products as a text may list.
pub const MOST_PRODUCTS: usize = 12;

/// What texts may say of the coming month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct MonthVariables {
    /// `2025年5月`
    pub label: String,
}

/// The coming week's content calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct WeekVariables {
    /// By day and time.
    pub items: Vec<ItemVariables>,
}

/// One item of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct ItemVariables {
    /// Day, with the time where there is one.
    pub date: String,
    /// Title.
    pub title: String,
}

/// One product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct ProductVariables {
    /// Name.
    pub name: String,
    /// Price, written as money; empty where unknown.
    pub price: String,
    /// `viral`, `hot`, `potential` or `regular`; empty where unknown.
    pub role: String,
}

/// What the filled-in text will be read as, which decides how values are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Markdown.
    Markdown,
    /// Plain text, such as a message to copy.
    Plain,
}

/// Fills variables into the texts of playbooks. The room that knows templates implements it.
pub trait TextTemplates: Sync {
    /// The text in a language with its variables filled in; `schedule` stands for the variable of that name.
    ///
    /// # Errors
    /// A finding at the text's place in the playbook.
    fn fill(
        &self,
        text: &Text,
        language: &str,
        variables: &TextVariables,
        schedule: &str,
        reading: Reading,
    ) -> Result<String, Diagnostic>;
}
