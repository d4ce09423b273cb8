// ---- the channel's configuration out of its own blocks (fabric_sdk/proof/configuration.py) ----
const POLICY_SIGNATURE = 1, POLICY_IMPLICIT = 3;
function readGroup(data, depth = 0) {
  if (depth > 6) throw new Broken("configuration-unreadable");
  const message = fields(data), group = { values: new Map(), policies: new Map(), groups: new Map() };
  for (const [name, one] of entries(message, 3)) group.values.set(name, raw(fields(one), 2));
  for (const [name, one] of entries(message, 4)) { const policy = fields(raw(fields(one), 2)); group.policies.set(name, [number(policy, 1), raw(policy, 2)]); }
  for (const [name, one] of entries(message, 2)) group.groups.set(name, readGroup(one, depth + 1));
  return group;
}
class Configuration {
  static async read(config, block, known) {
    const self = new Configuration(), message = fields(config);
    self.block = block; self.sequence = number(message, 1); self.root = readGroup(raw(message, 2));
    self.organizations = new Map(); self.orderers = [];
    for (const section of ["Application", "Orderer"]) {
      const group = self.root.groups.get(section);
      for (const name of group ? [...group.groups.keys()].sort(byPoints) : []) {
        const value = fields(group.groups.get(name).values.get("MSP") || EMPTY);
        if (number(value, 1) !== 0) throw new Broken("configuration-unreadable");
        const definition = raw(value, 2), key = hex(definition);
        if (!known.has(key)) known.set(key, await Organization.read(definition));
        const organization = known.get(key);
        if (!self.organizations.has(organization.msp)) self.organizations.set(organization.msp, organization);
        if (section === "Orderer") self.orderers.push(organization.msp);
      }
    }
    self.consenters = new Map();
    const orderer = self.root.groups.get("Orderer");
    for (const one of orderer ? many(fields(orderer.values.get("Orderers") || EMPTY), 1) : []) {
      const consenter = fields(one), msp = raw(consenter, 4), identity = raw(consenter, 5);
      self.consenters.set(number(consenter, 1), join(Uint8Array.of(10), putVarint(msp.length), msp, Uint8Array.of(18), putVarint(identity.length), identity));
    }
    return self;
  }
  async member(identity) {
    const msp = string(fields(identity), 1), organization = this.organizations.get(msp);
    if (!organization) throw new Broken("identity-unknown", "", { msp: msp.slice(0, 64) });
    return organization.member(identity);
  }
  async signers(signed, role = "") {
    const found = new Map();
    for (const one of signed.slice(0, 200)) {
      let member;
      try { member = await this.member(one.identity); } catch (e) { if (e instanceof Broken) continue; throw e; }
      if (found.has(member.key) || (role && member.role && member.role !== role)) continue;
      if (await signedBy(member.certificate, one.signature, one.message)) found.set(member.key, member);
    }
    return [...found.values()];
  }
  async satisfies(path, signers) {
    const parts = path.split("/");
    if (parts.length < 3 || parts[0] !== "" || parts[1] !== "Channel") throw new Broken("policy-unreadable");
    let group = this.root;
    for (const name of parts.slice(2, -1)) { group = group.groups.get(name); if (!group) throw new Broken("policy-unreadable"); }
    return signers.length > 0 && this.holds(group, parts[parts.length - 1], signers);
  }
  async holds(group, name, signers) {
    const [kind, data] = group.policies.get(name) || [0, EMPTY];
    if (kind === POLICY_SIGNATURE) return satisfied(data, signers, identity => this.member(identity));
    if (kind !== POLICY_IMPLICIT) return false;
    const message = fields(data), rule = number(message, 2), inner = [...group.groups.values()], sub = string(message, 1);
    let held = 0;
    for (const one of inner) if (await this.holds(one, sub, signers)) held++;
    return held >= (rule === 0 ? 1 : rule === 1 ? inner.length : Math.floor(inner.length / 2) + 1) && held > 0;
  }
  async checkOrderers(header, metadata) {
    const message = fields(metadata), signed = [];
    for (const one of many(message, 2).slice(0, 200)) {
      const entry = fields(one), signatureHeader = raw(entry, 1), identifier = raw(entry, 3);
      const identity = signatureHeader.length ? raw(fields(signatureHeader), 1) : this.consenters.get(number(fields(identifier), 1));
      if (identity !== undefined) signed.push({ identity, message: join(raw(message, 1), signatureHeader.length ? signatureHeader : identifier, header), signature: raw(entry, 2) });
    }
    const signers = (await this.signers(signed, "orderer")).filter(one => this.orderers.includes(one.msp));
    if (!await this.satisfies("/Channel/Orderer/BlockValidation", signers)) throw new Broken("block-not-signed");
    return signers;
  }
  get withoutRoles() { return [...this.organizations.values()].filter(one => !one.roles.length).map(one => one.msp).sort(byPoints); }
}
class Chain {
  constructor() { this.configurations = []; this.hashes = new Map(); this.channel = ""; this.known = new Map(); }
  async add(block, digest, channel, config, header, metadata) {
    const found = await Configuration.read(config, block, this.known);
    if (!this.configurations.length) {
      if (block !== 0 || found.sequence !== 0) throw new Broken("configuration-begins-late", "", { block });
      this.channel = channel;
    } else {
      const before = this.newest;
      if (block <= before.block || found.sequence !== before.sequence + 1 || channel !== this.channel) throw new Broken("configuration-gap", "", { block });
      await before.checkOrderers(header, metadata);
    }
    this.configurations.push(found);
    this.hashes.set(block, digest);
  }
  at(block, lastConfig = null) {
    for (let i = this.configurations.length - 1; i >= 0; i--) {
      const found = this.configurations[i];
      if (found.block < block) {
        if (lastConfig !== null && lastConfig !== found.block && lastConfig !== block) throw new Broken("configuration-other", "", { block });
        return found;
      }
    }
    return this.configurations[0];
  }
  get newest() { return this.configurations[this.configurations.length - 1]; }
}
