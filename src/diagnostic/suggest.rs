//! Wording helpers for messages: "did you mean" and lists of names.

/// The known name closest to a misspelt one, if one is close enough to be meant.
#[must_use]
pub fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong_lower = wrong.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&wrong_lower, &name.to_lowercase()), name))
        .filter(|(score, _)| *score > 0.8)
        // The first of equals wins, so that the answer does not depend on the order of ties.
        .fold(None, |best: Option<(f64, &str)>, (score, name)| match best {
            Some((s, n)) if s > score || (s == score && n <= name) => Some((s, n)),
            _ => Some((score, name)),
        })
        .map(|(_, name)| name)
}

/// Names as people write them: `` `a`, `b` or `c` ``.
#[must_use]
pub fn list<S: AsRef<str>>(names: &[S], conjunction: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} {conjunction} {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_names_are_suggested_and_far_ones_are_not() {
        assert_eq!(did_you_mean("wieght", ["weight", "bands"]), Some("weight"));
        assert_eq!(did_you_mean("zzz", ["weight", "bands"]), None);
    }

    #[test]
    fn lists_read_as_prose() {
        assert_eq!(list(&["a"], "or"), "`a`");
        assert_eq!(list(&["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
