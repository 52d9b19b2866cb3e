//! The list of all groups for the script that filters and sorts them: small, and without markup.
//!
//! Words that many groups share stand once in `words` and are named by their place there; 0 is no word.

use super::portfolio::{GroupRow, PortfolioView};
use super::reporter::Reporter;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Texts by their place, each held once.
struct Words {
    list: Vec<String>,
    places: HashMap<String, usize>,
}

impl Words {
    fn place(&mut self, text: &str) -> usize {
        if text.is_empty() {
            return 0;
        }
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        self.list.push(text.to_owned());
        self.places.insert(text.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }
}

impl Reporter<'_> {
    /// Every group of the portfolio as a row of values, in the portfolio's order. `columns` names the values.
    #[must_use]
    pub fn portfolio_data(&self, view: &PortfolioView) -> Value {
        let w = self.wording;
        let mut words = Words { list: vec![String::new()], places: HashMap::new() };
        let groups: Vec<Value> = view.rows.iter().map(|row| group(row, &mut words)).collect();
        json!({
            "columns": [
                "slug", "name", "type", "typeId", "stage", "stageId", "owner", "brand", "members", "score", "grade", "class",
                "classText", "gain", "change", "coverage", "previous", "trend", "troubledFor", "since", "first",
                "who", "due", "urgent",
            ],
            "words": words.list,
            "groups": groups,
            "noPrevious": w.get("no_previous"),
            "unchanged": w.get("unchanged"),
        })
    }
}

fn group(row: &GroupRow, words: &mut Words) -> Value {
    let tenth = |v: f64| (v * 10.0).round() / 10.0;
    let first = row.first.as_ref();
    let mut word = |text: &str| words.place(text);
    json!([
        row.slug,
        row.name,
        word(&row.playbook_name),
        word(&row.playbook),
        word(&row.stage),
        word(&row.stage_id),
        word(row.owner.as_deref().unwrap_or_default()),
        word(row.brand.as_deref().unwrap_or_default()),
        row.member_count,
        row.score.value.map(|_| word(&row.score.text)),
        word(&row.score.grade),
        word(&row.score.class),
        word(&row.score.class_text),
        tenth(row.gain),
        row.score_change.map(tenth),
        word(&row.score.coverage),
        word(&row.mark),
        row.trend.values.iter().map(|v| v.map(|v| v.round() as i64)).collect::<Vec<_>>(),
        row.troubled_for,
        word(row.since.as_deref().unwrap_or_default()),
        word(first.map(|f| f.title.as_str()).unwrap_or_default()),
        word(first.map(|f| f.who.as_str()).unwrap_or_default()),
        word(first.map(|f| f.due.as_str()).unwrap_or_default()),
        word(row.urgent.as_deref().unwrap_or_default()),
    ])
}
