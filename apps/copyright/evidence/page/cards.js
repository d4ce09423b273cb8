// ---- the channel card (fabric_sdk/proof/cards.py) ----
const CARD_FIELDS = ["channel", "config", "genesis", "kind", "made", "organizations", "seals", "timestamps", "version"];
function readCard(data) {
  const bad = () => new Broken("card-unreadable");
  const line = value => { if (typeof value !== "string" || ![...value].length || [...value].length > 200 || [...value].some(c => c !== " " && /[\p{C}\p{Z}]/u.test(c))) throw bad(); return value; };
  const hash = value => { if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) throw bad(); return value; };
  const list = (value, limit) => { if (!Array.isArray(value) || value.length > limit) throw bad(); return value; };
  const only = (value, names) => { if (!isObject(value) || Object.keys(value).sort().join() !== [...names].sort().join()) throw bad(); return value; };
  try {
    const value = only(parseJson(encode(lossy(data).trim()), 32 << 10), CARD_FIELDS);
    if (value.kind !== "citychain-channel-card" || value.version !== 1) throw bad();
    const config = only(value.config, ["block", "hash"]);
    const organizations = list(value.organizations, 100).map(one => {
      only(one, ["msp", "name", "office", "witness"]);
      if (typeof one.witness !== "boolean") throw bad();
      return { msp: line(one.msp), name: line(one.name), office: list(one.office, 20).map(line), witness: one.witness };
    });
    if (!organizations.length || !/^\d{4}-\d{2}-\d{2}$/.test(line(value.made)) || new Set(organizations.map(one => one.msp)).size !== organizations.length) throw bad();
    if (!Number.isSafeInteger(config.block) || config.block < 0) throw bad();
    const card = { channel: line(value.channel), genesis: hash(value.genesis), configBlock: config.block, configHash: hash(config.hash), made: value.made, organizations, seals: list(value.seals, 20).map(hash), timestamps: list(value.timestamps, 20).map(hash) };
    const canonical = one => Array.isArray(one) ? `[${one.map(canonical).join(",")}]` : isObject(one) ? `{${Object.keys(one).sort().map(name => `${JSON.stringify(name)}:${canonical(one[name])}`).join(",")}}` : JSON.stringify(one);
    card.fingerprint = sha256hex(encode(canonical(value))).match(/.{8}/g).join(" ");
    return card;
  } catch (e) { if (e instanceof TooMuch) throw e; throw bad(); }
}
function speakers(card, contract) {
  const office = card.organizations.filter(one => one.office.includes(contract)).map(one => one.msp);
  return [office, card.organizations.filter(one => one.witness && !office.includes(one.msp)).map(one => one.msp)];
}
