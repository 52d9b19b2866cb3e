//! For every code an example that goes wrong and its remedy. The examples are run by a test.

mod data;
mod playbooks;
mod workspace;

use super::Code;

/// A file of an example: its path in the workspace and its text.
pub type ExampleFile = (&'static str, &'static str);

/// What goes wrong, and how it is mended.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it explains.
    pub code: Code,
    /// The command that tells it.
    pub command: &'static str,
    /// Files that go wrong. A path that ends in `/`, or text in angle brackets, describes what no text file shows.
    pub wrong: &'static [ExampleFile],
    /// The same files, mended.
    pub right: &'static [ExampleFile],
}

impl Example {
    /// The example of a code.
    #[must_use]
    pub fn of(code: Code) -> Option<&'static Self> {
        Self::all().find(|e| e.code == code)
    }

    /// Every example.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        workspace::EXAMPLES.iter().chain(playbooks::EXAMPLES).chain(data::EXAMPLES)
    }
}
