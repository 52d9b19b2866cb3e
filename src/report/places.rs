//! `file:line` of spans, found fast: evidence asks for the same few files thousands of times.

use crate::diagnostic::Span;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// A file's shown name and length, which together tell the files of one build apart.
type File = (String, usize);

/// The line starts of the playbooks seen so far, shared by all pages of a build.
#[derive(Debug, Default)]
pub struct Places {
    breaks: RwLock<BTreeMap<File, Arc<[usize]>>>,
}

impl Places {
    /// `playbooks/vip.toml:88`
    #[must_use]
    pub fn of(&self, span: &Span) -> String {
        let key = (span.source.name.clone(), span.source.text.len());
        let known = self.breaks.read().unwrap_or_else(PoisonError::into_inner).get(&key).map(Arc::clone);
        let breaks = known.unwrap_or_else(|| {
            let breaks: Arc<[usize]> = span.source.text.match_indices('\n').map(|(i, _)| i).collect();
            self.breaks.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&breaks));
            breaks
        });
        let line = breaks.partition_point(|b| *b < span.range.start) + 1;
        format!("{}:{line}", span.source.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;

    #[test]
    fn places_agree_with_spans() {
        let source = SourceText::new("a.toml", "x\n\ny = 1\n群 = 2\n");
        let places = Places::default();
        for start in [0, 1, 2, 3, 8, 9, 13] {
            let span = Span::new(&source, start..start);
            assert_eq!(places.of(&span), span.to_string(), "at {start}");
        }
    }
}
