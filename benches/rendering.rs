//! How fast the site's own engine makes pages: `cargo bench --bench rendering -- JOB OUT`.
//!
//! A job is a folder with `content/*.md` (ten Markdown tactics each), `figures.csv` (twenty rows a
//! page, mixed up) and `templates/`; `benches/rendering/run` makes it and runs other generators over
//! the same. Pages are rendered side by side and written one by one; nothing of them is kept.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "a benchmark that cannot go on says why")]

use qunce::fs;
use qunce::report::Wording;
use qunce::site::{Engine, TemplateFiles};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tera::Context;

#[derive(Serialize)]
struct Page<'a> {
    title: String,
    rows: Vec<Row<'a>>,
    neighbours: Vec<Link<'a>>,
    body: &'a str,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    value: &'a str,
    target: &'a str,
    change: &'a str,
}

#[derive(Serialize)]
struct Link<'a> {
    href: String,
    name: &'a str,
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    // `cargo bench` without a job runs every benchmark there is; this one has nothing to do then.
    let (Some(job), Some(out)) = (arguments.next(), arguments.next()) else { return };
    let (job, out) = (PathBuf::from(job), PathBuf::from(out));
    let start = Instant::now();
    let (pages, bytes) = render(&job, &out);
    let seconds = start.elapsed().as_secs_f64();
    println!("{pages} pages, {bytes} bytes, {seconds:.3} s");
}

fn render(job: &Path, out: &Path) -> (usize, usize) {
    let figures = Figures::read(&job.join("figures.csv"));
    let content: Vec<PathBuf> = fs::read_dir(&job.join("content")).expect("the content");
    let names: Vec<String> =
        content.iter().map(|p| p.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()).collect();
    let files = TemplateFiles::load(Some(&job.join("templates"))).expect("the templates");
    let wording = Wording::load("zh-CN", None).expect("the built-in texts");
    let engine = Engine::new(&files, &wording, Context::new()).expect("templates without faults");
    let bytes = content
        .par_iter()
        .enumerate()
        .map(|(at, path)| {
            let text = fs::read_to_string(path).expect("a page's text");
            let (title, body) = parts(&text);
            let name = names.get(at).map_or("", String::as_str);
            let page = Page {
                title: title.to_owned(),
                rows: figures.of(name),
                neighbours: (1..=10)
                    .filter_map(|step| names.get((at + step) % names.len()))
                    .map(|name| Link { href: format!("../{name}/"), name })
                    .collect(),
                body,
            };
            let mut context = Context::new();
            context.insert("page", &page);
            let html = engine.render("page.html", &context).expect("a page");
            fs::write(&out.join(name).join("index.html"), &html).expect("room for a page");
            html.len()
        })
        .sum();
    (content.len(), bytes)
}

/// The rows of all pages: their fields one after the other, and by page where its rows lie.
struct Figures {
    text: String,
    of_page: BTreeMap<String, Vec<Range<usize>>>,
}

impl Figures {
    fn read(path: &Path) -> Self {
        let bytes = fs::metadata(path).expect("the figures").len();
        let mut reader = csv::Reader::from_reader(fs::open(path).expect("the figures"));
        let mut text = String::with_capacity(usize::try_from(bytes).unwrap_or_default());
        let mut of_page: BTreeMap<String, Vec<Range<usize>>> = BTreeMap::new();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).expect("a row") {
            let Some(page) = record.get(0) else { continue };
            if !of_page.contains_key(page) {
                of_page.insert(page.to_owned(), Vec::with_capacity(20));
            }
            let start = text.len();
            for field in record.iter().skip(1) {
                text.push_str(field);
                text.push('\t');
            }
            if let Some(rows) = of_page.get_mut(page) {
                rows.push(start..text.len());
            }
        }
        Self { text, of_page }
    }

    fn of(&self, page: &str) -> Vec<Row<'_>> {
        let rows = self.of_page.get(page).into_iter().flatten();
        rows.filter_map(|row| {
            let mut fields = self.text.get(row.clone())?.split('\t');
            Some(Row { name: fields.next()?, value: fields.next()?, target: fields.next()?, change: fields.next()? })
        })
        .collect()
    }
}

/// Title and Markdown of a text with front matter.
fn parts(text: &str) -> (&str, &str) {
    let Some((head, body)) = text.trim_start_matches("+++\n").split_once("\n+++\n") else { return ("", text) };
    let title = head.lines().find_map(|l| l.strip_prefix("title = \"")).map_or("", |t| t.trim_end_matches('"'));
    (title, body)
}
