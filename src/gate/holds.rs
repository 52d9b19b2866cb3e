//! What must hold of a judgement, and what does not.

use super::attribute::{Pair, parts, same_rows};
use super::gather::status_word;
use super::result::ResultFile;
use super::show::number;
use crate::calendar::Day;
use crate::config::FailOn;
use crate::diagnostic::{Code, Diagnostic, Findings, Span};
use crate::health::{Assessment, GroupHealth, PeriodHealth, ScoreGap, Status, WaiverState, waivers};
use crate::playbook::{Bands, Kpi, Waived};
use std::collections::BTreeMap;

/// A number that must hold, and who asked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit<T> {
    /// The limit.
    pub value: T,
    /// Where `qunce.toml` sets it; `None`: on the command line.
    pub span: Option<Span>,
}

/// Everything that must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gates {
    /// Least score.
    pub fail_under: Option<Limit<f64>>,
    /// Findings that fail.
    pub fail_on: BTreeMap<FailOn, Option<Span>>,
    /// Most points that may be lost since the baseline.
    pub max_drop: Option<Limit<f64>>,
}

impl Gates {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fail_under.is_none() && self.fail_on.is_empty() && self.max_drop.is_none()
    }
}

/// Holds a judgement against the gates: what fails is an error, what a waiver holds back a note, an expired waiver a
/// warning, whatever is asked for.
///
/// `now` is the judgement as a result, and `baseline` the earlier one with its name. `as_of` is the local day of the
/// as-of moment.
#[must_use]
pub fn check(
    gates: &Gates,
    assessment: &Assessment,
    as_of: Day,
    now: &ResultFile,
    baseline: Option<(&ResultFile, &str)>,
) -> Findings {
    let mut findings = Findings::new();
    for group in &assessment.groups {
        let Some(health) = group.latest() else { continue };
        let waivers = waivers(group, as_of);
        expired(&waivers, &mut findings);
        if let Some(limit) = &gates.fail_under {
            under(group, health, limit, &mut findings);
        }
        if let Some(span) = gates.fail_on.get(&FailOn::Critical) {
            critical(group, health, &waivers, span.as_ref(), &mut findings);
        }
        if let Some(span) = gates.fail_on.get(&FailOn::Alert) {
            alerts(group, health, &waivers, span.as_ref(), &mut findings);
        }
    }
    if let Some((limit, (baseline, shown))) = gates.max_drop.as_ref().zip(baseline) {
        drops(limit, baseline, shown, now, &mut findings);
    }
    findings
}

/// Points at who asked for it, after the places that the finding is about.
fn asked(finding: Diagnostic, span: Option<&Span>, rule: &str) -> Diagnostic {
    match span {
        Some(span) => finding.at(span, format!("`{rule}` asks for this")),
        None => finding.with_note(format!("asked for by `--{}`", rule.replace('_', "-"))),
    }
}

/// An expired waiver is told once, however many groups it was for.
fn expired(waivers: &[WaiverState<'_>], findings: &mut Findings) {
    for state in waivers.iter().filter(|s| s.expired) {
        let waiver = state.waiver;
        let finding = Diagnostic::warning(
            Code::WaiverExpired,
            format!("waiver `{}` expired on {} and holds nothing back any more", waiver.id, waiver.expires.value),
        )
        .at(&waiver.expires.span, "its last day")
        .with_help(format!("take it away, or let `{}` decide anew", waiver.owner));
        if !findings.items().contains(&finding) {
            findings.push(finding);
        }
    }
}

fn named(group: &GroupHealth) -> String {
    format!("group `{}` ({})", group.info.id, group.info.name)
}

fn under(group: &GroupHealth, health: &PeriodHealth, limit: &Limit<f64>, findings: &mut Findings) {
    let least = limit.value;
    let finding = match health.score.value {
        Some(score) if score >= least => return,
        Some(score) => {
            let costly = health.kpis.iter().max_by(|a, b| a.lost.total_cmp(&b.lost)).filter(|k| k.lost > 0.0);
            let finding = Diagnostic::error(
                Code::ScoreBelow,
                format!("{} scores {}, and at least {least} is asked for", named(group), below(score, least)),
            );
            match costly {
                Some(k) => finding.with_note(format!("`{}` costs most: {:.1} points", k.id, k.lost)),
                None => finding,
            }
        }
        None => Diagnostic::warning(
            Code::NoScore,
            format!("{} has no score, so `fail_under` does not hold it to anything", named(group)),
        )
        .with_note(gap(health)),
    };
    findings.push(asked(finding, limit.span.as_ref(), "fail_under"));
}

/// A score below a limit with as many digits as it takes to see that it is.
fn below(score: f64, limit: f64) -> String {
    (1..=12)
        .map(|places| format!("{score:.places$}"))
        .find(|text| text.parse::<f64>().is_ok_and(|shown| shown < limit))
        .unwrap_or_else(|| score.to_string())
}

fn gap(health: &PeriodHealth) -> String {
    match health.score.gap {
        Some(ScoreGap::Members(least)) => {
            format!("{} customers; `min_members` asks for {least}", health.members.unwrap_or(0))
        }
        Some(ScoreGap::Coverage(least)) => format!(
            "{:.0} % of the weight was measured; `min_coverage` asks for {:.0} %",
            health.score.coverage * 100.0,
            least * 100.0
        ),
        None => "nothing of it could be measured".to_owned(),
    }
}

/// The waiver that holds a finding back.
fn holding<'a>(waivers: &[WaiverState<'a>], is: impl Fn(&Waived) -> bool) -> Option<&'a crate::playbook::Waiver> {
    waivers.iter().find(|s| s.holds() && is(&s.waiver.of)).map(|s| s.waiver)
}

/// Pushes a finding, or a note in its place where a waiver holds it back.
fn push(finding: Diagnostic, waiver: Option<&crate::playbook::Waiver>, span: Option<&Span>, findings: &mut Findings) {
    let Some(waiver) = waiver else {
        findings.push(asked(finding, span, "fail_on"));
        return;
    };
    let note = Diagnostic::note(Code::Waived, format!("waived: {}", finding.title))
        .at(&waiver.span, format!("by `{}` until {}, for `{}`", waiver.id, waiver.expires.value, waiver.owner))
        .with_note(format!("reason: {}", waiver.reason.original));
    findings.push(note);
}

fn critical(
    group: &GroupHealth,
    health: &PeriodHealth,
    waivers: &[WaiverState<'_>],
    span: Option<&Span>,
    findings: &mut Findings,
) {
    for result in health.kpis.iter().filter(|k| k.status == Some(Status::Critical)) {
        let (Some(kpi), Ok(reading)) = (group.playbook.kpis.get(result.index), &result.reading) else { continue };
        let (cut, place) = watch_cut(kpi);
        let mut finding = Diagnostic::error(
            Code::CriticalKpi,
            format!(
                "{}: KPI `{}` is {} at {}; its `watch` cut is {cut}",
                named(group),
                kpi.id,
                status_word(Status::Critical),
                number(reading.value)
            ),
        )
        .at(place, "the cut point");
        if let (Some(n), Some(d)) = (reading.numerator, reading.denominator) {
            finding = finding.with_note(format!("{} of {}", n.to_f64(), d.to_f64()));
        }
        if result.uncertain {
            finding = finding.with_note("few observations: the status is uncertain");
        }
        let waiver = holding(waivers, |of| matches!(of, Waived::Kpi(id) if id.value == kpi.id));
        push(finding, waiver, span, findings);
    }
}

/// The `watch` cut in words, and where it is set.
fn watch_cut(kpi: &Kpi) -> (String, &Span) {
    match &kpi.bands {
        Some(Bands::Line([_, watch, ..])) => (watch.value.to_string(), &watch.span),
        Some(Bands::Range { watch, .. }) => (format!("{} to {}", watch.value[0], watch.value[1]), &watch.span),
        None => ("none".to_owned(), &kpi.span),
    }
}

fn alerts(
    group: &GroupHealth,
    health: &PeriodHealth,
    waivers: &[WaiverState<'_>],
    span: Option<&Span>,
    findings: &mut Findings,
) {
    for firing in &health.alerts {
        let Some(alert) = group.playbook.alerts.iter().find(|a| a.id == firing.id) else { continue };
        let whom = match firing.members.len() {
            0 => "for the group".to_owned(),
            1 => "for 1 member".to_owned(),
            n => format!("for {n} members"),
        };
        let finding =
            Diagnostic::error(Code::AlertFires, format!("{}: alert `{}` fires {whom}", named(group), alert.id))
                .at(&alert.span, "the alert");
        let waiver = holding(waivers, |of| matches!(of, Waived::Alert(id) if id.value == alert.id));
        push(finding, waiver, span, findings);
    }
}

fn drops(limit: &Limit<f64>, baseline: &ResultFile, shown: &str, now: &ResultFile, findings: &mut Findings) {
    let same_version = baseline.tool.version == now.tool.version;
    let differs = |title: String| Diagnostic::warning(Code::BaselineDiffers, title).at_file(shown, "the baseline");
    if length(&baseline.period.id) != length(&now.period.id) {
        findings.push(differs(format!(
            "the baseline tells of {} and this run of {}, which are not of one length",
            baseline.period.id, now.period.id
        )));
    }
    for (id, before) in &baseline.groups {
        let Some(group) = now.groups.get(id) else {
            findings.push(differs(format!("group `{id}` of the baseline is not in the drop")));
            continue;
        };
        let Some(score) = before.score.value else { continue };
        let named = format!("group `{id}` ({})", group.name);
        let finding = match group.score.value {
            None => Diagnostic::error(Code::NoScore, format!("{named} had {score:.1} points and has no score now")),
            // Rounding is no loss.
            Some(value) if score - value <= limit.value + 1e-9 => continue,
            Some(value) => {
                let finding = Diagnostic::error(
                    Code::ScoreDropped,
                    format!(
                        "{named} lost {:.1} points, {score:.1} → {value:.1}; at most {} may be lost",
                        score - value,
                        limit.value
                    ),
                );
                let rules = baseline.rules.get(&before.rules).zip(now.rules.get(&group.rules));
                let parts = rules.and_then(|(old, new)| {
                    let pair = Pair { before: (before, old), after: (group, new) };
                    parts(pair, same_rows(baseline, now), same_version)
                });
                match parts {
                    Some(parts) => {
                        let named = parts.named().map(|(name, part)| format!("{name} {part:+.1}"));
                        finding.with_note(format!("of this {}", named.join(", ")))
                    }
                    None => finding,
                }
            }
        };
        findings.push(asked(finding.at_file(shown, "the baseline"), limit.span.as_ref(), "max_drop"));
    }
    for id in now.groups.keys().filter(|id| !baseline.groups.contains_key(*id)) {
        findings.push(
            Diagnostic::note(Code::BaselineDiffers, format!("group `{id}` is not in the baseline"))
                .at_file(shown, "")
                .with_help("`qunce baseline` writes it anew"),
        );
    }
}

/// The length of a period, by the form of its id.
fn length(id: &str) -> &'static str {
    if id.contains('W') { "week" } else { "month" }
}
