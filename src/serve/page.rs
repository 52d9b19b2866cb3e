//! What only served pages have: the script that reloads them, and the errors of the last build.

use super::Live;
use super::colour::{escape, to_html};
use crate::diagnostic::{Findings, Severity, render};

/// The path below which the server answers for itself. No page of a site starts with a dot.
pub(super) const OWN: &str = "/.qunce/";

/// At most this many findings are shown; the rest are counted, as in the terminal.
const MOST: usize = 50;

/// The server's own files, by their name below [`OWN`], with their type.
pub(super) fn own(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "live.js" => ("text/javascript; charset=utf-8", include_str!("assets/live.js")),
        "worker.js" => ("text/javascript; charset=utf-8", include_str!("assets/worker.js")),
        "live.css" => ("text/css; charset=utf-8", include_str!("assets/live.css")),
        _ => return None,
    })
}

/// A page of the site as it is served. The file stays as the build wrote it.
pub(super) fn with_live(html: &[u8], live: &Live) -> Vec<u8> {
    let at = end_of_body(html);
    let (head, tail) = html.split_at(at);
    [head, additions(live).as_bytes(), tail].concat()
}

/// A page where there is none: before the first site, and for addresses that lead nowhere.
pub(super) fn without_site(title: &str, text: &str, live: &Live) -> Vec<u8> {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
    );
    escape(&mut page, title);
    page.push_str("</title>\n</head>\n<body class=\"qunce-alone\">\n<main>\n<h1>");
    escape(&mut page, title);
    page.push_str("</h1>\n");
    page.push_str(text);
    page.push_str("\n</main>\n");
    page.push_str(&additions(live));
    page.push_str("</body>\n</html>\n");
    page.into_bytes()
}

/// Findings as a box in the page; nothing when none is an error.
pub(super) fn trouble(findings: &Findings) -> String {
    if !findings.has_errors() {
        return String::new();
    }
    let mut items: Vec<_> = findings.items().iter().collect();
    items.sort_by_key(|d| std::cmp::Reverse(d.severity));
    let (errors, warnings) = (findings.count(Severity::Error), findings.count(Severity::Warning));
    let mut html = format!(
        "<section class=\"qunce-trouble\" role=\"alert\" data-errors=\"{errors}\" data-warnings=\"{warnings}\">\n\
         <p lang=\"zh-CN\">有 {errors} 处错误，网站仍是改动之前的样子。改好后自动刷新。</p>\n\
         <p lang=\"en\">The site is the one from before: {errors} to mend. It reloads by itself.</p>\n\
         <pre lang=\"en\" tabindex=\"0\">"
    );
    for item in items.iter().take(MOST) {
        html.push_str(&to_html(&render(item, true)));
        html.push('\n');
    }
    if items.len() > MOST {
        html.push_str(&format!("… and {} more\n", items.len() - MOST));
    }
    html.push_str("</pre>\n</section>\n");
    html
}

fn additions(live: &Live) -> String {
    format!(
        "<link rel=\"stylesheet\" href=\"{OWN}live.css\">\n\
         <script src=\"{OWN}live.js\" data-version=\"{}\" defer></script>\n{}",
        live.version(),
        live.trouble
    )
}

/// Where the body ends, or the file if it does not say.
fn end_of_body(html: &[u8]) -> usize {
    const END: &[u8] = b"</body";
    html.windows(END.len()).rposition(|w| w.eq_ignore_ascii_case(END)).unwrap_or(html.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostic};

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_page_gets_its_script_at_the_end_of_its_body_and_stays_the_same_otherwise() {
        let live = Live { builds: 3, ..Live::default() };
        let served = text(with_live("<p>群</p><pre></BODY></pre></body></html>".as_bytes(), &live));
        assert!(served.starts_with("<p>群</p><pre></BODY></pre><link "), "{served}");
        assert!(served.ends_with("</script>\n</body></html>"), "{served}");
        assert!(served.contains(&format!("data-version=\"{}.3\"", std::process::id())));
        assert!(text(with_live(b"<p>open", &live)).starts_with("<p>open<link "));
        assert!(!served.contains("qunce-trouble"), "no box without errors");
    }

    #[test]
    fn errors_are_told_as_text_and_warnings_alone_are_not() {
        let mut findings = Findings::new();
        findings.push(Diagnostic::warning(Code::Orphans, "a warning"));
        assert_eq!(trouble(&findings), "");
        for _ in 0..60 {
            findings.push(Diagnostic::error(Code::Template, "no `<b>` here"));
        }
        let html = trouble(&findings);
        assert!(html.contains("data-errors=\"60\" data-warnings=\"1\""), "{html}");
        assert_eq!(html.matches("&lt;b&gt;").count(), MOST);
        assert!(html.contains("… and 11 more") && !html.contains("a warning"), "errors come first: {html}");
    }
}
