// Assets that have an owner and change hands: the kind of contract most people try first on Fabric, on its
// TypeScript contract API with decorators, so that it describes its transactions itself.
import { Context, Contract, Info, Object as DataType, Property, Returns, Transaction } from 'fabric-contract-api';

@DataType()
export class Asset {
    @Property()
    public id: string = '';

    @Property()
    public what: string = '';

    @Property()
    public owner: string = '';

    @Property()
    public value: number = 0;
}

@Info({ title: 'Assets', description: 'Assets with an owner, handed from one to the next' })
export class AssetTransfer extends Contract {
    @Transaction()
    public async CreateAsset(ctx: Context, id: string, what: string, owner: string, value: number): Promise<void> {
        if (await this.AssetExists(ctx, id)) {
            throw new Error(`asset ${id} is there already`);
        }
        await this.keep(ctx, { id, what, owner, value });
    }

    @Transaction(false)
    @Returns('Asset')
    public async ReadAsset(ctx: Context, id: string): Promise<Asset> {
        const kept = await ctx.stub.getState(id);
        if (kept.length === 0) {
            throw new Error(`asset ${id} is unknown`);
        }
        return JSON.parse(new TextDecoder().decode(kept)) as Asset;
    }

    @Transaction()
    public async UpdateAsset(ctx: Context, id: string, value: number): Promise<void> {
        await this.keep(ctx, { ...(await this.ReadAsset(ctx, id)), value });
    }

    @Transaction()
    @Returns('string')
    public async TransferAsset(ctx: Context, id: string, newOwner: string): Promise<string> {
        const asset = await this.ReadAsset(ctx, id);
        await this.keep(ctx, { ...asset, owner: newOwner });
        ctx.stub.setEvent('AssetTransferred', new TextEncoder().encode(id));
        return asset.owner;
    }

    @Transaction()
    public async DeleteAsset(ctx: Context, id: string): Promise<void> {
        await this.ReadAsset(ctx, id);
        await ctx.stub.deleteState(id);
    }

    @Transaction(false)
    @Returns('boolean')
    public async AssetExists(ctx: Context, id: string): Promise<boolean> {
        return (await ctx.stub.getState(id)).length > 0;
    }

    @Transaction(false)
    @Returns('string')
    public async GetAllAssets(ctx: Context): Promise<string> {
        const found: Asset[] = [];
        const rows = await ctx.stub.getStateByRange('', '');
        for (let row = await rows.next(); !row.done; row = await rows.next()) {
            found.push(JSON.parse(new TextDecoder().decode(row.value.value)) as Asset);
        }
        await rows.close();
        return JSON.stringify(found);
    }

    // Entries in one order, whoever writes them: endorsers must come to the same bytes.
    private async keep(ctx: Context, { id, what, owner, value }: Asset): Promise<void> {
        await ctx.stub.putState(id, new TextEncoder().encode(JSON.stringify({ id, owner, value, what })));
    }
}

export const contracts = [AssetTransfer];
