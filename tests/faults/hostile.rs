//! Texts and ids that try to become something else: markup, code, formulas, commands, paths.

use super::*;
use support::tags;

/// Everything that a name may hold. Each tells by its own word whether it came through.
const TEXTS: &[&str] = &[
    "<script>alert('planted1')</script>",
    "</script><img src=x onerror=planted2()>",
    "\"><svg onload='planted3()'>",
    "[planted4](javascript:planted4())",
    "![planted5](http://planted5.example/x.png)",
    "| planted6 | **b** | `c` |",
    "@everyone planted7",
    "planted8 \u{202e}gpj.exe\u{2066}\u{200b}\u{feff}",
    "planted9 \u{1b}[31m\u{1b}]0;title\u{7}",
    "::error file=planted10::planted10",
    "=1+1+planted11",
    "+planted12()",
    "-planted13()",
    "@SUM(planted14)",
    "\tplanted15",
    "{{ planted16 }}{% raw %}",
    "# planted17",
    "planted18 & 'q' \"q\" <b>",
    "http://planted19.example/",
    "planted20\u{0085}\u{2028}::set-output name=x::y",
];

/// Ids of groups that are no names of files, and some that clash.
fn ids() -> Vec<String> {
    let mut ids: Vec<String> =
        ["../x", "/etc/passwd", "CON", "con", "a", "A", "C:\\x", "..", "a/b", "a b", "index", "nul.txt"]
            .iter()
            .map(ToString::to_string)
            .collect();
    ids.push("群".repeat(200));
    ids.push(format!("{}尾", "群".repeat(199)));
    ids
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Every text column of every table takes every text; the groups take the ids.
fn planted() -> Vec<(&'static str, Option<Vec<u8>>)> {
    let mut tables = [
        "group_id,name,playbook,created_on,owner,brand,region,tags\n".to_owned(),
        "group_id,member_id,joined_at,name,tier,source,invited_by\n".to_owned(),
        "message_id,group_id,member_id,sent_at,kind,topic\n".to_owned(),
        "post_id,group_id,sent_at,title,kind,product_id\n".to_owned(),
        "group_id,member_id,at,event,post_id,ref\n".to_owned(),
        "order_id,group_id,member_id,paid_at,amount,product_id\n".to_owned(),
        "product_id,name,category,price,role\n".to_owned(),
        "group_id,member_id,answered_at,survey,score,reason\n".to_owned(),
    ];
    let [groups, members, messages, posts, events, orders, products, surveys] = &mut tables;
    for (n, id) in ids().iter().enumerate() {
        let (id, t) = (cell(id), cell(TEXTS[n % TEXTS.len()]));
        groups.push_str(&format!("{id},{t},plain,2025-01-06,{t},{t},{t},{t}\n"));
    }
    groups.push_str("g1,茶友会,plain,2025-01-06,,,,\n");
    for (n, text) in TEXTS.iter().enumerate() {
        let (t, day) = (cell(text), 5 + n % 7);
        members.push_str(&format!("g1,{t},2025-01-06 09:00,{t},{t},{t},{t}\n"));
        messages.push_str(&format!("{t},g1,{t},2025-05-{day:02} 10:00,{t},{t}\n"));
        posts.push_str(&format!("{t},g1,2025-05-{day:02} 09:00,{t},{t},{t}\n"));
        events.push_str(&format!("g1,{t},2025-05-{day:02} 11:00,click,{t},{t}\n"));
        orders.push_str(&format!("{t},g1,{t},2025-05-{day:02} 12:00,1,{t}\n"));
        products.push_str(&format!("{t},{t},{t},1,{t}\n"));
        surveys.push_str(&format!("g1,{t},2025-05-{day:02} 12:00,exit,1,{t}\n"));
        // Rows that are set aside and orphans carry their texts into messages and lists as well.
        orders.push_str(&format!("bad{n},g1,{t},2025-05-06 10:00,{t},\n"));
        orders.push_str(&format!("lost{n},{t},{t},2025-05-06 10:00,1,\n"));
    }
    events.push_str("g1,x,2025-05-12 00:00,open,,\n");
    let names = ["groups", "members", "messages", "posts", "events", "orders", "products", "surveys"];
    let paths = names.map(|n| -> &'static str { Box::leak(format!("data/{n}.csv").into_boxed_str()) });
    paths.into_iter().zip(tables).map(|(p, t)| (p, Some(t.into_bytes()))).collect()
}

#[test]
fn the_reader_of_tags_sees_what_a_browser_sees() {
    let found = tags("a < b <p title='x > y'><IMG/SRC=x onerror = no onload=\"f('>')\">&lt;i&gt;");
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["p", "img"]);
    let keys: Vec<&str> = found[1].1.iter().map(|(key, _)| key.as_str()).collect();
    assert!(keys.contains(&"onload") && keys.contains(&"onerror") && keys.contains(&"src"), "{keys:?}");
}

/// No planted text became a tag, an attribute, a script or a link.
fn inert(workspace: &Workspace, _: &Said) -> Result<(), String> {
    let mut seen = 0;
    for (path, bytes) in workspace.tree("out") {
        let page = String::from_utf8(bytes).map_err(|e| format!("{path}: {e}"))?;
        seen += page.matches("planted").count();
        if path.ends_with(".html") {
            for (name, attributes) in tags(&page) {
                if matches!(name.as_str(), "img" | "iframe" | "object" | "embed" | "base") || name.contains("planted") {
                    return Err(format!("{path} has a tag <{name}>"));
                }
                for (key, value) in attributes {
                    let runs = key.starts_with("on") || key.contains("planted") || key == "srcdoc";
                    let leads = matches!(key.as_str(), "href" | "src" | "action" | "formaction" | "xlink:href")
                        && (value.trim_start().to_ascii_lowercase().starts_with("javascript")
                            || value.contains("://")
                            || value.contains("planted"));
                    if runs || leads {
                        return Err(format!("{path}: <{name} {key}={value:?}>"));
                    }
                }
            }
            for script in page.split("<script").skip(1).filter_map(|s| s.split("</script").next()) {
                if script.contains("planted") {
                    return Err(format!("{path}: data inside a script: {script}"));
                }
            }
        }
        let hidden = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
                || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{feff}')
        };
        if !path.starts_with("assets/")
            && let Some(line) = page.lines().find(|l| l.contains(hidden))
        {
            return Err(format!("{path} has a mark that shows nothing: {}", line.escape_debug()));
        }
        if path.ends_with(".ics") && page.lines().any(|l| l.starts_with("::") || l.starts_with("planted")) {
            return Err(format!("{path}: a text begins a line"));
        }
    }
    // Names of people are published under codes, so that groups, posts and products remain.
    if seen > 100 { Ok(()) } else { Err(format!("only {seen} planted texts arrived; the test tests nothing")) }
}

/// No value of the data is Markdown: neither link nor picture, tag, heading nor table.
fn plain_markdown(workspace: &Workspace, _: &Said) -> Result<(), String> {
    for (path, bytes) in workspace.tree("out") {
        let page = String::from_utf8_lossy(&bytes).into_owned();
        if !path.ends_with(".md") {
            continue;
        }
        for event in pulldown_cmark::Parser::new_ext(&page, pulldown_cmark::Options::all()) {
            use pulldown_cmark::{Event, Tag};
            let bad = match &event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    dest_url.contains("planted") || dest_url.contains("javascript:")
                }
                Event::Html(html) | Event::InlineHtml(html) => html.contains("planted") || html.contains("<script"),
                Event::Code(code) => code.contains("c` |"),
                _ => false,
            };
            if bad {
                return Err(format!("{path}: {event:?}"));
            }
        }
    }
    Ok(())
}

/// No cell of a list begins a formula.
fn no_formulas(workspace: &Workspace, _: &Said) -> Result<(), String> {
    let mut cells = 0;
    for (path, bytes) in workspace.tree("out") {
        if !path.ends_with(".csv") {
            continue;
        }
        for record in csv::ReaderBuilder::new().has_headers(false).from_reader(&*bytes).records() {
            for cell in record.map_err(|e| format!("{path}: {e}"))?.iter() {
                cells += 1;
                if cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err() {
                    return Err(format!("{path}: {cell}"));
                }
            }
        }
    }
    if cells > 40 { Ok(()) } else { Err(format!("only {cells} cells")) }
}

/// Nothing reaches a terminal or the log of a CI raw.
fn tame_terminal(_: &Workspace, said: &Said) -> Result<(), String> {
    let steers =
        |c: char| c.is_control() && !matches!(c, '\n' | '\t') || matches!(c, '\u{202e}' | '\u{2066}' | '\u{200b}');
    match said.err.lines().chain(said.out.lines()).find(|l| l.contains(steers) || l.trim_start().starts_with("::")) {
        Some(line) => Err(line.escape_debug().to_string()),
        None => Ok(()),
    }
}

/// Every group has its own folder within the site, whatever its id.
fn safe_paths(workspace: &Workspace, _: &Said) -> Result<(), String> {
    let folders: std::collections::BTreeSet<String> = workspace
        .tree("out")
        .keys()
        .filter_map(|p| Some(p.strip_prefix("groups/")?.split('/').next()?.to_lowercase()))
        .collect();
    if folders.len() != ids().len() + 1 {
        return Err(format!("{} folders for {} groups: {folders:?}", folders.len(), ids().len() + 1));
    }
    let odd = |f: &&String| {
        f.len() > 60 || !f.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) || *f == "con"
    };
    if let Some(folder) = folders.iter().find(odd) {
        return Err(format!("a folder {folder}"));
    }
    let outside: Vec<String> = workspace
        .tree("")
        .into_keys()
        .filter(|p| !["out/", "data/", "playbooks/", "qunce.toml", ".qunce/"].iter().any(|known| p.starts_with(known)))
        .collect();
    if outside.is_empty() { Ok(()) } else { Err(format!("files outside of the site: {outside:?}")) }
}

pub fn cases() -> Vec<Case> {
    let config = format!("{CONFIG}[data]\nmax_bad_share = 1.0\nmax_orphan_share = 0.1\n");
    let mut pseudonymous = planted();
    pseudonymous.push(text("qunce.toml", &config));
    let mut plain = planted();
    plain.push(text("qunce.toml", &format!("{config}[privacy]\nmembers = \"plain\"\n")));
    vec![
        case(
            0,
            pseudonymous,
            vec![
                row("markup, scripts and links in every text column", &[]).and(inert),
                row("the same in Markdown", &[]).and(plain_markdown),
                row("terminal escapes, bidi marks, `::error` in messages", &[]).and(tame_terminal),
                row("formulas in lists and in `quarantine.csv`", &[]).and(no_formulas),
                row("group ids `../x`, absolute, `CON`, case clash, 200 Chinese characters", &[]).and(safe_paths),
            ],
        ),
        case(
            0,
            plain,
            vec![
                row("the same with plain names of members: pages", &[]).and(inert),
                row("the same with plain names of members: Markdown", &[]).and(plain_markdown),
                row("the same with plain names of members: lists", &[]).and(no_formulas),
            ],
        ),
    ]
}
