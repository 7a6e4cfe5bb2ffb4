// The workbench. What a teacher or a source wrote goes through textContent, and nowhere else.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const KNOWN = new Set(["kept", "dropped", "failed", "pending", "correct", "incorrect", "unverified", "corrected",
    "confirmed", "harmed", "missed", "thinking", "reflection", "output", "tag", "text"]);
  const FILTERS = ["source", "verdict", "effect", "line"];
  const VIEWS = ["traces", "disputes", "changes", "question"];
  const filters = byId("filters");
  let about = null;
  let asked = 0;

  const make = (name, classes, text) => {
    const element = document.createElement(name);
    element.className = classes;
    if (text !== undefined && text !== null) element.textContent = text;
    return element;
  };
  const known = (word) => (KNOWN.has(word) ? word : "");
  const badge = (word) => make("span", `badge ${known(word)}`, word ?? "");
  const say = (error) => {
    byId("error").textContent = error ? String(error.message ?? error) : "";
    byId("error").hidden = !error;
  };

  const ask = async (name, parameters = {}, body = undefined) => {
    const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== "" && value !== null));
    const options = body === undefined ? {} : {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
    };
    const reply = await fetch(`${name}?${query}`, options);
    const answer = await reply.json();
    if (!reply.ok) throw new Error(answer.error.message);
    return answer;
  };

  const entries = (dl, pairs) => {
    for (const [name, value] of pairs) {
      if (value !== null && value !== undefined && value !== "") dl.append(make("dt", "", name), make("dd", "", value));
    }
    return dl;
  };
  const text = (pieces, hidden) => {
    const pre = make("pre", "");
    for (const [kind, marks, part] of pieces) pre.append(make("span", `${known(kind)} ${[...marks].join(" ")}`, part));
    if (hidden) pre.append(make("span", "tag", ` … ${hidden} characters more`));
    return pre;
  };
  const toQuestion = (id, words) => {
    const link = make("a", "samples", words);
    link.href = `#question=${encodeURIComponent(id)}`;
    return link;
  };

  const card = (row) => {
    const details = make("details", "trace");
    const summary = make("summary", "");
    summary.append(badge(row.verdict), badge(row.effect), make("span", "family", row.source), make("span", "asked", row.question));
    details.append(summary);
    details.addEventListener("toggle", () => {
      if (!details.open || details.childElementCount > 1) return;
      const body = make("div", "inside");
      const said = make("div", "said");
      said.append(make("p", "question", row.question), text(row.pieces, row.hidden), toQuestion(row.question_id, "All samples of this question"));
      const dl = entries(make("dl", ""), [["gold", row.gold], ["answer", row.answer], ["verdict", `${row.verdict} (${row.reason})`],
        ["IFD, r-IFD", `${row.ifd ?? "none"}, ${row.rifd ?? "none"}`], ["teacher", row.teacher], ["rank", row.rank], ["trace", row.trace_id]]);
      body.append(said, dl);
      details.append(body);
    });
    return details;
  };

  // A list that grows by pages: `next` gives the parameters of the following one.
  const paged = (list, more, load, render) => {
    const state = {rows: [], turn: 0};
    const grow = async () => {
      const turn = state.turn;
      more.disabled = true;
      try {
        const rows = await load(state.rows);
        if (turn !== state.turn) return;
        state.rows.push(...rows);
        list.append(...rows.map(render));
        more.hidden = rows.length < 25;
        if (!state.rows.length) list.append(make("p", "empty", "None."));
        say(null);
      } catch (error) {
        say(error);
      } finally {
        more.disabled = false;
      }
    };
    more.addEventListener("click", grow);
    return () => {
      state.turn += 1;
      state.rows = [];
      list.replaceChildren();
      return grow();
    };
  };

  const wanted = () => Object.fromEntries(["words", ...FILTERS].map((key) => [key, filters.elements[key].value]));
  const traces = paged(byId("list"), byId("more"),
    (rows) => ask("rows", {...wanted(), after: rows.length ? rows[rows.length - 1].trace_id : ""}), card);
  const disputes = paged(byId("disputed"), byId("more-disputes"), (rows) => ask("disputes", {offset: rows.length}), (row) => {
    const link = toQuestion(row.question_id, "");
    link.className = "row";
    link.append(make("span", "family", `${row.source} · gold ${row.gold} · ${row.n_agreeing} of ${row.n_verified} say ${row.agreed_answer}`));
    if (about.ruled.includes(row.question_id)) link.append(make("span", "badge kept", " ruled on"));
    link.append(make("div", "", row.question));
    return link;
  });
  const changes = paged(byId("changed"), byId("more-changes"), (rows) => ask("changes", {offset: rows.length}), (row) => {
    const link = toQuestion(row.question_id, "");
    link.className = "row";
    link.append(badge(row.change), make("span", "family", ` ${row.source} ${row.columns.join(", ")}`), make("div", "", row.trace_id));
    return link;
  });

  const question = async (id) => {
    const turn = ++asked;
    const found = await ask("question", {id});
    if (turn !== asked) return;
    const first = found.samples[0];
    byId("asked").textContent = first ? first.question : id;
    byId("gold").replaceChildren();
    entries(byId("gold"), [["gold", first?.gold], ["question", id], ["samples", found.samples.length]]);
    const form = byId("ruling");
    form.reset();
    form.dataset.question = id;
    byId("ruled").textContent = found.ruling
      ? `Ruled: ${found.ruling.ruling}${found.ruling.gold ? ` (${found.ruling.gold})` : ""}${found.ruling.by ? `, by ${found.ruling.by}` : ""}` : "";
    byId("samples").replaceChildren(...found.samples.map((sample) => {
      const box = make("article", "sample");
      box.append(badge(sample.fate), " ", badge(sample.verdict), " ", badge(sample.effect), text(sample.pieces, sample.hidden));
      box.append(entries(make("dl", ""), [["answer", sample.answer], ["reason", sample.reason], ["evidence", sample.evidence],
        ["why not", sample.fate === "kept" ? null : sample.why], ["IFD", sample.ifd], ["teacher", `${sample.teacher}, sample ${sample.sample}`], ["trace", sample.id]]));
      return box;
    }));
  };

  byId("ruling").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const said = Object.fromEntries(["ruling", "gold", "by", "note"].map((name) => [name, form.elements[name].value.trim()]));
    try {
      const done = await ask("ruling", {}, {question_id: form.dataset.question, ...said});
      byId("ruled").textContent = `Written to ${done.written}.`;
      about.ruled = about.ruled.filter((each) => each !== form.dataset.question);
      if (!done.open) about.ruled.push(form.dataset.question);
      say(null);
    } catch (error) {
      byId("ruled").textContent = "";
      say(error);
    }
  });

  let before = "#traces";
  const show = async () => {
    const [view, id] = (location.hash.slice(1) || "traces").split("=");
    const name = VIEWS.includes(view) ? view : "traces";
    for (const each of VIEWS) byId(each).hidden = each !== name;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    try {
      if (name === "question") {
        byId("back").href = before;
        await question(decodeURIComponent(id ?? ""));
      } else {
        before = `#${name}`;
        const fill = {traces, disputes, changes}[name];
        const list = byId({traces: "list", disputes: "disputed", changes: "changed"}[name]);
        if (name === "disputes" || !list.childElementCount) await fill();
      }
      document.body.dataset.ready = name;
    } catch (error) {
      say(error);
    }
  };

  const start = async () => {
    about = await ask("about");
    byId("name").textContent = about.name;
    document.title = `${about.name} · review`;
    const fates = about.fates;
    byId("lead").textContent = `Of ${fates.planned} planned attempts ${fates.kept} are kept, ${fates.dropped} dropped, `
      + `${fates.failed} failed, ${fates.pending} pending. Content ${about.content}.`;
    byId("file").textContent = about.rulings;
    for (const key of FILTERS) {
      filters.elements[key].append(new Option("all", ""));
      for (const {value, n} of about.choices[key]) filters.elements[key].append(new Option(`${value} (${n})`, value));
    }
    filters.hidden = false;
    byId("to-changes").hidden = !about.before;
    byId("compared").textContent = about.before ? `${about.n_changes} rows differ from the release ${about.before}.` : "";
    byId("settings").replaceChildren(...about.settings.map((setting) => {
      const row = make("tr", "");
      for (const name of ["key", "before", "after"]) {
        const cell = make("td", name === "key" ? "" : "code", setting[name]);
        cell.dataset.label = name;
        row.append(cell);
      }
      return row;
    }));
    let waiting = 0;
    filters.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(traces, 250); });
    filters.addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("hashchange", show);
    await show();
  };
  start().catch(say);
})();
