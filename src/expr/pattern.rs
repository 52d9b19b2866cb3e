//! `like`: `%` stands for any text, `_` for one character.

use super::tree::Expr;

/// The pattern of a `like`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pattern {
    /// Known when the expression is compiled.
    Literal {
        /// As written.
        source: Box<str>,
        /// The quickest way to match it.
        plan: Plan,
    },
    /// Known only for each row.
    Computed(Box<Expr>),
}

/// The shapes of pattern that need no search over characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    Exactly,
    StartsWith(Box<str>),
    EndsWith(Box<str>),
    Contains(Box<str>),
    General,
}

impl Plan {
    fn of(pattern: &str) -> Self {
        let has_wildcard = |text: &str| text.contains(['%', '_']);
        if !has_wildcard(pattern) {
            return Self::Exactly;
        }
        if let Some(rest) = pattern.strip_prefix('%') {
            if let Some(middle) = rest.strip_suffix('%').filter(|m| !has_wildcard(m)) {
                return Self::Contains(middle.into());
            }
            if !has_wildcard(rest) {
                return Self::EndsWith(rest.into());
            }
        }
        match pattern.strip_suffix('%') {
            Some(start) if !has_wildcard(start) => Self::StartsWith(start.into()),
            _ => Self::General,
        }
    }
}

impl Pattern {
    pub(crate) fn literal(source: &str) -> Self {
        Self::Literal { source: source.into(), plan: Plan::of(source) }
    }
}

impl Plan {
    /// Whether a text has the shape; `source` is the pattern that the plan was made from.
    pub(crate) fn matches(&self, source: &str, text: &str) -> bool {
        match self {
            Self::Exactly => text == source,
            Self::StartsWith(start) => text.starts_with(&**start),
            Self::EndsWith(end) => text.ends_with(&**end),
            Self::Contains(middle) => text.contains(&**middle),
            Self::General => matches(source.chars(), text.chars()),
        }
    }
}

/// Whether characters match a pattern of characters.
///
/// After a mismatch the last `%` takes one character more; earlier ones never need to be tried again.
pub(crate) fn matches<P, T>(mut pattern: P, mut text: T) -> bool
where
    P: Iterator<Item = char> + Clone,
    T: Iterator<Item = char> + Clone,
{
    let mut retry: Option<(P, T)> = None;
    loop {
        let mut rest = text.clone();
        let here = rest.next();
        match (pattern.next(), here) {
            (Some('%'), _) => retry = Some((pattern.clone(), text.clone())),
            (Some('_'), Some(_)) => text = rest,
            (Some(p), Some(t)) if p == t => text = rest,
            (None, None) => return true,
            _ => {
                let Some((after, start)) = &mut retry else { return false };
                if start.next().is_none() {
                    return false;
                }
                pattern = after.clone();
                text = start.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wildcards_stand_for_characters_not_bytes() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("%", "", true),
            ("_", "群", true),
            ("__", "群", false),
            ("a%", "abc", true),
            ("%c", "abc", true),
            ("%b%", "abc", true),
            ("a%c%e", "abcde", true),
            ("a%c_e", "abcde", true),
            ("a%b", "aab", true),
            ("%ab%abc", "ababxabc", true),
            ("a_c", "abbc", false),
            ("A%", "abc", false),
        ] {
            assert_eq!(Plan::of(pattern).matches(pattern, text), expected, "{text} like {pattern}");
        }
    }

    proptest! {
        #[test]
        fn quick_plans_agree_with_the_general_search(pattern in "[ab%_]{0,6}", text in "[ab]{0,8}") {
            prop_assert_eq!(Plan::of(&pattern).matches(&pattern, &text), matches(pattern.chars(), text.chars()));
        }
    }
}
