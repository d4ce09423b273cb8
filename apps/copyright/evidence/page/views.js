// ---- answers that peers signed (fabric_sdk/proof/views.py) ----
const LEDGER = "qscc";
async function readView(data, channel, config, question) {
  let signer = null, height = 0, blockHash = "", listed = null;
  const transactions = new Map();
  for (const payload of many(fields(data), 1).slice(0, 2000)) {
    const call = readCall(payload), peers = await config.signers(call.endorsements, "peer");
    if (call.channel !== channel || call.status !== 200 || peers.length !== 1) throw new Broken("view-signature");
    if (signer !== null && peers[0].msp !== signer.msp) throw new Broken("view-mixed");
    signer = peers[0];
    const args = call.arguments.map(text);
    if (call.contract === LEDGER && args.length === 2 && args[0] === "GetChainInfo" && args[1] === channel) {
      const info = fields(call.answer);
      height = number(info, 1); blockHash = hex(raw(info, 2));
    } else if (call.contract === LEDGER && args.length === 3 && args[0] === "GetTransactionByID" && args[1] === channel) {
      const processed = fields(call.answer);
      transactions.set(args[2], { code: number(processed, 2), envelope: raw(processed, 1) });
    } else if (call.contract === question.contract && call.function === question.function) listed = call;
    else throw new Broken("view-other");
  }
  if (signer === null || !height || listed === null) throw new Broken("view-incomplete-part");
  const wanted = [question.subject, String(height - 1), blockHash], given = listed.arguments.slice(1).map(text);
  if (given.length !== 3 || given.some((one, i) => one !== wanted[i])) throw new Broken("view-other");
  return { msp: signer.msp, peer: signer.certificate.name, block: height - 1, blockHash, answer: listed.answer, transactions };
}
function contradiction(views) {
  const said = new Map();
  for (const view of views) for (const [txId, verdict] of view.transactions) {
    if (!said.has(txId)) said.set(txId, verdict);
    const other = said.get(txId);
    if (other.code !== verdict.code || !equal(other.envelope, verdict.envelope)) return txId;
  }
  return "";
}
