//! Several builds at once, files that change meanwhile, other surroundings, other versions, exit codes.

use super::*;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::disk::{Small, Tree, differing};
use support::program;

pub fn deeds() -> Vec<Deed> {
    vec![
        deed("a second build says who holds the lock", second_build_is_told),
        deed("a second build waits, and goes on when the first is killed", second_build_waits),
        deed("two builds at once that both wait", both_wait),
        deed("a lock that a dead process left", lock_of_the_dead),
        deed("a lock of another host", lock_of_another_host),
        deed("a data file grows while it is read", file_grows),
        deed("another time zone", || {
            surroundings(|c| {
                c.env("TZ", "America/New_York");
            })
        }),
        deed("another language", || {
            surroundings(|c| {
                c.env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8");
            })
        }),
        deed("another number of threads", || {
            surroundings(|c| {
                c.env("RAYON_NUM_THREADS", "5");
            })
        }),
        deed("another current folder", another_folder),
        deed("another order of rows", another_order_of_rows),
        deed("another order of files", another_order_of_files),
        deed("a site of a newer version", newer_site),
        deed("a site of an older version", older_site),
        deed("a record of a newer version", newer_record),
        deed("a result of a newer version", newer_result),
        deed("a result as it was written", result_is_read),
        deed("a gate that fails leaves the new site, and fails again", failing_gate),
        deed("exit code 0", || exits(0, &["build"], |_| {})),
        deed("exit code 1", || {
            exits(1, &["verify"], |w| {
                w.write("out/index.html", "changed");
            })
        }),
        deed("exit code 1: a gate", || exits(1, &["build", "--fail-under", "100"], |_| {})),
        deed("exit code 2", || exits(2, &["build", "--period", "soon"], |_| {})),
        deed("exit code 3: configuration", || {
            exits(3, &["build"], |w| {
                w.write("qunce.toml", "[sites]\n");
            })
        }),
        deed("exit code 3: playbook", || {
            exits(3, &["build"], |w| {
                w.write("playbooks/plain.toml", "nmae = 1\n");
            })
        }),
        deed("exit code 3: data", || {
            exits(3, &["build"], |w| {
                w.write("data/orders.csv", "a,b\n");
            })
        }),
        deed("exit code 4", || exits(4, &["build", "--no-cache", "--out", "qunce.toml/site"], |_| {})),
        deed("rows set aside are kept when a build fails", quarantine_is_kept),
    ]
}

/// A build that has the output folder and waits for its data, which come through a pipe.
struct Held {
    workspace: Workspace,
    child: Child,
}

impl Held {
    fn new() -> Self {
        let workspace = sound();
        let pipe = workspace.path().join("data/surveys.csv");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let child = start(&workspace, &["build"]);
        wait_for(|| workspace.has(".out.qunce-lock") && workspace.read(".out.qunce-lock").contains("pid"));
        Self { workspace, child }
    }

    /// Replaces the pipe by a file, for the builds after.
    fn mend(&self) {
        let file = self.workspace.path().join("data/surveys.new");
        std::fs::write(&file, "group_id,member_id,answered_at,survey,score\ng1,m1,2025-05-06 10:00,nps,9\n").unwrap();
        std::fs::rename(file, self.workspace.path().join("data/surveys.csv")).unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(workspace: &Workspace, arguments: &[&str]) -> Child {
    let mut command = program();
    command.current_dir(workspace.path()).args(arguments).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[track_caller]
fn wait_for(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it takes too long");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn wrong(said: &Said) -> String {
    format!("exit code {}\n{}{}", said.code, said.out, said.err)
}

fn well() -> Result<String, String> {
    Ok(String::new())
}

fn second_build_is_told() -> Result<String, String> {
    let held = Held::new();
    let said = held.workspace.run(&["build"]);
    let names = [format!("process {} on `", held.child.id()), "Q0407".to_owned(), "--wait".to_owned()];
    if said.code != 4 || names.iter().any(|n| !said.err.contains(n)) || held.workspace.has("out") {
        return Err(wrong(&said));
    }
    well()
}

fn second_build_waits() -> Result<String, String> {
    let mut held = Held::new();
    let mut second = start(&held.workspace, &["build", "--wait"]);
    let mut lines = BufReader::new(second.stderr.take().unwrap()).lines();
    let told = lines.next().unwrap().unwrap();
    let waits = second.try_wait().unwrap().is_none() && !held.workspace.has("out");
    held.mend();
    held.child.kill().unwrap();
    held.child.wait().unwrap();
    let went_well = second.wait().unwrap().success();
    if !told.contains("waiting for another build") || !told.contains(&held.child.id().to_string()) {
        return Err(told);
    }
    if !waits {
        return Err("it does not wait".to_owned());
    }
    if !went_well || !held.workspace.has("out/index.html") {
        return Err(lines.map(|l| l.unwrap() + "\n").collect());
    }
    well()
}

fn both_wait() -> Result<String, String> {
    let workspace = sound();
    let mut both = [0, 1].map(|_| start(&workspace, &["build", "--wait", "--no-cache"]));
    for child in &mut both {
        if !child.wait().unwrap().success() {
            return Err("a build failed".to_owned());
        }
    }
    let said = workspace.run(&["verify"]);
    if said.code == 0 { well() } else { Err(wrong(&said)) }
}

fn lock_of_the_dead() -> Result<String, String> {
    let mut held = Held::new();
    held.child.kill().unwrap();
    held.child.wait().unwrap();
    held.mend();
    if !held.workspace.has(".out.qunce-lock") {
        return Err("nothing is left to take over".to_owned());
    }
    let said = held.workspace.run(&["build"]);
    if said.code != 0 || held.workspace.has(".out.qunce-lock") { Err(wrong(&said)) } else { well() }
}

fn lock_of_another_host() -> Result<String, String> {
    let workspace = sound();
    workspace
        .write(".out.qunce-lock", r#"{"pid": 7, "host": "elsewhere.example", "since": "2025-05-11 10:00:00 UTC"}"#);
    let said = workspace.run(&["build"]);
    let told = ["process 7 on `elsewhere.example` since 2025-05-11", ".out.qunce-lock"];
    if said.code != 4 || told.iter().any(|t| !said.err.contains(t)) { Err(wrong(&said)) } else { well() }
}

fn file_grows() -> Result<String, String> {
    let workspace = sound();
    let mut rows = MESSAGES.to_owned();
    (10..40_000).for_each(|n| rows.push_str(&format!("{n},g1,m1,2025-05-05 10:00,文本\n")));
    workspace.write("data/messages.csv", rows);
    let path = workspace.path().join("data/messages.csv");
    let ended = AtomicBool::new(false);
    let said = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = std::fs::File::options().append(true).open(&path).unwrap();
            let mut n = 100_000;
            while !ended.load(Ordering::Relaxed) {
                writeln!(file, "{n},g1,m1,2025-05-05 10:00,文本").unwrap();
                n += 1;
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        let said = workspace.run(&["build"]);
        ended.store(true, Ordering::Relaxed);
        said
    });
    let told = said.err.contains("Q0315") && said.err.contains("data/messages.csv");
    if said.code == 3 && told && !workspace.has("out") { well() } else { Err(wrong(&said)) }
}

fn site_of(workspace: &Workspace, change: impl FnOnce(&mut Command)) -> Result<Tree, String> {
    let said = workspace.run_with(&["build", "--no-cache"], change);
    if said.code == 0 { Ok(workspace.tree("out")) } else { Err(wrong(&said)) }
}

/// The page about the files and the list of all hashes may tell of the order in which files came.
fn same(a: Tree, b: Tree, but: &[&str]) -> Result<String, String> {
    let mut differ = differing(&a, &b);
    differ.retain(|p| !but.contains(&p.as_str()));
    if differ.is_empty() && a.len() > 15 { Ok(format!("{} files alike", a.len())) } else { Err(format!("{differ:?}")) }
}

fn surroundings(change: fn(&mut Command)) -> Result<String, String> {
    let workspace = sound();
    let first = site_of(&workspace, |c| {
        c.env("RAYON_NUM_THREADS", "1");
    })?;
    std::fs::remove_dir_all(workspace.path().join("out")).unwrap();
    same(first, site_of(&workspace, change)?, &[])
}

fn another_folder() -> Result<String, String> {
    let (workspace, other) = (sound(), sound());
    let first = site_of(&workspace, |_| {})?;
    let said = workspace.run_with(&["build", "-w"], |c| {
        c.arg(other.path()).current_dir("/");
    });
    if said.code == 0 { same(first, other.tree("out"), &[]) } else { Err(wrong(&said)) }
}

const TELL_OF_FILES: [&str; 2] = ["quality.html", "manifest.json"];

fn another_order_of_rows() -> Result<String, String> {
    let workspace = sound();
    let first = site_of(&workspace, |_| {})?;
    for (path, bytes) in workspace.tree("data") {
        let text = String::from_utf8(bytes).unwrap();
        let (header, rows) = text.split_once('\n').unwrap();
        let turned: Vec<&str> = rows.lines().rev().collect();
        workspace.write(&format!("data/{path}"), format!("{header}\n{}\n", turned.join("\n")));
    }
    same(first, site_of(&workspace, |_| {})?, &TELL_OF_FILES)
}

/// Files are made in another order, so that the folder lists them in another, and one is split in two.
fn another_order_of_files() -> Result<String, String> {
    let workspace = sound();
    let first = site_of(&workspace, |_| {})?;
    let files = workspace.tree("data");
    std::fs::remove_dir_all(workspace.path().join("data")).unwrap();
    for (path, bytes) in files.into_iter().rev() {
        let text = String::from_utf8(bytes).unwrap();
        if path == "messages.csv" {
            let cut = text.trim_end().rfind('\n').unwrap() + 1;
            let header = text.lines().next().unwrap();
            workspace.write("data/messages-b.csv", &text[..cut]);
            workspace.write("data/messages-a.csv", format!("{header}\n{}", &text[cut..]));
        } else {
            workspace.write(&format!("data/{path}"), text);
        }
    }
    same(first, site_of(&workspace, |_| {})?, &TELL_OF_FILES)
}

fn with_form(form: &str) -> (Small, Tree, Said) {
    let small = Small::new();
    let list = small.workspace.read("out/manifest.json");
    let other = list.replacen("\"schema_version\": 1", &format!("\"schema_version\": {form}"), 1);
    assert_ne!(list, other);
    small.workspace.write("out/manifest.json", other);
    let before = small.workspace.tree("out");
    small.set(0);
    let said = small.build(&[], |_| {});
    (small, before, said)
}

fn newer_site() -> Result<String, String> {
    let (small, before, said) = with_form("99");
    let told = ["Q0409", "newer version", "form 99", "out/manifest.json"];
    if said.code != 3 || told.iter().any(|t| !said.err.contains(t)) || small.workspace.tree("out") != before {
        return Err(wrong(&said));
    }
    let said = small.workspace.run(&["verify"]);
    if said.code == 3 && said.err.contains("form 99") { well() } else { Err(wrong(&said)) }
}

fn older_site() -> Result<String, String> {
    let (small, _, said) = with_form("0");
    if said.code != 0 || small.standing()? != 0 { Err(wrong(&said)) } else { well() }
}

/// The record only saves work: one that cannot be read costs a build, nothing else.
fn newer_record() -> Result<String, String> {
    let small = Small::new();
    let records = small.workspace.tree(".qunce/builds");
    let (name, bytes) = records.first_key_value().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    for other in [text.replacen("\"schema_version\":", "\"schema_version\":9", 1), "{".to_owned()] {
        assert_ne!(text, other);
        small.workspace.write(&format!(".qunce/builds/{name}"), other);
        let said = small.build(&[], |_| {});
        if said.code != 0 || said.out.contains("nothing changed") || small.standing()? != 1 {
            return Err(wrong(&said));
        }
    }
    let said = small.build(&[], |_| {});
    if said.out.contains("nothing changed") { well() } else { Err(wrong(&said)) }
}

fn newer_result() -> Result<String, String> {
    let workspace = sound();
    workspace.run(&["build"]).well();
    workspace.run(&["baseline", "--output", "before.json"]).well();
    let text = workspace.read("before.json");
    let newer = text.replacen("\"schema_version\": 1", "\"schema_version\": 99", 1);
    assert_ne!(text, newer);
    workspace.write("before.json", newer);
    let said = workspace.run(&["diff", "before.json", "out"]);
    if said.code == 3 && said.err.contains("`before.json` has schema version 99") { well() } else { Err(wrong(&said)) }
}

fn result_is_read() -> Result<String, String> {
    let workspace = sound();
    workspace.run(&["build"]).well();
    workspace.run(&["baseline", "--output", "before.json"]).well();
    let said = workspace.run(&["diff", "before.json", "out"]);
    if said.code == 0 { well() } else { Err(wrong(&said)) }
}

fn failing_gate() -> Result<String, String> {
    let workspace = sound();
    for _ in 0..2 {
        let said = workspace.run(&["build", "--fail-under", "100"]);
        if said.code != 1 || !workspace.has("out/api/groups/g1.json") {
            return Err(wrong(&said));
        }
    }
    let said = workspace.run(&["verify"]);
    if said.code == 0 { well() } else { Err(wrong(&said)) }
}

fn exits(code: i32, arguments: &[&str], prepare: fn(&Workspace)) -> Result<String, String> {
    let workspace = sound();
    workspace.run(&["build"]).well();
    prepare(&workspace);
    let said = workspace.run(arguments);
    if said.code == code { well() } else { Err(wrong(&said)) }
}

/// The results that can be written are: the site of the last good build stands, and the bad rows are listed.
fn quarantine_is_kept() -> Result<String, String> {
    let workspace = sound();
    workspace.run(&["build"]).well();
    let before = workspace.tree("out");
    workspace.write("data/orders.csv", format!("{ORDERS}o2,g1,m1,2025-05-06 10:00,many,\n"));
    let said = workspace.run(&["build"]);
    let kept = workspace.has(".qunce/quarantine.csv")
        && workspace.read(".qunce/quarantine.csv").contains("data/orders.csv,3,amount,many");
    if said.code == 3 && kept && workspace.tree("out") == before { well() } else { Err(wrong(&said)) }
}
