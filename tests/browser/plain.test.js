// Without scripts everything is there, and scripts take nothing away.
import assert from "node:assert/strict";
import test from "node:test";
import { address, inWindow } from "./browser.js";
import { kinds, pages, roots } from "./site.js";

/** Parts that only scripts can work. */
const TOOLS = "button, form, dialog, template, script, style, [data-script]";

/**
 * Texts of a page's body that are not drawn, by their number. What is folded in <details> opens without a script, so it
 * counts as drawn; so does what is there for screen readers alone.
 */
function hiddenTexts(tools) {
  const hidden = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  document.querySelectorAll("details").forEach((d) => { d.open = true; });
  for (let n = 0; walker.nextNode(); n += 1) {
    const node = walker.currentNode;
    if (!node.data.trim() || node.parentElement.closest(tools)) continue;
    const shown = node.parentElement.closest("svg") ?? node.parentElement;
    if (!shown.checkVisibility({ visibilityProperty: true, opacityProperty: true })) hidden.push(`${n}: ${node.data.trim().slice(0, 60)}`);
  }
  return hidden;
}

const words = (text) => text.split(/\s+/).filter(Boolean);

/** The text of a page's main part without its tools, everything unfolded. */
async function mainText(page) {
  return page.evaluate((tools) => {
    const main = document.querySelector("main").cloneNode(true);
    main.querySelectorAll(tools).forEach((element) => element.remove());
    return main.textContent;
  }, TOOLS);
}

for (const [kind, file] of Object.entries(kinds)) {
  test(`the ${kind} page shows everything without scripts`, async () => {
    const [plain, scripted] = await Promise.all([false, true].map((javaScriptEnabled) =>
      inWindow(roots.folder, { javaScriptEnabled }, async (page) => {
        await page.goto(address(roots.folder, file));
        if (!javaScriptEnabled) {
          // Some labels are for wide windows and others for narrow ones, but each is for one of them.
          const wide = await page.evaluate(hiddenTexts, TOOLS);
          await page.setViewportSize({ width: 375, height: 812 });
          const narrow = new Set(await page.evaluate(hiddenTexts, TOOLS));
          assert.deepEqual(wide.filter((text) => narrow.has(text)), []);
        }
        return words(await mainText(page));
      })));
    assert.ok(plain.length > 50, `${plain.length} words`);
    const there = new Set(plain);
    assert.deepEqual(scripted.filter((word) => !there.has(word)), [], "only scripts tell this");
  });
}

test("without scripts nothing offers what only scripts can do", async () => {
  await inWindow(roots.folder, { javaScriptEnabled: false }, async (page) => {
    for (const file of Object.values(kinds)) {
      await page.goto(address(roots.folder, file));
      const tools = await page.locator("button:visible, form:visible, [role=button]:visible").evaluateAll((all) =>
        all.map((element) => element.outerHTML.slice(0, 80)));
      assert.deepEqual(tools, [], file);
    }
  });
});

test("no page says anything in the console, whatever scripts do", { timeout: 120_000 }, async () => {
  // Every kind of page was opened above; here the rest, one of each shape of path, to keep it short.
  const shapes = new Map(pages.map((file) => [file.replace(/g\d+|\d{4}-W\d\d/g, "*").replace(/(method|types)\/[^/]+$/, "$1/*"), file]));
  await inWindow(roots.server, {}, async (page) => {
    for (const file of shapes.values()) {
      const response = await page.goto(address(roots.server, file));
      assert.equal(response.status(), 200, file);
    }
  });
});
