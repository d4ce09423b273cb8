// ---- what a package shows of a work (apps/copyright/evidence/check.py) ----
const KNOWN = /^(?:manifest\.json|manifest\.sha256|index\.html|README\.txt|verify\.(?:py|html)|chain\/(?:config|blocks|heads)\/[0-9]{1,15}\.pb|attestations\/[^/]+\.pb|content\/[^/]+|certificates\/[^/]+\.pdf|captures\/[^/]+\.zip|timestamps\/(?:[0-9]{1,15}\.tsr|[0-9]{1,15}-[0-9]{1,15}\.links|root-[0-9]{1,15}\.pem))$/s;
const FORMAT = "citychain-evidence-2", FORMAT_1 = "citychain-evidence-1", CONTRACT = "copyright", MAX_RECORD = 1 << 20;
async function checkPackage(blob, card = null, stampRoots = []) {
  meter.begin();
  const report = new Report();
  if (card) report.facts.card = { fingerprint: card.fingerprint, channel: card.channel, made: card.made };
  try {
    const pack = await Package.open(blob);
    if (await isFormat1(pack)) { await checkParts(pack, FORMAT_1, report); report.add("cap", "format-old", "manifest.json"); }
    else await checkWork(pack, report, card, stampRoots);
  } catch (e) {
    if (e instanceof NoPackage) report.giveUp("no-package");
    else if (e instanceof Broken) report.broken(e);
    else { report.giveUp("too-much"); report.error = String(e && e.stack || e); }
  }
  return report;
}
async function isFormat1(pack) {
  try { const manifest = parseJson(await pack.read("manifest.json", MAX_RECORD), MAX_RECORD); return isObject(manifest) && own(manifest, "format") === FORMAT_1; } catch (e) { if (e instanceof Broken) return false; throw e; }
}
async function checkWork(pack, report, card, stampRoots) {
  const manifest = await checkParts(pack, FORMAT, report), workId = own(manifest, "work"), hints = own(manifest, "transactions");
  for (const name of [...pack.names].sort(byPoints)) if (!KNOWN.test(name)) throw new Broken("part-unnamed", name);
  if (typeof workId !== "string" || !Array.isArray(hints) || !hints.every(one => typeof one === "string")) throw new Broken("part-changed", "manifest.json");
  const inspection = new Inspection(pack, report, card, stampRoots);
  const names = Object.create(null);
  for (const one of card ? card.organizations : []) names[one.msp] = one.name;
  report.facts.names = { ...names };
  await inspection.run({ contract: CONTRACT, function: "ListTransactions", subject: workId }, listedIds, hints);
  const ordered = inspection.ordered();
  report.facts.acts = ordered.map(one => ({
    tx: one.call.txId, function: one.call.function, contract: one.call.contract, by: person(one, names),
    endorsed: [...new Set(one.endorsers.map(other => other.msp))].sort(byPoints), block: one.block,
    time: inspection.clocks.get(one.call.txId).author, before: inspection.clocks.get(one.call.txId).before, after: inspection.clocks.get(one.call.txId).after,
  }));
  await checkRecord(pack, report, workId, ordered);
  await checkCertificates(pack, report, ordered);
  await checkCaptures(pack, report, ordered);
}
function listedIds(answer) {
  const value = parseJson(answer);
  if (!Array.isArray(value) || !value.every(isObject)) throw new Broken("view-other");
  const found = value.map(one => own(one, "tx_id"));
  if (!found.every(one => typeof one === "string") || new Set(found).size !== found.length) throw new Broken("view-other");
  return found;
}
function person(transaction, names) {
  const { author } = transaction;
  let role = "";
  if (author.certificate.attributes.length) try { role = parseJson(author.certificate.attributes, 1 << 16).attrs.role; } catch (e) { if (e instanceof TooMuch) throw e; }
  return { name: author.certificate.name, role: (typeof role === "string" ? role : "") || author.role, msp: author.msp, organization: names[author.msp] || "" };
}
const shown = value => typeof value === "string" ? [...value].slice(0, 300).join("") : "";
const argument = (transaction, at) => transaction.call.arguments.length > at ? lossy(transaction.call.arguments[at]) : "";
const cut = (value, length) => [...value].slice(0, length).join("");
async function checkRecord(pack, report, workId, ordered) {
  let first = null, record = null;
  for (const one of ordered) {
    const value = one.call.contract === CONTRACT ? writes(one.call.results).get(CONTRACT)?.values.get(workId) : null;
    if (value) { first = one; record = parseJson(value, MAX_RECORD); break; }
  }
  const content = isObject(record) ? own(record, "content") : null;
  if (!first || !isObject(content)) throw new Broken("record-missing", "chain/blocks/", { work: cut(workId, 64) });
  if (own(record, "id") !== workId || own(record, "tx_id") !== first.call.txId) throw new Broken("record-other", "chain/blocks/", { work: cut(workId, 64) });
  const cid = own(content, "cid");
  if (typeof cid !== "string") throw new Broken("record-other", "chain/blocks/", { work: cut(workId, 64) });
  report.facts.work = { id: workId, title: shown(own(record, "title")), cid: cut(cid, 100), sha256: shown(own(content, "sha256")), depositor: shown(own(record, "depositor")), tx: first.call.txId };
  report.add("ok", "record", `chain/blocks/${first.block}.pb`, { work: workId });
  const files = pack.named("content/").map(([, part]) => part);
  if (files.length > 1) report.add("bad", "part-unnamed", files[1]);
  else if (!files.length) report.add("note", "content-absent", "content/", { cid: cut(cid, 100) });
  else {
    const found = await contentCid(pack, files[0]);
    report.add(found === cid ? "ok" : "bad", found === cid ? "content" : "content-other", files[0], { cid: found });
  }
}
async function checkCertificates(pack, report, ordered) {
  const noted = ordered.filter(one => one.call.contract === CONTRACT && one.call.function === "RecordCertificate").map(one => argument(one, 2));
  const files = pack.named("certificates/").map(([, part]) => part);
  for (const part of files) {
    const digest = await pack.digest(part);
    if (!noted.includes(digest)) report.add("bad", "certificate-unrecorded", part);
    else if (digest === noted[noted.length - 1]) report.add("ok", "certificate", part, { sha256: digest });
    else report.add("note", "certificate-replaced", part, { sha256: digest });
  }
  report.facts.certificates = noted;
  if (noted.length && !files.length) report.add("note", "certificate-absent", "certificates/", { sha256: noted[noted.length - 1] });
}
async function checkCaptures(pack, report, ordered) {
  const noted = ordered.filter(one => one.call.contract === CONTRACT && ["ReportInfringement", "AddEvidence"].includes(one.call.function)).map(one => argument(one, 2)).join("");
  for (const [, part] of pack.named("captures/")) {
    const digest = await pack.digest(part);
    if (noted.includes(`"${digest}"`)) report.add("ok", "capture", part, { sha256: digest });
    else report.add("bad", "capture-unrecorded", part);
  }
}
