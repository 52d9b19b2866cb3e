//! Writes the site: pages, Markdown, JSON, lists and calendars, one by one, into a folder of its own.

mod build;
mod chart;
mod engine;
pub mod escape;
mod ics;
mod lists;
mod lock;
mod manifest;
pub mod markdown;
mod outline;
mod output;
mod pages;
mod portfolio;
mod sanitise;
mod script;
mod staging;
mod verify;

#[cfg(test)]
mod portfolio_tests;
#[cfg(test)]
mod tests;

pub use build::{Inputs, SiteSummary, build, write};
pub use engine::{Engine, TemplateFiles};
pub use lock::Patience;
pub use manifest::{MANIFEST, Manifest, ManifestEntry, hex};
pub use output::{MARKER, Output, Target};
pub use staging::{Published, Staging};
pub use verify::{Differences, verify};
