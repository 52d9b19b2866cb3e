//! The sample site in a browser: opened from its folder and served by `qunce serve`. The tests themselves are
//! `browser/*.test.js`; here the site is made and Node started.
//!
//! One file of them alone: `cargo test --test browser -- --nocapture` with `QUNCE_BROWSER_TESTS=print`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod python;
mod support;

use python::copy_folder;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use support::{Workspace, program, project};

/// What Debian, other systems and other makers call the browser.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Where macOS and Windows keep it.
const PLACES: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

#[test]
fn the_sample_site_in_a_browser() {
    let Some((node, chromium)) = tools() else { return };
    let workspace = Workspace::empty();
    for part in ["data", "playbooks"] {
        copy_folder(&project(part), &workspace.path().join(part));
    }
    fs::copy(project("qunce.toml"), workspace.path().join("qunce.toml")).unwrap();
    let (server, url) = serve(&workspace);

    let folder = project("tests/browser");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    let only = std::env::var("QUNCE_BROWSER_TESTS").unwrap_or_default();
    files.retain(|f| f.file_name().unwrap().to_str().is_some_and(|n| n.ends_with(".test.js") && n.starts_with(&only)));
    files.sort();
    assert!(!files.is_empty(), "no test is called `{only}`");
    let status = Command::new(node)
        .current_dir(&folder)
        .args(["--test", "--test-concurrency=2", "--test-reporter=spec"])
        .args(&files)
        // What is served is what a build writes, to the last byte; `serve.rs` holds it to that.
        .env("QUNCE_SITE", workspace.path().join(".qunce/serve"))
        .env("QUNCE_SITE_URL", url)
        .env("QUNCE_CHROMIUM", chromium)
        .env("QUNCE_PROGRAM", env!("CARGO_BIN_EXE_qunce"))
        .status()
        .unwrap();
    drop(server);
    assert!(status.success(), "tests in the browser failed; see above");
}

/// A running server, which ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(workspace: &Workspace) -> (Server, String) {
    let mut command = program();
    command.current_dir(workspace.path()).args(["serve", "--port", "0", "--open", "no"]);
    let mut server = Server(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.find_map(|line| line.split(' ').find(|w| w.starts_with("http://")).map(str::to_owned));
    std::thread::spawn(move || lines.for_each(drop));
    let url = url.expect("the server tells its address");
    (server, url)
}

/// Node and a browser; `None` after saying loudly what is skipped. Under `QUNCE_TESTS_STRICT` nothing may be.
fn tools() -> Option<(PathBuf, PathBuf)> {
    let node = on_path(&["node", "nodejs"]);
    let given = std::env::var_os("QUNCE_CHROMIUM").filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(given) = &given {
        assert!(given.is_file(), "QUNCE_CHROMIUM names {}, which is no file", given.display());
    }
    let chromium =
        given.or_else(|| on_path(&NAMES)).or_else(|| PLACES.iter().map(PathBuf::from).find(|place| place.is_file()));
    let packages = project("tests/browser/node_modules/playwright-core").is_dir();
    let lacking = match (&node, &chromium) {
        (None, _) => "Node is missing",
        (_, None) => "no Chromium is found; name one in QUNCE_CHROMIUM",
        _ if !packages => "tests/browser/node_modules is missing",
        _ => return Some((node?, chromium?)),
    };
    let strict = std::env::var("QUNCE_TESTS_STRICT").is_ok_and(|v| v != "0");
    assert!(!strict, "the tests in the browser cannot be skipped: {lacking}; `tests/run` installs it");
    eprintln!("\n!!! SKIPPED the tests in the browser: {lacking}; `tests/run` installs it !!!\n");
    None
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let suffixes = ["", std::env::consts::EXE_SUFFIX];
    names
        .iter()
        .flat_map(|name| suffixes.map(|suffix| format!("{name}{suffix}")))
        .find_map(|name| folders.iter().map(|f: &PathBuf| f.join(&name)).find(|p: &PathBuf| Path::is_file(p)))
}
