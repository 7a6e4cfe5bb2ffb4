// The playground. What a model wrote goes through textContent, and nowhere else.
"use strict";
(() => {
  const settings = JSON.parse(document.getElementById("settings").textContent);
  const form = document.getElementById("ask");
  const field = form.elements;
  const answers = document.getElementById("answers");
  const [go, stop, keep, said] = ["go", "stop", "keep", "said"].map((id) => document.getElementById(id));
  const VERDICTS = new Set(["correct", "incorrect", "unverified"]);
  const PARTS = new Set(["thinking", "reflection", "output", "text"]);
  let running = null;

  const make = (name, classes, text) => {
    const element = document.createElement(name);
    element.className = classes;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const post = (path, body, signal) => fetch(path, {
    method: "POST", signal, body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });

  const refusal = async (response) => {
    try {
      return (await response.json()).error.message;
    } catch {
      return `HTTP ${response.status}`;
    }
  };

  async function* lines(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let held = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const found = (held + value).split("\n");
      held = found.pop();
      for (const line of found) yield JSON.parse(line);
    }
  }

  const card = (title) => {
    const article = make("article", "");
    const head = make("header", "");
    const state = make("span", "state", "waiting");
    const body = make("div", "said");
    head.append(make("h2", "", title), state);
    article.append(head, body);
    answers.append(article);
    let part = null;
    let text = null;
    let seen = 0;
    return {
      piece(told) {
        if (told.part !== part) {
          if (!told.text.trim()) return;
          part = told.part;
          const block = make("div", `part ${PARTS.has(part) ? part : ""}`);
          text = make("p", "");
          block.append(make("h3", "", part === "text" ? "outside the tags" : part), text);
          body.append(block);
        }
        text.textContent = (text.textContent + told.text).trimStart();
        seen += told.text.length;
        state.textContent = `writing, ${seen} characters`;
      },
      end(told) {
        const tokens = told.tokens === null ? "" : `, ${told.tokens} tokens`;
        const cut = told.ended === "length" ? ", cut off at the limit" : "";
        const form = told.structure === "ok" ? "well-formed" : `structure: ${told.structure}`;
        state.textContent = `${form}${tokens}, ${told.seconds} s${cut}`;
        for (const last of body.querySelectorAll("p")) last.textContent = last.textContent.trimEnd();
      },
      verdict(told) {
        const badge = make("span", `badge ${VERDICTS.has(told.verdict) ? told.verdict : ""}`, told.verdict);
        badge.title = told.reason;
        const effect = told.effect && told.effect !== "none" ? `, reflection: ${told.effect}` : "";
        head.append(badge, make("span", "state", `answer: ${told.answer ?? "none"} (${told.reason}${effect})`));
      },
      fail(message) {
        state.textContent = "";
        article.append(make("p", "error", message));
      },
      stopped() {
        state.textContent = "stopped";
      },
    };
  };

  const answer = async (shown, prompt, signal) => {
    try {
      const response = await post("answer", prompt, signal);
      if (!response.ok) {
        shown.fail(await refusal(response));
        return;
      }
      let ended = false;
      for await (const told of lines(response)) {
        if (told.part !== undefined) shown.piece(told);
        else if (told.verdict !== undefined) shown.verdict(told.verdict);
        else if (told.error !== undefined) shown.fail(told.error);
        else shown.end(told);
        ended = ended || told.ended !== undefined || told.error !== undefined;
      }
      if (!ended) shown.fail("The answer broke off.");
    } catch (error) {
      if (signal.aborted) shown.stopped();
      else shown.fail(`The playground does not answer any more (${error.message}); is the command still running?`);
    }
  };

  const number = (name) => Number(field[name].value);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) return;
    running = new AbortController();
    go.disabled = true;
    stop.disabled = false;
    said.textContent = "";
    answers.replaceChildren();
    const seed = field.seed.value === "" ? Math.floor(Math.random() * 2 ** 31) : number("seed");
    const samples = number("samples");
    const asked = [];
    for (let sample = 0; sample < samples; sample += 1) {
      settings.models.forEach((name, model) => {
        const title = samples > 1 ? `${name} · sample ${sample + 1}` : name;
        const prompt = { model, sample, seed, question: field.question.value, gold: field.gold.value,
          kind: field.kind.value, system: field.system.value, suffix: field.suffix.value,
          temperature: number("temperature"), top_p: number("top_p"), max_tokens: number("max_tokens") };
        asked.push(answer(card(title), prompt, running.signal));
      });
    }
    await Promise.all(asked);
    running = null;
    go.disabled = false;
    stop.disabled = true;
  });

  stop.addEventListener("click", () => running && running.abort());

  keep.addEventListener("click", async () => {
    if (!field.question.reportValidity()) return;
    const { question, gold, kind } = field;
    try {
      const response = await post("keep", { question: question.value, gold: gold.value, kind: kind.value });
      const told = response.ok ? await response.json() : null;
      if (told === null) said.textContent = await refusal(response);
      else said.textContent = told.new ? `Kept in ${told.path}` : `It is in ${told.path} already`;
    } catch {
      said.textContent = "The playground does not answer any more; is the command still running?";
    }
  });

  for (const { title, question, gold } of settings.suggestions) {
    const button = make("button", "", title);
    button.type = "button";
    button.addEventListener("click", () => {
      field.question.value = question;
      field.gold.value = gold ?? "";
      field.kind.value = "";
      said.textContent = "";
    });
    document.getElementById("suggestions").append(button);
  }
  for (const kind of settings.kinds) field.kind.append(new Option(kind || "what it looks like", kind));
  for (const name of ["system", "suffix", "temperature", "top_p", "max_tokens"]) field[name].value = settings[name];
  if (settings.models.length === 2) answers.className = "two";
  document.getElementById("models").textContent = settings.models.join("  and  ");
})();
