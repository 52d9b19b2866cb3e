//! From the path of an address to a file of the site, and never to anything else.

use crate::fs;
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};

/// What is at an address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file.
    File(PathBuf),
    /// A folder with a page of its own, asked for without the closing slash that its links count on.
    Folder,
    /// Nothing.
    Nothing,
}

/// What is at the path of an address, which may be anything that a client sends.
pub(super) fn find(folder: &Path, path: &str) -> Place {
    let Some(parts) = parts(path) else { return Place::Nothing };
    let mut here = folder.to_path_buf();
    for part in &parts {
        here.push(part);
        // Nothing of the site is a link; one would lead out of it.
        match fs::symlink_metadata(&here) {
            Ok(meta) if !meta.is_symlink() => {}
            _ => return Place::Nothing,
        }
    }
    let closed = path.ends_with('/');
    if here.is_dir() {
        let page = here.join("index.html");
        let there = fs::symlink_metadata(&page).is_ok_and(|m| m.is_file());
        return match (there, closed) {
            (true, true) => Place::File(page),
            (true, false) => Place::Folder,
            (false, _) => Place::Nothing,
        };
    }
    if here.is_file() && !closed { Place::File(here) } else { Place::Nothing }
}

/// The names along a path, decoded; `None` when one of them is no plain visible name.
fn parts(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/')
        .map(|part| {
            let part = percent_decode_str(part).decode_utf8().ok()?;
            // A leading dot is `..`, or one of the files that keep the folder's books. A colon is a drive
            // or a stream where Windows runs.
            let plain = !part.is_empty()
                && !part.starts_with('.')
                && !part.contains(|c: char| matches!(c, '/' | '\\' | ':') || c.is_control());
            plain.then(|| part.into_owned())
        })
        .collect()
}

/// The type of a file, by its name.
pub(super) fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "csv" => "text/csv; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/vnd.microsoft.icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "pdf" => "application/pdf",
        "wasm" => "application/wasm",
        "gz" => "application/gzip",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str| fs::write(&dir.path().join(path), "x").unwrap();
        write("secret.txt");
        write("site/index.html");
        write("site/.qunce-site");
        write("site/groups/读书会/index.html");
        write("site/lists/a.csv");
        dir
    }

    #[test]
    fn pages_and_folders_are_found() {
        let dir = site();
        let root = dir.path().join("site");
        assert_eq!(find(&root, "/"), Place::File(root.join("index.html")));
        assert_eq!(find(&root, "/lists/a.csv"), Place::File(root.join("lists/a.csv")));
        let club = "/groups/%E8%AF%BB%E4%B9%A6%E4%BC%9A";
        assert_eq!(find(&root, club), Place::Folder);
        assert_eq!(find(&root, &format!("{club}/")), Place::File(root.join("groups/读书会/index.html")));
    }

    #[test]
    fn nothing_outside_the_folder_is_found_however_it_is_spelt() {
        let dir = site();
        let root = dir.path().join("site");
        for path in [
            "",
            "secret.txt",
            "*",
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/%2E./secret.txt",
            "/lists/../../secret.txt",
            "/lists/..%2f..%2fsecret.txt",
            "/..%5csecret.txt",
            "/..\\secret.txt",
            "//secret.txt",
            "/lists//a.csv",
            "/./index.html",
            "/index.html%00.css",
            "/%ff",
            "/C:/secret.txt",
            "/.qunce-site",
            "/%2equnce-site",
            "/groups",
            "/groups/",
            "/index.html/",
            "/missing.html",
        ] {
            assert_eq!(find(&root, path), Place::Nothing, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let dir = site();
        let root = dir.path().join("site");
        std::os::unix::fs::symlink(dir.path().join("secret.txt"), root.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(dir.path(), root.join("up")).unwrap();
        assert_eq!(find(&root, "/link.txt"), Place::Nothing);
        assert_eq!(find(&root, "/up/secret.txt"), Place::Nothing);
    }
}
