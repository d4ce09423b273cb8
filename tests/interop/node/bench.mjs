// How many transactions and queries a second the official client gets through, with N calls under way at a time.
// usage: node bench.mjs CONNECTION.json submit|evaluate CLIENTS SECONDS
import { connect } from '@hyperledger/fabric-gateway';
import { openClient, options, readConnection } from './gateway.mjs';

const [path, what, clientsText, secondsText] = process.argv.slice(2);
const connection = readConnection(path);
const client = openClient(connection);
const gateway = connect(options(connection, client));
const contract = gateway.getNetwork(connection.channel).getContract(connection.chaincode);
const value = 'v'.repeat(80);
const run = process.pid.toString(36);

const calls = {
    submit: (i) => contract.submitTransaction('Write', `node-${run}-${i}`, value),
    evaluate: () => contract.evaluateTransaction('Read', 'bench'),
};

const clients = Number(clientsText);
const milliseconds = [];
let next = 0;
let failures = 0;
let lastFailure = '';

async function worker(until, into) {
    while (performance.now() < until) {
        const begin = performance.now();
        try {
            await calls[what](next++);
            into.push(performance.now() - begin);
        } catch (error) {
            failures += 1;
            lastFailure = String(error);
        }
    }
}

async function load(seconds, into) {
    const begin = performance.now();
    await Promise.all(Array.from({ length: clients }, () => worker(begin + seconds * 1000, into)));
    return (performance.now() - begin) / 1000;
}

await contract.submitTransaction('Write', 'bench', value);
await load(Math.min(2, Number(secondsText)), []);
failures = 0;
const before = process.cpuUsage();
const seconds = await load(Number(secondsText), milliseconds);
const used = process.cpuUsage(before);
milliseconds.sort((a, b) => a - b);
const at = (share) => milliseconds[Math.min(milliseconds.length - 1, Math.floor(milliseconds.length * share))] ?? 0;
process.stdout.write(JSON.stringify({
    count: milliseconds.length,
    seconds,
    per_second: milliseconds.length / seconds,
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    cpu_ms: (used.user + used.system) / 1000 / Math.max(milliseconds.length + failures, 1),
    failures,
    last_failure: lastFailure,
}));
gateway.close();
client.close();
