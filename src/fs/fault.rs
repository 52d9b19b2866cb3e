//! Faults on request, for tests of the program as a whole: the variable `QUNCE_FAULT` of a build with debug
//! assertions. A release build has none of this.
//!
//! `17 enospc` fails the 17th change of the disk for want of room. Other kinds are `erofs` and `eio`; `short`
//! writes half before the disk is full; `kill` ends the process on the spot, `torn` after half a write.
//! `no exchange` and `no link` stand for file systems that cannot do so. Several are parted by commas. A fault
//! that strikes is told on standard error.

use std::io;
use std::path::Path;

#[cfg(not(debug_assertions))]
mod here {
    use super::{Path, io};

    #[inline(always)]
    pub(in super::super) fn strike(_: &str, _: &Path) -> io::Result<()> {
        Ok(())
    }

    #[inline(always)]
    pub(in super::super) fn strike_write<'c>(_: &Path, content: &'c [u8]) -> (&'c [u8], io::Result<()>) {
        (content, Ok(()))
    }

    #[inline(always)]
    pub(in super::super) fn without(_: &str) -> bool {
        false
    }
}

#[cfg(debug_assertions)]
mod here {
    use super::{Path, io};
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// What is to happen at which change.
    #[derive(Debug, Default)]
    struct Wish {
        at: Option<(u64, Kind)>,
        without: Vec<String>,
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Kind {
        Full,
        ReadOnly,
        Broken,
        Short,
        Kill,
        Torn,
    }

    static WISH: LazyLock<Wish> =
        LazyLock::new(|| std::env::var("QUNCE_FAULT").map(|text| wish(&text)).unwrap_or_default());
    static CHANGES: AtomicU64 = AtomicU64::new(0);

    fn wish(text: &str) -> Wish {
        let mut wish = Wish::default();
        for part in text.split(',') {
            match part.trim().split_once(' ') {
                Some(("no", what)) => wish.without.push(what.to_owned()),
                Some((number, kind)) => {
                    let kind = match kind {
                        "enospc" => Some(Kind::Full),
                        "erofs" => Some(Kind::ReadOnly),
                        "eio" => Some(Kind::Broken),
                        "short" => Some(Kind::Short),
                        "kill" => Some(Kind::Kill),
                        "torn" => Some(Kind::Torn),
                        _ => None,
                    };
                    wish.at = number.parse().ok().zip(kind);
                }
                None => {}
            }
        }
        wish
    }

    /// The fault of the change that is about to be made, if it is its turn.
    fn next(action: &str, path: &Path) -> Option<Kind> {
        let (at, kind) = WISH.at?;
        if CHANGES.fetch_add(1, Ordering::SeqCst) + 1 != at {
            return None;
        }
        eprintln!("fault {at} strikes: {action} {}", path.display());
        Some(kind)
    }

    fn error(kind: Kind) -> io::Error {
        io::Error::from(match kind {
            Kind::Full | Kind::Short => io::ErrorKind::StorageFull,
            Kind::ReadOnly => io::ErrorKind::ReadOnlyFilesystem,
            Kind::Broken => io::ErrorKind::Other,
            // No destructor runs, as after `kill -9`.
            Kind::Kill | Kind::Torn => std::process::abort(),
        })
    }

    pub(in super::super) fn strike(action: &str, path: &Path) -> io::Result<()> {
        next(action, path).map_or(Ok(()), |kind| Err(error(kind)))
    }

    pub(in super::super) fn strike_write<'c>(path: &Path, content: &'c [u8]) -> (&'c [u8], io::Result<()>) {
        let half = content.get(..content.len() / 2).unwrap_or_default();
        match next("write", path) {
            None => (content, Ok(())),
            Some(kind @ Kind::Short) => (half, Err(error(kind))),
            Some(Kind::Torn) => {
                let _ = std::fs::write(path, half);
                std::process::abort()
            }
            Some(kind) => (&[], Err(error(kind))),
        }
    }

    pub(in super::super) fn without(what: &str) -> bool {
        WISH.without.iter().any(|w| w == what)
    }
}

pub(super) use here::{strike, strike_write, without};
