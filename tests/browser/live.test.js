// The live server in a browser: pages reload by themselves, errors come and go.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import test from "node:test";
import axe from "axe-core";
import { inWindow } from "./browser.js";
import { program } from "./site.js";

const minimal = path.join(import.meta.dirname, "../workspaces/minimal");

/** Serves a copy of a small workspace while something is done with it. */
async function served(act) {
  const workspace = mkdtempSync(path.join(os.tmpdir(), "qunce-live-"));
  cpSync(minimal, workspace, { recursive: true });
  const child = spawn(program, ["serve", "--port", "0", "--open", "no"], { cwd: workspace, stdio: ["ignore", "pipe", "ignore"] });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const root = line.match(/http:\/\/\S+/)?.[0];
      if (!root) continue;
      child.stdout.resume();
      return await act(root, workspace);
    }
    throw new Error("the server ended");
  } finally {
    child.kill();
    rmSync(workspace, { recursive: true, force: true });
  }
}

test("an open page reloads when its sources change, and shows their errors until they are mended", { timeout: 90_000 }, async () => {
  await served(async (root, workspace) => {
    await inWindow(root, {}, async (page) => {
      page.setDefaultTimeout(40_000);
      await page.goto(root);
      const playbook = path.join(workspace, "playbooks/tea.toml");
      const sound = readFileSync(playbook, "utf8");

      mkdirSync(path.join(workspace, "templates/assets"), { recursive: true });
      writeFileSync(path.join(workspace, "templates/method.html"), '{% extends "base.html" %}{% block main %}<h1 id="own">own</h1>{% endblock %}');
      await page.goto(`${root}method.html`);
      await page.locator("#own").waitFor();

      writeFileSync(playbook, sound.replace("weight = 2", 'weight = "<b id=evil>2</b>"'));
      const trouble = page.locator("[role=alert]");
      // A half-written file may be told of before.
      await trouble.filter({ hasText: "<b id=evil>" }).waitFor();
      const told = await trouble.innerText();
      assert.match(told, /error\[Q\d{4}\]/);
      assert.match(told, /playbooks\/tea\.toml:\d+:\d+/);
      assert.match(told, /<b id=evil>/, "a playbook's text is text");
      assert.equal(await page.locator("#evil").count(), 0);
      assert.equal(await page.locator("#own").count(), 1, "the old page is still there");
      await page.evaluate(axe.source);
      const violations = await page.evaluate(() => window.axe.run("[role=alert]", { preload: false }).then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.target.join(" "))])));
      assert.deepEqual(violations, []);

      writeFileSync(playbook, sound);
      await trouble.waitFor({ state: "detached" });
      assert.equal(await page.locator("#own").count(), 1);
    });
  });
});

test("without scripts errors show as well", { timeout: 90_000 }, async () => {
  await served(async (root, workspace) => {
    await inWindow(root, { javaScriptEnabled: false }, async (page) => {
      mkdirSync(path.join(workspace, "templates"));
      writeFileSync(path.join(workspace, "templates/index.html"), "{{ no.such.value }}");
      for (let tries = 0; tries < 200 && !(await page.locator("[role=alert]").count()); tries += 1) {
        await page.goto(root);
        await page.waitForTimeout(200);
      }
      assert.ok(await page.locator("[role=alert]").isVisible());
    });
  });
});
