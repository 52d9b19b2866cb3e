// Pages for everybody: axe finds nothing, in both languages, light and dark, wide and narrow, folded and unfolded.
import assert from "node:assert/strict";
import test from "node:test";
import axe from "axe-core";
import { address, inWindow } from "./browser.js";
import { kinds, roots } from "./site.js";

const looks = [
  { prefix: "", name: "zh, desktop, light", options: { viewport: { width: 1280, height: 900 }, colorScheme: "light" } },
  { prefix: "en/", name: "en, phone, dark", options: { viewport: { width: 375, height: 812 }, colorScheme: "dark" } },
];

for (const [kind, file] of Object.entries(kinds)) {
  for (const look of looks) {
    test(`axe has nothing to say of the ${kind} page (${look.name})`, { timeout: 60_000 }, async () => {
      const { violations, passes } = await inWindow(roots.folder, look.options, async (page) => {
        await page.goto(address(roots.folder, look.prefix + file));
        // What is folded away is read, too.
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
        await page.evaluate(axe.source);
        // A page may fetch nothing, not even its own style sheet for axe.
        return page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], preload: false }).then((result) => ({
          passes: result.passes.length,
          violations: result.violations.map((v) => [v.id, v.help, v.nodes.length, ...v.nodes.slice(0, 3).map((n) => n.target.join(" "))]),
        })));
      });
      assert.ok(passes > 10, "axe looked at the page");
      assert.deepEqual(violations, []);
    });

    test(`the ${kind} page is not wider than its window (${look.name})`, async () => {
      await inWindow(roots.folder, look.options, async (page) => {
        await page.goto(address(roots.folder, look.prefix + file));
        const widths = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
        assert.ok(widths[0] <= widths[1], `${widths[0]} of ${widths[1]} pixels`);
      });
    });
  }
}
