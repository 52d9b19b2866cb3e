//! Workspaces in temporary folders and the real program in them.
//!
//! Every test binary has its own copy of this module and uses only part of it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod disk;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// What a run of the program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The run went well; otherwise its messages fail the test.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }

    /// Both channels as one transcript: messages are led by `! `, an exit code other than 0 by `? `.
    pub fn transcript(&self) -> String {
        let messages: String = self.err.lines().map(|l| format!("! {l}").trim_end().to_owned() + "\n").collect();
        let code = if self.code == 0 { String::new() } else { format!("? {}\n", self.code) };
        format!("{}{messages}{code}", self.out)
    }
}

/// The program, with nothing of the machine that runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qunce"));
    command.env_clear().env("QUNCE_KEY", "golden");
    command
}

/// A workspace in a folder of its own, which goes when the test ends.
pub struct Workspace {
    folder: TempDir,
}

impl Workspace {
    /// An empty folder.
    pub fn empty() -> Self {
        // The name shows that a path with blanks and Chinese is no trouble.
        Self { folder: tempfile::Builder::new().prefix("群 ws ").tempdir().unwrap() }
    }

    /// An empty folder on a disk in memory where the system has one, for tests that build hundreds of times.
    pub fn in_memory() -> Self {
        let mut builder = tempfile::Builder::new();
        builder.prefix("群 ws ");
        let folder = builder.tempdir_in("/dev/shm").or_else(|_| builder.tempdir());
        Self { folder: folder.unwrap() }
    }

    /// A copy of a folder without what is expected of it.
    pub fn copy(from: &Path) -> Self {
        let workspace = Self::empty();
        for (path, bytes) in tree(from) {
            if !path.starts_with("expected/") {
                workspace.write(&path, bytes);
            }
        }
        workspace
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    pub fn has(&self, path: &str) -> bool {
        self.path().join(path).exists()
    }

    /// Every file below a folder of the workspace.
    pub fn tree(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        tree(&self.path().join(folder))
    }

    /// Runs the program in the workspace.
    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, |_| {})
    }

    /// Runs the program in the workspace after a change to its surroundings.
    pub fn run_with(&self, arguments: &[&str], change: impl FnOnce(&mut Command)) -> Said {
        let mut command = program();
        command.current_dir(self.path()).args(arguments);
        change(&mut command);
        self.said(&command.output().unwrap())
    }

    /// What was said, with the temporary folder named `[workspace]`.
    pub fn said(&self, output: &Output) -> Said {
        let real = self.path().canonicalize().unwrap();
        let text = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec())
                .unwrap()
                .replace(&real.display().to_string(), "[workspace]")
                .replace(&self.path().display().to_string(), "[workspace]")
        };
        Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// Whether expectations are to be written anew instead of compared.
pub fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECTED").is_some()
}

/// Runs every command of a session in a workspace and tells what the session should have been: lines led by
/// `$ ` are commands, and [`Said::transcript`] follows each. Of commands, `qunce` and `write FILE TEXT` are known.
pub fn replay(workspace: &Workspace, session: &str) -> String {
    let mut now = String::new();
    for command in session.lines().filter_map(|l| l.strip_prefix("$ ")) {
        let mut words = command.split_whitespace();
        let program = words.next().unwrap_or_default();
        let arguments: Vec<&str> = words.collect();
        let said = match (program, &arguments[..]) {
            ("qunce", arguments) => workspace.run(arguments).transcript(),
            ("write", [file, text @ ..]) => {
                workspace.write(file, text.join(" ").replace("\\n", "\n"));
                String::new()
            }
            _ => panic!("`{command}` is no command of a session"),
        };
        now.push_str(&format!("$ {command}\n{said}\n"));
    }
    now
}

/// The first lines in which two texts differ.
pub fn first_difference(expected: &str, found: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), found.lines().collect());
    let at = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let show = |lines: &[&str], mark: &str| -> String {
        lines.iter().skip(at).take(8).map(|l| format!("  {mark} {l}\n")).collect()
    };
    format!("  from line {}\n{}{}", at + 1, show(&old, "-"), show(&new, "+"))
}

/// Every file below a folder, by its path with `/`.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name: Vec<_> = path.strip_prefix(folder).unwrap().iter().map(|p| p.to_string_lossy()).collect();
                files.insert(name.join("/"), fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// A folder of this project.
pub fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The tags of an HTML page as a browser would see them: name and attributes with unquoted values.
pub fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        if name.is_empty() {
            continue;
        }
        let mut attributes = Vec::new();
        let mut chars = rest[name.len()..].chars().peekable();
        let mut read = name.len();
        loop {
            while chars.peek().is_some_and(|c| c.is_whitespace() || *c == '/') {
                read += chars.next().map_or(0, char::len_utf8);
            }
            let Some(c) = chars.peek().copied() else { break };
            if c == '>' {
                break;
            }
            let mut key = String::new();
            while let Some(c) = chars.peek().copied().filter(|c| !c.is_whitespace() && !matches!(c, '=' | '>' | '/')) {
                key.push(c);
                read += c.len_utf8();
                chars.next();
            }
            let mut value = String::new();
            if chars.peek() == Some(&'=') {
                read += 1;
                chars.next();
                let quote = chars.peek().copied().filter(|c| matches!(c, '"' | '\''));
                if quote.is_some() {
                    read += 1;
                    chars.next();
                }
                while let Some(c) = chars.peek().copied() {
                    if quote.map_or(c.is_whitespace() || c == '>', |q| c == q) {
                        break;
                    }
                    value.push(c);
                    read += c.len_utf8();
                    chars.next();
                }
                if quote.is_some() {
                    read += 1;
                    chars.next();
                }
            } else if key.is_empty() {
                read += c.len_utf8();
                chars.next();
            }
            attributes.push((key.to_ascii_lowercase(), value));
        }
        rest = rest.get(read..).unwrap_or("");
        found.push((name.to_ascii_lowercase(), attributes));
    }
    found
}
