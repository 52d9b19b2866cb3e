// A browser that tells of everything a page should not do.
import { chromium as playwright } from "playwright-core";
import assert from "node:assert/strict";
import { after } from "node:test";
import { chromium as executablePath, roots } from "./site.js";

/** Chromium stays by itself: no reports home, no updates. */
export const flags = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
];

let running;
after(async () => (await running)?.close());

/** The browser of this test file; it ends with the file's last test. */
export async function browser() {
  running ??= playwright.launch({ executablePath, args: flags });
  return running;
}

/**
 * Does something in a window of its own, and then holds the pages to it: no error in the console, no exception, no
 * failed or foreign request. `options` are Playwright's of a context.
 */
export async function inWindow(root, options, act) {
  const context = await (await browser()).newContext({ locale: "zh-CN", ...options });
  const faults = [];
  await context.route("**/*", (route) => {
    const url = route.request().url();
    if (url.startsWith(root) || /^(data|blob|about):/.test(url)) return route.continue();
    faults.push(`request to ${url}`);
    return route.abort();
  });
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(root) && !/^(data|blob|about):/.test(url)) faults.push(`request to ${url}`);
  });
  context.on("requestfailed", (request) => {
    // A page that is left takes what it still asked for with it.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") faults.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  context.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} for ${response.url()}`);
  });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => faults.push(`exception: ${error.error()}`));
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const result = await act(page, context);
    assert.deepEqual(faults, [], "a page did what it should not");
    return result;
  } finally {
    await context.close();
  }
}

/** The address of a page on a way to the site. */
export function address(root, file) {
  return root + file.split("/").map(encodeURIComponent).join("/");
}

/** A test on both ways to the site. */
export function onBothWays(test, name, act) {
  for (const [way, root] of Object.entries(roots)) test(`${name} (${way})`, (t) => act(root, t));
}
