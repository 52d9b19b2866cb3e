// What people do with the pages, on both ways to the site.
import assert from "node:assert/strict";
import test from "node:test";
import { address, inWindow, onBothWays } from "./browser.js";
import { index, kinds, longest, pages, roots } from "./site.js";

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

test("a phone shows who, how well and what to do first without scrolling", async () => {
  const groups = index.groups.map((group) => `groups/${group.slug}/index.html`);
  await inWindow(roots.folder, { viewport: { width: 375, height: 812 } }, async (page) => {
    for (const file of groups) {
      await page.goto(address(roots.folder, file));
      const inSight = async (selector) => {
        const box = await page.locator(selector).first().boundingBox();
        assert.ok(box && box.y >= 0 && box.y + box.height <= 812, `${file}: ${selector} ends at ${box && box.y + box.height}`);
      };
      for (const part of ["h1", ".hero .verdict", ".hero .ring", ".hero .facts"]) await inSight(part);
      // A group may have nothing to do; else who does what for whom until when and for how many points.
      if (await page.locator(".act").count()) for (const part of [".act h3", ".act .facts"]) await inSight(part);
    }
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

/** Names of the groups in the list, in the order in which they stand. */
const listed = (page) => page.locator("#rows > li:not(.head) a[data-f=name]").allInnerTexts();
const names = (groups) => groups.map((group) => group.name);
const sorted = (some) => [...some].sort();

/** The list of all groups with its tools at work. */
async function openList(root, page) {
  await page.goto(address(root, kinds.portfolio));
  const form = page.locator("form[data-groups]");
  await form.locator("select[name=type] option").nth(1).waitFor({ state: "attached" });
  return form;
}

onBothWays(test, "the list of groups is filtered by words, type and owner", async (root) => {
  assert.ok(index.groups.length >= 12, "there are groups to look at");
  await inWindow(root, {}, async (page) => {
    const form = await openList(root, page);
    const all = await listed(page);
    assert.deepEqual(sorted(all), sorted(names(index.groups)));

    for (const playbook of new Set(index.groups.map((g) => g.playbook))) {
      const wanted = index.groups.filter((g) => g.playbook === playbook);
      await form.locator("select[name=type]").selectOption(playbook);
      assert.deepEqual(sorted(await listed(page)), sorted(names(wanted)), playbook);
      assert.match(await form.locator("output").innerText(), new RegExp(`\\b${wanted.length}\\b`));
    }
    // The choice is part of the address: it survives a reload.
    const before = await listed(page);
    assert.ok(before.length < all.length);
    await page.reload();
    await page.waitForFunction((n) => document.querySelectorAll("#rows > li:not(.head)").length === n, before.length);
    assert.deepEqual(await listed(page), before);
    await form.locator("[type=reset]").click();
    await page.waitForFunction((n) => document.querySelectorAll("#rows > li:not(.head)").length === n, all.length);
    assert.deepEqual(await listed(page), all, "back in the first order");

    // The table of the trends' numbers has a row for each group that is listed.
    const numbered = () => page.locator("#trends tbody th").allTextContents();
    assert.deepEqual(await numbered(), all);
    const { owner } = index.groups[0];
    await form.locator("select[name=owner]").selectOption({ label: owner });
    assert.deepEqual(sorted(await listed(page)), sorted(names(index.groups.filter((g) => g.owner === owner))));
    await form.locator("[type=reset]").click();
    const one = index.groups.at(-1);
    await form.locator("input[name=text]").fill(one.name);
    assert.deepEqual(await listed(page), [one.name]);
    assert.deepEqual(await numbered(), [one.name]);
    await form.locator("input[name=text]").fill("nobody is called like this");
    assert.deepEqual(await listed(page), []);
  });
});

onBothWays(test, "the list of groups is sorted", async (root) => {
  await inWindow(root, {}, async (page) => {
    const form = await openList(root, page);
    const by = async (key) => {
      await form.locator("select[name=sort]").selectOption(key);
      const found = await listed(page);
      assert.equal(found.length, index.groups.length, key);
      return found.map((name) => index.groups.find((g) => g.name === name));
    };
    // The page compares scores as it shows them, with one decimal; `slack` is what that may hide.
    const rises = (values, slack) =>
      values.forEach((v, i) => assert.ok(i === 0 || values[i - 1] <= v + slack, `${v} after ${values[i - 1]}`));
    rises((await by("score")).map((g) => g.score.value ?? Infinity), 0.1);
    rises((await by("change")).map((g) => g.score.change ?? Infinity), 0.1);
    rises((await by("members")).map((g) => -(g.members ?? -1)), 0);
    const order = new Intl.Collator("zh-CN").compare;
    const found = names(await by("name"));
    assert.deepEqual(found, [...found].sort(order));
  });
});

onBothWays(test, "a group is found by its name from any page", async (root) => {
  await inWindow(root, {}, async (page) => {
    for (const file of [kinds.method, kinds.manual]) {
      await page.goto(address(root, file));
      const group = index.groups.at(-1);
      const input = page.locator("form[role=search] input[type=search]");
      await input.fill(group.name);
      const first = page.locator("form[role=search] li a").first();
      await first.waitFor();
      assert.equal(await first.locator("bdi").innerText(), group.name);
      await input.press("Enter");
      await page.waitForURL(address(root, `groups/${group.slug}/index.html`));
      assert.match(await page.locator("h1").innerText(), new RegExp(group.name));
    }
    const input = page.locator("form[role=search] input[type=search]");
    await input.fill("zzzzqqqq");
    await page.locator("form[role=search] [role=status]:not(:empty)").waitFor();
    assert.equal(await page.locator("form[role=search] li").count(), 0);
  });
});

/** How light the page's ground is, 0 to 1. */
const ground = (page) => page.evaluate(() => {
  const rgb = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).slice(0, 3).map(Number);
  return rgb.reduce((a, b) => a + b) / 3 / 255;
});

onBothWays(test, "the look follows the system until somebody chooses, and the choice stays", async (root) => {
  for (const [colorScheme, other] of [["light", "dark"], ["dark", "light"]]) {
    await inWindow(root, { colorScheme }, async (page) => {
      const fits = async (look) => {
        const light = await ground(page);
        assert.ok(look === "light" ? light > 0.8 : light < 0.25, `${look}: ${light}`);
      };
      await page.goto(address(root, kinds.portfolio));
      await fits(colorScheme);
      const button = page.locator("header button");
      for (let turns = 0; (await page.locator("html").getAttribute("data-look")) !== other; turns += 1) {
        assert.ok(turns < 3, "three looks go round");
        await button.click();
      }
      await fits(other);
      await page.goto(address(root, kinds.report));
      await fits(other);
      while ((await page.locator("html").getAttribute("data-look")) !== null) await page.locator("header button").click();
      await fits(colorScheme);
    });
  }
});
