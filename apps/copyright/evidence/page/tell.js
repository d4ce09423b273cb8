// ---- the outcome in words (apps/copyright/evidence/tell.py) ----
const SIGNS = { ok: "✓", note: "·", low: "!", cap: "?", bad: "✗" };
const plain = value => [...(value === null || value === undefined ? "None" : String(value))].slice(0, 2000).map(c => c !== " " && /[\p{C}\p{Z}]/u.test(c) ? "\ufffd" : c).join("");
class Teller {
  constructor(language) { this.at = language === "zh" ? 0 : 1; }
  say(code, values = {}) {
    let sentence = Object.hasOwn(WORDS, code) ? WORDS[code][this.at] : code;
    for (const [key, value] of Object.entries(values)) sentence = sentence.split(`{${key}}`).join(key === "seconds" ? this.moment(value) : plain(value));
    return sentence;
  }
  moment(seconds) {
    if (!Number.isInteger(seconds)) return this.say("clock-unknown");
    const at = new Date((seconds + (this.at === 0 ? 8 : 0) * 3600) * 1000);
    if (isNaN(at) || at.getUTCFullYear() > 9999) return plain(seconds);
    return at.toISOString().replace("T", " ").slice(0, 19) + (this.at === 0 ? "（北京时间）" : " UTC");
  }
  verdict(report) {
    const code = report.verdict === "agrees" && !report.complete ? "agrees-low" : report.verdict;
    return [this.say(code), this.say(`${code}-text`, { speakers: this.organizations(report, report.facts.counted || []), block: report.facts.as_of })];
  }
  organizations(report, msps) { const names = report.facts.names || {}; return msps.map(one => Object.hasOwn(names, one) ? names[one] : one).join(this.at === 0 ? "、" : ", "); }
  person(by) {
    const roles = by.role.split(",").map(one => Object.hasOwn(ROLES, one) ? ROLES[one][this.at] : one).join(", ");
    return this.say("by", { name: by.name, role: roles, organization: by.organization ? `${by.organization} ${by.msp}` : by.msp });
  }
  sections(report) {
    const { facts } = report, { work } = facts;
    if (!["agrees", "consistent"].includes(report.verdict) || !work) return [];
    const first = facts.acts.find(one => one.tx === work.tx);
    const what = report.verdict === "consistent" ? [this.say("claims")] : [];
    what.push(this.say("shown-work", { title: work.title, work: work.id, cid: work.cid }));
    if (report.findings.some(one => one.code === "content")) what.push(this.say("shown-file"));
    for (const act of facts.acts) {
      const known = act.contract === "copyright" && Object.hasOwn(ACTS, act.function) ? ACTS[act.function] : null;
      what.push(this.say("shown-act", { time: this.moment(act.time), act: known ? known[this.at] : `${act.contract}.${act.function}`, person: this.person(act.by) }));
    }
    if (facts.certificates.length) what.push(this.say("shown-certificate", { sha256: facts.certificates[facts.certificates.length - 1] }));
    const who = [this.person(first.by), this.say("endorsed", { names: this.organizations(report, first.endorsed) })];
    who.push(facts.spoke.length ? this.say("attested", { names: this.organizations(report, facts.spoke), block: facts.as_of }) : this.say("attested-none"));
    const when = [this.say("clock-author", { time: this.moment(first.time) }), this.say("clock-between", { before: this.moment(first.before), after: this.moment(first.after) })];
    const stamps = facts.stamps.filter(one => one.block >= first.block), stamp = stamps.find(one => one.known) || stamps[0];
    when.push(stamp ? this.say(stamp.known ? "clock-stamp" : "clock-stamp-unknown", { time: this.moment(stamp.seconds), authority: stamp.authority, block: stamp.block }) : this.say("clock-stamp-none"));
    const not = [this.say("not-original"), this.say("not-infringing"), this.say("not-names")];
    if (facts.as_of !== null) not.push(this.say("not-later", { block: facts.as_of }));
    if (report.verdict === "consistent") not.unshift(this.say("not-anything"));
    for (const one of report.findings) if (one.state === "low" || one.state === "cap") not.push(`${SIGNS[one.state]} ${this.say(one.code, one.values)}`);
    const compare = [facts.card ? this.say("compare-card", { fingerprint: facts.card.fingerprint }) : this.say("compare-none")];
    if (facts.genesis) compare.push(this.say("compare-genesis", { channel: facts.channel, hash: facts.genesis }));
    compare.push(work.sha256 ? this.say("compare-file", { sha256: work.sha256 }) : this.say("compare-cid", { cid: work.cid }));
    return [["what", what], ["who", who], ["when", when], ["not", not], ["compare", compare]].map(([heading, lines]) => ({ heading: this.say(heading), lines }));
  }
}
