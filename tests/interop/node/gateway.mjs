// The official Fabric Gateway client, unmodified. Reads a connection file, runs one scenario, prints one JSON document.
// usage: node gateway.mjs CONNECTION.json SCENARIO [ARGUMENT...]
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import * as grpc from '@grpc/grpc-js';
import { checkpointers, CommitError, connect, EndorseError, GatewayError, hash, signers } from '@hyperledger/fabric-gateway';

const utf8 = new TextDecoder();

export function readConnection(path) {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
}

export function openClient(connection) {
    const credentials = grpc.credentials.createSsl(Buffer.from(connection.tlsRoot));
    const options = connection.serverName ? { 'grpc.ssl_target_name_override': connection.serverName } : {};
    return new grpc.Client(connection.address, credentials, options);
}

export function deadlines() {
    return {
        evaluateOptions: () => ({ deadline: Date.now() + 5000 }),
        endorseOptions: () => ({ deadline: Date.now() + 15000 }),
        submitOptions: () => ({ deadline: Date.now() + 5000 }),
        commitStatusOptions: () => ({ deadline: Date.now() + 60000 }),
    };
}

export function options(connection, client) {
    return {
        client,
        identity: { mspId: connection.mspId, credentials: Buffer.from(connection.certificate) },
        signer: signers.newPrivateKeySigner(crypto.createPrivateKey(connection.key)),
        hash: hash.sha256,
        ...deadlines(),
    };
}

function described(error) {
    return {
        kind: error.constructor.name,
        message: error.message,
        grpcCode: error instanceof GatewayError ? grpc.status[error.code] : undefined,
        commitCode: error instanceof CommitError ? error.code : undefined,
        transactionId: error.transactionId,
        details: error instanceof GatewayError ? error.details : undefined,
    };
}

async function failure(promise) {
    try {
        await promise;
    } catch (error) {
        return described(error);
    }
    return null;
}

async function take(stream, count, found = () => true) {
    const taken = [];
    for await (const event of stream) {
        if (found(event)) {
            taken.push(event);
        }
        if (taken.length >= count) {
            break;
        }
    }
    stream.close();
    return taken;
}

const blockNumber = (block) => Number(block.getHeader().getNumber());

const scenarios = {
    async transactions({ contract }) {
        const submitted = await contract.submitTransaction('Put', 'node-key', '值');
        const evaluated = await contract.evaluateTransaction('Get', 'node-key');
        const pending = await contract.submitAsync('Put', { arguments: ['node-async', 'x'] });
        const status = await pending.getStatus();
        const named = await contract.evaluate('Get', { arguments: ['node-key'], endorsingOrganizations: ['Org2MSP'] });
        return {
            submitted: utf8.decode(submitted),
            evaluated: utf8.decode(evaluated),
            pending: utf8.decode(pending.getResult()),
            transactionId: pending.getTransactionId(),
            status: { ...status, blockNumber: Number(status.blockNumber) },
            named: utf8.decode(named),
        };
    },

    async errors({ contract, network, gateway }) {
        const first = await contract.newProposal('Increment', { arguments: ['node-conflict'] }).endorse();
        const second = await contract.newProposal('Increment', { arguments: ['node-conflict'] }).endorse();
        const statuses = [];
        for (const commit of [await first.submit(), await second.submit()]) {
            statuses.push((await commit.getStatus()).code);
        }
        const doubled = await contract.newProposal('Put', { arguments: ['node-same', '1'] }).endorse();
        const repeated = [];
        for (const commit of [await doubled.submit(), await doubled.submit()]) {
            const status = await commit.getStatus();
            repeated.push([status.code, Number(status.blockNumber)]);
        }
        const forged = gateway.newSignedProposal(contract.newProposal('Get', { arguments: ['x'] }).getBytes(), Buffer.from('forged'));
        return {
            evaluate: await failure(contract.evaluateTransaction('Fail', 'because')),
            endorse: await failure(contract.submitTransaction('Fail', 'because')),
            differing: await failure(contract.submitTransaction('WhichPeer')),
            unknownContract: await failure(network.getContract('nowhere').submitTransaction('Put', 'a', 'b')),
            unknownChannel: await failure(gateway.getNetwork('nochannel').getContract('ledger').evaluateTransaction('Get', 'a')),
            forged: await failure(forged.evaluate()),
            tooFew: await failure(contract.submit('Put', { arguments: ['node-few', 'x'], endorsingOrganizations: ['Org1MSP'] })),
            statuses,
            repeated,
            isEndorseError: await contract.submitTransaction('Fail', 'x').then(() => false, (e) => e instanceof EndorseError),
        };
    },

    async offline({ connection, client }) {
        // A gateway without a signer: every message leaves as bytes and digest and comes back with a signature.
        const { signer: sign, ...unsigned } = options(connection, client);
        const gateway = connect(unsigned);
        const network = gateway.getNetwork(connection.channel);
        const contract = network.getContract(connection.chaincode);
        const proposal = contract.newProposal('Announce', { arguments: ['offline', 'signed elsewhere'] });
        const unsignedFailure = await failure(proposal.endorse());
        const signed = gateway.newSignedProposal(proposal.getBytes(), await sign(proposal.getDigest()));
        const evaluated = await signed.evaluate();
        const endorsed = await signed.endorse();
        const transaction = gateway.newSignedTransaction(endorsed.getBytes(), await sign(endorsed.getDigest()));
        const submitted = await transaction.submit();
        const commit = gateway.newSignedCommit(submitted.getBytes(), await sign(submitted.getDigest()));
        const status = await commit.getStatus();
        const startBlock = status.blockNumber;
        const wanted = network.newChaincodeEventsRequest(connection.chaincode, { startBlock });
        const events = gateway.newSignedChaincodeEventsRequest(wanted.getBytes(), await sign(wanted.getDigest()));
        const [event] = await take(await events.getEvents(), 1);
        const blockRequests = {
            block: [network.newBlockEventsRequest({ startBlock }), 'newSignedBlockEventsRequest'],
            filtered: [network.newFilteredBlockEventsRequest({ startBlock }), 'newSignedFilteredBlockEventsRequest'],
            private: [network.newBlockAndPrivateDataEventsRequest({ startBlock }), 'newSignedBlockAndPrivateDataEventsRequest'],
        };
        const blocks = {};
        for (const [kind, [request, method]] of Object.entries(blockRequests)) {
            const again = gateway[method](request.getBytes(), await sign(request.getDigest()));
            const [block] = await take(await again.getEvents(), 1);
            blocks[kind] = kind === 'filtered' ? block.getNumber() : blockNumber(kind === 'block' ? block : block.getBlock());
        }
        gateway.close();
        return {
            unsigned: unsignedFailure,
            evaluated: utf8.decode(evaluated),
            status: { ...status, blockNumber: Number(status.blockNumber) },
            event: { name: event.eventName, payload: utf8.decode(event.payload), block: Number(event.blockNumber) },
            blocks,
        };
    },

    async events({ connection, gateway, network, contract }) {
        const live = await network.getChaincodeEvents(connection.chaincode);
        const transactions = [];
        for (const name of ['first', 'second', 'third']) {
            const pending = await contract.submitAsync('Announce', { arguments: [name, `text of ${name}`] });
            const status = await pending.getStatus();
            transactions.push({ id: pending.getTransactionId(), block: Number(status.blockNumber) });
        }
        const seen = await take(live, 3);
        const startBlock = BigInt(transactions[0].block);
        const replayed = await take(await network.getChaincodeEvents(connection.chaincode, { startBlock }), 3);
        const checkpoint = checkpointers.inMemory();
        await checkpoint.checkpointChaincodeEvent(replayed[0]);
        const resumed = await take(await network.getChaincodeEvents(connection.chaincode, { checkpoint }), 1);
        await checkpoint.checkpointBlock(BigInt(transactions[1].block));
        const afterBlock = await take(await network.getChaincodeEvents(connection.chaincode, { checkpoint }), 1);
        const blocks = await take(await network.getBlockEvents({ startBlock }), 2);
        const filtered = await take(await network.getFilteredBlockEvents({ startBlock }), 1);
        await contract.submit('PutPrivate', { arguments: ['open', 'node-private'], transientData: { value: 'cleartext' } });
        const full = await take(
            await network.getBlockAndPrivateDataEvents({ startBlock }), 1, (b) => b.getPrivateDataMapMap().getLength() > 0);
        const shown = (event) => ({
            name: event.eventName, payload: utf8.decode(event.payload), id: event.transactionId, block: Number(event.blockNumber),
        });
        return {
            transactions,
            seen: seen.map(shown),
            replayed: replayed.map(shown),
            resumed: resumed.map(shown),
            afterBlock: afterBlock.map(shown),
            blocks: blocks.map(blockNumber),
            filtered: filtered.map((b) => ({
                number: b.getNumber(),
                transactions: b.getFilteredTransactionsList().map((t) => [t.getTxid(), t.getTxValidationCode()]),
            })),
            private: full.map((b) => {
                const found = [];
                b.getPrivateDataMapMap().forEach((data, place) => {
                    found.push([place, Buffer.from(data.serializeBinary()).includes('cleartext')]);
                });
                return found;
            }),
            refused: await failure(gateway.getNetwork('nochannel').getBlockEvents().then((stream) => take(stream, 1))),
        };
    },

    async privateData({ contract }) {
        await contract.submit('PutPrivate', { arguments: ['open', 'node-secret'], transientData: { value: 'hidden' } });
        return {
            value: utf8.decode(await contract.evaluateTransaction('GetPrivate', 'open', 'node-secret')),
            hash: utf8.decode(await contract.evaluateTransaction('PrivateHash', 'open', 'node-secret')),
            absent: utf8.decode(await contract.evaluateTransaction('GetPrivate', 'open', 'node-absent')),
            outsider: await failure(contract.evaluate('GetPrivate', {
                arguments: ['open', 'node-secret'], endorsingOrganizations: ['Org3MSP'] })),
        };
    },

    async keyPolicies({ contract }) {
        await contract.submitTransaction('Put', 'node-guarded', 'start');
        await contract.submitTransaction('SetPolicy', 'node-guarded', 'Org3MSP');
        const wrong = await failure(contract.submit('Put', {
            arguments: ['node-guarded', 'no'], endorsingOrganizations: ['Org1MSP', 'Org2MSP'] }));
        await contract.submit('Put', { arguments: ['node-guarded', 'yes'], endorsingOrganizations: ['Org3MSP'] });
        const planned = await contract.submitTransaction('Put', 'node-guarded', 'planned');
        return {
            wrong,
            planned: utf8.decode(planned),
            value: utf8.decode(await contract.evaluateTransaction('Get', 'node-guarded')),
        };
    },

    async put({ contract }, key, value) {
        return { submitted: utf8.decode(await contract.submitTransaction('Put', key, value)) };
    },

    async tryPut({ contract }, key, value) {
        return { failure: await failure(contract.submitTransaction('Put', key, value)) };
    },
};

async function main() {
    const [path, scenario, ...rest] = process.argv.slice(2);
    const connection = readConnection(path);
    const client = openClient(connection);
    const gateway = connect(options(connection, client));
    try {
        const network = gateway.getNetwork(connection.channel);
        const contract = network.getContract(connection.chaincode);
        const result = await scenarios[scenario]({ connection, client, gateway, network, contract }, ...rest);
        process.stdout.write(JSON.stringify(result));
    } finally {
        gateway.close();
        client.close();
    }
}

if (process.argv[1]?.endsWith('gateway.mjs')) {
    await main();
}
