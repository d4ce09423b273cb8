// ---- time-stamp tokens, RFC 3161 (fabric_sdk/proof/timestamps.py) ----
const MAX_TOKEN = 65536, TIME_STAMPING = "2b06010505070308", TST_INFO = "2a864886f70d0109100104";
const DIGESTS = { "608648016503040201": "SHA-256", "608648016503040202": "SHA-384", "608648016503040203": "SHA-512" };
const digestOf = async (name, data) => new Uint8Array(await crypto.subtle.digest(name, data));
async function checkToken(token, digest, roots) {
  if (token.length > MAX_TOKEN) throw new Broken("stamp-unreadable");
  try { return await tokenInside(token, digest, roots); } catch (e) {
    if (e instanceof TooMuch || (e instanceof Broken && e.code.startsWith("stamp-"))) throw e;
    throw new Broken("stamp-unreadable");
  }
}
async function tokenInside(token, digest, roots) {
  let outer = inside(token);
  if (outer[0].tag === 0x30) outer = inside(outer[1].whole);
  if (hex(outer[0].content) !== "2a864886f70d010702") throw new Broken("stamp-unreadable");
  const signed = inside(place(inside(outer[1].whole, 0xa0), 0).whole), holder = inside(signed[2].whole);
  const infoBytes = place(inside(holder[1].whole, 0xa0), 0).content, info = inside(infoBytes), imprint = inside(info[2].whole);
  if (hex(holder[0].content) !== TST_INFO || !equal(imprint[1].content, digest)) throw new Broken("stamp-other");
  if (DIGESTS[hex(place(inside(imprint[0].whole), 0).content)] !== "SHA-256") throw new Broken("stamp-other");
  const certificates = signed[3].tag === 0xa0 ? elements(signed[3].content).slice(0, 20).map(one => readDer(one.whole)) : [];
  const signers = elements(signed[signed.length - 1].content);
  if (signers.length !== 1) throw new Broken("stamp-unreadable");
  const signer = await tokenSigner(inside(signers[0].whole), infoBytes, certificates);
  if (signer.usages.length !== 1 || signer.usages[0] !== TIME_STAMPING || !signer.usagesCritical) throw new Broken("stamp-usage", "", { authority: signer.name });
  const stamp = lossy(info.find(one => one.tag === 0x18).content).slice(0, 14);
  const time = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(stamp);
  if (!time) throw new Broken("stamp-unreadable");
  const seconds = Date.UTC(time[1], time[2] - 1, time[3], time[4], time[5], time[6]) / 1000;
  const path = await pathTo(signer, roots, certificates);
  for (const one of path.length ? path : [signer]) if (!(one.begins <= seconds && seconds <= one.ends)) throw new Broken("stamp-expired", "", { authority: one.name });
  return { seconds, authority: signer.name || signer.organization, root: path.length > 1 ? path[path.length - 1].fingerprint : "" };
}
async function tokenSigner(parts, info, certificates) {
  const [issuer, serial] = inside(parts[1].whole), digest = DIGESTS[hex(place(inside(parts[2].whole), 0).content)], attributes = parts[3];
  const kind = hex(place(inside(parts[4].whole), 0).content), algorithm = kind === RSA ? digest : kind === ED25519 ? undefined : SIGNATURE_DIGESTS[kind];
  if (!digest || !algorithm || attributes.tag !== 0xa0) throw new Broken("stamp-unreadable");
  const signer = certificates.find(one => one.serial === unsigned(serial.content).toString() && one.issuer === hex(issuer.whole));
  if (!signer) throw new Broken("stamp-certificate");
  const values = new Map();
  for (const attribute of elements(attributes.content)) { const [name, value] = inside(attribute.whole); values.set(hex(name.content), place(inside(value.whole, 0x31), 0)); }
  const content = name => values.get(name)?.content || EMPTY;
  if (!equal(content("2a864886f70d010904"), await digestOf(digest, info))) throw new Broken("stamp-other");
  if (hex(content("2a864886f70d010903")) !== TST_INFO || !await namesSigner(values, signer)) throw new Broken("stamp-certificate");
  if (!await signedBy(signer, parts[5].content, der(0x31, attributes.content), algorithm)) throw new Broken("stamp-signature");
  return signer;
}
async function namesSigner(values, signer) {
  for (const [name, otherwise] of [["2a864886f70d010910022f", "SHA-256"], ["2a864886f70d010910020c", "SHA-1"]]) if (values.has(name)) {
    let first = inside(inside(inside(values.get(name).whole)[0].whole)[0].whole), digest = otherwise;
    if (otherwise === "SHA-256" && first[0].tag === 0x30) { digest = DIGESTS[hex(inside(first[0].whole)[0].content)]; first = first.slice(1); }
    return Boolean(digest) && equal(first[0].content, await digestOf(digest, signer.der));
  }
  return false;
}
