//! Output folders that must not be written, and links that lead astray.

use super::*;

fn refused(arguments: &'static [&'static str], prepare: fn(&Workspace), rows: Vec<Row>) -> Case {
    Case { arguments, prepare, ..case(3, vec![], rows) }
}

/// The data are as they were, and nothing else was written into the folder.
fn untouched(folder: &'static str, files: &'static [&'static str]) -> impl Fn(&Workspace, &Said) -> Result<(), String> {
    move |workspace, _| {
        let found: Vec<String> = workspace.tree(folder).into_keys().collect();
        if found == files && workspace.read("data/groups.csv") == GROUPS {
            Ok(())
        } else {
            Err(format!("{folder} holds {found:?}"))
        }
    }
}

const DATA: &[&str] = &["events.csv", "groups.csv", "members.csv", "messages.csv", "orders.csv", "posts.csv"];

pub fn cases() -> Vec<Case> {
    vec![
        refused(
            &["build", "--out", "data"],
            |_| {},
            vec![row("output folder is the data", &["Q0401", "`data`"]).and(untouched("data", DATA))],
        ),
        refused(
            &["build", "--out", "data/site"],
            |_| {},
            vec![
                row("output folder inside the data", &["Q0401", "lie within each other"]).and(untouched("data", DATA)),
            ],
        ),
        refused(
            &["build", "--out", "."],
            |_| {},
            vec![
                row("output folder around the data", &["Q0401", "lie within each other"]).and(untouched("data", DATA)),
            ],
        ),
        refused(
            &["build", "--out", "mine"],
            |w| {
                w.write("mine/thesis.txt", "years of work");
            },
            vec![
                row("output folder that is not ours", &["Q0401", "did not write"])
                    .and(untouched("mine", &["thesis.txt"])),
            ],
        ),
        refused(
            &["build", "--out", "file"],
            |w| {
                w.write("file", "a file");
            },
            vec![
                row("output folder is a file", &["Q0401", "`file` is a file"])
                    .and(|w, _| contains(w, "file", "a file")),
            ],
        ),
        Case {
            arguments: &["build"],
            prepare: |w| {
                w.write("out/.qunce-site", "").write("out/CNAME", "tea.example").write("out/old.html", "");
            },
            ..case(
                0,
                vec![],
                vec![
                    row("files of others in our output folder stay", &[]).and(|w, _| {
                        contains(w, "out/CNAME", "tea.example").and(contains(w, "out/index.html", "茶友会"))
                    }),
                ],
            )
        },
        #[cfg(unix)]
        refused(
            &["build", "--out", "link"],
            |w| {
                std::fs::create_dir(w.path().join("elsewhere")).unwrap();
                std::os::unix::fs::symlink(w.path().join("elsewhere"), w.path().join("link")).unwrap();
            },
            vec![row("output folder is a link", &["Q0401", "is a link"]).and(untouched("elsewhere", &[]))],
        ),
        #[cfg(unix)]
        refused(
            &["build"],
            |w| {
                std::fs::create_dir(w.path().join("data/more")).unwrap();
                std::os::unix::fs::symlink(w.path().join("data"), w.path().join("data/more/again")).unwrap();
                std::os::unix::fs::symlink("/", w.path().join("data/more/root")).unwrap();
            },
            vec![
                row("a link that leads back into itself", &["Q0318", "data/more/again", "back into itself"]),
                row("a link out of the workspace", &["Q0318", "data/more/root", "out of the workspace"]),
            ],
        ),
    ]
}
