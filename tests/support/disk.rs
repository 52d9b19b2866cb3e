//! A workspace so small that it can be built hundreds of times, in two states that differ in every file.

use super::{Said, Workspace, project, tree};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

pub type Tree = BTreeMap<String, Vec<u8>>;

const PLAYBOOK: &str = r#"
name = "Plain"
[scoring]
min_members = 1
min_sample = 1
[[board]]
id = "talk"
name = "Talk"
[measure.messages]
table = "messages"
count = "*"
[kpi.messages]
name = "Messages"
board = "talk"
value = "messages"
unit = "count"
origin = "own"
[[segment]]
id = "talkers"
name = "Talkers"
when = "messages('7d') > 0"
"#;

/// Files of others in the output folder, which no build may touch.
const OTHERS: [(&str, &str); 2] = [("CNAME", "tea.example"), (".well-known/owner.txt", "somebody")];

/// A workspace whose inputs can be in two states.
pub struct Small {
    pub workspace: Workspace,
    /// The whole site of each state.
    pub sites: [Tree; 2],
}

impl Small {
    /// Makes the workspace and builds both states once, the second last.
    pub fn new() -> Self {
        let workspace = Workspace::in_memory();
        // The shipped playbooks take longer to read than all the rest.
        for path in tree(&project("playbooks")).into_keys() {
            if path.ends_with(".en.toml") || !path.ends_with(".toml") {
                continue;
            }
            let text = if path.contains('/') { "" } else { "name = \"x\"\n" };
            workspace.write(&format!("playbooks/{path}"), text);
        }
        workspace.write("playbooks/plain.toml", PLAYBOOK);
        workspace.write("data/members.csv", "group_id,member_id,joined_at\ng1,m1,2025-01-06 09:00\n");
        workspace.write(
            "data/messages.csv",
            "message_id,group_id,member_id,sent_at\n1,g1,m1,2025-05-06 10:00\n2,g1,m1,never\n",
        );
        let mut small = Self { workspace, sites: Default::default() };
        for state in [0, 1] {
            small.set(state);
            small.build(&[], |_| {}).well();
            small.sites[state] = small.site();
        }
        assert!(small.sites[0] != small.sites[1] && small.sites[0].len() > 10, "two sites");
        for (path, content) in OTHERS {
            small.workspace.write(&format!("out/{path}"), content);
        }
        small
    }

    /// Puts the inputs into a state: another title on every page, and a group more or less.
    pub fn set(&self, state: usize) {
        let title = ["First", "Second"][state];
        let config =
            format!("[site]\nlanguages = [\"en\"]\ntrend = 2\ntitle = \"{title}\"\n[data]\nmax_bad_share = 1.0\n");
        let groups = ["g1,One,plain,2025-01-06\n", "g1,One,plain,2025-01-06\ng2,Two,plain,2025-01-06\n"][state];
        self.workspace.write("qunce.toml", config);
        self.workspace.write("data/groups.csv", format!("group_id,name,playbook,created_on\n{groups}"));
    }

    pub fn build(&self, arguments: &[&str], change: impl FnOnce(&mut Command)) -> Said {
        let all: Vec<&str> = ["build"].iter().chain(arguments).copied().collect();
        self.workspace.run_with(&all, |command| {
            command.env("RAYON_NUM_THREADS", "1").env("RUST_BACKTRACE", "0");
            change(command);
        })
    }

    /// The site without the files of others.
    pub fn site(&self) -> Tree {
        let mut site = self.workspace.tree("out");
        site.retain(|path, _| OTHERS.iter().all(|(other, _)| other != path));
        site
    }

    /// Which of both sites stands, to the last byte, with the files of others beside it.
    pub fn standing(&self) -> Result<usize, String> {
        let found = self.site();
        for (path, content) in OTHERS {
            let there = std::fs::read_to_string(self.workspace.path().join("out").join(path)).unwrap_or_default();
            if there != content {
                return Err(format!("`{path}` of others holds {there:?}"));
            }
        }
        self.sites.iter().position(|site| *site == found).ok_or_else(|| {
            let [a, b] = [0, 1].map(|state| differing(&self.sites[state], &found));
            format!("neither site stands; from the first differ {a:?}, from the second {b:?}")
        })
    }

    /// What lies beside the site and is no input.
    pub fn leftovers(&self) -> Vec<String> {
        beside(self.workspace.path())
    }
}

fn beside(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    let known = ["data", "playbooks", "qunce.toml", "out", ".qunce"];
    let mut found: Vec<String> = entries.filter(|name| !known.contains(&name.as_str())).collect();
    found.sort();
    found
}

/// The paths in which two sites differ.
pub fn differing(a: &Tree, b: &Tree) -> Vec<String> {
    let mut all: Vec<&String> = a.keys().chain(b.keys()).collect();
    all.sort();
    all.dedup();
    all.into_iter().filter(|p| a.get(*p) != b.get(*p)).cloned().collect()
}
