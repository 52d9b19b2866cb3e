"""Looks through a whole site with parsers that are not ours and prints whatever could act.

scan.py SITE [--marks]

HTML by lexbor (the parsing rules of browsers), Markdown by markdown-it with raw HTML let through, JSON, scripts,
CSV and iCalendar by their own rules. Exits with 1 when something is found. With --marks it also requires that the
planted texts can be read on some page: dropping them would be no defence.
"""

import csv
import json
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

site = Path(sys.argv[1])
found = []
counts = {}
text_seen = []

# What a page of ours is made of; anything else was brought in.
FORBIDDEN = {"iframe", "object", "embed", "applet", "base", "frame", "frameset", "marquee", "math", "portal", "link", "style"}
URLS = {"href", "src", "srcset", "action", "formaction", "poster", "data", "ping", "cite", "background", "xlink:href", "manifest"}
BIDI = re.compile("[\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\u2028\u2029\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")


def tell(file, what):
    found.append(f"{file.relative_to(site)}: {what[:200]}")


def check_url(file, tag, name, value):
    value = re.sub(r"[\x00-\x20]", "", value or "")
    parts = urlparse(value)
    if parts.scheme or value.startswith("//") or value.startswith("\\"):
        tell(file, f"<{tag} {name}={value!r}> leads out of the folder")
        return
    if not parts.path:
        return
    target = (file.parent / unquote(parts.path)).resolve()
    if not target.is_relative_to(site.resolve()):
        tell(file, f"<{tag} {name}={value!r}> leaves the site")
    elif not target.exists():
        tell(file, f"<{tag} {name}={value!r}> leads nowhere")


def check_html(file, text, whole=True):
    tree = LexborHTMLParser(text)
    for node in tree.root.traverse(include_text=False):
        tag = node.tag.lower()
        attributes = node.attributes
        counts["elements"] = counts.get("elements", 0) + 1
        if tag == "script":
            source = attributes.get("src") or ""
            if not whole or node.text().strip() or not re.fullmatch(r"(\.\./)*assets/[\w.-]+\.js", source):
                tell(file, f"<script src={source!r}> {node.text()[:60]!r}")
        elif tag == "link":
            if not whole or attributes.get("rel") not in {"stylesheet", "icon", "alternate"}:
                tell(file, f"<link rel={attributes.get('rel')!r}>")
        elif tag == "meta":
            kind = (attributes.get("http-equiv") or "").lower()
            if kind and kind != "content-security-policy":
                tell(file, f"<meta http-equiv={kind!r}>")
        elif tag in FORBIDDEN:
            tell(file, f"<{tag}>")
        for name, value in attributes.items():
            name = name.lower()
            if name.startswith("on"):
                tell(file, f"<{tag} {name}={value!r}>")
            if name == "style" and re.search(r"url|expression|@|\\|<", value or "", re.I):
                tell(file, f"<{tag} style={value!r}>")
            if name == "srcdoc":
                tell(file, f"<{tag} srcdoc>")
            if name in URLS:
                check_url(file, tag, name, value)
            if BIDI.search(value or ""):
                tell(file, f"<{tag} {name}={value!r}> holds a hidden mark")
    if whole:
        body = tree.body.text(deep=True)
        text_seen.append(body)
        if BIDI.search(body):
            tell(file, f"hidden mark in the text: {BIDI.search(body)[0]!r}")
        if len(tree.css("main")) != 1 or len(tree.css("h1")) != 1:
            tell(file, "not one <main> and one <h1>: markup was broken out of")


def check_script(file, text):
    if "</script" in text.lower() or "<!--" in text or "\u2028" in text or "\u2029" in text:
        tell(file, "a text can end the script")


markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
for file in sorted(p for p in site.rglob("*") if p.is_file()):
    suffix = file.suffix
    counts[suffix] = counts.get(suffix, 0) + 1
    text = file.read_text("utf-8")
    if not re.fullmatch(r"[^\x00-\x1f<>:\"\\|?*]+", str(file.relative_to(site))) or ".." in file.parts:
        tell(file, "a name that some systems refuse")
    if suffix in {".html", ".svg"}:
        check_html(file, text, suffix == ".html")
    elif suffix == ".md":
        check_html(file, markdown.render(text), False)
        if BIDI.search(text):
            tell(file, "hidden mark")
    elif suffix == ".json":
        json.loads(text, parse_constant=lambda c: tell(file, f"not JSON: {c}"))
    elif suffix == ".js":
        check_script(file, text)
    elif suffix == ".csv":
        for row in csv.reader(text.splitlines(keepends=True)):
            for cell in row:
                if cell[:1] in "=+-@\t\r" and cell and not re.fullmatch(r"-?\d+(\.\d+)?", cell):
                    tell(file, f"a formula: {cell!r}")
    elif suffix == ".ics":
        depth = 0
        for line in re.sub(r"\r\n[ \t]", "", text).split("\r\n"):
            name = re.split("[:;]", line, maxsplit=1)[0]
            if line and name not in {
                "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE", "UID",
                "DTSTAMP", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "CATEGORIES", "TZID", "TZOFFSETFROM",
                "TZOFFSETTO", "TZNAME", "RRULE", "LOCATION", "STATUS", "TRANSP", "LAST-MODIFIED", "REFRESH-INTERVAL",
            }:
                tell(file, f"a line of its own: {line!r}")
            if line in {"BEGIN:VALARM"}:
                tell(file, "an alarm that nobody asked for")

if "--marks" in sys.argv:
    everything = "\n".join(text_seen)
    for mark in ["<script>alert(1)</script>", "<svg/onload=alert(1)>", "{{ 7 * 7 }}", "onerror=alert(1)"]:
        if mark not in everything:
            found.append(f"nowhere to be read: {mark}")
    if not counts.get(".html", 0) > 20:
        found.append("hardly any pages")

for line in found[:40]:
    print(line)
if len(found) > 40:
    print(f"… and {len(found) - 40} more")
print(", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())))
sys.exit(bool(found))
