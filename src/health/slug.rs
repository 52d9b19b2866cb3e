//! Safe names of groups in paths.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Names that some file systems keep for devices.
const RESERVED: &[&str] = &["con", "prn", "aux", "nul", "index"];

/// Longest readable part of a slug.
const MAX_LENGTH: usize = 40;

/// One safe path segment for each id: lower-case letters, digits, `-` and `_` only, unique without
/// regard to case, the same whatever the order of the ids.
#[must_use]
pub fn slugs(ids: &[&str]) -> Vec<String> {
    let plain: Vec<(String, bool)> = ids.iter().map(|id| plain(id)).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for (slug, _) in &plain {
        *times.entry(slug).or_default() += 1;
    }
    ids.iter()
        .zip(&plain)
        .map(|(id, (slug, faithful))| {
            let alone = times.get(slug.as_str()) == Some(&1);
            if *faithful && alone { slug.clone() } else { format!("{slug}-{}", mark(id)) }
        })
        .collect()
}

/// The readable part, and whether it tells the id apart from every other.
fn plain(id: &str) -> (String, bool) {
    let mut slug = String::new();
    for c in id.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '_') => slug.push(c),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(MAX_LENGTH);
    let slug = slug.trim_matches('-').to_owned();
    let device = RESERVED.contains(&slug.as_str())
        || slug.strip_prefix("com").or_else(|| slug.strip_prefix("lpt")).is_some_and(|n| n.len() == 1);
    let slug = if slug.is_empty() || device { format!("g{slug}") } else { slug };
    let faithful = slug == id;
    (slug, faithful)
}

/// Tells ids with the same readable part from each other; the same in every release.
fn mark(id: &str) -> String {
    Sha256::digest(id.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn hostile_ids_become_safe_segments() {
        let long = "群".repeat(200);
        let ids = ["g01", "../x", "/etc/passwd", "CON", "a", "A", "", ".", &long, "index", "com1", "a b"];
        let slugs = slugs(&ids);
        assert_eq!(slugs[0], "g01");
        let unique: BTreeSet<String> = slugs.iter().map(|s| s.to_lowercase()).collect();
        assert_eq!(unique.len(), ids.len(), "{slugs:?}");
        for slug in &slugs {
            assert!(slug.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_')), "{slug}");
            assert!(!slug.is_empty() && slug.len() < 60 && !RESERVED.contains(&slug.as_str()), "{slug}");
        }
    }

    #[test]
    fn order_does_not_matter() {
        let mut a = slugs(&["x y", "x-y"]);
        let b = slugs(&["x-y", "x y"]);
        a.reverse();
        assert_eq!(a, b);
    }
}
