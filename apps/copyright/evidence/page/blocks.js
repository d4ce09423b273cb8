// ---- blocks and transactions (fabric_sdk/proof/blocks.py) ----
const CONFIG = 1, ENDORSER = 3;
function headerBytes(block, previous, dataHash) {
  let digits = block.toString(16);
  if (digits.length % 2) digits = "0" + digits;
  if (parseInt(digits.slice(0, 2), 16) > 127) digits = "00" + digits;
  return der(0x30, join(der(2, unhex(digits)), der(4, previous), der(4, dataHash)));
}
class Block {
  constructor(data) {
    const message = fields(data), header = fields(raw(message, 1));
    this.number = number(header, 1); this.previous = raw(header, 2); this.dataHash = raw(header, 3);
    this.header = headerBytes(this.number, this.previous, this.dataHash);
    this.hash = sha256hex(this.header);
    this.whole = message.has(2);
    this.envelopes = many(fields(raw(message, 2)), 1);
    if (this.whole && !equal(sha256(...this.envelopes), this.dataHash)) throw new Broken("block-changed", "", { block: this.number });
    const metadata = many(fields(raw(message, 3)), 1);
    this.signatures = metadata[0] || EMPTY; this.codes = metadata[2] || EMPTY;
  }
  get lastConfig() { return number(fields(raw(fields(raw(fields(this.signatures), 1)), 1)), 1); }
  configuration() {
    if (this.envelopes.length !== 1) throw new Broken("configuration-unreadable");
    const payload = fields(raw(fields(this.envelopes[0]), 1)), channel = fields(raw(fields(raw(payload, 1)), 1));
    if (number(channel, 1) !== CONFIG) throw new Broken("configuration-unreadable");
    return [string(channel, 4), raw(fields(raw(payload, 2)), 1)];
  }
}
function readCall(payload) {
  const body = fields(payload), header = fields(raw(body, 1)), channel = fields(raw(header, 1)), signed = fields(raw(header, 2));
  const creator = raw(signed, 1), txId = string(channel, 5);
  if (number(channel, 1) !== ENDORSER || sha256hex(raw(signed, 2), creator) !== txId) throw new Broken("transaction-id");
  const actions = many(fields(raw(body, 2)), 1);
  if (actions.length !== 1) throw new Broken("transaction-unreadable");
  const action = fields(raw(fields(actions[0]), 2)), proposal = raw(action, 1), endorsed = fields(raw(action, 2)), response = raw(endorsed, 1), answer = fields(response);
  if (!equal(raw(answer, 1), sha256(raw(header, 1), raw(header, 2), proposal)) || !equal(raw(fields(actions[0]), 1), raw(header, 2))) throw new Broken("proposal-other");
  const result = fields(raw(answer, 2)), said = fields(raw(result, 3)), contract = fields(raw(result, 4));
  const spec = fields(raw(fields(raw(fields(proposal), 1)), 1)), name = string(contract, 2);
  if (string(fields(raw(spec, 2)), 2) !== name) throw new Broken("proposal-other");
  const endorsements = many(endorsed, 2).slice(0, 100).map(one => { const entry = fields(one); return { identity: raw(entry, 1), message: join(response, raw(entry, 1)), signature: raw(entry, 2) }; });
  const args = many(fields(raw(spec, 3)), 1), called = args.length ? lossy(args[0]) : "";
  return {
    channel: string(channel, 4), txId, seconds: number(fields(raw(channel, 3)), 1), creator, contract: name, arguments: args,
    status: number(said, 1), answer: raw(said, 3), results: raw(result, 1), version: string(contract, 3), endorsements,
    function: called.slice(called.lastIndexOf(":") + 1),
  };
}
function transactionId(envelope) {
  try { return string(fields(raw(fields(raw(fields(raw(fields(envelope), 1)), 1)), 1)), 5); } catch (e) { if (e instanceof Broken) return ""; throw e; }
}
async function checkTransaction(block, index, config) {
  const envelope = block.envelopes[index], message = fields(envelope), payload = raw(message, 1), call = readCall(payload);
  const author = await config.member(call.creator);
  if (!await signedBy(author.certificate, raw(message, 2), payload)) throw new Broken("author-signature");
  if (!(author.certificate.begins - 600 <= call.seconds && call.seconds <= author.certificate.ends)) throw new Broken("author-expired", "", { name: author.certificate.name });
  const endorsers = await config.signers(call.endorsements, "peer");
  if (!endorsers.length) throw new Broken("endorsement-none");
  return { call, author, endorsers, block: block.number, place: index, envelope };
}
function writes(results) {
  const found = new Map();
  for (const one of many(fields(results), 2)) {
    const space = fields(one), name = string(space, 1);
    if (found.has(name)) throw new Broken("transaction-unreadable");
    const sets = fields(raw(space, 2)), values = new Map(), policies = new Map(), reads = new Map();
    const collections = many(space, 3).map(part => string(fields(part), 1));
    for (const item of many(sets, 3)) { const pair = fields(item); values.set(string(pair, 1), number(pair, 2) ? null : raw(pair, 3)); }
    for (const item of many(sets, 4)) { const entry = fields(item); for (const part of many(entry, 2)) { const pair = fields(part); if (string(pair, 1) === "VALIDATION_PARAMETER") policies.set(string(entry, 1), raw(pair, 2)); } }
    for (const item of many(sets, 1)) { const pair = fields(item), version = pair.has(2) ? fields(raw(pair, 2)) : null; reads.set(string(pair, 1), version && [number(version, 1), number(version, 2)]); }
    found.set(name, { values, policies, reads, collections });
  }
  return found;
}
