//! A comparison for people, for merge requests and for programs.

use super::attribute::Parts;
use super::compare::{Diff, GroupDiff, KpiDiff, RuleDiff};
use crate::diagnostic::{markdown_text, visible};
use serde_json::{Value, json as object};

/// How many KPIs of a group are named.
const KPIS: usize = 5;
/// How many rules are named.
const RULES: usize = 40;
/// Bytes of a comment; GitHub takes 65,536 characters.
const LONGEST: usize = 60_000;

/// For programs: `schema_version`, then the [`Diff`] as it is.
#[must_use]
pub fn json(diff: &Diff) -> Value {
    let mut value = object!({"schema_version": super::RESULT_SCHEMA_VERSION, "empty": diff.is_empty()});
    if let (Some(out), Value::Object(inner)) = (value.as_object_mut(), serde_json::to_value(diff).unwrap_or_default()) {
        out.extend(inner);
    }
    value
}

/// For people, one line a fact.
#[must_use]
pub fn human(diff: &Diff) -> String {
    let mut out = format!("{}\n", heading(diff, visible));
    for (id, group) in &diff.groups {
        out.push_str(&format!("\ngroup {}  {}  {}\n", visible(id), visible(&group.name), scores(group)));
        if let Some(parts) = &group.parts {
            for (name, shown) in shown(parts) {
                out.push_str(&format!("  {name:<9} {shown:>7}\n"));
            }
        }
        out.extend(facts(group).into_iter().map(|fact| format!("  {}\n", visible(&fact))));
    }
    let lists = [("new", &diff.added), ("gone", &diff.removed)];
    for (what, list) in lists {
        for (id, score) in list {
            out.push_str(&format!("\ngroup {}  {what}  {}\n", visible(id), points(*score)));
        }
    }
    if !diff.rules.is_empty() {
        out.push_str("\nrules\n");
        out.extend(rules(diff).into_iter().map(|rule| format!("  {}\n", visible(&rule))));
    }
    out.extend(diff.notes.iter().map(|note| format!("\nnote: {note}\n")));
    out.push_str(&format!("\n{}\n", summary(diff)));
    out
}

/// For a comment on a merge request: a table of the groups, then what lies behind each. Groups that lost most come
/// first; what code hosts would refuse as too long is counted.
#[must_use]
pub fn markdown(diff: &Diff) -> String {
    let text = markdown_text;
    let mut out = format!("### {}\n\n{}\n", heading(diff, text), summary(diff));
    let mut groups: Vec<(&String, &GroupDiff)> = diff.groups.iter().collect();
    let lost = |group: &GroupDiff| match (group.change, group.after.value) {
        (Some(change), _) => change,
        (None, None) => f64::NEG_INFINITY,
        (None, Some(_)) => f64::INFINITY,
    };
    groups.sort_by(|(_, a), (_, b)| lost(a).total_cmp(&lost(b)));
    if !groups.is_empty() {
        out.push_str("\n| group | before | after | change | data | playbook | coverage | version |\n");
        out.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        fit(&mut out, LONGEST / 2, "groups", groups.iter().map(|(id, group)| row(id, group)));
        let told = groups.iter().filter_map(|(id, group)| {
            let facts: String = facts(group).iter().map(|fact| format!("- {}\n", text(fact))).collect();
            (!facts.is_empty()).then(|| format!("\n**{}** {}\n\n{facts}", text(id), text(&group.name)))
        });
        fit(&mut out, LONGEST / 4 * 3, "groups in detail", told);
    }
    for (what, list) in [("new", &diff.added), ("gone", &diff.removed)] {
        if !list.is_empty() {
            out.push_str(&format!("\n{what}:\n\n"));
            let names = list.iter().map(|(id, score)| format!("- {} ({})\n", text(id), points(*score)));
            fit(&mut out, LONGEST / 8 * 7, "groups", names);
        }
    }
    if !diff.rules.is_empty() {
        out.push_str("\n**rules**\n\n");
        fit(&mut out, LONGEST, "rules", rules(diff).iter().map(|rule| format!("- {}\n", text(rule))));
    }
    out.extend(diff.notes.iter().map(|note| format!("\n{}\n", text(note))));
    out
}

/// Appends pieces until the text has so many bytes, and says how many were left out.
fn fit(out: &mut String, most: usize, what: &str, pieces: impl Iterator<Item = String>) {
    let mut cut = 0;
    for piece in pieces {
        if cut == 0 && out.len() + piece.len() <= most {
            out.push_str(&piece);
        } else {
            cut += 1;
        }
    }
    if cut > 0 {
        out.push_str(&format!("\n… and {cut} more {what}; `--format json` tells all\n"));
    }
}

/// A group in the table.
fn row(id: &str, group: &GroupDiff) -> String {
    let parts: String = match &group.parts {
        Some(parts) => shown(parts).into_iter().map(|(_, part)| format!(" {part} |")).collect(),
        None => format!(" {} | | | |", group.gap.map(|g| format!("by {g}")).unwrap_or_default()),
    };
    format!(
        "| {} {} | {} | {} | {} |{parts}\n",
        markdown_text(id),
        markdown_text(&group.name),
        points(group.before.value),
        points(group.after.value),
        group.change.map(signed).unwrap_or_default(),
    )
}

fn heading(diff: &Diff, text: impl Fn(&str) -> String) -> String {
    let (a, b) = (&diff.before, &diff.after);
    let versions = if a.version == b.version {
        format!("qunce {}", a.version)
    } else {
        format!("qunce {} → {}", a.version, b.version)
    };
    let periods =
        if a.period == b.period { b.period.id.clone() } else { format!("{} → {}", a.period.id, b.period.id) };
    format!("{} · {}", text(&periods), text(&versions))
}

fn summary(diff: &Diff) -> String {
    if diff.is_empty() {
        return format!("nothing changed in {} group{}", diff.unchanged, if diff.unchanged == 1 { "" } else { "s" });
    }
    format!(
        "{} changed, {} unchanged, {} new, {} gone",
        diff.groups.len(),
        diff.unchanged,
        diff.added.len(),
        diff.removed.len()
    )
}

fn scores(group: &GroupDiff) -> String {
    let change = match (group.change, group.gap) {
        (Some(change), _) => signed(change),
        (None, Some(cause)) if group.after.value.is_none() => format!("no score any more, by {cause}"),
        (None, Some(cause)) => format!("a score now, by {cause}"),
        (None, None) => String::new(),
    };
    format!("{} → {}  {change}", points(group.before.value), points(group.after.value)).trim_end().to_owned()
}

/// What lies behind the change of a group: stage, coverage, KPIs.
fn facts(group: &GroupDiff) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some([before, after]) = &group.stage {
        let name = |s: &Option<String>| s.clone().unwrap_or_else(|| "none".to_owned());
        facts.push(format!("stage {} → {}", name(before), name(after)));
    }
    if (group.before.coverage - group.after.coverage).abs() > 1e-9 {
        facts.push(format!(
            "measured {:.0} % → {:.0} % of the weight",
            group.before.coverage * 100.0,
            group.after.coverage * 100.0
        ));
    }
    facts.extend(group.kpis.iter().take(KPIS).map(kpi));
    if group.kpis.len() > KPIS {
        facts.push(format!("… and {} more KPIs", group.kpis.len() - KPIS));
    }
    facts
}

fn kpi(kpi: &KpiDiff) -> String {
    let value = |v: Option<f64>| v.map_or_else(|| "no data".to_owned(), number);
    let mut text = format!("{} {} → {}", kpi.id, value(kpi.before), value(kpi.after));
    if let Some([before, after]) = &kpi.status {
        let word = |s: &Option<String>| s.clone().unwrap_or_else(|| "not judged".to_owned());
        text.push_str(&format!(", {} → {}", word(before), word(after)));
    }
    if kpi.points.abs() >= 0.05 {
        text.push_str(&format!(", {} points", signed(kpi.points)));
    }
    if kpi.redefined {
        text.push_str(", defined anew");
    }
    text
}

fn rules(diff: &Diff) -> Vec<String> {
    let mut lines: Vec<String> = diff.rules.iter().take(RULES).map(rule).collect();
    if diff.rules.len() > RULES {
        lines.push(format!("… and {} more", diff.rules.len() - RULES));
    }
    lines
}

fn rule(rule: &RuleDiff) -> String {
    let stage = rule.stage.as_ref().map(|s| format!(" in stage {s}")).unwrap_or_default();
    let value = |v: &Value| match v {
        Value::Null => "none".to_owned(),
        Value::Object(_) => "set".to_owned(),
        other => other.to_string(),
    };
    format!("{}{stage}: {} {} → {}", rule.rules, rule.path, value(&rule.before), value(&rule.after))
}

fn points(score: Option<f64>) -> String {
    score.map_or_else(|| "–".to_owned(), |s| format!("{s:.1}"))
}

fn signed(value: f64) -> String {
    tenths(round(value))
}

/// Tenths of a point, the half away from zero.
fn round(value: f64) -> i64 {
    // Scores lie within 0..=100.
    #[allow(clippy::cast_possible_truncation)]
    let tenths = (value * 10.0).round() as i64;
    tenths
}

fn tenths(n: i64) -> String {
    let sign = match n {
        0 => "±",
        n if n > 0 => "+",
        _ => "−",
    };
    format!("{sign}{}.{}", n.abs() / 10, n.abs() % 10)
}

/// Parts in tenths that add up to the change in tenths: what rounding leaves goes to the parts that it moved most.
fn shown(parts: &Parts) -> [(&'static str, String); 4] {
    let named = parts.named();
    let mut rounded = named.map(|(_, part)| round(part));
    let mut left = round(parts.sum()) - rounded.iter().sum::<i64>();
    while left != 0 {
        let step = left.signum();
        let lack =
            |i: usize| named.get(i).zip(rounded.get(i)).map_or(0.0, |((_, p), r)| (p * 10.0 - *r as f64) * step as f64);
        // A factor without any part keeps none.
        let Some(most) = (0..rounded.len())
            .filter(|i| named.get(*i).is_some_and(|n| n.1 != 0.0))
            .max_by(|a, b| lack(*a).total_cmp(&lack(*b)))
        else {
            break;
        };
        if let Some(part) = rounded.get_mut(most) {
            *part += step;
        }
        left -= step;
    }
    let mut texts = rounded.iter().map(|n| tenths(*n));
    named.map(|(name, _)| (name, texts.next().unwrap_or_default()))
}

/// A value with as many digits as it needs, four significant ones behind the point at most.
pub(super) fn number(value: f64) -> String {
    let text = if value.abs() >= 1000.0 { format!("{value:.0}") } else { format!("{value:.4}") };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_did_nothing_shows_nothing() {
        let parts = Parts { data: 0.0, playbook: -7.25, coverage: 0.0, version: 0.0 };
        assert_eq!(shown(&parts).map(|p| p.1), ["±0.0", "−7.3", "±0.0", "±0.0"]);
    }

    proptest! {
        #[test]
        fn shown_parts_add_up_to_the_shown_change(parts in prop::array::uniform4(-30.0_f64..30.0)) {
            let [data, playbook, coverage, version] = parts;
            let parts = Parts { data, playbook, coverage, version };
            let value = |text: &str| -> i64 {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let n: i64 = digits.parse().unwrap_or(0);
                if text.starts_with('−') { -n } else { n }
            };
            let sum: i64 = shown(&parts).iter().map(|(_, text)| value(text)).sum();
            prop_assert_eq!(sum, value(&signed(parts.sum())));
        }
    }
}
