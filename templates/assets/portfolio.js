// The list of all groups: filter, sort, and rows in slices. Without it the pages of the list stand as they are.
(function () {
  "use strict";
  const SLICE = 40;
  const form = document.querySelector("form[data-groups]");
  const list = document.getElementById("rows");
  const mould = list && list.querySelector(".row:not(.head)");
  if (!form || !mould) return;
  const fields = form.elements;
  const own = Array.from(list.children).slice(1);
  const pager = document.querySelector(".pager");
  // The numbers of the sparklines, a row for each group that is listed.
  const numbers = document.querySelector("#trends tbody");
  const ownNumbers = numbers ? Array.from(numbers.children) : [];
  const output = form.querySelector("output");
  const reset = form.querySelector("[type=reset]");
  const more = document.createElement("button");
  more.type = "button";
  more.className = "more-rows";
  more.textContent = form.dataset.more;
  more.hidden = true;
  list.after(more);
  const keys = ["text", "type", "stage", "owner", "grade", "sort"];
  let groups = null, data = null, chosen = [], shown = 0;

  const ready = function (then) {
    window.qunce.load(form.dataset.groups, function () {
      if (!groups) read();
      then();
    });
  };

  function read() {
    data = window.qunce.portfolio;
    const shared = ["type", "typeId", "stage", "stageId", "owner", "brand", "score", "grade", "class", "classText", "coverage",
      "previous", "since", "first", "who", "due", "urgent"];
    groups = data.groups.map(function (values, place) {
      const g = { place: place };
      data.columns.forEach(function (name, i) { g[name] = values[i]; });
      shared.forEach(function (name) { if (g[name] !== null) g[name] = data.words[g[name]]; });
      g.key = window.qunce.plain([g.name, g.owner, g.brand, g.slug, g.type].join(" "));
      return g;
    });
    const order = new Intl.Collator(document.documentElement.lang).compare;
    const offer = function (field, value, name) {
      const known = new Map();
      groups.forEach(function (g) { if (value(g)) known.set(value(g), name(g)); });
      Array.from(known).sort(function (a, b) { return order(a[1], b[1]); }).forEach(function (pair) {
        fields[field].append(new Option(pair[1], pair[0]));
      });
    };
    const as = function (name) { return function (g) { return g[name]; }; };
    offer("type", as("typeId"), as("type"));
    offer("stage", as("stageId"), as("stage"));
    offer("owner", as("owner"), as("owner"));
    offer("grade", as("class"), as("classText"));
    told(groups.length);
  }

  function told(n) {
    const number = function (v) { return String(v).replace(/\B(?=(\d{3})+$)/g, ","); };
    output.textContent = form.dataset.shown.replace("{n}", number(n)).replace("{all}", number(groups.length));
  }

  const orders = {
    score: function (g) { return g.score === null ? Infinity : Number(g.score); },
    change: function (g) { return g.change === null ? Infinity : g.change; },
    since: function (g) { return -g.troubledFor; },
    members: function (g) { return -(g.members === null ? -1 : g.members); }
  };

  function apply() {
    const wanted = window.qunce.terms(fields.text.value).map(function (term) { return term.word; });
    const fits = function (g) {
      return wanted.every(function (word) { return g.key.indexOf(word) >= 0; }) &&
        (!fields.type.value || g.typeId === fields.type.value) &&
        (!fields.stage.value || g.stageId === fields.stage.value) &&
        (!fields.owner.value || g.owner === fields.owner.value) &&
        (!fields.grade.value || g.class === fields.grade.value);
    };
    const any = keys.some(function (key) { return fields[key].value; });
    reset.hidden = !any;
    remember();
    if (!any) {
      list.replaceChildren.apply(list, [list.firstElementChild].concat(own));
      if (numbers) numbers.replaceChildren.apply(numbers, ownNumbers);
      if (pager) pager.hidden = false;
      more.hidden = true;
      return told(groups.length);
    }
    chosen = groups.filter(fits);
    const by = orders[fields.sort.value];
    if (by) chosen.sort(function (a, b) { const x = by(a), y = by(b); return x < y ? -1 : x > y ? 1 : a.place - b.place; });
    else if (fields.sort.value === "name") {
      const order = new Intl.Collator(document.documentElement.lang).compare;
      chosen.sort(function (a, b) { return order(a.name, b.name) || a.place - b.place; });
    }
    if (pager) pager.hidden = true;
    list.replaceChildren(list.firstElementChild);
    if (numbers) numbers.replaceChildren();
    shown = 0;
    slice();
    told(chosen.length);
  }

  function slice() {
    const next = chosen.slice(shown, shown + SLICE);
    list.append.apply(list, next.map(row));
    if (numbers) numbers.append.apply(numbers, next.map(numbersOf));
    shown += next.length;
    list.classList.toggle("long", shown > 200);
    more.hidden = shown >= chosen.length;
  }

  function row(g) {
    const item = mould.cloneNode(true);
    item.className = "row " + g.class;
    const put = function (name, text) { item.querySelector("[data-f=" + name + "]").textContent = text; };
    const both = function (a, b) { return a && b ? a + " · " + b : a || b; };
    put("score", g.score === null ? "–" : g.score);
    item.querySelector("[data-f=score]").removeAttribute("title");
    put("grade", both(g.grade, g.classText));
    const meter = item.querySelector("[data-f=meter]").style;
    meter.setProperty("--w", (g.score === null ? 0 : g.score) + "%");
    if (g.previous) meter.setProperty("--p", g.previous + "%");
    else meter.removeProperty("--p");
    const name = item.querySelector("[data-f=name]");
    name.href = "groups/" + g.slug + "/index.html";
    name.firstElementChild.textContent = g.name;
    item.querySelector("[data-f=manual]").href = "groups/" + g.slug + "/manual.html";
    put("kind", both(g.type, g.stage));
    put("members", g.members === null ? "–" : String(g.members).replace(/\B(?=(\d{3})+$)/g, ","));
    put("since", g.since);
    const change = item.querySelector("[data-f=change]");
    const flat = g.change !== null && Math.abs(g.change) < 0.05;
    change.className = g.change === null ? "none" : flat ? "flat" : g.change > 0 ? "better" : "worse";
    change.textContent = g.change === null ? data.noPrevious : flat ? data.unchanged :
      g.change > 0 ? "▲ +" + g.change.toFixed(1) : "▼ −" + (-g.change).toFixed(1);
    put("coverage", g.coverage);
    put("urgent", g.urgent);
    put("first", g.first);
    put("who", both(g.who, g.due));
    put("owner", g.owner);
    put("gain", g.gain > 0 ? "+" + g.gain.toFixed(1) : "");
    item.querySelector("[data-f=trend]").replaceChildren.apply(item.querySelector("[data-f=trend]"), spark(g.trend));
    return item;
  }

  function numbersOf(g) {
    const line = document.createElement("tr"), head = document.createElement("th"), name = document.createElement("bdi");
    head.scope = "row";
    name.textContent = g.name;
    head.append(name);
    line.append(head);
    g.trend.forEach(function (v) { line.insertCell().textContent = v === null ? "–" : v; });
    return line;
  }

  function spark(values) {
    const known = values.filter(function (v) { return v !== null; });
    if (known.length < 2) return [];
    const low = Math.min.apply(null, known), high = Math.max.apply(null, known);
    let path = "", down = false, x = 0, y = 0;
    values.forEach(function (v, i) {
      if (v === null) { down = false; return; }
      x = 2 + i * 96 / (values.length - 1);
      y = high > low ? 21 - (v - low) / (high - low) * 18 : 12;
      path += (down ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1);
      down = true;
    });
    const make = function (name, attributes) {
      const node = document.createElementNS("http://www.w3.org/2000/svg", name);
      Object.keys(attributes).forEach(function (key) { node.setAttribute(key, attributes[key]); });
      return node;
    };
    const words = values.map(function (v) { return v === null ? "–" : v; }).join(", ");
    const svg = make("svg", { class: "spark", viewBox: "0 0 100 24", role: "img" });
    const title = make("title", {}), told = make("desc", {});
    title.textContent = form.dataset.name;
    told.textContent = form.dataset.trend.replace("{values}", words);
    svg.append(title, told, make("path", { d: path }), make("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: "2.2" }));
    return [svg];
  }

  // The choice stands in the address, so that it can be sent, kept and taken to the other language.
  function remember() {
    const parts = keys.filter(function (key) { return fields[key].value; }).map(function (key) {
      return key + "=" + encodeURIComponent(fields[key].value);
    });
    try { history.replaceState(null, "", parts.length ? "#" + parts.join("&") : location.pathname + location.search); } catch (refused) { /* The page works without. */ }
  }

  function recall() {
    const choice = new URLSearchParams(location.hash.slice(1));
    if (!keys.some(function (key) { return choice.get(key); })) return false;
    keys.forEach(function (key) { fields[key].value = choice.get(key) || ""; });
    return true;
  }

  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("input", function () { ready(apply); });
  form.addEventListener("reset", function () { setTimeout(function () { ready(apply); }); });
  more.addEventListener("click", slice);
  if (window.IntersectionObserver) {
    new IntersectionObserver(function (seen) { if (seen[0].isIntersecting && !more.hidden) slice(); }, { rootMargin: "600px" }).observe(more);
  }
  addEventListener("hashchange", function () { if (groups && recall()) apply(); });
  const begin = function () { ready(function () { if (recall()) apply(); }); };
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin);
})();
