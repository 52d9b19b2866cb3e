//! Writes the site: pages, Markdown, JSON, lists and calendars, one by one, into a folder of its own.

mod build;
mod chart;
mod engine;
pub mod escape;
mod ics;
mod lists;
pub mod markdown;
mod output;
mod pages;
mod sanitise;

#[cfg(test)]
mod tests;

pub use build::{Inputs, SiteSummary, build};
pub use engine::{Engine, TemplateFiles};
pub use output::{MANIFEST, MARKER, Manifest, ManifestEntry};
