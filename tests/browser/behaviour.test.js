// What people do with the pages, on both ways to the site.
import assert from "node:assert/strict";
import test from "node:test";
import { address, inWindow, onBothWays } from "./browser.js";
import { index, kinds, longest, pages } from "./site.js";

const en = (file) => `en/${file}`;

onBothWays(test, "a page leads to itself in the other language and back", async (root) => {
  for (const file of [kinds.portfolio, kinds.report, kinds.manual]) {
    await inWindow(root, {}, async (page) => {
      await page.goto(address(root, file));
      assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
      await page.locator("a[hreflang=en]").first().click();
      await page.waitForURL(address(root, en(file)));
      assert.equal(await page.locator("html").getAttribute("lang"), "en");
      await page.locator("a[hreflang=zh-CN]").first().click();
      await page.waitForURL(address(root, file));
    });
  }
});

onBothWays(test, "a text is copied as it stands", async (root) => {
  const file = longest(pages.filter((f) => f.startsWith("groups/") && f.includes("manual")));
  await inWindow(root, { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await page.goto(address(root, file));
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
    const box = page.locator(".copy").first();
    const button = page.locator(".copy-button").first();
    const before = await button.innerText();
    await button.click();
    await page.waitForFunction((text) => document.querySelector(".copy-button").innerText !== text, before);
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.trim(), (await box.innerText()).trim());
    assert.ok(copied.trim().length > 4, copied);
  });
});

onBothWays(test, "keys alone reach the content", async (root) => {
  await inWindow(root, {}, async (page) => {
    await page.goto(address(root, kinds.portfolio));
    await page.keyboard.press("Tab");
    const skip = page.locator(":focus");
    assert.ok(await skip.isVisible(), "the first stop shows itself");
    await page.keyboard.press("Enter");
    assert.ok(page.url().endsWith("#" + (await page.locator("main").getAttribute("id"))));
  });
});

test("there are groups to look at", () => {
  assert.ok(index.groups.length >= 12);
});
