//! Pages to look things up: a type's benchmark, the state of the data.

use super::flow::width;
use super::portfolio::{GROUPS_PER_PAGE, GroupRow, sort_worst_first};
use super::reporter::Reporter;
use super::visible::clean;
use crate::config::Attribution;
use crate::data::{PartReport, TableReport};
use crate::health::Scope;
use crate::playbook::Playbook;
use serde::Serialize;

/// A type's page.
#[derive(Debug, Clone, Serialize)]
pub struct TypeView {
    /// Playbook id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it is.
    pub summary: Option<String>,
    /// From the root to itself.
    pub chain: String,
    /// Its groups in a sentence.
    pub verdict: String,
    /// Ratio KPIs over all its groups.
    pub benchmarks: Vec<BenchmarkView>,
    /// Its groups, worst first.
    pub rows: Vec<GroupRow>,
    /// Short names of the periods of their trends.
    pub heads: Vec<String>,
    /// Whether it has further groups, which only the portfolio lists.
    pub more: bool,
}

/// A KPI over all groups of a type.
#[derive(Debug, Clone, Serialize)]
pub struct BenchmarkView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Sum of numerators over sum of denominators.
    pub value: String,
    /// Numerator and denominator.
    pub parts: String,
    /// 95 % interval.
    pub interval: String,
    /// Lowest, median and highest group.
    pub spread: [String; 3],
    /// The same on the axis from 0 to the highest, 0..=100.
    pub marks: [String; 3],
    /// Groups with data.
    pub groups: String,
}

/// What was read.
#[derive(Debug, Clone, Serialize)]
pub struct QualityView {
    /// The last instant that counts.
    pub as_of: String,
    /// The days covered.
    pub covered: Option<String>,
    /// The state in a sentence.
    pub verdict: String,
    /// One entry a table.
    pub tables: Vec<QualityTable>,
    /// Rows set aside, as examples.
    pub examples: Vec<QualityExample>,
    /// All rows set aside, if there is a file of them.
    pub quarantine: Option<String>,
    /// How orders found their group.
    pub attribution: Option<String>,
}

/// A table.
#[derive(Debug, Clone, Serialize)]
pub struct QualityTable {
    /// `messages.csv`
    pub name: String,
    /// Whether there is any file.
    pub present: bool,
    /// Columns found.
    pub columns: String,
    /// Columns of the schema that were not found.
    pub absent: String,
    /// Rows read.
    pub rows: String,
    /// Rows that count.
    pub kept: String,
    /// Share that counts, 0..=100, for the bar.
    pub width: String,
    /// Files.
    pub parts: Vec<QualityPart>,
}

/// A file.
#[derive(Debug, Clone, Serialize)]
pub struct QualityPart {
    /// Path as shown to people.
    pub name: String,
    /// Encoding.
    pub encoding: String,
    /// Rows.
    pub rows: String,
    /// Rows that count.
    pub kept: String,
    /// What became of the others, only what happened.
    pub others: Vec<String>,
    /// First to last time.
    pub span: String,
}

/// A row set aside.
#[derive(Debug, Clone, Serialize)]
pub struct QualityExample {
    /// `file:line`
    pub place: String,
    /// Column.
    pub column: String,
    /// The offending text.
    pub text: String,
    /// Code.
    pub code: String,
    /// Why.
    pub reason: String,
}

/// How many set-aside rows a page shows of each file.
const EXAMPLES: usize = 5;

impl Reporter<'_> {
    /// A type's page.
    #[must_use]
    pub fn type_page(&self, playbook: &Playbook) -> TypeView {
        let w = self.wording;
        let mut rows: Vec<GroupRow> = self
            .assessment
            .groups
            .iter()
            .filter(|g| g.playbook.id == playbook.id)
            .filter_map(|g| Some(self.row(g, g.latest()?, "../")))
            .collect();
        sort_worst_first(&mut rows);
        let all = rows.len();
        rows.truncate(GROUPS_PER_PAGE);
        let rollup = self.assessment.rollups.iter().find(|r| r.scope == Scope::Playbook(playbook.id.clone()));
        let score = rollup.and_then(|r| r.score).map_or_else(|| "–".to_owned(), |s| w.fixed(s, 0));
        let benchmarks = playbook
            .kpis
            .iter()
            .filter_map(|kpi| {
                let rolled = rollup?.kpis.get(&kpi.id)?;
                let most = rolled.spread[2];
                let pair = (w.number(rolled.numerator), w.number(rolled.denominator));
                Some(BenchmarkView {
                    id: kpi.id.clone(),
                    name: self.text(&kpi.name),
                    value: w.value(kpi.unit, rolled.value),
                    parts: w.say("parts", &[("n", &pair.0), ("d", &pair.1)]),
                    interval: rolled
                        .interval
                        .map(|(a, b)| {
                            w.say("interval", &[("low", &w.value(kpi.unit, a)), ("high", &w.value(kpi.unit, b))])
                        })
                        .unwrap_or_default(),
                    spread: rolled.spread.map(|v| w.value(kpi.unit, v)),
                    marks: rolled.spread.map(|v| width(v, most)),
                    groups: w.count(rolled.groups as u64),
                })
            })
            .collect();
        TypeView {
            id: playbook.id.clone(),
            name: self.text(&playbook.name),
            summary: self.maybe(playbook.summary.as_ref()),
            chain: playbook.chain.join(" ◂ "),
            verdict: w.plural("type_verdict", &[("n", all as u64)], &[("score", &score)]),
            benchmarks,
            more: all > rows.len(),
            rows,
            heads: self.trend_heads(),
        }
    }

    /// What was read and what was not.
    #[must_use]
    pub fn quality(&self, quarantine: Option<String>, attribution: Attribution) -> QualityView {
        let w = self.wording;
        let a = self.assessment;
        let rows: u64 = a.data.iter().map(|t| t.total(|p| p.rows)).sum();
        let bad: u64 = a.data.iter().map(|t| t.total(|p| p.quarantined)).sum();
        let files: usize = a.data.iter().map(|t| t.parts.len()).sum();
        let verdict = w.plural("quality_verdict", &[("files", files as u64), ("rows", rows), ("bad", bad)], &[]);
        QualityView {
            as_of: self.moment(a.as_of),
            covered: a.days_covered.map(|(first, last)| format!("{} – {}", w.full_day(first), w.full_day(last))),
            verdict,
            tables: a.data.iter().map(|t| self.quality_table(t)).collect(),
            examples: a
                .data
                .iter()
                .flat_map(|t| &t.parts)
                .flat_map(|p| p.examples.iter().take(EXAMPLES))
                .map(|q| QualityExample {
                    place: format!("{}:{}", clean(&q.file), q.line),
                    column: q.column.as_deref().map(clean).unwrap_or_default(),
                    text: if self.names.hides() { w.get("text_withheld") } else { clean(&q.text) },
                    code: q.code.id().to_owned(),
                    reason: w.get(&format!("reason_{}", q.reason.slug().replace('-', "_"))),
                })
                .collect(),
            quarantine,
            attribution: (a.attributed_orders > 0).then(|| {
                let rule = w.get(&format!("attribution_{}", attribution.name()));
                w.plural("attributed", &[("n", a.attributed_orders)], &[("rule", &rule)])
            }),
        }
    }

    fn quality_table(&self, table: &TableReport) -> QualityTable {
        let w = self.wording;
        let comma = w.get("list_comma");
        let (rows, kept) = (table.total(|p| p.rows), table.total(|p| p.kept));
        let columns: Vec<String> = table.columns.iter().map(|c| clean(c)).collect();
        let absent: Vec<&str> = table
            .table
            .columns()
            .iter()
            .filter(|c| table.present && !c.derived && !table.columns.contains(c.name))
            .map(|c| c.name)
            .collect();
        QualityTable {
            name: format!("{}.csv", table.table),
            present: table.present,
            columns: columns.join(&comma),
            absent: absent.join(&comma),
            rows: w.count(rows),
            kept: w.count(kept),
            width: width(kept as f64, rows as f64),
            parts: table.parts.iter().map(|p| self.quality_part(p)).collect(),
        }
    }

    fn quality_part(&self, part: &PartReport) -> QualityPart {
        let w = self.wording;
        let mut others: Vec<String> = [
            ("rows_quarantined", part.quarantined),
            ("rows_replaced", part.replaced),
            ("rows_duplicates", part.duplicates),
            ("rows_filtered", part.filtered),
            ("rows_future", part.future),
            ("rows_orphan_groups", part.orphan_groups),
            ("rows_orphan_members", part.orphan_members),
        ]
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(key, n)| w.say(key, &[("n", &w.count(n))]))
        .collect();
        if !part.orphan_examples.is_empty() {
            // Ids of members may be among them, so they are shown as members are shown everywhere.
            let ids: Vec<String> = part.orphan_examples.iter().take(3).map(|id| self.names.name(id)).collect();
            others.push(w.say("orphan_examples", &[("ids", &ids.join(&w.get("list_comma")))]));
        }
        QualityPart {
            name: clean(&part.shown),
            encoding: part.encoding.to_owned(),
            rows: w.count(part.rows),
            kept: w.count(part.kept),
            others,
            span: match (part.first, part.last) {
                (Some(first), Some(last)) => format!("{} – {}", self.moment(first), self.moment(last)),
                _ => String::new(),
            },
        }
    }
}
