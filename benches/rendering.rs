//! How fast the site's own engine makes pages: `cargo bench --bench rendering -- JOB OUT`.
//!
//! A job is a folder with `content/*.md` (ten Markdown tactics each), `figures.csv` (twenty rows a
//! page, mixed up) and `templates/`; `benches/rendering/run` makes it and runs other generators over
//! the same. The rows are first sorted apart on the disk by page, so that a part of them fits into memory however many there are.
//! Pages are rendered side by side and written one by one; nothing of them is kept.
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
    let content = job.join("content");
    // One name after the other: a list of all paths would be what most of the memory goes to.
    let mut names: Vec<Box<str>> = std::fs::read_dir(&content)
        .expect("the content")
        .map(|entry| Box::from(entry.expect("a page").file_name().to_string_lossy().trim_end_matches(".md")))
        .collect();
    names.sort_unstable();
    let files = TemplateFiles::load(Some(&job.join("templates"))).expect("the templates");
    let wording = Wording::load("zh-CN", None).expect("the built-in texts");
    let engine = Engine::new(&files, &wording, Context::new()).expect("templates without faults");
    let mut bytes = 0;
    for shelf in Shelves::fill(&job.join("figures.csv"), &job.join("shelves"), &names) {
        let figures = Figures::read(&shelf.rows);
        bytes += shelf
            .pages
            .par_iter()
            .filter_map(|at| Some((*at, &**names.get(*at)?)))
            .map(|(at, name)| {
                let text = fs::read_to_string(&content.join(format!("{name}.md"))).expect("a page's text");
                let (title, body) = parts(&text);
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
            .sum::<usize>();
    }
    (names.len(), bytes)
}

/// How many bytes of rows a shelf has, more or less: so many are in memory at once, however many there are.
const SHELF: u64 = 1 << 20;

/// The rows of all pages, sorted apart into files by a hash of their page.
struct Shelves;

/// The pages of one hash, and the file of their rows.
struct Shelf {
    pages: Vec<usize>,
    rows: PathBuf,
}

impl Shelves {
    fn fill(figures: &Path, folder: &Path, names: &[Box<str>]) -> Vec<Shelf> {
        let count = fs::metadata(figures).expect("the figures").len() / SHELF + 1;
        let of = |page: &[u8]| (page.iter().fold(17_u64, |h, b| h.wrapping_mul(31) + u64::from(*b)) % count) as usize;
        let mut shelves: Vec<Shelf> =
            (0..count).map(|n| Shelf { pages: Vec::new(), rows: folder.join(format!("{n}.csv")) }).collect();
        for (at, name) in names.iter().enumerate() {
            if let Some(shelf) = shelves.get_mut(of(name.as_bytes())) {
                shelf.pages.push(at);
            }
        }
        fs::create_dir_all(folder).expect("room for the rows");
        let mut files: Vec<csv::Writer<_>> =
            shelves.iter().map(|s| csv::Writer::from_writer(fs::create(&s.rows).expect("room for rows"))).collect();
        let mut reader = csv::Reader::from_reader(fs::open(figures).expect("the figures"));
        let mut row = csv::ByteRecord::new();
        while reader.read_byte_record(&mut row).expect("a row") {
            if let Some(file) = row.get(0).and_then(|page| files.get_mut(of(page))) {
                file.write_byte_record(&row).expect("room for a row");
            }
        }
        files.iter_mut().for_each(|f| f.flush().expect("room for rows"));
        shelves
    }
}

/// The rows of a shelf: their fields one after the other, and by page where its rows lie.
struct Figures {
    text: String,
    of_page: BTreeMap<String, Vec<Range<usize>>>,
}

impl Figures {
    fn read(path: &Path) -> Self {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_reader(fs::open(path).expect("a file of rows"));
        let mut text = String::new();
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
