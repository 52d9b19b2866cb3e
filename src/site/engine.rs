//! The templates of a site in one language: built in, each replaced by the workspace's file of its path.

use super::markdown::{self, Headings};
use super::{chart, escape};
use crate::diagnostic::{Code, Diagnostic, SourceText, Span, list};
use crate::playbook::Text;
use crate::report::{Given, Reading, TextTemplates, TextVariables, Wording};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use tera::{Context, ErrorKind, Kwargs, State, Tera, TeraResult, Value};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct BuiltIn;

/// The files of the templates folder by path: built-in ones, replaced and joined by a workspace's.
#[derive(Debug, Clone)]
pub struct TemplateFiles {
    files: BTreeMap<String, TemplateFile>,
}

#[derive(Debug, Clone)]
struct TemplateFile {
    /// As shown to people.
    shown: String,
    bytes: Cow<'static, [u8]>,
    own: bool,
}

impl TemplateFiles {
    /// The built-in files with those of a folder laid over them.
    ///
    /// # Errors
    /// When a file of the folder cannot be read.
    pub fn load(folder: Option<&Path>) -> crate::fs::Result<Self> {
        let mut files: BTreeMap<String, TemplateFile> = BuiltIn::iter()
            .filter_map(|path| {
                let bytes = BuiltIn::get(&path)?.data;
                Some((path.to_string(), TemplateFile { shown: format!("built-in/{path}"), bytes, own: false }))
            })
            .collect();
        if let Some(folder) = folder.filter(|f| f.is_dir()) {
            let label = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let mut waiting = vec![folder.to_path_buf()];
            while let Some(next) = waiting.pop() {
                for path in crate::fs::read_dir(&next)? {
                    if path.is_dir() {
                        waiting.push(path);
                        continue;
                    }
                    let Ok(relative) = path.strip_prefix(folder) else { continue };
                    let name = relative.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("/");
                    // Editors leave their hidden files beside templates.
                    if name.split('/').any(|p| p.starts_with('.')) {
                        continue;
                    }
                    let bytes = Cow::Owned(crate::fs::read(&path)?);
                    files.insert(name.clone(), TemplateFile { shown: format!("{label}/{name}"), bytes, own: true });
                }
            }
        }
        Ok(Self { files })
    }

    /// The workspace's own texts of a language, with the file's name.
    ///
    /// # Errors
    /// A file that is not UTF-8.
    pub fn own_wording(&self, tag: &str) -> Result<Option<(&str, &str)>, Diagnostic> {
        let Some(file) = self.files.get(&format!("i18n/{tag}.ftl")).filter(|f| f.own) else { return Ok(None) };
        match std::str::from_utf8(&file.bytes) {
            Ok(text) => Ok(Some((&file.shown, text))),
            Err(fault) => {
                let source = SourceText::new(file.shown.as_str(), String::from_utf8_lossy(&file.bytes));
                let at = fault.valid_up_to();
                Err(Diagnostic::error(Code::WordingSyntax, "a file of texts is not UTF-8")
                    .at(&Span::new(&source, at..at), "the first byte that is not")
                    .with_help("save the file as UTF-8"))
            }
        }
    }

    /// The workspace's files of texts that no language of the site reads.
    #[must_use]
    pub fn idle_wordings(&self, languages: &[String]) -> Vec<Diagnostic> {
        let read: Vec<String> = languages.iter().map(|tag| format!("i18n/{tag}.ftl")).collect();
        let own = self.files.iter().filter(|(path, file)| file.own && path.starts_with("i18n/"));
        own.filter(|(path, _)| !read.contains(path))
            .map(|(_, file)| {
                Diagnostic::warning(Code::WordingUnused, "a file of texts belongs to no language of the site")
                    .at_file(file.shown.as_str(), "nothing in it is shown")
                    .with_help(format!("the site reads {}", list(&read, "and")))
            })
            .collect()
    }

    /// The files that are copied as they are, by path.
    pub fn assets(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().filter(|(p, _)| p.starts_with("assets/")).map(|(p, f)| (p.as_str(), &*f.bytes))
    }

    fn texts(&self, suffix: &str) -> Vec<(&str, &str)> {
        self.files
            .iter()
            .filter(|(p, _)| p.ends_with(suffix) && !p.starts_with("assets/"))
            .filter_map(|(p, f)| Some((p.as_str(), std::str::from_utf8(&f.bytes).ok()?)))
            .collect()
    }

    fn source(&self, name: &str) -> Option<std::sync::Arc<SourceText>> {
        let file = self.files.get(name)?;
        Some(SourceText::new(file.shown.as_str(), String::from_utf8_lossy(&file.bytes)))
    }
}

/// Bytes that most pages stay below: one that grows from nothing is copied ten times over.
const PAGE: usize = 64 * 1024;

/// Renders pages and fills texts. Everything is escaped whatever a template is called: an engine
/// for HTML, one for Markdown.
pub struct Engine<'f> {
    files: &'f TemplateFiles,
    html: Tera,
    markdown: Tera,
    /// For the texts of playbooks, which see their variables and nothing of the site.
    texts: Tera,
}

impl<'f> Engine<'f> {
    /// An engine whose templates all see the values of `shared` and the texts of `wording`: those without
    /// variables as `ui.name`, the others by `say(key="name", variable=…)`.
    ///
    /// # Errors
    /// Templates that cannot be parsed, and includes of templates that do not exist.
    pub fn new(files: &'f TemplateFiles, wording: &Wording, mut shared: Context) -> Result<Self, Diagnostic> {
        shared.insert("ui", wording.texts());
        let mut html = Tera::new();
        html.autoescape_on([""]);
        html.set_escape_fn(escape::html);
        let (blocks, lines) = (markdown::Remembered::default(), markdown::Remembered::default());
        html.register_filter("markdown", move |text: &str, given: Kwargs, _: &State| -> TeraResult<Value> {
            Ok(blocks.get(text, headings(&given)?, markdown::to_html))
        });
        html.register_filter("inline_markdown", move |text: &str, _: Kwargs, _: &State| {
            lines.get(text, Headings::Bold, markdown::to_inline_html)
        });
        chart::register(&mut html);
        let mut md = Tera::new();
        md.autoescape_on([""]);
        md.set_escape_fn(escape::markdown);
        let (blocks, items) = (markdown::Remembered::default(), markdown::Remembered::default());
        md.register_filter("markdown", move |text: &str, given: Kwargs, _: &State| -> TeraResult<Value> {
            Ok(blocks.get(text, headings(&given)?, markdown::to_block))
        });
        md.register_filter("inline_markdown", move |text: &str, given: Kwargs, _: &State| -> TeraResult<Value> {
            Ok(items.get(text, given.get::<usize>("indent")?.unwrap_or(2), markdown::to_item))
        });
        md.register_filter("quote", |text: &str, _: Kwargs, _: &State| Value::safe_string(&markdown::to_quote(text)));
        md.register_filter("code", |text: &str, _: Kwargs, _: &State| Value::safe_string(&code_span(text)));
        for tera in [&mut html, &mut md] {
            let wording = wording.clone();
            tera.register_function("say", move |given: Kwargs, _: &State<'_>| say(&wording, &given));
            tera.global_context().extend(shared.clone());
        }
        let mut texts = Tera::new();
        texts.set_escape_fn(escape::markdown);
        let engine = Self { files, html, markdown: md, texts };
        engine.with_templates()
    }

    fn with_templates(mut self) -> Result<Self, Diagnostic> {
        let result = self
            .html
            .add_raw_templates(self.files.texts(".html"))
            .and_then(|()| self.markdown.add_raw_templates(self.files.texts(".md")));
        match result {
            Ok(()) => Ok(self),
            Err(error) => Err(self.diagnostic(&error, "a template cannot be read")),
        }
    }

    /// Renders a template; one that ends in `.md` as Markdown, every other as HTML.
    ///
    /// # Errors
    /// A value that the template names and the view does not have, or another fault of the template.
    pub fn render(&self, template: &str, context: &Context) -> Result<Vec<u8>, Diagnostic> {
        let mut page = Vec::with_capacity(PAGE);
        let tera = if template.ends_with(".md") { &self.markdown } else { &self.html };
        match tera.render_to(template, context, &mut page) {
            Ok(()) => Ok(page),
            Err(error) => Err(self.diagnostic(&error, &format!("`{template}` cannot be rendered"))),
        }
    }

    fn diagnostic(&self, error: &tera::Error, title: &str) -> Diagnostic {
        if let ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) = error.kind() {
            let found = Diagnostic::error(Code::Template, format!("{title}: {}", first_line(report.message())));
            return match self.files.source(report.filename()) {
                Some(source) => found.at(&Span::new(&source, report.span().range.clone()), "here"),
                None => found.at_file(report.filename(), ""),
            };
        }
        Diagnostic::error(Code::Template, format!("{title}: {}", first_line(&error.to_string())))
    }
}

impl TextTemplates for Engine<'_> {
    fn fill(
        &self,
        text: &Text,
        language: &str,
        variables: &TextVariables,
        schedule: &str,
        reading: Reading,
    ) -> Result<String, Diagnostic> {
        let source = text.get(language);
        if !["{{", "{%", "{#"].iter().any(|open| source.contains(open)) {
            return Ok(source.to_owned());
        }
        let fill = |context: &Context| self.texts.render_str(source, context, reading == Reading::Markdown);
        // Most texts name one or two variables; all are told of only where something is amiss.
        let filled = fill(&named(source, variables, schedule, false))
            .or_else(|_| fill(&named(source, variables, schedule, true)));
        filled.map_err(|error| {
            let message = match error.kind() {
                ErrorKind::SyntaxError(r) | ErrorKind::RenderingError(r) => first_line(r.message()).to_owned(),
                other => first_line(&other.to_string()).to_owned(),
            };
            let found = Diagnostic::error(Code::Template, format!("a text cannot be filled in: {message}"))
                .at(&text.span, "in this text")
                .with_help("known variables are `group`, `period`, `month`, `week`, `products`, `stage`, `playbook`, `schedule`, `kpi` and `extra`");
            if text.translations.contains_key(language) {
                found.with_note(format!("the fault is in its translation to `{language}`"))
            } else {
                found
            }
        })
    }
}

/// The variables that a text names, or all of them.
fn named(source: &str, variables: &TextVariables, schedule: &str, all: bool) -> Context {
    let TextVariables { group, period, month, week, products, stage, playbook, kpi, extra } = variables;
    let mut context = Context::new();
    let mut add = |name: &'static str, value: &dyn Fn() -> Value| {
        if all || source.contains(name) || source.contains("__tera_context") {
            context.insert_value(name, value());
        }
    };
    add("group", &|| Value::from_serializable(group));
    add("period", &|| Value::from_serializable(period));
    add("month", &|| Value::from_serializable(month));
    add("week", &|| Value::from_serializable(week));
    add("products", &|| Value::from_serializable(products));
    add("stage", &|| Value::from_serializable(stage));
    add("playbook", &|| Value::from_serializable(playbook));
    add("schedule", &|| Value::from_serializable(schedule));
    add("kpi", &|| Value::from_serializable(kpi));
    add("extra", &|| Value::from_serializable(extra));
    context
}

/// Where the headings of a text go: `{{ text | markdown(below=3) }}` puts them below a heading of level 3, the page's
/// level 2 if nothing is said.
fn headings(given: &Kwargs) -> TeraResult<Headings> {
    Ok(Headings::Below(given.get::<u8>("below")?.unwrap_or(2)))
}

/// A text with variables, as a template asks for it. Whole numbers choose its form.
fn say(wording: &Wording, given: &Kwargs) -> TeraResult<String> {
    let key: &str = given.must_get("key")?;
    let mut args: Vec<(&str, Given<'_>)> = Vec::new();
    for (name, value) in given.iter() {
        match name.as_str() {
            None | Some("key") => {}
            Some(name) => match (value.as_u64(), value.as_str()) {
                (Some(n), _) => args.push((name, Given::Number(n))),
                (_, Some(text)) => args.push((name, Given::Text(text))),
                _ => return Err(tera::Error::message(format!("`{name}` is neither a whole number nor a text"))),
            },
        }
    }
    wording.told(key, &args).map_err(tera::Error::message)
}

fn first_line(text: &str) -> &str {
    text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default()
}

/// A code span that holds any text.
fn code_span(text: &str) -> String {
    let text = crate::report::visible::clean(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}
