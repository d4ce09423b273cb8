// ---- the page ----
const find = id => document.getElementById(id);
const state = { language: (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en", blob: null, card: null, roots: [], report: null };
function line(tag, words, kind = "") { const made = document.createElement(tag); made.textContent = words; if (kind) made.className = kind; return made; }
function label() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  for (const one of document.querySelectorAll("[data-zh]")) one.textContent = one.dataset[state.language];
}
function draw() {
  label();
  const out = find("out");
  out.replaceChildren();
  const { report } = state;
  if (!report) return;
  const teller = new Teller(state.language), [verdict, sentence] = teller.verdict(report);
  const colour = report.verdict === "agrees" ? (report.complete ? "ok" : "low") : report.verdict === "consistent" ? "cap" : "bad";
  out.append(line("h2", verdict, `verdict ${colour}`), line("p", sentence));
  for (const section of teller.sections(report)) {
    const list = document.createElement("ul");
    list.append(...section.lines.map(one => line("li", one)));
    out.append(line("h3", section.heading), list);
  }
  const table = document.createElement("table");
  for (const one of report.findings) {
    const row = table.insertRow();
    row.append(line("td", SIGNS[one.state], one.state), line("td", plain(one.part), "part"), line("td", teller.say(one.code, one.values)));
  }
  out.append(line("h3", teller.say("checks")), table);
  document.body.dataset.verdict = report.verdict;
}
async function run() {
  if (state.blob) { find("out").replaceChildren(line("p", "…")); state.report = await checkPackage(state.blob, state.card, state.roots); }
  draw();
}
async function takeCard(data) {
  find("card-said").textContent = "";
  try { meter.begin(); state.card = data.length ? readCard(data) : null; } catch { state.card = null; find("card-said").textContent = new Teller(state.language).say("card-unreadable"); }
  if (state.card) find("card-said").textContent = state.card.fingerprint;
  await run();
}
async function takeRoots(data) {
  meter.begin();
  const mark = "-----BEGIN CERTIFICATE-----";
  try { state.roots = lossy(data).split(mark).slice(1, 51).map(one => readPem(encode(mark + one))); } catch { state.roots = []; }
  await run();
}
const bytesOf = async file => new Uint8Array(await file.slice(0, 1 << 20).arrayBuffer());
find("file").addEventListener("change", e => { state.blob = e.target.files[0] || null; run(); });
find("card").addEventListener("change", async e => { if (e.target.files[0]) takeCard(await bytesOf(e.target.files[0])); });
find("paste").addEventListener("input", e => takeCard(encode(e.target.value)));
find("roots").addEventListener("change", async e => { if (e.target.files[0]) takeRoots(await bytesOf(e.target.files[0])); });
find("zh").addEventListener("click", () => { state.language = "zh"; draw(); });
find("en").addEventListener("click", () => { state.language = "en"; draw(); });
addEventListener("dragover", e => e.preventDefault());
addEventListener("drop", e => { e.preventDefault(); if (e.dataTransfer.files[0]) { state.blob = e.dataTransfer.files[0]; run(); } });
label();
