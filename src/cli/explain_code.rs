//! `qunce explain-code`: what the code of a message means.

use super::arguments::ExplainCodeOptions;
use super::{Failure, terminal};
use crate::diagnostic::{Code, Diagnostic, Example, Findings, Format, did_you_mean};
use serde_json::{Value, json};

pub(super) fn run(options: &ExplainCodeOptions) -> Result<(), Failure> {
    terminal::only(&[Format::Human, Format::Json], "`--format human` or `json`")?;
    let codes: Vec<Code> = match &options.code {
        None => Code::ALL.to_vec(),
        Some(text) => vec![find(text)?],
    };
    if terminal::format() == Format::Json {
        let list: Vec<Value> = codes.iter().map(|c| json(*c)).collect();
        terminal::print(&(serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"));
    } else if options.code.is_some() {
        codes.iter().for_each(|c| terminal::print(&text(*c)));
    } else {
        terminal::print(&list());
    }
    Ok(())
}

/// A code by its number, in any case, or by its name.
fn find(text: &str) -> Result<Code, Failure> {
    let same = |c: &&Code| c.id().eq_ignore_ascii_case(text) || c.slug() == text;
    Code::ALL.iter().find(same).copied().ok_or_else(|| {
        let known = Code::ALL.iter().flat_map(|c| [c.id(), c.slug()]);
        let mut finding = Diagnostic::error(Code::UnknownName, format!("there is no code `{text}`"));
        finding = match did_you_mean(text, known) {
            Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
            None => finding.with_help("`qunce explain-code` lists all codes"),
        };
        let mut findings = Findings::new();
        findings.push(finding);
        Failure::Usage(findings)
    })
}

fn list() -> String {
    Code::ALL.iter().map(|c| format!("{}  {}\n", c.id(), c.slug())).collect()
}

fn text(code: Code) -> String {
    let mut out = format!("{} {}\n\n{}\n", code.id(), code.slug(), code.explanation());
    if let Some(example) = Example::of(code) {
        for (title, files) in [("what goes wrong", example.wrong), ("how it is mended", example.right)] {
            out.push_str(&format!("\n{title}\n"));
            for (file, content) in files {
                out.push_str(&format!("\n  {file}\n"));
                out.extend(content.lines().map(|l| format!("    {l}").trim_end().to_owned() + "\n"));
            }
        }
        out.push_str(&format!("\ntold by  {}\n", example.command));
    }
    out
}

fn json(code: Code) -> Value {
    let files = |files: &[(&str, &str)]| -> Vec<Value> {
        files.iter().map(|(file, text)| json!({"file": file, "text": text})).collect()
    };
    json!({
        "code": code.id(), "name": code.slug(), "explanation": code.explanation(),
        "example": Example::of(code).map(|e| json!({
            "command": e.command, "wrong": files(e.wrong), "right": files(e.right),
        })),
    })
}
