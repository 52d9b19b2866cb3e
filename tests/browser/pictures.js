// Pictures of the site for the README: node pictures.js CHROMIUM SITE FOLDER. `docs/screenshots` calls it.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, site, folder] = process.argv.slice(2);
const { groups } = JSON.parse(readFileSync(path.join(site, "api/index.json"), "utf8"));
// The group in trouble that has a score; a report without one shows less.
const scored = groups.filter((g) => g.score.value !== null);
const worst = scored.reduce((a, b) => (a.score.value <= b.score.value ? a : b));
const report = `groups/${worst.slug}/index.html`;

const desktop = { viewport: { width: 1280, height: 1000 }, deviceScaleFactor: 1 };
const phone = { viewport: { width: 390, height: 1180 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const pictures = [
  ["portfolio", "index.html", desktop, "light"],
  ["report-desktop", report, desktop, "light"],
  ["report-dark", `en/${report}`, desktop, "dark"],
  ["report-phone", report, phone, "light"],
];

const browser = await chromium.launch({ executablePath, args: ["--disable-gpu", "--hide-scrollbars"] });
try {
  for (const [name, file, window, colorScheme] of pictures) {
    const context = await browser.newContext({ ...window, colorScheme, locale: "zh-CN", reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(pathToFileURL(path.join(site, file)).href);
    await page.evaluate(() => document.fonts.ready);
    const session = await context.newCDPSession(page);
    // WebP straight from the browser: a third of a PNG, and no further tool.
    const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: 82 });
    const bytes = Buffer.from(data, "base64");
    writeFileSync(path.join(folder, `${name}.webp`), bytes);
    console.log(`${name}.webp ${Math.round(bytes.length / 1024)} KiB`);
    await context.close();
  }
} finally {
  await browser.close();
}
