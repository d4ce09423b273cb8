// ---- policies (fabric_sdk/proof/policies.py) ----
const POLICY_ROLES = ["member", "admin", "client", "peer", "orderer"];
async function satisfied(policy, signers, known) {
  const envelope = fields(policy);
  if (number(envelope, 1) !== 0) throw new Broken("policy-unreadable");
  const distinct = signers.filter((one, at) => signers.findIndex(other => other.key === one.key) === at);
  const principals = many(envelope, 3);
  let left = 1000;
  const fits = async (signer, principal) => {
    const message = fields(principal), kind = number(message, 1), data = raw(message, 2);
    if (kind === 0) {
      const role = fields(data), wanted = POLICY_ROLES[number(role, 2)];
      if (string(role, 1) !== signer.msp || wanted === undefined) return false;
      return wanted === "member" || (wanted === "admin" ? signer.isAdmin : signer.role === wanted);
    }
    if (kind === 1) { const unit = fields(data); return string(unit, 1) === signer.msp && signer.certificate.units.includes(string(unit, 2)) && hex(raw(unit, 3)) === signer.pathId; }
    if (kind === 2) { try { return (await known(data)).key === signer.key; } catch (e) { if (e instanceof Broken) return false; throw e; } }
    return false;
  };
  const rule = async (data, used, depth) => {
    left--;
    const message = fields(data);
    if (depth > 12 || left < 0 || message.has(1) === message.has(2)) throw new Broken("policy-unreadable");
    if (message.has(1)) {
      const at = number(message, 1);
      if (at >= principals.length) throw new Broken("policy-unreadable");
      for (let i = 0; i < distinct.length; i++) if (!used[i] && await fits(distinct[i], principals[at])) { used[i] = true; return true; }
      return false;
    }
    const gate = fields(raw(message, 2));
    let held = 0, tried = [...used];
    for (const inner of many(gate, 2)) { const attempt = [...tried]; if (await rule(inner, attempt, depth + 1)) { held++; tried = attempt; } }
    if (held < number(gate, 1)) return false;
    tried.forEach((value, i) => { used[i] = value; });
    return true;
  };
  return rule(raw(envelope, 2), distinct.map(() => false), 0);
}
