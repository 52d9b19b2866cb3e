// All pages as files, read by a parser that is not a browser and not ours.
import assert from "node:assert/strict";
import test from "node:test";
import path from "node:path";
import { parse } from "parse5";
import { files, pages, read } from "./site.js";

/** Bytes that a page may have. */
const MOST = 60 * 1024;
/** Attributes that lead somewhere. */
const LINKS = ["href", "src", "action", "formaction", "poster", "data", "cite", "xlink:href"];

/** What is of interest in a page. */
function examine(file) {
  const found = { ids: new Map(), links: [], faults: [] };
  const document = parse(read(file), {
    sourceCodeLocationInfo: true,
    onParseError: (fault) => found.faults.push(`${file}:${fault.startLine}:${fault.startCol}: ${fault.code}`),
  });
  const waiting = [document];
  while (waiting.length) {
    const node = waiting.pop();
    for (const { name, prefix, value } of node.attrs ?? []) {
      const key = prefix ? `${prefix}:${name}` : name;
      if (key === "id") found.ids.set(value, (found.ids.get(value) ?? 0) + 1);
      if (LINKS.includes(key)) found.links.push(value);
      if (key === "srcset") found.links.push(...value.split(",").map((part) => part.trim().split(/\s+/)[0]));
      // A label, a description or an aria attribute names an element of the page, too.
      if (["for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "headers"].includes(key))
        found.links.push(...value.split(/\s+/).filter(Boolean).map((id) => `#${id}`));
    }
    waiting.push(...(node.childNodes ?? []), ...(node.content ? [node.content] : []));
  }
  return found;
}

const examined = new Map(pages.map((file) => [file, examine(file)]));

/** The file and the anchor that a link leads to. */
function target(file, link) {
  const base = new URL(file.split("/").map(encodeURIComponent).join("/"), "site:///");
  const url = new URL(link, base);
  if (url.protocol !== "site:" || url.host) return { outside: link };
  const name = decodeURIComponent(url.pathname.slice(1));
  return { name, anchor: decodeURIComponent(url.hash.slice(1)) };
}

test("there are pages", () => {
  assert.ok(pages.length > 100, `${pages.length} pages`);
});

test("no page is larger than 60 KB", () => {
  const sizes = pages.map((file) => [file, Buffer.byteLength(read(file))]).filter(([, bytes]) => bytes > MOST);
  sizes.sort((a, b) => b[1] - a[1]);
  assert.deepEqual(sizes.slice(0, 20), [], `${sizes.length} of ${pages.length} pages are too large`);
});

test("every page is well-formed", () => {
  assert.deepEqual([...examined.values()].flatMap((page) => page.faults), []);
});

test("no page has an id twice", () => {
  const twice = [...examined].flatMap(([file, page]) =>
    [...page.ids].filter(([, count]) => count > 1).map(([id]) => `${file}: ${id}`));
  assert.deepEqual(twice, []);
});

test("every link leads to a file of the site, and every anchor to a place in it", () => {
  const known = new Set(files);
  const broken = new Set();
  let count = 0;
  for (const [file, page] of examined) {
    for (const link of page.links) {
      count += 1;
      const { outside, name, anchor } = target(file, link);
      if (outside) broken.add(`${file}: ${outside} leads out of the site`);
      else if (!known.has(name)) broken.add(`${file}: there is no ${link}`);
      else if (anchor && !examined.get(name)?.ids.has(anchor)) broken.add(`${file}: no place ${link}`);
    }
  }
  assert.ok(count > 3_000, `only ${count} links`);
  assert.deepEqual([...broken], []);
});

test("every page can be reached from the first one", () => {
  const reached = new Set(["index.html"]);
  for (const file of reached) {
    for (const link of examined.get(file)?.links ?? []) {
      const { name } = target(file, link);
      if (name && !reached.has(name)) reached.add(name);
    }
  }
  assert.deepEqual(pages.filter((file) => !reached.has(file)), []);
});

test("a page in another language is linked from its counterpart", () => {
  for (const file of pages.filter((f) => !f.startsWith("en/"))) {
    const there = examined.get(file).links.map((link) => target(file, link).name);
    assert.ok(there.includes(`en/${file}`), `${file} does not lead to en/${file}`);
    assert.ok(pages.includes(`en/${file}`), `there is no en/${file}`);
    assert.equal(path.posix.normalize(file), file);
  }
});
