// ---- the inspection (fabric_sdk/proof/report.py and inspection.py) ----
const TOLERANCE = 600, MAX_LINKS = 50000, MAX_MANIFEST = 1 << 20, MOST_LISTED = 500, MOST_VIEWS = 100;
class Report {
  constructor() { this.findings = []; this.facts = {}; this.unreadable = false; }
  add(state, code, part = "", values = {}) { this.findings.push({ state, code, part, values }); }
  broken(error, part = "") { this.add("bad", error.code, error.part || part, error.values); }
  giveUp(code) { this.unreadable = true; this.add("bad", code); }
  has(...states) { return this.findings.some(one => states.includes(one.state)); }
  get verdict() { return this.unreadable ? "unreadable" : this.has("bad") ? "invalid" : this.has("cap") ? "consistent" : "agrees"; }
  get complete() { return this.verdict === "agrees" && !this.has("low"); }
  toObject() { return { verdict: this.verdict, complete: this.complete, findings: this.findings, facts: this.facts }; }
}
async function checkParts(pack, form, report) {
  const data = await pack.read("manifest.json", MAX_MANIFEST), noted = await pack.read("manifest.sha256", 100);
  if (lossy(noted).trim() !== sha256hex(data)) throw new Broken("part-changed", "manifest.json");
  const manifest = parseJson(data, MAX_MANIFEST);
  if (!isObject(manifest) || !isObject(own(manifest, "files"))) throw new Broken("part-changed", "manifest.json");
  if (own(manifest, "format") !== form) throw new Broken("format-unknown", "manifest.json");
  const ours = ["manifest.json", "manifest.sha256"], files = manifest.files;
  for (const name of pack.names) if (!ours.includes(name) && !Object.hasOwn(files, name)) throw new Broken("part-unnamed", name);
  for (const name of [...new Set([...ours, ...Object.keys(files)])].sort(byPoints)) {
    if (!pack.parts.has(name)) { report.add("bad", "part-missing", name); continue; }
    let digest;
    try { digest = await pack.digest(name); } catch (e) { if (!(e instanceof Broken)) throw e; report.broken(e, name); continue; }
    if (!ours.includes(name) && digest !== files[name]) report.add("bad", "part-changed", name);
  }
  if (!report.has("bad")) report.add("ok", "container", "manifest.json", { count: pack.parts.size });
  return manifest;
}
function plainNumber(digits, part) {
  if (!/^\d{1,15}$/.test(digits) || String(Number(digits)) !== digits) throw new Broken("part-unnamed", part);
  return Number(digits);
}
const before = (a, b) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

class Inspection {
  constructor(pack, report, card, stampRoots) {
    Object.assign(this, { pack, report, card, givenRoots: stampRoots, chain: new Chain(), blocks: new Map(), heads: new Map(), views: [], listed: [], transactions: new Map(), clocks: new Map(), places: new Map(), definitions: new Map() });
  }
  async run(question, listed, hints) {
    await this.configuration();
    this.compareCard();
    await this.readBlocks();
    const lists = await this.readViews(question, listed);
    this.listed = lists.size ? [...new Set([...lists.values()].flat())] : hints.slice(0, MOST_LISTED);
    for (const txId of this.listed) await this.transaction(txId);
    this.compareViews(lists);
    await this.policies();
    this.countViews(question, lists);
    this.findClocks();
    await this.stamps();
  }
  async guarded(part, run) { try { await run(); return true; } catch (e) { if (!(e instanceof Broken)) throw e; this.report.broken(e, part); return false; } }
  numbered(folder) {
    return this.pack.named(folder).map(([name, part]) => {
      if (!name.endsWith(".pb")) throw new Broken("part-unnamed", part);
      return [plainNumber(name.slice(0, -3), part), part];
    }).sort((a, b) => a[0] - b[0]);
  }
  async block(wanted, part) {
    const block = new Block(await this.pack.read(part));
    if (block.number !== wanted) throw new Broken("block-changed", part, { block: wanted });
    return block;
  }
  async configuration() {
    for (const [wanted, part] of this.numbered("chain/config/")) {
      try {
        const block = await this.block(wanted, part), [channel, config] = block.configuration();
        await this.chain.add(wanted, block.hash, channel, config, block.header, block.signatures);
      } catch (e) { if (!(e instanceof Broken)) throw e; throw new Broken(e.code, e.part || part, e.values); }
    }
    if (!this.chain.configurations.length) throw new Broken("part-missing", "chain/config/0.pb");
    const newest = this.chain.newest, without = newest.withoutRoles;
    if (without.length) this.report.add("cap", "roles-untold", "chain/config/", { msps: without.join(", ") });
    this.report.facts.channel = this.chain.channel;
    this.report.facts.genesis = this.chain.hashes.get(0);
    this.report.add("ok", "configuration", "chain/config/", { count: this.chain.configurations.length, block: newest.block });
  }
  compareCard() {
    const card = this.card;
    if (!card) this.report.add("cap", "card-none");
    else if (card.channel !== this.chain.channel || card.genesis !== this.chain.hashes.get(0)) this.report.add("bad", "card-other", "chain/config/0.pb");
    else if (this.last() < card.configBlock) this.report.add("cap", "card-newer", "chain/config/", { last: this.last(), block: card.configBlock });
    else if (this.chain.hashes.get(card.configBlock) !== card.configHash) this.report.add("bad", "card-configuration", "chain/config/", { block: card.configBlock });
    else this.report.add("ok", "card", "chain/config/", { channel: card.channel });
  }
  last() { return Math.max(...["chain/config/", "chain/blocks/", "chain/heads/"].flatMap(folder => this.numbered(folder).map(one => one[0]))); }
  async readBlocks() {
    for (const [folder, kept] of [["chain/blocks/", this.blocks], ["chain/heads/", this.heads]]) for (const [wanted, part] of this.numbered(folder)) await this.guarded(part, async () => {
      const block = await this.block(wanted, part), config = this.chain.at(wanted, block.lastConfig);
      const signers = await config.checkOrderers(block.header, block.signatures);
      kept.set(wanted, block);
      this.report.add("ok", "block", part, { block: wanted, names: signers.map(one => one.certificate.name).join(", ") });
    });
    for (const wanted of [...this.blocks.keys()].sort((a, b) => a - b)) this.blocks.get(wanted).envelopes.forEach((envelope, index) => {
      const txId = transactionId(envelope);
      if (!this.places.has(txId)) this.places.set(txId, [wanted, index]);
    });
  }
  async readViews(question, listed) {
    const lists = new Map();
    let count = 0;
    for (const [, part] of this.pack.named("attestations/")) await this.guarded(part, async () => {
      if (count++ >= MOST_VIEWS) throw new Broken("part-unnamed", part);
      const view = await readView(await this.pack.read(part), this.chain.channel, this.chain.newest, question);
      const head = this.heads.get(view.block) || this.blocks.get(view.block);
      if (!head || head.hash !== view.blockHash) throw new Broken("view-head", part, { msp: view.msp, block: view.block });
      if (lists.has(view.msp)) throw new Broken("view-mixed", part);
      const list = listed(view.answer);
      lists.set(view.msp, list);
      if (list.length > MOST_LISTED) throw new Broken("view-other", part);
      this.views.push(view);
    });
    return lists;
  }
  async transaction(txId) {
    const at = this.places.get(txId);
    if (!at) {
      let name = "";
      for (const view of this.views) if (view.transactions.has(txId)) try { const call = readCall(raw(fields(view.transactions.get(txId).envelope), 1)); name = call.txId === txId ? call.function : ""; } catch (e) { if (!(e instanceof Broken)) throw e; name = ""; }
      this.report.add("cap", "transaction-missing", "chain/blocks/", { tx: txId, function: name });
      return;
    }
    const block = this.blocks.get(at[0]), part = `chain/blocks/${at[0]}.pb`;
    try {
      const found = await checkTransaction(block, at[1], this.chain.at(at[0]));
      if (found.call.channel !== this.chain.channel) throw new Broken("transaction-unreadable");
      const code = block.codes.subarray(at[1], at[1] + 1);
      if (code.length && code[0] !== 0) throw new Broken("code-block", "", { number: code[0] });
      this.transactions.set(txId, found);
    } catch (e) { if (!(e instanceof Broken)) throw e; this.report.add("bad", e.code, part, { ...e.values, tx: txId }); }
  }
  compareViews(lists) {
    let differ = contradiction(this.views);
    for (const [txId, found] of this.transactions) for (const view of this.views) {
      const said = view.transactions.get(txId);
      if (said && said.code !== 0) this.report.add("bad", "code-refused", "attestations/", { tx: txId, msp: view.msp, number: said.code });
      else if (said && !equal(said.envelope, found.envelope)) differ ||= txId;
      if (!(lists.get(view.msp) || []).includes(txId) && found.block <= view.block) differ ||= txId;
    }
    if (differ) this.report.add("bad", "views-differ", "attestations/", { tx: differ });
  }
  async definition([wanted, index]) {
    const key = `${wanted}/${index}`;
    if (!this.definitions.has(key)) {
      this.definitions.set(key, null);
      const block = this.blocks.get(wanted);
      if (!block || index >= block.envelopes.length) return null;
      const config = this.chain.at(wanted);
      this.definitions.set(key, await readDefinition(await checkTransaction(block, index, config), config));
    }
    return this.definitions.get(key);
  }
  ordered() { return [...this.transactions.values()].sort((a, b) => a.block - b.block || a.place - b.place); }
  async policies() {
    const keys = new Map(), names = new Map();
    for (const found of this.ordered()) {
      const part = `chain/blocks/${found.block}.pb`, tx = found.call.txId;
      try {
        const sets = writes(found.call.results), at = definitionRead(found.call.contract, sets);
        const definition = at && before(at, [found.block, found.place]) ? await this.definition(at) : null;
        if (!definition) { this.report.add("cap", "definition-missing", part, { tx }); continue; }
        if (definition.name !== found.call.contract) throw new Broken("definition-other");
        await checkPolicies(found, definition, keys, this.chain.at(found.block));
        names.set(`${definition.name} ${definition.sequence}`, { contract: definition.name, sequence: definition.sequence });
        if (foreignWrites(found).length) this.report.add("cap", "policy-foreign", part, { tx });
        for (const [key, policy] of sets.get(definition.name)?.policies || []) keys.set(key, policy);
      } catch (e) { if (!(e instanceof Broken)) throw e; this.report.add("bad", e.code, part, { ...e.values, tx }); }
    }
    for (const values of names.values()) this.report.add("ok", "definition", "chain/blocks/", values);
  }
  countViews(question, lists) {
    const spoke = [];
    for (const view of this.views) {
      const list = lists.get(view.msp);
      if (list.every(tx => view.transactions.has(tx))) {
        spoke.push(view.msp);
        this.report.add("ok", "view", "attestations/", { msp: view.msp, peer: view.peer, block: view.block, count: list.length });
      } else this.report.add("low", "view-incomplete", "attestations/", { msp: view.msp });
    }
    const blocks = this.views.filter(view => spoke.includes(view.msp)).map(view => view.block);
    this.report.facts.as_of = blocks.length ? Math.min(...blocks) : null;
    this.report.facts.spoke = spoke;
    if (!this.card) { if (!spoke.length) this.report.add("cap", "view-none", "attestations/"); return; }
    const [office, witnesses] = speakers(this.card, question.contract);
    const counted = spoke.filter(msp => office.includes(msp) || witnesses.includes(msp));
    this.report.facts.counted = counted;
    if (!counted.length) this.report.add("cap", "view-none", "attestations/");
    else for (const [code, wanted] of [["view-no-office", office], ["view-no-witness", witnesses]]) if (!counted.some(msp => wanted.includes(msp))) this.report.add("low", code, "attestations/", { msps: wanted.join(", ") });
  }
  findClocks() {
    const calls = [];
    for (const wanted of [...this.blocks.keys()].sort((a, b) => a - b)) this.blocks.get(wanted).envelopes.slice(0, MOST_LISTED).forEach((envelope, index) => {
      try { const call = readCall(raw(fields(envelope), 1)); calls.push({ at: [wanted, index], creator: hex(call.creator), seconds: call.seconds }); } catch (e) { if (!(e instanceof Broken)) throw e; }
    });
    for (const [txId, found] of this.transactions) {
      const at = [found.block, found.place], others = calls.filter(one => one.creator !== hex(found.call.creator));
      const earlier = others.filter(one => before(one.at, at)).pop()?.seconds ?? null, later = others.find(one => before(at, one.at))?.seconds ?? null;
      this.clocks.set(txId, { author: found.call.seconds, before: earlier, after: later });
      if ((earlier !== null && found.call.seconds < earlier - TOLERANCE) || (later !== null && found.call.seconds > later + TOLERANCE)) this.report.add("low", "clock-outside", `chain/blocks/${found.block}.pb`, { tx: txId });
    }
  }
  async stamps() {
    const roots = [...this.givenRoots], allowed = new Set(roots.map(one => one.fingerprint)), hashes = new Map(), found = [];
    for (const one of this.card ? this.card.timestamps : []) allowed.add(one);
    for (const kept of [this.heads, this.blocks]) for (const [wanted, block] of kept) hashes.set(wanted, block.hash);
    const parts = this.pack.named("timestamps/");
    for (const [name, part] of parts) await this.guarded(part, async () => {
      if (name.endsWith(".pem")) roots.push(readPem(await this.pack.read(part, MAX_TOKEN)));
      else if (name.endsWith(".links")) await this.links(name, part, hashes);
    });
    for (const [name, part] of parts) if (name.endsWith(".tsr")) await this.guarded(part, async () => {
      const wanted = plainNumber(name.slice(0, -4), part);
      if (!hashes.has(wanted)) throw new Broken("stamp-other", part);
      const stamp = await checkToken(await this.pack.read(part, MAX_TOKEN), unhex(hashes.get(wanted)), roots);
      const known = allowed.has(stamp.root);
      found.push({ block: wanted, seconds: stamp.seconds, authority: stamp.authority, known });
      this.report.add(known ? "ok" : "note", known ? "stamp" : "stamp-unknown", part, { block: wanted, seconds: stamp.seconds, authority: stamp.authority });
    });
    if (!found.length) this.report.add("note", "stamp-none", "timestamps/");
    this.report.facts.stamps = found.sort((a, b) => a.block - b.block || a.seconds - b.seconds);
  }
  async links(name, part, hashes) {
    const dash = name.indexOf("-"), base = name.slice(0, -6);
    const start = plainNumber(dash < 0 ? base : base.slice(0, dash), part), end = plainNumber(dash < 0 ? "" : base.slice(dash + 1), part);
    const data = await this.pack.read(part, MAX_LINKS * 32);
    if (!hashes.has(start) || data.length !== (end - start) * 32) throw new Broken("stamp-other", part);
    let digest = unhex(hashes.get(start));
    for (let step = 0; step < end - start; step++) digest = sha256(headerBytes(start + step + 1, digest, data.subarray(step * 32, step * 32 + 32)));
    if (!hashes.has(end)) hashes.set(end, hex(digest));
    if (hashes.get(end) !== hex(digest)) throw new Broken("stamp-other", part);
  }
}
