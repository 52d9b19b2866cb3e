// Lighthouse on a phone, served: accessibility and best practices in full.
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";
import { flags } from "./browser.js";
import { chromium, kinds, roots } from "./site.js";

const chrome = await launch({
  chromePath: chromium,
  chromeFlags: ["--headless=new", "--no-sandbox", ...flags],
  logLevel: "silent",
});
after(() => chrome.kill());

for (const kind of ["portfolio", "report", "manual", "method"]) {
  test(`Lighthouse gives the ${kind} page 100 twice`, { timeout: 120_000 }, async () => {
    const { lhr } = await lighthouse(roots.server + kinds[kind], {
      port: chrome.port,
      logLevel: "silent",
      output: "json",
      formFactor: "mobile",
      screenEmulation: { mobile: true, width: 412, height: 823, deviceScaleFactor: 1.75, disabled: false },
      throttlingMethod: "provided",
      disableFullPageScreenshot: true,
      onlyCategories: ["accessibility", "best-practices"],
      // The stream of the live server never ends, and Lighthouse waits for the end of all requests.
      blockedUrlPatterns: ["*/.qunce/*"],
    });
    assert.equal(lhr.runtimeError, undefined);
    for (const [name, category] of Object.entries(lhr.categories)) {
      const failed = category.auditRefs
        .filter((ref) => ref.weight > 0 && lhr.audits[ref.id].score !== null && lhr.audits[ref.id].score < 1)
        .map((ref) => [ref.id, ...(lhr.audits[ref.id].details?.items ?? []).slice(0, 3).map((i) => i.node?.snippet ?? i.description ?? i.url ?? "")]);
      assert.equal(category.score, 1, `${name}: ${JSON.stringify(failed)}`);
    }
  });
}
