//! The wording of `qunce explain`.

use crate::health::{GroupHealth, HealthScore, KpiResult, PeriodHealth, Reading, ScoreGap, Status};
use crate::measure::{Missing, Number};
use crate::playbook::{
    Aggregate, Bands, DistinctKey, Formula, Kpi, KpiForm, Measure, Origin, Playbook, Reference, Unit,
};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The whole group, KPIs by points lost.
pub(super) fn group(group: &GroupHealth, period: &PeriodHealth, language: &str) -> String {
    let playbook = &group.playbook;
    let mut out = heading(group, period, language);
    let _ = writeln!(out, "score    {}", score(&period.score, playbook));
    let _ = writeln!(
        out,
        "coverage {:.1} % of the weight was measured; bounds {:.1} … {:.1} if the rest were all bad or all good\n",
        period.score.coverage * 100.0,
        period.score.low,
        period.score.high
    );
    let mut kpis: Vec<&KpiResult> = period.kpis.iter().collect();
    kpis.sort_by(|a, b| b.lost.total_cmp(&a.lost).then(a.index.cmp(&b.index)));
    let _ = writeln!(
        out,
        "{:<28} {:>12} {:<20} {:>7} {:>6} {:>6}  status",
        "kpi", "value", "from", "weight", "lost", "lift"
    );
    for result in kpis {
        let Some(kpi) = playbook.kpis.get(result.index) else { continue };
        match &result.reading {
            Ok(reading) => {
                let _ = writeln!(
                    out,
                    "{:<28} {:>12} {:<20} {:>7} {:>6.1} {:>6.1}  {}{}",
                    result.id,
                    value(kpi.unit, reading.value),
                    parts(reading),
                    result.weight,
                    result.lost,
                    result.lift,
                    result
                        .status
                        .map_or(if result.too_few.is_some() { "too few to score" } else { "not scored" }, status),
                    if result.uncertain { ", uncertain" } else { "" },
                );
            }
            Err(missing) => {
                let _ = writeln!(out, "{:<28} {:>12} {}", result.id, "no data", reason(missing));
            }
        }
    }
    let _ = writeln!(out, "\nqunce explain {} <kpi> shows one of them down to its rows", group.info.id);
    out
}

/// One KPI, from the score to the rows and the playbook's lines.
pub(super) fn kpi(group: &GroupHealth, period: &PeriodHealth, result: &KpiResult, language: &str) -> String {
    let playbook = &group.playbook;
    let Some(kpi) = playbook.kpis.get(result.index) else { return String::new() };
    let mut out = heading(group, period, language);
    let _ = writeln!(out, "{} · {}  ({})", result.id, kpi.name.get(language), kpi.span);
    if let Some(definition) = &kpi.definition {
        let _ = writeln!(out, "  {}", definition.get(language));
    }
    let _ = writeln!(out);
    value_lines(&mut out, kpi, result);
    judgement_lines(&mut out, kpi, result);
    let _ = writeln!(out, "\nmeasures");
    let mut told = BTreeSet::new();
    for formula in formulas(kpi) {
        measures(&mut out, playbook, formula, result, &mut told, 1);
    }
    let improving: Vec<String> = playbook
        .tactics_at_hand()
        .filter(|t| t.improves.iter().any(|i| i.value == result.id))
        .map(|t| format!("  {} · {}  ({})", t.id, t.title.get(language), t.span))
        .collect();
    if !improving.is_empty() {
        let _ = writeln!(out, "\ntactics that improve it\n{}", improving.join("\n"));
    }
    out
}

fn heading(group: &GroupHealth, period: &PeriodHealth, language: &str) -> String {
    let playbook = &group.playbook;
    let stage = playbook.current_stage().map_or("none", |s| s.name.get(language));
    let told = if group.info.stage_given { "given" } else { "inferred" };
    format!(
        "{} · {}\n{} · {stage} ({told}) · {} ({} … {})\nplaybook {}\n\n",
        group.info.id,
        printable(&group.info.name),
        playbook.name.get(language),
        period.period,
        period.period.first,
        period.period.last(),
        playbook.chain.join(" ◄ "),
    )
}

fn score(score: &HealthScore, playbook: &Playbook) -> String {
    match (score.value, score.gap) {
        (Some(value), _) => {
            let grade = score.grade.and_then(|g| playbook.scoring.grades.get(g)).map_or("", |g| g.0.as_str());
            let change = score.change.map(|c| format!(" ({c:+.1} since the period before)")).unwrap_or_default();
            format!("{value:.1} {grade}{change}")
        }
        (None, Some(ScoreGap::Members(least))) => {
            format!("none: fewer than {least} members ({})", playbook.scoring.min_members.span)
        }
        (None, _) => format!(
            "none: less than {:.0} % of the weight was measured ({})",
            playbook.scoring.min_coverage.value * 100.0,
            playbook.scoring.min_coverage.span
        ),
    }
}

fn value_lines(out: &mut String, kpi: &Kpi, result: &KpiResult) {
    let written: Vec<&str> = formulas(kpi).into_iter().map(|f| f.text.as_str()).collect();
    let written = match kpi.form {
        KpiForm::Ratio(..) => written.join(" ÷ "),
        KpiForm::Mean(_) => format!("mean of {}", written.join("")),
        KpiForm::Value(_) => written.join(""),
    };
    match &result.reading {
        Ok(reading) => {
            let filled = match (reading.numerator, reading.denominator) {
                (Some(n), Some(d)) => format!(" = {} ÷ {}", number(n), number(d)),
                (None, Some(n)) => format!(" of {} observations", number(n)),
                _ => String::new(),
            };
            let _ = writeln!(out, "value    {written}{filled} = {}", value(kpi.unit, reading.value));
            if let Some((low, high)) = reading.interval {
                let _ = writeln!(out, "interval {} … {} (95 %)", value(kpi.unit, low), value(kpi.unit, high));
            }
            if reading.approximate {
                let _ = writeln!(out, "         approximate: daily totals stand in for rows");
            }
            if let Some(change) = result.change {
                let clear = match change.significant {
                    Some(false) => ", no clear change",
                    Some(true) => ", more than chance",
                    None => "",
                };
                let _ = writeln!(out, "before   {}{clear}", value(kpi.unit, change.previous));
            }
        }
        Err(missing) => {
            let _ = writeln!(out, "value    {written}: no data, because {}", reason(missing));
        }
    }
}

fn judgement_lines(out: &mut String, kpi: &Kpi, result: &KpiResult) {
    match &kpi.bands {
        None => {
            let _ = writeln!(out, "bands    none: shown and not scored");
        }
        Some(Bands::Line(cuts)) => {
            for (name, cut) in ["floor", "watch", "healthy", "excellent"].iter().zip(cuts) {
                let _ = writeln!(out, "{:<8} {name:<10} {:>10}  {}", "bands", value(kpi.unit, cut.value), cut.span);
            }
        }
        Some(Bands::Range { floor, watch, healthy }) => {
            for (name, cut) in [("floor", floor), ("watch", watch), ("healthy", healthy)] {
                let [low, high] = cut.value.map(|v| value(kpi.unit, v));
                let _ = writeln!(out, "{:<8} {name:<10} {low} … {high}  {}", "bands", cut.span);
            }
        }
    }
    let origin = match kpi.provenance.origin {
        Origin::Article => "the method prescribes it",
        Origin::Case => "a case",
        Origin::Default => "this tool's proposal",
        Origin::Own => "your own",
    };
    let source = match kpi.provenance.source.as_slice() {
        [] => String::new(),
        source => format!("; source {}", source.join(", ")),
    };
    let _ = writeln!(out, "origin   {origin}{source}");
    if let Some(least) = result.too_few {
        let _ = writeln!(out, "status   not scored: fewer than {least} observations");
    }
    if let Some(status_now) = result.status {
        let unsure = match (result.uncertain, result.more_needed) {
            (true, Some(n)) => format!("; uncertain, about {n} more observations would settle it"),
            (true, None) => "; uncertain".to_owned(),
            (false, _) => String::new(),
        };
        let _ = writeln!(out, "status   {}{unsure}", status(status_now));
        let _ = writeln!(
            out,
            "score    {:.1} of 100, weight {} ({}); gives {:.1} and costs {:.1} points of the health score; {:.1} to gain at `healthy`",
            result.score.unwrap_or(0.0),
            kpi.weight.value,
            kpi.weight.span,
            result.points,
            result.lost,
            result.lift
        );
    }
}

fn measures(
    out: &mut String,
    playbook: &Playbook,
    formula: &Formula,
    result: &KpiResult,
    told: &mut BTreeSet<String>,
    depth: usize,
) {
    for reference in &formula.refs {
        let Reference::Measure { id, window, grain } = reference else { continue };
        let Some(measure) = playbook.measures.get(id) else { continue };
        let indent = "  ".repeat(depth);
        let _ = writeln!(out, "{indent}{id} over {window}, by {}  ({})", grain.name(), measure.span);
        if !told.insert(id.clone()) {
            continue;
        }
        let _ = writeln!(out, "{indent}  {}", aggregate(measure));
        if let Some(filter) = &measure.filter {
            let _ = writeln!(out, "{indent}  where {}", one_line(&filter.text));
        }
        if let Some(rows) = result.rows.get(id) {
            let _ = writeln!(out, "{indent}  {rows} rows matched in the period");
        }
        for inner in inner_formulas(measure) {
            measures(out, playbook, inner, result, told, depth + 1);
        }
    }
}

fn aggregate(measure: &Measure) -> String {
    let table = measure.table.map_or("other measures", crate::schema::Table::name);
    match &measure.aggregate {
        Aggregate::Count => format!("rows of {table}"),
        Aggregate::CountDistinct(keys) => {
            let keys: Vec<&str> = keys
                .iter()
                .map(|k| match k {
                    DistinctKey::Member => "member_id",
                    DistinctKey::Day => "day",
                    DistinctKey::Formula(f) => f.text.as_str(),
                })
                .collect();
            format!("distinct {} of {table}", keys.join(", "))
        }
        Aggregate::Sum(f) => format!("sum of {} over {table}", one_line(&f.text)),
        Aggregate::Avg(f) => format!("mean of {} over {table}", one_line(&f.text)),
        Aggregate::Min(f) => format!("smallest {} of {table}", one_line(&f.text)),
        Aggregate::Max(f) => format!("largest {} of {table}", one_line(&f.text)),
        Aggregate::Median(f) => format!("median of {} over {table}", one_line(&f.text)),
        Aggregate::Streak => format!("longest run of days in {table}"),
        Aggregate::Combine { parts, .. } => {
            let ids: Vec<&str> = parts.iter().map(|p| p.value.as_str()).collect();
            format!("taken together: {}", ids.join(", "))
        }
    }
}

fn inner_formulas(measure: &Measure) -> Vec<&Formula> {
    let argument = match &measure.aggregate {
        Aggregate::Sum(f) | Aggregate::Avg(f) | Aggregate::Min(f) | Aggregate::Max(f) | Aggregate::Median(f) => Some(f),
        _ => None,
    };
    measure.filter.iter().chain(argument).collect()
}

fn formulas(kpi: &Kpi) -> Vec<&Formula> {
    match &kpi.form {
        KpiForm::Ratio(a, b) => vec![a, b],
        KpiForm::Value(f) | KpiForm::Mean(f) => vec![f],
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn value(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Percent => format!("{:.1} %", value * 100.0),
        Unit::Count => format!("{value:.0}"),
        Unit::Points => format!("{value:.1}"),
        Unit::Money | Unit::Number => format!("{value:.2}"),
        Unit::Days => format!("{value:.1} d"),
        Unit::Hours => format!("{value:.1} h"),
    }
}

fn number(number: Number) -> String {
    match number {
        Number::Int(i) => i.to_string(),
        Number::Decimal(d) => d.normalize().to_string(),
        Number::Float(f) => format!("{f:.2}"),
        Number::Time(t) => t.0.to_string(),
    }
}

fn parts(reading: &Reading) -> String {
    match (reading.numerator, reading.denominator) {
        (Some(n), Some(d)) => format!("{} / {}", number(n), number(d)),
        (None, Some(n)) => format!("n = {}", number(n)),
        _ => String::new(),
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Critical => "critical",
        Status::Watch => "watch",
        Status::Healthy => "healthy",
        Status::Excellent => "excellent",
    }
}

fn reason(missing: &Missing) -> String {
    match missing {
        Missing::TableAbsent(table) => format!("the drop has no {table}.csv"),
        Missing::ColumnAbsent(table, column) => format!("no file of {table} has the column `{column}`"),
        Missing::NoRows(table) => format!("{table} has no row of this group"),
        Missing::NeverSeen { table, measure } => format!("no row of this group in {table} ever matched `{measure}`"),
        Missing::ZeroDenominator => "the denominator is zero".to_owned(),
        Missing::Overflow(measure) => format!("the sum `{measure}` is too large to hold"),
        Missing::Empty => "there is nothing to take the mean, smallest or largest of".to_owned(),
        Missing::NotYetCreated => "the group did not exist yet".to_owned(),
    }
}

/// Data never steers the terminal.
fn printable(text: &str) -> String {
    crate::diagnostic::visible(text)
}
