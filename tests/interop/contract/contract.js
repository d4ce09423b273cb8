// A contract on the official Node shim, served as chaincode-as-a-service.
'use strict';

const { Contract } = require('fabric-contract-api');
const shim = require('fabric-shim');

class AssetContract extends Contract {
    async Put(ctx, key, value) {
        await ctx.stub.putState(key, Buffer.from(value));
        return value;
    }

    async Get(ctx, key) {
        return (await ctx.stub.getState(key)).toString();
    }

    async Delete(ctx, key) {
        await ctx.stub.deleteState(key);
    }

    async PutMany(ctx, prefix, count) {
        for (let i = 0; i < Number(count); i++) {
            await ctx.stub.putState(`${prefix}${String(i).padStart(5, '0')}`, Buffer.from('x'));
        }
    }

    async Range(ctx, start, end) {
        const found = [];
        for await (const item of ctx.stub.getStateByRange(start, end)) {
            found.push(item.key);
        }
        return JSON.stringify(found);
    }

    async Page(ctx, start, end, size, bookmark) {
        const { iterator, metadata } = await ctx.stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
        const found = [];
        for (let item = await iterator.next(); ; item = await iterator.next()) {
            if (item.value) {
                found.push(item.value.key);
            }
            if (item.done) {
                break;
            }
        }
        return JSON.stringify([found, metadata.fetchedRecordsCount, metadata.bookmark]);
    }

    async Query(ctx, selector) {
        const found = [];
        for await (const item of ctx.stub.getQueryResult(selector)) {
            found.push(item.key);
        }
        return JSON.stringify(found);
    }

    async History(ctx, key) {
        const found = [];
        for await (const item of ctx.stub.getHistoryForKey(key)) {
            found.push(item.isDelete ? 'deleted' : Buffer.from(item.value).toString());
        }
        return JSON.stringify(found);
    }

    async PutPrivate(ctx, collection, key) {
        await ctx.stub.putPrivateData(collection, key, ctx.stub.getTransient().get('value'));
    }

    async GetPrivate(ctx, collection, key) {
        return Buffer.from(await ctx.stub.getPrivateData(collection, key)).toString();
    }

    async PrivateHash(ctx, collection, key) {
        return Buffer.from(await ctx.stub.getPrivateDataHash(collection, key)).toString('hex');
    }

    async Announce(ctx, name, text) {
        await ctx.stub.putState('announced', Buffer.from(text));
        ctx.stub.setEvent(name, Buffer.from(text));
    }

    async Call(ctx, chaincode, fn, argument) {
        const answer = await ctx.stub.invokeChaincode(chaincode, [fn, argument], '');
        await ctx.stub.putState('called', Buffer.from(chaincode));
        return `${answer.status}:${Buffer.from(answer.payload).toString()}`;
    }

    async WhoAmI(ctx) {
        return `${ctx.clientIdentity.getMSPID()}/${ctx.stub.getTxID().length}/${ctx.stub.getChannelID()}`;
    }

    async SetPolicy(ctx, key, mspId) {
        const { KeyEndorsementPolicy } = shim;
        const policy = new KeyEndorsementPolicy();
        policy.addOrgs('PEER', mspId);
        await ctx.stub.setStateValidationParameter(key, policy.getPolicy());
    }

    async Fail(ctx, message) {
        throw new Error(message);
    }

    async Die() {
        process.exit(1);
    }
}

module.exports.contracts = [AssetContract];
