// ---- certificates and organisations (fabric_sdk/proof/members.py) ----
const CURVES = { "2a8648ce3d030107": ["P-256", 32], "2b81040022": ["P-384", 48], "2b81040023": ["P-521", 66] };
const HALF = {
  "P-256": BigInt("0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8"),
  "P-384": BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffe3b1a6c0fa1b96efac0d06d9245853bd76760cb5666294b9"),
  "P-521": BigInt("0x" + "ff".repeat(32) + "fd28c343c1df97cb35bfe600a47b84d2e81ddae4dc44ce23d75db7db8f489c3204"),
};
const SIGNATURE_DIGESTS = {
  "2a8648ce3d040302": "SHA-256", "2a8648ce3d040303": "SHA-384", "2a8648ce3d040304": "SHA-512",
  "2a864886f70d01010b": "SHA-256", "2a864886f70d01010c": "SHA-384", "2a864886f70d01010d": "SHA-512", "2b6570": "SHA-256",
};
const RSA = "2a864886f70d010101", ED25519 = "2b6570", ATTRIBUTES = "2a03040506070801";
const unsigned = content => BigInt("0x" + (hex(content) || "0"));
function moment(one) {
  const s = lossy(one.content), long = one.tag === 0x18;
  if (!/^\d{12,14}Z$/.test(s) || (long ? s.length !== 15 : s.length !== 13)) throw new Broken("certificate-unreadable");
  const year = long ? s.slice(0, 4) : (Number(s.slice(0, 2)) < 50 ? "20" : "19") + s.slice(0, 2), rest = s.slice(long ? 4 : 2);
  return Date.UTC(year, rest.slice(0, 2) - 1, rest.slice(2, 4), rest.slice(4, 6), rest.slice(6, 8), rest.slice(8, 10)) / 1000;
}
function nameValues(name, oid) {
  const found = [];
  for (const set of elements(name.content)) for (const pair of elements(set.content)) {
    const [kind, value] = elements(pair.content);
    if (kind && value && hex(kind.content) === oid) found.push(value.tag === 0x1e ? new TextDecoder("utf-16be").decode(value.content) : lossy(value.content));
  }
  return found;
}
function readDer(data) {
  meter.spend("certificates");
  if (data.length > 65536) throw new Broken("certificate-unreadable");
  try {
    const [body, algorithm, proof] = inside(data);
    const parts = elements(body.content), shift = parts[0].tag === 0xa0 ? 1 : 0;
    const [serial, , issuer, validity, subject, key] = parts.slice(shift);
    const [begins, ends] = elements(validity.content).map(moment);
    const certificate = {
      der: data, signed: body.whole, body: sha256hex(body.whole), algorithm: hex(place(elements(algorithm.content), 0).content),
      signature: proof.content.subarray(1), issuer: hex(issuer.whole), subject: hex(subject.whole), key: key.whole, begins, ends,
      serial: unsigned(serial.content).toString(), units: nameValues(subject, "55040b"), name: nameValues(subject, "550403").pop() || "",
      organization: nameValues(subject, "55040a").pop() || "", fingerprint: sha256hex(data), isAuthority: false, pathLength: null,
      mayCertify: true, usages: [], usagesCritical: false, attributes: EMPTY,
    };
    for (const holder of parts.slice(shift + 6)) if (holder.tag === 0xa3) for (const one of elements(place(elements(holder.content), 0).content)) readExtension(certificate, elements(one.content));
    return certificate;
  } catch (e) {
    if (e instanceof TooMuch) throw e;
    throw new Broken("certificate-unreadable");
  }
}
function readExtension(certificate, parts) {
  const oid = hex(parts[0].content), value = parts[parts.length - 1].content, critical = parts.length === 3 && parts[1].content[0] !== 0;
  if (oid === "551d13") {
    const [ca, limit] = inside(value);
    certificate.isAuthority = Boolean(ca && ca.tag === 1 && ca.content[0]);
    if (limit) certificate.pathLength = Number(unsigned(limit.content));
  } else if (oid === "551d0f") certificate.mayCertify = Boolean(element(value)[0].content[1] & 4);
  else if (oid === "551d25") { certificate.usages = inside(value).map(one => hex(one.content)); certificate.usagesCritical = critical; }
  else if (oid === "551d1e") throw new Broken("certificate-unreadable");
  else if (oid === ATTRIBUTES) certificate.attributes = value;
}
function readPem(data) {
  if (data.length > 65536) throw new Broken("certificate-unreadable");
  const body = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(lossy(data));
  try { return readDer(Uint8Array.from(atob(body[1].replace(/\s/g, "")), c => c.charCodeAt(0))); } catch (e) {
    if (e instanceof TooMuch) throw e;
    throw new Broken("certificate-unreadable");
  }
}
async function signedBy(certificate, signature, message, digest = null) {
  meter.spend("signatures");
  try {
    const algorithm = elements(place(elements(element(certificate.key)[0].content), 0).content), kind = hex(algorithm[0].content);
    const hash = digest || "SHA-256";
    if (kind === "2a8648ce3d0201") {
      const [curve, width] = CURVES[hex(algorithm[1].content)];
      const values = inside(signature);
      if (values.length !== 2 || values.some(one => one.tag !== 2 || !one.content.length || one.content[0] & 128)) return false;
      if (digest === null && unsigned(values[1].content) > HALF[curve]) return false;
      const flat = join(...values.map(one => { const n = one.content[0] === 0 ? one.content.subarray(1) : one.content; return join(new Uint8Array(width - n.length), n); }));
      const key = await crypto.subtle.importKey("spki", certificate.key, { name: "ECDSA", namedCurve: curve }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "ECDSA", hash }, key, flat, message);
    }
    if (kind === RSA) {
      if (digest === null || certificate.key.length > 1100) return false;
      const key = await crypto.subtle.importKey("spki", certificate.key, { name: "RSASSA-PKCS1-v1_5", hash }, false, ["verify"]);
      return await crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, signature, message);
    }
    if (kind === ED25519) {
      const key = await crypto.subtle.importKey("spki", certificate.key, "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", key, signature, message);
    }
  } catch (e) { if (e instanceof TooMuch) throw e; }
  return false;
}
async function issuedBy(certificate, issuer) {
  const digest = SIGNATURE_DIGESTS[certificate.algorithm], begins = certificate.begins + 1;
  return digest !== undefined && certificate.issuer === issuer.subject && issuer.isAuthority && issuer.mayCertify
    && issuer.begins <= begins && begins <= issuer.ends && await signedBy(issuer, certificate.signature, certificate.signed, digest);
}
async function pathTo(certificate, roots, between) {
  const trusted = new Set(roots.map(root => root.body));
  if (trusted.has(certificate.body)) return [certificate];
  const path = [certificate];
  while (path.length < 6) {
    let next = null;
    for (const issuer of [...roots, ...between]) {
      if (path.some(one => one.body === issuer.body) || (issuer.pathLength !== null && path.length - 1 > issuer.pathLength)) continue;
      if (await issuedBy(path[path.length - 1], issuer)) { next = issuer; break; }
    }
    if (!next) return [];
    path.push(next);
    if (trusted.has(next.body)) return path;
  }
  return [];
}

class Organization {
  static async read(config) {
    const self = new Organization(), message = fields(config);
    self.msp = string(message, 1);
    self.roots = many(message, 2).map(readPem);
    self.between = many(message, 3).map(readPem);
    self.admins = new Set(many(message, 4).map(one => readPem(one).body));
    if (!self.msp || !self.roots.length || ![...self.roots, ...self.between].every(one => one.isAuthority)) throw new Broken("organization-unreadable", "", { msp: self.msp.slice(0, 64) });
    self.inner = new Set();
    for (const one of self.between) for (const above of (await pathTo(one, self.roots, self.between)).slice(1)) self.inner.add(above.body);
    self.revoked = [];
    for (const one of many(message, 5)) await self.readRevocations(one);
    self.units = many(message, 7).map(one => { const unit = fields(one); return [string(unit, 2), readPem(raw(unit, 1)).body]; });
    self.roles = [];
    const units = fields(raw(message, 11));
    if (number(units, 1)) for (const [at, role] of [[2, "client"], [3, "peer"], [4, "admin"], [5, "orderer"]]) if (units.has(at)) {
      const unit = fields(raw(units, at)), pem = raw(unit, 1);
      self.roles.push([string(unit, 2), role, pem.length ? readPem(pem).body : ""]);
    }
    self.known = new Map();
    return self;
  }
  async member(identity) {
    const key = hex(identity);
    if (!this.known.has(key)) this.known.set(key, await this.examine(identity));
    return this.known.get(key);
  }
  async examine(identity) {
    const message = fields(identity), msp = string(message, 1);
    if (msp !== this.msp) throw new Broken("identity-unknown", "", { msp: msp.slice(0, 64) });
    const certificate = readPem(raw(message, 2)), path = await pathTo(certificate, this.roots, this.between);
    if (certificate.isAuthority || path.length < 2 || this.inner.has(path[1].body)) throw new Broken("identity-unknown", "", { msp });
    for (let i = 0; i + 1 < path.length; i++) if (this.revoked.some(([body, serials]) => body === path[i + 1].body && serials.has(path[i].serial))) throw new Broken("identity-revoked", "", { msp, name: certificate.name });
    if (this.units.length && !this.units.some(([unit, body]) => certificate.units.includes(unit) && body === path[1].body)) throw new Broken("identity-unknown", "", { msp });
    let role = "";
    if (this.roles.length) {
      const found = certificate.units.flatMap(unit => this.roles.filter(([name]) => name === unit));
      if (found.length !== 1 || (found[0][2] && found[0][2] !== path[1].body)) throw new Broken("identity-role", "", { msp, name: certificate.name });
      role = found[0][1];
    }
    return { msp, role, certificate, pathId: sha256hex(...path.slice(1).map(one => one.der)), isAdmin: role === "admin" || this.admins.has(certificate.body), key: msp + "/" + certificate.body };
  }
  async readRevocations(data) {
    let body, serials = new Set(), digest, signature;
    try {
      const pem = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/.exec(lossy(data));
      const parts = inside(pem ? Uint8Array.from(atob(pem[1].replace(/\s/g, "")), c => c.charCodeAt(0)) : data);
      body = parts[0].whole; digest = SIGNATURE_DIGESTS[hex(elements(parts[1].content)[0].content)]; signature = parts[2].content.subarray(1);
      for (const one of elements(parts[0].content).slice(2)) if (one.tag === 0x30 && one.content[0] === 0x30) for (const entry of elements(one.content)) serials.add(unsigned(elements(entry.content)[0].content).toString());
    } catch (e) {
      if (e instanceof TooMuch) throw e;
      throw new Broken("organization-unreadable", "", { msp: this.msp });
    }
    for (const authority of [...this.roots, ...this.between]) if (digest && await signedBy(authority, signature, body, digest)) this.revoked.push([authority.body, serials]);
  }
}
