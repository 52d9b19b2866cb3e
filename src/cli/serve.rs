//! `qunce serve`: the site on this machine, built anew when its sources change.

use super::arguments::{ServeOptions, Switch, TimeOptions, WorkspaceOption};
use super::workspace::{self, Judged, Workspace};
use super::{Failure, build, terminal};
use crate::config;
use crate::diagnostic::{Code, Diagnostic, Findings, Format};
use crate::fs::{Attempt, Lock, Owner};
use crate::serve::{Change, Options, Outcome, Watched, Workshop, serve};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where the site is built, relative to the workspace: drafts never get into what is published.
const FOLDER: &str = ".qunce/serve";
/// Held while the folder is in use.
const LOCK: &str = ".qunce/serve.lock";

pub(super) fn run(options: &ServeOptions) -> Result<(), Failure> {
    terminal::only(&[Format::Human], "no `--format`; programs ask `qunce build`, which ends")?;
    let root = workspace::find(&options.workspace)?;
    // Two servers would build into each other's pages.
    let _lock = match Lock::attempt(&root.join(LOCK))? {
        Attempt::Taken(lock) => lock,
        Attempt::Busy(owner) => return Err(Failure::Input(taken(owner.as_ref(), true))),
        Attempt::Elsewhere(owner) => return Err(Failure::Input(taken(Some(&owner), false))),
    };
    let mut bench = Bench::new(&root, &options.time);
    // Wrong arguments end the command; everything else can be mended while it runs.
    if let Some(workspace) = bench.open() {
        workspace.check_times(&options.time)?;
    }
    let folder = root.join(FOLDER);
    let opens = match options.open {
        Some(switch) => switch == Switch::Yes,
        None => std::io::stdout().is_terminal(),
    };
    let ready = move |address| {
        let url = format!("http://{address}/");
        terminal::print(&format!("serving {url} (ctrl-c ends)\n"));
        if opens && let Err(error) = open::that_detached(&url) {
            terminal::say(&format!("no browser opens by itself: {error}\n"));
        }
    };
    serve(Options { port: options.port, folder }, Box::new(bench), ready).map_err(Failure::Input)
}

fn taken(owner: Option<&Owner>, here: bool) -> Findings {
    let who = owner.map(|owner| format!(", {owner},")).unwrap_or_default();
    let found = Diagnostic::error(Code::ServedAlready, format!("another `qunce serve`{who} serves this workspace"))
        .at_file(LOCK, "held by the other one");
    let mut findings = Findings::new();
    findings.push(if here {
        found.with_help("use the address that the other one printed, or end it first")
    } else {
        found
            .with_note("it runs on another machine, so whether it still lives cannot be seen from here")
            .with_help(format!("if it does not, remove `{LOCK}`"))
    });
    findings
}

/// Builds, and keeps the last judgement, so that a change of a template reads no data.
struct Bench {
    root: PathBuf,
    time: TimeOptions,
    watched: Watched,
    kept: Option<Kept>,
    /// Why the last judgement failed.
    misjudged: Option<Findings>,
    /// Why the last site could not be written.
    unwritten: Option<Findings>,
    has_site: bool,
}

/// A workspace and what was made of its data.
struct Kept {
    workspace: Workspace,
    judged: Judged,
}

impl Bench {
    fn new(root: &Path, time: &TimeOptions) -> Self {
        Self {
            root: root.to_path_buf(),
            time: time.clone(),
            watched: watched(root, &config::Config::default()),
            kept: None,
            misjudged: None,
            unwritten: None,
            has_site: false,
        }
    }

    /// Reads the workspace, and notes what is wrong with it.
    fn open(&mut self) -> Option<Workspace> {
        match workspace::open(&WorkspaceOption { workspace: Some(self.root.clone()) }) {
            Ok(workspace) => {
                self.watched = watched(&self.root, &workspace.config);
                Some(workspace)
            }
            Err(failure) => {
                self.misjudged = Some(findings(failure));
                None
            }
        }
    }

    fn judge(&mut self) {
        self.misjudged = None;
        let Some(workspace) = self.open() else { return };
        let bar = terminal::progress("reading");
        let judged = workspace.judge(&self.time, &|rows| bar.set_position(rows));
        bar.finish_and_clear();
        match judged {
            Ok(judged) => self.kept = Some(Kept { workspace, judged }),
            Err(failure) => self.misjudged = Some(findings(failure)),
        }
    }

    /// Writes the site; `None` when there is nothing to write it from.
    fn write(&mut self) -> Option<String> {
        let kept = self.kept.as_ref()?;
        match build::write(&kept.workspace, &kept.judged, &self.root.join(FOLDER)) {
            Ok(summary) => {
                self.has_site = true;
                self.unwritten = None;
                Some(build::told(&build::summary(&kept.judged, &summary)))
            }
            Err(failure) => {
                self.unwritten = Some(findings(failure));
                None
            }
        }
    }

    fn errors(&self) -> Findings {
        let mut all = self.misjudged.clone().unwrap_or_default();
        all.extend(self.unwritten.clone().unwrap_or_default());
        all
    }
}

impl Workshop for Bench {
    fn watched(&self) -> Watched {
        self.watched.clone()
    }

    fn rebuild(&mut self, change: &Change) -> Outcome {
        let since = Instant::now();
        if let Some(text) = named(&change.files) {
            terminal::print(&text);
        }
        if change.inputs {
            self.judge();
        }
        // A judgement that failed leaves nothing new to write, unless templates changed as well.
        let told = if self.misjudged.is_none() || change.templates { self.write() } else { None };
        let errors = self.errors();
        let mut shown = errors.clone();
        // Warnings of data are told once, not again with every change of a template.
        if change.inputs && self.misjudged.is_none() {
            shown.extend(self.kept.as_ref().map(|k| k.judged.findings.clone()).unwrap_or_default());
        }
        terminal::report(&shown);
        if let Some(told) = told {
            terminal::print(&format!("{told}, {:.1} s\n", since.elapsed().as_secs_f64()));
        } else if self.has_site {
            terminal::print("the site stays as it was\n");
        }
        Outcome { has_site: self.has_site, findings: errors }
    }
}

/// The folders that a configuration names.
fn watched(root: &Path, config: &config::Config) -> Watched {
    let at = |name: &str| root.join(name);
    // Codes of members are made when pages are written, not when data are judged.
    let key = config.privacy.key_file.as_deref().map(at);
    Watched {
        root: root.to_path_buf(),
        inputs: vec![at(config::FILE_NAME), at(&config.site.playbooks), at(&config.data.dir)],
        templates: [at(&config.site.templates)].into_iter().chain(key).collect(),
    }
}

/// What a failure says to people.
fn findings(failure: Failure) -> Findings {
    match failure {
        Failure::Input(findings)
        | Failure::Usage(findings)
        | Failure::Gate(findings)
        | Failure::Output(findings)
        | Failure::Unwritten(findings) => findings,
        Failure::System(message) => {
            let mut findings = Findings::new();
            findings.push(Diagnostic::error(Code::ServeFailed, message));
            findings
        }
    }
}

/// The files behind a change; nothing at the first build.
fn named(files: &[String]) -> Option<String> {
    const SHOWN: usize = 3;
    let named: Vec<&str> = files.iter().take(SHOWN).map(String::as_str).collect();
    match files.len().saturating_sub(SHOWN) {
        _ if named.is_empty() => None,
        0 => Some(format!("changed: {}\n", named.join(", "))),
        more => Some(format!("changed: {} and {more} more\n", named.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs;

    #[test]
    fn a_served_workspace_says_who_serves_it() {
        let dir = tempfile::tempdir().unwrap();
        let options = ServeOptions {
            workspace: WorkspaceOption { workspace: Some(dir.path().to_path_buf()) },
            port: 0,
            open: Some(Switch::No),
            time: TimeOptions { as_of: None, period: None },
        };
        fs::write(&dir.path().join(config::FILE_NAME), "").unwrap();
        let lock = Lock::attempt(&dir.path().join(LOCK)).unwrap();
        let refused = || match run(&options) {
            Err(Failure::Input(findings)) => findings.items()[0].clone(),
            other => panic!("{other:?}"),
        };
        let here = refused();
        assert_eq!(here.code, Code::ServedAlready);
        assert!(here.title.contains(&format!("process {} on", std::process::id())), "{here:?}");
        drop(lock);
        fs::write(&dir.path().join(LOCK), r#"{"pid": 1, "host": "elsewhere", "since": "earlier"}"#).unwrap();
        let elsewhere = refused();
        assert!(elsewhere.title.contains("process 1 on `elsewhere` since earlier"), "{elsewhere:?}");
        assert!(elsewhere.help.unwrap().contains(LOCK));
    }

    #[test]
    fn a_template_is_shown_anew_without_the_data() {
        let dir = tempfile::tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workspaces/minimal");
        for entry in walkdir::WalkDir::new(&from).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
            fs::copy(entry.path(), &dir.path().join(entry.path().strip_prefix(&from).unwrap())).unwrap();
        }
        let time = TimeOptions { as_of: None, period: None };
        let mut bench = Bench::new(dir.path(), &time);
        let first = bench.rebuild(&Change { inputs: true, templates: true, files: Vec::new() });
        assert!(first.has_site && first.findings.is_empty(), "{:?}", first.findings);

        std::fs::remove_dir_all(dir.path().join("data")).unwrap();
        fs::write(&dir.path().join("templates/index.html"), "<p>{{ site_title }}</p>").unwrap();
        let again =
            bench.rebuild(&Change { inputs: false, templates: true, files: vec!["templates/index.html".into()] });
        assert!(again.has_site && again.findings.is_empty(), "{:?}", again.findings);
        let page = fs::read_to_string(&dir.path().join(FOLDER).join("index.html")).unwrap();
        assert_eq!(page, "<p>Tea</p>");

        let without = bench.rebuild(&Change { inputs: true, templates: false, files: vec!["data/groups.csv".into()] });
        assert!(without.has_site && without.findings.has_errors(), "the data are gone, the site stays");
        assert_eq!(fs::read_to_string(&dir.path().join(FOLDER).join("index.html")).unwrap(), page);
    }
}
