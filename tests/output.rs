//! What a build does to the folder it writes: no more than it must, and nothing to what is not its own; and what
//! `qunce verify` says of a folder.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};
use support::disk::{Small, differing};
use support::{Said, tree};

/// Time of modification and number of every file.
fn marks(small: &Small) -> BTreeMap<String, (SystemTime, u64)> {
    let out = small.workspace.path().join("out");
    tree(&out)
        .into_keys()
        .map(|path| {
            let meta = fs::metadata(out.join(&path)).unwrap();
            #[cfg(unix)]
            let inode = std::os::unix::fs::MetadataExt::ino(&meta);
            #[cfg(not(unix))]
            let inode = 0;
            (path, (meta.modified().unwrap(), inode))
        })
        .collect()
}

fn build(small: &Small) -> Said {
    small.build(&[], |_| {}).well()
}

fn is_noop(said: &Said) -> bool {
    said.out.contains("nothing changed")
}

/// What is done to a site, by name.
type Damage = (&'static str, fn(&Path, &str));

#[test]
fn a_build_with_nothing_to_do_says_so_and_warns_again() {
    let small = Small::new();
    small.set(0);
    let first = build(&small);
    assert!(!is_noop(&first) && first.err.contains("warning[Q0114]"), "{}{}", first.out, first.err);
    let before = marks(&small);
    let again = build(&small);
    assert_eq!(again.err, first.err, "the same findings");
    let line = first.out.lines().next().unwrap();
    assert_eq!(again.out, format!("{line}\nnothing changed\n"));
    assert_eq!(marks(&small), before);
    assert_eq!(small.build(&["--quiet"], |_| {}).well().out, "");
    assert!(!is_noop(&small.build(&["--no-cache"], |_| {}).well()));
    assert_eq!(marks(&small), before, "made anew, yet nothing had to be written");
}

#[test]
fn only_what_differs_is_written() {
    let small = Small::new();
    small.set(1);
    build(&small);
    let (site, before) = (small.site(), marks(&small));
    small.workspace.write(
        "data/messages.csv",
        "message_id,group_id,member_id,sent_at\n1,g1,m1,2025-05-06 10:00\n2,g1,m1,2025-04-30 09:00\n3,g1,m1,never\n",
    );
    let said = build(&small);
    let (now, after) = (small.site(), marks(&small));
    let differ = differing(&site, &now);
    assert!(differ.contains(&"groups/g1/index.html".to_owned()), "{differ:?}");
    assert!(!differ.iter().any(|p| p.starts_with("groups/g2/")), "{differ:?}");
    for (path, mark) in &before {
        let kept = after.get(path) == Some(mark);
        assert_eq!(kept, !differ.contains(path), "{path}");
    }
    // The list of the files is none of them.
    let written = differ.iter().filter(|p| *p != "manifest.json").count();
    assert!(said.out.contains(&format!("{written} written, 0 removed")), "{differ:?}\n{}", said.out);
}

#[test]
fn files_of_a_group_that_is_gone_go_and_those_of_others_stay() {
    let small = Small::new();
    let out = small.workspace.path().join("out");
    fs::create_dir_all(out.join("empty/folder")).unwrap();
    small.workspace.write("out/groups/g2/notes.txt", "mine");
    #[cfg(unix)]
    std::os::unix::fs::symlink("CNAME", out.join("link")).unwrap();
    let before = marks(&small);
    small.set(0);
    build(&small);
    assert!(!out.join("groups/g2/index.html").exists() && !out.join("api/groups/g2.json").exists());
    assert!(out.join("empty/folder").is_dir());
    #[cfg(unix)]
    assert_eq!(fs::read_link(out.join("link")).unwrap(), Path::new("CNAME"));
    assert_eq!(small.workspace.read("out/groups/g2/notes.txt"), "mine");
    let after = marks(&small);
    for path in ["CNAME", ".well-known/owner.txt", "groups/g2/notes.txt"] {
        assert_eq!(before[path], after[path], "{path} is another file now");
    }
    small.workspace.write("out/groups/g2/index.html", "mine as well");
    small.set(1);
    let said = small.build(&[], |_| {});
    assert!(said.code == 3 && said.err.contains("groups/g2/index.html"), "{}", said.err);
    assert_eq!(small.workspace.read("out/groups/g2/index.html"), "mine as well");
}

#[test]
fn inputs_that_were_only_touched_change_nothing_and_a_key_changes_all_codes() {
    let small = Small::new();
    build(&small);
    let past = SystemTime::now() - Duration::from_secs(3600);
    for path in ["data/messages.csv", "qunce.toml", "playbooks/plain.toml"] {
        let file = fs::File::options().write(true).open(small.workspace.path().join(path)).unwrap();
        file.set_modified(past).unwrap();
    }
    assert!(is_noop(&build(&small)), "the content counts");
    let said = small
        .build(&[], |c| {
            c.env("QUNCE_KEY", "another");
        })
        .well();
    assert!(!is_noop(&said));
    assert!(!is_noop(&build(&small)), "and back");
    // The same time and length, another content.
    let messages = small.workspace.read("data/messages.csv");
    small.workspace.write("data/messages.csv", messages.replace("05-06", "05-07"));
    let file = fs::File::options().write(true).open(small.workspace.path().join("data/messages.csv")).unwrap();
    file.set_modified(past).unwrap();
    assert!(!is_noop(&build(&small)), "a change with its time set back is seen");
    for (path, text) in
        [("templates/i18n/en.toml", "h_actions = \"Do\"\n"), ("playbooks/plain.en.toml", "name = \"P\"\n")]
    {
        small.workspace.write(path, text);
        assert!(!is_noop(&build(&small)), "{path}");
    }
    assert!(!is_noop(&small.build(&["--as-of", "2025-05-11"], |_| {}).well()));
}

#[test]
fn a_damaged_site_is_mended() {
    let small = Small::new();
    build(&small);
    let page = small.workspace.path().join("out/index.html");
    let content = fs::read_to_string(&page).unwrap();
    let damages: [Damage; 4] = [
        ("changed", |p, _| fs::write(p, "changed").unwrap()),
        ("missing", |p, _| fs::remove_file(p).unwrap()),
        ("changed with its length and time", |p, content| {
            let time = fs::metadata(p).unwrap().modified().unwrap();
            fs::write(p, content.replace("html", "htmL")).unwrap();
            fs::File::options().write(true).open(p).unwrap().set_modified(time).unwrap();
        }),
        ("without its list", |p, _| fs::remove_file(p.with_file_name("manifest.json")).unwrap()),
    ];
    for (what, damage) in damages {
        damage(&page, &content);
        let said = small.build(&[], |_| {});
        if what == "without its list" {
            // Whose the pages are is no longer known, so none of them is touched.
            assert!(said.code == 3 && said.err.contains("Q0401"), "{}", said.err);
            continue;
        }
        assert!(said.code == 0 && !is_noop(&said), "{what}: {}{}", said.out, said.err);
        assert_eq!(fs::read_to_string(&page).unwrap(), content, "{what}");
    }
}

#[test]
fn a_copied_site_is_known_by_its_content() {
    let small = Small::new();
    build(&small);
    let out = small.workspace.path().join("out");
    let files = tree(&out);
    fs::remove_dir_all(&out).unwrap();
    for (path, bytes) in files {
        small.workspace.write(&format!("out/{path}"), bytes);
    }
    assert!(is_noop(&build(&small)));
}

#[test]
fn verify_names_what_is_changed_missing_and_foreign() {
    let small = Small::new();
    let run = |arguments: &[&str]| small.workspace.run(arguments);
    let said = run(&["verify", "--allow-foreign"]).well();
    assert!(said.out.contains("as they must be, 2 files of others"), "{}", said.out);
    let said = run(&["verify"]);
    assert!(said.code == 1 && said.err.contains("2 files of") && said.err.contains("CNAME"), "{}", said.err);
    small.workspace.write("out/method.html", "changed");
    fs::remove_file(small.workspace.path().join("out/quality.html")).unwrap();
    let before = (small.workspace.tree(""), small.leftovers());
    let said = run(&["verify", "--allow-foreign"]);
    assert_eq!(said.code, 1);
    for part in ["Q0408", "not what these inputs give", "method.html", "missing", "quality.html"] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    assert_eq!((small.workspace.tree(""), small.leftovers()), before, "it writes nothing");
    build(&small);
    run(&["verify", "--allow-foreign"]).well();
    // Other inputs, same site.
    small.set(0);
    let said = run(&["verify"]);
    assert!(said.code == 1 && said.err.contains("groups/g2/index.html"), "{}", said.err);
    let said = run(&["verify", "nowhere"]);
    assert!(said.code == 1 && said.err.contains("no site"), "{}", said.err);
}

/// A drop that was read before a change and a site of after it must not be taken for each other.
#[test]
fn what_the_fast_way_says_is_what_the_slow_way_finds() {
    let small = Small::new();
    for state in [0, 1, 0, 0, 1, 1] {
        small.set(state);
        build(&small);
        assert_eq!(small.standing(), Ok(state));
        small.workspace.run(&["verify", "--allow-foreign"]).well();
    }
}
