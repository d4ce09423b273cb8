// ---- committed definitions and their policies (fabric_sdk/proof/definitions.py) ----
const LIFECYCLE = "_lifecycle", DEFAULT_POLICY = "/Channel/Application/Endorsement";
const NOTHING = () => ({ values: new Map(), policies: new Map(), reads: new Map(), collections: [] });
const definitionRead = (contract, sets) => sets.get(LIFECYCLE)?.reads.get(`namespaces/fields/${contract}/Sequence`) || null;
async function readDefinition(transaction, config) {
  const call = transaction.call;
  if (call.contract !== LIFECYCLE || call.function !== "CommitChaincodeDefinition" || call.arguments.length !== 2) throw new Broken("definition-other");
  const given = fields(call.arguments[1]), name = string(given, 2), sequence = number(given, 1);
  const value = writes(call.results).get(LIFECYCLE)?.values.get(`namespaces/fields/${name}/Sequence`);
  if (!value || number(fields(value), 1) !== sequence) throw new Broken("definition-other");
  if (!await config.satisfies("/Channel/Application/LifecycleEndorsement", transaction.endorsers)) throw new Broken("definition-policy", "", { contract: name });
  const collections = new Map();
  for (const one of many(fields(raw(given, 7)), 1)) { const fixed = fields(raw(fields(one), 1)); collections.set(string(fixed, 1), raw(fixed, 8)); }
  return { name, sequence, policy: raw(given, 6), collections };
}
async function checkPolicies(transaction, definition, keyPolicies, config) {
  const signers = transaction.endorsers, ours = writes(transaction.call.results).get(definition.name) || NOTHING();
  const keys = new Set([...ours.values.keys(), ...ours.policies.keys()]);
  const needed = [...keyPolicies].filter(([key, policy]) => keys.has(key) && policy.length).map(([, policy]) => policy);
  let general = [...keys].some(key => !keyPolicies.get(key)?.length) || (!keys.size && !ours.collections.length);
  for (const name of ours.collections) {
    const policy = definition.collections.get(name) || EMPTY;
    if (policy.length) needed.push(policy);
    else if (name.startsWith("_implicit_org_")) general = general || !signers.some(one => one.msp === name.slice("_implicit_org_".length));
    else general = true;
  }
  if (general) needed.push(definition.policy);
  for (const policy of needed) {
    const message = fields(policy);
    const held = message.has(1) ? await satisfied(raw(message, 1), signers, identity => config.member(identity)) : await config.satisfies(string(message, 2) || DEFAULT_POLICY, signers);
    if (!held) throw new Broken("policy-not-satisfied", "", { contract: definition.name });
  }
}
function foreignWrites(transaction) {
  return [...writes(transaction.call.results)].filter(([name, sets]) => name !== transaction.call.contract && name !== LIFECYCLE && (sets.values.size || sets.collections.length)).map(([name]) => name);
}
