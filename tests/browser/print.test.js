// Reports on paper: A4, two to four sheets each.
import assert from "node:assert/strict";
import test from "node:test";
import { address, inWindow } from "./browser.js";
import { reports, roots } from "./site.js";

// pdf.js wants the classes that it draws with as soon as it is loaded; here it only reads.
for (const name of ["DOMMatrix", "ImageData", "Path2D"]) globalThis[name] ??= class {};
const { getDocument, VerbosityLevel } = await import("pdfjs-dist/legacy/build/pdf.mjs");

/** Points of A4; Chromium rounds. */
const A4 = [595, 842];

test("a printed report has two to four sheets of A4", { timeout: 180_000 }, async () => {
  assert.ok(reports.length >= 24, `${reports.length} reports`);
  const counts = await inWindow(roots.folder, {}, async (page) => {
    const counts = {};
    for (const file of reports) {
      await page.goto(address(roots.folder, file));
      const bytes = await page.pdf({ format: "A4", preferCSSPageSize: true });
      const pdf = await getDocument({ data: new Uint8Array(bytes), verbosity: VerbosityLevel.ERRORS }).promise;
      const first = await pdf.getPage(1);
      const size = first.getViewport({ scale: 1 });
      assert.ok(Math.abs(size.width - A4[0]) < 2 && Math.abs(size.height - A4[1]) < 2, `${file}: ${size.width}×${size.height}`);
      const text = (await first.getTextContent()).items.map((item) => item.str).join("").replace(/\s+/g, "");
      assert.ok(text.length > 200, `${file}: the first sheet says nothing but “${text}”`);
      counts[file] = pdf.numPages;
      await pdf.destroy();
    }
    return counts;
  });
  const wrong = Object.entries(counts).filter(([, count]) => count < 2 || count > 4);
  assert.deepEqual(wrong, [], `${wrong.length} of ${reports.length} reports are too short or too long`);
});
