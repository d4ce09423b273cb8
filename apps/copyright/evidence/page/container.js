// ---- the container: an uncompressed zip in one canonical form (fabric_sdk/proof/container.py) ----
const MAX_PARTS = 10000, MAX_PART = 16 << 20, STEP = 1 << 20, DOS_DATE = 0x21;
function head(size, values) {
  const view = new DataView(new ArrayBuffer(size));
  let at = 0;
  for (const [width, value] of values) { width === 4 ? view.setUint32(at, value, true) : view.setUint16(at, value, true); at += width; }
  return new Uint8Array(view.buffer);
}
const localHead = (name, crc, size) => join(head(30, [[4, 0x04034b50], [2, 20], [2, 0x800], [2, 0], [2, 0], [2, DOS_DATE], [4, crc], [4, size], [4, size], [2, name.length], [2, 0]]), name);
const directoryHead = (length, crc, size, offset) => head(46, [[4, 0x02014b50], [2, 20], [2, 20], [2, 0x800], [2, 0], [2, 0], [2, DOS_DATE], [4, crc], [4, size], [4, size], [2, length], [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]);
const damaged = (part = "container") => new Broken("container-damaged", part);
class Package {
  static async open(blob) {
    const self = new Package();
    self.blob = blob; self.parts = new Map();
    const end = await self.slice(Math.max(0, blob.size - 22), blob.size);
    if (end.length < 22 || hex(end.subarray(0, 4)) !== "504b0506") throw new NoPackage();
    const view = new DataView(end.buffer);
    const total = view.getUint16(10, true), size = view.getUint32(12, true), start = view.getUint32(16, true);
    if (view.getUint32(4, true) || view.getUint16(20, true) || view.getUint16(8, true) !== total || total > MAX_PARTS || start + size + 22 !== blob.size) throw damaged();
    const directory = await self.slice(start, start + size);
    const data = blob.size <= 1 << 28 ? await self.slice(0, start) : null;
    self.data = data;
    let at = 0, expected = 0;
    for (let i = 0; i < total; i++) {
      const entry = directory.slice(at, at + 46), d = new DataView(entry.buffer);
      if (entry.length !== 46) throw damaged();
      const crc = d.getUint32(16, true), length = d.getUint32(24, true), nameLength = d.getUint16(28, true), offset = d.getUint32(42, true);
      const name = directory.slice(at + 46, at + 46 + nameLength);
      if (!equal(entry, directoryHead(name.length, crc, length, offset)) || offset !== expected) throw damaged();
      let shown;
      try { shown = text(name); } catch { throw damaged(); }
      if (!shown || self.parts.has(shown) || shown[0] === "/" || shown.split("/").includes("..") || shown.includes("\\")) throw damaged();
      const body = offset + 30 + name.length;
      if (!equal(await self.slice(offset, body), localHead(name, crc, length)) || body + length > start) throw damaged(shown);
      self.parts.set(shown, { start: body, size: length, crc });
      expected = body + length; at += 46 + nameLength;
    }
    if (at !== size || expected !== start) throw damaged();
    self.names = [...self.parts.keys()].sort(byPoints);
    return self;
  }
  async slice(from, to) { return this.data && to <= this.data.length ? this.data.slice(from, to) : new Uint8Array(await this.blob.slice(from, to).arrayBuffer()); }
  async *chunks(name, step = STEP) {
    const { start, size } = this.parts.get(name);
    for (let at = 0; at < size; at += step) yield await this.slice(start + at, start + Math.min(at + step, size));
  }
  async read(name, limit = MAX_PART) {
    const part = this.parts.get(name);
    if (!part) throw new Broken("part-missing", name);
    if (part.size > limit) throw new Broken("part-too-large", name);
    return this.slice(part.start, part.start + part.size);
  }
  async digest(name) {
    const hash = new Sha256();
    let crc = 0;
    for await (const piece of this.chunks(name)) { hash.update(piece); crc = crc32(piece, crc); }
    if (crc !== this.parts.get(name).crc) throw new Broken("part-changed", name);
    return hex(hash.digest());
  }
  named(folder) { return this.names.filter(name => name.startsWith(folder)).map(name => [name.slice(folder.length), name]); }
}
// In the order of code points, as Python sorts.
function byPoints(a, b) {
  const x = [...a], y = [...b];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
  return x.length - y.length;
}

// ---- content identifiers (fabric_sdk/proof/content.py) ----
const LEAF_BYTES = 262144, LINKS = 174, ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
function base32(data) { let out = "", bits = 0, value = 0; for (const x of data) { value = value << 8 | x; bits += 8; while (bits >= 5) { out += ALPHABET[value >> bits - 5 & 31]; bits -= 5; } value &= 255; } return bits ? out + ALPHABET[value << 5 - bits & 31] : out; }
function putVarint(value) { const out = []; while (value >= 128) { out.push(value % 128 | 128); value = Math.floor(value / 128); } out.push(value); return Uint8Array.from(out); }
function treeNode(children) {
  const sum = key => children.reduce((n, c) => n + c[key], 0);
  const unixfs = join(Uint8Array.of(8, 2, 0x18), putVarint(sum("size")), ...children.map(c => join(Uint8Array.of(0x20), putVarint(c.size))));
  const links = children.map(c => { const link = join(Uint8Array.of(10), putVarint(c.cid.length), c.cid, Uint8Array.of(0x12, 0, 0x18), putVarint(c.total)); return join(Uint8Array.of(0x12), putVarint(link.length), link); });
  const block = join(...links, Uint8Array.of(10), putVarint(unixfs.length), unixfs);
  return { cid: join(Uint8Array.of(1, 0x70, 0x12, 0x20), sha256(block)), size: sum("size"), total: block.length + sum("total") };
}
async function contentCid(pack, name) {
  let level = [];
  const leaf = data => level.push({ cid: join(Uint8Array.of(1, 0x55, 0x12, 0x20), sha256(data)), size: data.length, total: data.length });
  for await (const piece of pack.chunks(name, LEAF_BYTES)) leaf(piece);
  if (!level.length) leaf(EMPTY);
  while (level.length > 1) { const up = []; for (let at = 0; at < level.length; at += LINKS) up.push(treeNode(level.slice(at, at + LINKS))); level = up; }
  return "b" + base32(level[0].cid);
}
