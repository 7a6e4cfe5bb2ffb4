// The browser of traces. What a teacher or a source wrote goes through textContent, and nowhere else.
"use strict";
(() => {
  const PAGE = 25;
  const traces = JSON.parse(document.getElementById("sample").textContent);
  const filters = document.getElementById("filters");
  const list = document.getElementById("list");
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const KEYS = ["fate", "why", "family", "verdict", "effect"];
  const KNOWN = new Set(["kept", "dropped", "failed", "pending", "correct", "incorrect", "unverified", "corrected",
    "confirmed", "harmed", "missed", "thinking", "reflection", "output", "tag", "text"]);
  let found = [];

  const make = (name, classes, text) => {
    const element = document.createElement(name);
    element.className = classes;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const known = (word) => (KNOWN.has(word) ? word : "");

  for (const trace of traces) {
    const said = trace.pieces.map((piece) => piece[2]).join("");
    trace.searched = [trace.question, trace.gold, trace.answer, trace.id, said].join("\n").toLowerCase();
  }

  for (const key of KEYS) {
    const counts = new Map();
    for (const trace of traces) {
      if (trace[key] !== null) counts.set(trace[key], (counts.get(trace[key]) ?? 0) + 1);
    }
    const select = filters.elements[key];
    select.append(new Option("all", ""));
    [...counts.keys()].sort().forEach((value, place) => {
      const option = new Option(`${value} (${counts.get(value)})`, String(place + 1));
      option.wanted = value;
      select.append(option);
    });
  }

  const entry = (dl, name, value) => {
    if (value === null || value === "") return;
    dl.append(make("dt", "", name), make("dd", "", value));
  };

  const reflections = (trace) => (trace.effects ?? []).map((effect, place) => {
    const mark = (trace.marks ?? [])[place];
    return `${place + 1}: ${effect ?? "not judged"}${mark ? `, decorative (${mark})` : ""}`;
  }).join("; ");

  const inside = (trace) => {
    const body = make("div", "inside");
    const said = make("div", "said");
    const dl = make("dl", "");
    entry(dl, "gold", trace.gold);
    entry(dl, "answer", trace.answer);
    entry(dl, "verdict", `${trace.verdict} (${trace.reason})`);
    entry(dl, "evidence", trace.evidence);
    entry(dl, "reflections", reflections(trace));
    entry(dl, trace.fate === "kept" ? "kept" : "why not", trace.fate === "kept" ? "by every rule" : trace.why);
    entry(dl, "IFD, r-IFD", `${trace.ifd ?? "none"}, ${trace.rifd ?? "none"}`);
    entry(dl, "structure", trace.structure);
    entry(dl, "teacher", `${trace.teacher ?? "unknown"}, sample ${trace.sample}`);
    entry(dl, "trace", trace.id);
    const pre = make("pre", "");
    for (const [kind, marks, text] of trace.pieces) pre.append(make("span", `${known(kind)} ${[...marks].join(" ")}`, text));
    if (trace.hidden) pre.append(make("span", "tag", ` … ${trace.hidden} characters more: reflectory show ${trace.id}`));
    said.append(make("p", "question", trace.question), pre);
    body.append(said, dl);
    return body;
  };

  const card = (trace) => {
    const details = make("details", "trace");
    const summary = make("summary", "");
    const badge = (word) => make("span", `badge ${known(word)}`, word);
    summary.append(badge(trace.fate), badge(trace.verdict), badge(trace.effect), make("span", "family", trace.family));
    if (trace.fate !== "kept") summary.append(make("span", "family", trace.why));
    summary.append(make("span", "asked", trace.question));
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) details.append(inside(trace));
    });
    return details;
  };

  const show = () => {
    const next = found.slice(list.childElementCount, list.childElementCount + PAGE);
    list.append(...next.map(card));
    more.hidden = list.childElementCount >= found.length;
  };

  const filter = () => {
    const words = filters.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = KEYS.map((key) => [key, filters.elements[key].selectedOptions[0].wanted]);
    found = traces.filter((trace) => wanted.every(([key, value]) => value === undefined || trace[key] === value)
      && words.every((word) => trace.searched.includes(word)));
    list.replaceChildren();
    count.textContent = `${found.length} of ${traces.length} sampled traces`;
    show();
  };

  filters.addEventListener("input", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", show);
  filters.hidden = false;
  filter();
  if (list.firstElementChild) list.firstElementChild.open = true;
})();
