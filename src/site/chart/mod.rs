//! Charts as SVG marks. Words stand in the HTML around them; a chart that says something of its own
//! is an image with a name and a description, and its numbers stand in the page as well.
//!
//! Colours are classes, which the stylesheet fills by its variables; nothing is drawn by colour alone.

mod bar;
mod bullet;
mod filters;
mod funnel;
mod gauge;
mod heat;
mod radar;
mod slope;
mod spark;
mod stack;

pub use filters::register;

/// A coordinate with one decimal place, the precision of a hair at these sizes.
fn at(x: f64) -> String {
    let text = crate::report::rounding::fixed(x, 1);
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A text within an element or attribute.
fn escaped(text: &str) -> String {
    let mut out = Vec::new();
    match super::escape::html(text, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// How a chart fills its place.
#[derive(Clone, Copy, PartialEq)]
enum Fit {
    /// Its proportions are kept.
    Whole,
    /// It is stretched, for marks that have no round parts.
    Stretched,
}

/// The first tags of a chart that is an image: its box, its name and its description.
fn image(class: &str, (width, height): (u32, u32), fit: Fit, title: &str, description: &str) -> String {
    let mut out = format!("<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\"");
    if fit == Fit::Stretched {
        out.push_str(" preserveAspectRatio=\"none\"");
    }
    out.push_str(" role=\"img\">");
    if !title.is_empty() {
        out.push_str(&format!("<title>{}</title>", escaped(title)));
    }
    if !description.is_empty() {
        out.push_str(&format!("<desc>{}</desc>", escaped(description)));
    }
    out
}

/// The first tags of a mark whose numbers stand beside it in words.
fn mark(class: &str, (width, height): (u32, u32)) -> String {
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
    )
}
