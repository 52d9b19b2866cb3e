// Everything works without this file. It adds: copying, the look, search, and what a link points at inside a fold.
(function () {
  "use strict";
  const here = document.currentScript ? document.currentScript.src : "";

  // Data come as scripts, since a page opened from a folder may not fetch. Each is loaded once.
  const waiting = {};
  const load = function (src, then) {
    if (waiting[src]) return void (waiting[src] === true ? then() : waiting[src].push(then));
    waiting[src] = [then];
    const script = document.createElement("script");
    script.src = src;
    script.charset = "utf-8";
    script.addEventListener("load", function () {
      const all = waiting[src];
      waiting[src] = true;
      all.forEach(function (one) { one(); });
    });
    document.head.append(script);
  };
  window.qunce = Object.assign(window.qunce || {}, { load: load });

  const words = [document.body.dataset.copy, document.body.dataset.copied];
  document.querySelectorAll(".copy").forEach(function (box) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-button";
    button.textContent = words[0];
    button.addEventListener("click", function () {
      const done = function () {
        button.textContent = words[1];
        setTimeout(function () { button.textContent = words[0]; }, 1600);
      };
      const fallback = function () {
        const range = document.createRange();
        range.selectNodeContents(box);
        const selection = getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        if (document.execCommand("copy")) done();
      };
      if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(box.innerText).then(done, fallback);
      else fallback();
    });
    box.after(button);
  });

  // A link into a closed fold opens it.
  const unfold = function () {
    let place = null;
    try { place = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch (odd) { return; }
    if (!place) return;
    for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    place.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();

  // The other language shows the same place and the same choice.
  document.querySelectorAll("a.lang").forEach(function (link) {
    const page = link.getAttribute("href");
    link.addEventListener("click", function () { link.href = page + location.hash; });
  });

  const tools = document.querySelector(".tools");
  if (tools) {
    tools.hidden = false;
    look(tools.querySelector("button"));
    search(tools);
  }
  if (document.querySelector("form[data-groups]") && here) load(here.replace(/site\.js$/, "portfolio.js"), function () {});

  function look(button) {
    const looks = ["auto", "light", "dark"];
    const root = document.documentElement;
    const show = function () { button.textContent = button.dataset[root.dataset.look || "auto"]; };
    button.addEventListener("click", function () {
      const next = looks[(looks.indexOf(root.dataset.look || "auto") + 1) % looks.length];
      if (next === "auto") delete root.dataset.look;
      else root.dataset.look = next;
      try { localStorage.setItem("qunce-look", next); } catch (refused) { /* It holds for this page. */ }
      show();
    });
    show();
  }

  function search(tools) {
    const form = tools.querySelector("form");
    const input = form.querySelector("input");
    const list = form.querySelector("ul");
    const told = form.querySelector("[role=status]");
    const kinds = tools.dataset.kinds.split("|");
    let rows = null;
    const begin = function () {
      load(tools.dataset.index, function () {
        if (rows) return;
        const data = window.qunce.search;
        rows = data.rows.map(function (row) {
          const about = data.words[row[2]];
          return {
            kind: row[0], title: row[1], about: about,
            href: tools.dataset.root + (row[0] === 0 ? "groups/" + row[3] + "/index.html" : row[3]),
            key: plain(row[1]), more: plain(about)
          };
        });
        if (input.value) apply();
      });
    };
    const close = function () { list.hidden = true; list.replaceChildren(); told.textContent = ""; };
    const apply = function () {
      if (!rows) return;
      const wanted = terms(input.value);
      if (!wanted.length) return close();
      const found = [];
      rows.forEach(function (row) {
        const rank = score(wanted, row.key, row.more);
        if (rank > 0) found.push([rank, row]);
      });
      found.sort(function (a, b) { return b[0] - a[0]; });
      list.replaceChildren.apply(list, found.slice(0, 20).map(function (hit) {
        const item = document.createElement("li");
        const link = document.createElement("a");
        const title = document.createElement("bdi");
        const about = document.createElement("small");
        link.href = hit[1].href;
        title.textContent = hit[1].title;
        about.textContent = kinds[hit[1].kind] + (hit[1].about ? " · " + hit[1].about : "");
        link.append(title, about);
        item.append(link);
        return item;
      }));
      list.hidden = !found.length;
      told.textContent = found.length ? tools.dataset.found.replace("{n}", found.length) : tools.dataset.nothing;
    };
    input.addEventListener("focus", begin);
    input.addEventListener("input", function () { begin(); apply(); });
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      const first = list.querySelector("a");
      if (first) location.href = first.href;
    });
    form.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { close(); input.focus(); return; }
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      const links = Array.from(list.querySelectorAll("a"));
      if (!step || !links.length) return;
      event.preventDefault();
      const at = links.indexOf(document.activeElement) + step;
      if (at < 0) input.focus();
      else links[Math.min(at, links.length - 1)].focus();
    });
    document.addEventListener("click", function (event) { if (!form.contains(event.target)) close(); });
    list.addEventListener("click", function (event) { if (event.target.closest("a")) close(); });
  }

  // One form for all that looks alike: case, width, marks over letters.
  function plain(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }

  // Words of Latin and other letters as they are; Chinese, which has no spaces, as a run to be found whole or by
  // its pairs of signs.
  function terms(text) {
    return (plain(text).match(/[\u3400-\u9fff\uf900-\ufaff]+|[^\s\u3400-\u9fff\uf900-\ufaff·,，。、]+/g) || []).map(function (word) {
      const pairs = [];
      if (/[\u3400-\u9fff\uf900-\ufaff]/.test(word)) for (let i = 0; i + 1 < word.length; i += 1) pairs.push(word.slice(i, i + 2));
      return { word: word, pairs: pairs };
    });
  }

  // Every term must be in the title or beside it; 0 for no.
  function score(wanted, key, more) {
    let sum = 0;
    for (const term of wanted) {
      const one = Math.max(4 * inside(term, key), inside(term, more));
      if (!one) return 0;
      sum += one;
    }
    return sum / (1 + key.length / 100);
  }

  function inside(term, text) {
    const at = text.indexOf(term.word);
    if (at >= 0) return at === 0 ? 3 : /[\s·_-]/.test(text[at - 1]) ? 2.5 : term.pairs.length || term.word.length > 2 ? 2 : 0.5;
    if (term.pairs.length < 2) return 0;
    const hits = term.pairs.filter(function (pair) { return text.indexOf(pair) >= 0; }).length;
    return hits * 3 >= term.pairs.length * 2 ? hits / term.pairs.length : 0;
  }

  window.qunce.plain = plain;
  window.qunce.terms = terms;
  window.qunce.score = score;
})();
