//! Charts as SVG marks. Words stand in the HTML around them; a chart carries a text alternative.

mod bullet;
mod gauge;
mod radar;
mod spark;

pub use bullet::bullet;
pub use gauge::gauge;
pub use radar::radar;
pub use spark::spark;

/// A coordinate with one decimal place, the precision of a hair at these sizes.
fn at(x: f64) -> String {
    let text = crate::report::rounding::fixed(x, 1);
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// A text within an attribute.
fn attribute(text: &str) -> String {
    let mut out = Vec::new();
    match super::escape::html(text, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap_or_default(),
        Err(_) => String::new(),
    }
}
