// The built site that the tests look at. `tests/browser.rs` says where it is.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

function wanted(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run \`cargo test --test browser\``);
  return value;
}

/** Folder of the site. */
export const folder = path.resolve(wanted("QUNCE_SITE"));
/** The browser. */
export const chromium = wanted("QUNCE_CHROMIUM");
/** The program. */
export const program = wanted("QUNCE_PROGRAM");

/** The two ways to a site: opened from its folder, and served. Both roots end in a slash. */
export const roots = { folder: pathToFileURL(folder).href + "/", server: wanted("QUNCE_SITE_URL") };

/** Every file below the folder by its path with `/`, sorted. */
export const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join("/"))
  .sort();

export const pages = files.filter((file) => file.endsWith(".html"));

export function read(file) {
  return readFileSync(path.join(folder, file), "utf8");
}

/** The portfolio as data, in the first language. */
export const index = JSON.parse(read("api/index.json"));

/** A latest report, a manual, … in the first language. */
export const latest = pages.filter((file) => /^groups\/[^/]+\/index\.html$/.test(file));
/** The latest reports in every language. */
export const reports = pages.filter((file) => /^([^/]+\/)?groups\/[^/]+\/index\.html$/.test(file));

/** The longest of some pages: where anything is too much, it is here. */
export function longest(some) {
  return some.reduce((a, b) => (read(a).length >= read(b).length ? a : b));
}

/** One page of every kind, in the first language. */
export const kinds = {
  portfolio: "index.html",
  report: longest(latest),
  manual: longest(pages.filter((file) => /^groups\/[^/]+\/manual\.html$/.test(file))),
  method: "method.html",
  type: longest(pages.filter((file) => /^types\//.test(file))),
  quality: "quality.html",
};
