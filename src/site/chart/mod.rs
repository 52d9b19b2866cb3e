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

use crate::report::rounding::with_fixed;

/// A coordinate with one decimal place, the precision of a hair at these sizes.
fn at(x: f64) -> String {
    let mut text = String::with_capacity(8);
    push_at(&mut text, x);
    text
}

/// Adds a coordinate to a text.
fn push_at(out: &mut String, x: f64) {
    with_fixed(x, 1, |text| {
        out.push_str(match text.strip_suffix(".0") {
            Some("-0") => "0",
            Some(whole) => whole,
            None => text,
        });
    });
}

/// Adds a text with coordinates between its pieces; there is one piece more than coordinates.
fn push_marks<const N: usize>(out: &mut String, first: &str, marks: [(f64, &str); N]) {
    out.push_str(first);
    for (x, after) in marks {
        push_at(out, x);
        out.push_str(after);
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
    for (from, text, to) in [("<title>", title, "</title>"), ("<desc>", description, "</desc>")] {
        if !text.is_empty() {
            [from, &escaped(text), to].iter().for_each(|piece| out.push_str(piece));
        }
    }
    out
}

/// The first tags of a mark whose numbers stand beside it in words.
fn mark(class: &str, (width, height): (u32, u32)) -> String {
    format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
    )
}
