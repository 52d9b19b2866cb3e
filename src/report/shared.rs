//! Parts that many views have in common.

use serde::Serialize;
use tera::Value;

/// A part of a view in the form in which templates take it, made once for all views that have it. Clones share it.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Shared(Value);

impl Shared {
    pub(super) fn new(part: &impl Serialize) -> Self {
        Self(Value::from_serializable(part))
    }
}
