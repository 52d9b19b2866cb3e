//! `[[waiver]]`: what fails no gate until a day.

use super::fields::Fields;
use super::model::{Sourced, Waived, Waiver};
use crate::calendar::Day;
use crate::diagnostic::{Code, Diagnostic};

pub(super) fn waiver(f: &Fields<'_>) -> Option<Waiver> {
    let kpi = f.get("kpi").map(|_| f.reference("kpi", "kpi"));
    let alert = f.get("alert").map(|_| f.reference("alert", "alert"));
    let expires = expires(f);
    let owner = filled(f, "owner");
    let of = match (kpi, alert) {
        (Some(kpi), None) => kpi.map(Waived::Kpi),
        (None, Some(alert)) => alert.map(Waived::Alert),
        (none_or_both, _) => {
            let title = if none_or_both.is_some() {
                format!("waiver `{}` names a KPI and an alert", f.id)
            } else {
                format!("waiver `{}` names neither a KPI nor an alert", f.id)
            };
            f.context.report(
                Diagnostic::error(Code::InvalidValue, title)
                    .at(&f.span(), "expected `kpi` or `alert`")
                    .with_help("write a waiver for each"),
            );
            None
        }
    };
    Some(Waiver {
        id: f.id.to_owned(),
        of: of?,
        groups: f.strings("groups"),
        reason: f.text("reason")?,
        owner: owner?,
        expires: expires?,
        span: f.span(),
    })
}

/// A text that says something.
fn filled(f: &Fields<'_>, key: &str) -> Option<String> {
    let node = f.get(key)?;
    let text = super::tree::text(node)?;
    if text.trim().is_empty() {
        f.report_value(node, format!("`{key}` is empty"), "some text");
        return None;
    }
    Some(text.to_owned())
}

fn expires(f: &Fields<'_>) -> Option<Sourced<Day>> {
    let node = f.get("expires")?;
    let text = super::tree::text(node)?;
    match text.parse::<chrono::NaiveDate>() {
        Ok(date) => Some(Sourced { value: Day::from_date(date), span: node.span.clone() }),
        Err(_) => {
            f.report_value(node, format!("`{text}` is not a day"), "a day such as `2025-06-30`");
            None
        }
    }
}
