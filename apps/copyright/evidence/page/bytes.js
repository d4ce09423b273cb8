// ---- bytes: protobuf, DER and JSON that a stranger sent, within limits (fabric_sdk/proof/wire.py) ----
const LARGEST = 2 ** 53;
class Broken extends Error {
  constructor(code, part = "", values = {}) { super(code); this.code = code; this.part = part; this.values = values; }
}
class TooMuch extends Error {}
class NoPackage extends Error {}
const meter = {
  left: {},
  begin() { this.left = { fields: 600000, signatures: 6000, certificates: 2000, elements: 200000 }; },
  spend(what) { if (--this.left[what] < 0) throw new TooMuch(what); },
};
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function text(data) { try { return utf8.decode(data); } catch { throw new Broken("bytes-damaged"); } }
const lossy = data => new TextDecoder("utf-8", { ignoreBOM: true }).decode(data);
const encode = string => new TextEncoder().encode(string);
const hex = data => Array.from(data, x => x.toString(16).padStart(2, "0")).join("");
const unhex = string => Uint8Array.from(string.match(/../g) || [], x => parseInt(x, 16));
const equal = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
function join(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.length; }
  return out;
}
const EMPTY = new Uint8Array();

function varint(data, at) {
  let value = 0, scale = 1, shift = 0;
  for (;;) {
    if (at >= data.length || shift > 63) throw new Broken("bytes-damaged");
    const byte = data[at++];
    value += (byte & 127) * scale; scale *= 128; shift += 7;
    if (byte < 128) return [value, at];
  }
}
function fields(data) {
  if (!(data instanceof Uint8Array)) throw new Broken("bytes-damaged");
  const found = new Map();
  for (let at = 0; at < data.length;) {
    meter.spend("fields");
    let tag, value;
    [tag, at] = varint(data, at);
    if (tag >= LARGEST) throw new Broken("bytes-damaged");
    const kind = tag % 8, number = Math.floor(tag / 8);
    if (kind === 0) [value, at] = varint(data, at);
    else if (kind === 2 || kind === 1 || kind === 5) {
      let length = kind === 1 ? 8 : 4;
      if (kind === 2) [length, at] = varint(data, at);
      if (length > data.length - at) throw new Broken("bytes-damaged");
      value = data.subarray(at, at + length); at += length;
    } else throw new Broken("bytes-damaged");
    if (found.has(number)) found.get(number).push(value); else found.set(number, [value]);
  }
  return found;
}
function raw(message, number) {
  const values = message.get(number);
  if (values === undefined) return EMPTY;
  if (values.length !== 1 || typeof values[0] === "number") throw new Broken("bytes-damaged");
  return values[0];
}
function number(message, field) {
  const values = message.get(field);
  if (values === undefined) return 0;
  if (values.length !== 1 || typeof values[0] !== "number" || values[0] >= LARGEST) throw new Broken("bytes-damaged");
  return values[0];
}
function many(message, field) {
  const values = message.get(field) || [];
  if (values.some(value => typeof value === "number")) throw new Broken("bytes-damaged");
  return values;
}
const string = (message, field) => text(raw(message, field));
function entries(message, field) {
  const found = new Map();
  for (const one of many(message, field)) {
    const entry = fields(one), key = string(entry, 1);
    if (found.has(key)) throw new Broken("bytes-damaged");
    found.set(key, raw(entry, 2));
  }
  return found;
}

function element(data, at = 0) {
  meter.spend("elements");
  if (at + 2 > data.length) throw new Broken("bytes-damaged");
  const tag = data[at];
  let length = data[at + 1], body = at + 2;
  if (length & 128) {
    const count = length & 127;
    if (count < 1 || count > 4 || body + count > data.length) throw new Broken("bytes-damaged");
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + data[body++];
  }
  if (length > data.length - body) throw new Broken("bytes-damaged");
  return [{ tag, content: data.subarray(body, body + length), whole: data.subarray(at, body + length) }, body + length];
}
function elements(data) {
  const found = [];
  for (let at = 0; at < data.length;) { let one; [one, at] = element(data, at); found.push(one); }
  return found;
}
function inside(data, tag = 0x30) {
  const [one, end] = element(data);
  if (end !== data.length || one.tag !== tag) throw new Broken("bytes-damaged");
  return elements(one.content);
}
function place(list, at) { if (list[at] === undefined) throw new Broken("bytes-damaged"); return list[at]; }
function der(tag, content) {
  const n = content.length;
  const length = n < 128 ? [n] : n < 256 ? [0x81, n] : n < 65536 ? [0x82, n >> 8, n & 255] : [0x83, n >> 16, n >> 8 & 255, n & 255];
  return join(Uint8Array.from([tag, ...length]), content);
}

function parseJson(data, limit = 1 << 20) {
  if (data.length > limit) throw new Broken("part-too-large");
  let parsed;
  const said = text(data);
  try { parsed = JSON.parse(said); } catch { throw new Broken("bytes-damaged"); }
  let level = [parsed];
  for (let depth = 0; depth < 24; depth++) {
    level = level.filter(one => typeof one === "object" && one !== null).flatMap(one => Object.values(one));
    if (!level.length) return parsed;
  }
  throw new Broken("bytes-damaged");
}
const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);
const own = (value, name) => Object.hasOwn(value, name) ? value[name] : undefined;
