// ---- SHA-256 (FIPS 180-4), incremental, so that a file of any size is read in pieces ----
const K = new Uint32Array(64), H0 = new Uint32Array(8);
(() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every(p => n % p)) primes.push(n);
  // Fractional parts of cube and square roots, exactly, by integer roots of big numbers.
  const root = (n, k) => { let lo = 0n, hi = n; while (lo < hi) { const mid = (lo + hi + 1n) / 2n; if (mid ** k <= n) lo = mid; else hi = mid - 1n; } return lo; };
  primes.forEach((p, i) => {
    K[i] = Number(root(BigInt(p) << 96n, 3n) & 0xffffffffn);
    if (i < 8) H0[i] = Number(root(BigInt(p) << 64n, 2n) & 0xffffffffn);
  });
})();
class Sha256 {
  constructor() { this.h = H0.slice(); this.buffer = new Uint8Array(64); this.used = 0; this.length = 0; this.w = new Uint32Array(64); }
  update(data) {
    this.length += data.length;
    let at = 0;
    if (this.used) {
      const take = Math.min(64 - this.used, data.length);
      this.buffer.set(data.subarray(0, take), this.used);
      this.used += take; at = take;
      if (this.used === 64) { this.block(this.buffer, 0); this.used = 0; }
    }
    for (; at + 64 <= data.length; at += 64) this.block(data, at);
    if (at < data.length) { this.buffer.set(data.subarray(at)); this.used = data.length - at; }
    return this;
  }
  block(d, o) {
    const w = this.w, h = this.h;
    for (let i = 0; i < 16; i++, o += 4) w[i] = d[o] << 24 | d[o + 1] << 16 | d[o + 2] << 8 | d[o + 3];
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15], y = w[i - 2];
      const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3, s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
      w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    let [a, b, c, e0, e, f, g, k] = [h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]];
    for (let i = 0; i < 64; i++) {
      const t1 = k + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i] | 0;
      const t2 = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
      k = g; g = f; f = e; e = e0 + t1 | 0; e0 = c; c = b; b = a; a = t1 + t2 | 0;
    }
    h[0] += a; h[1] += b; h[2] += c; h[3] += e0; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
  }
  digest() {
    const bits = this.length * 8, tail = new Uint8Array((this.used < 56 ? 64 : 128) - this.used);
    tail[0] = 0x80;
    new DataView(tail.buffer).setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
    new DataView(tail.buffer).setUint32(tail.length - 4, bits >>> 0);
    this.update(tail);
    const out = new DataView(new ArrayBuffer(32));
    this.h.forEach((x, i) => out.setUint32(i * 4, x));
    return new Uint8Array(out.buffer);
  }
}
const sha256 = (...parts) => { const d = new Sha256(); parts.forEach(p => d.update(p)); return d.digest(); };
const CRC = Uint32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1; return n; });
const crc32 = (data, crc) => { let c = ~crc; for (const x of data) c = CRC[(c ^ x) & 255] ^ c >>> 8; return ~c >>> 0; };
const sha256hex = (...parts) => hex(sha256(...parts));
