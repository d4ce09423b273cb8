// Assets that have an owner and change hands, as in ../assets, on Fabric's contract API for Java.
import com.google.gson.Gson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.hyperledger.fabric.contract.Context;
import org.hyperledger.fabric.contract.ContractInterface;
import org.hyperledger.fabric.contract.annotation.Contract;
import org.hyperledger.fabric.contract.annotation.Default;
import org.hyperledger.fabric.contract.annotation.Info;
import org.hyperledger.fabric.contract.annotation.Transaction;
import org.hyperledger.fabric.shim.ChaincodeException;
import org.hyperledger.fabric.shim.ledger.KeyValue;
import org.hyperledger.fabric.shim.ledger.QueryResultsIterator;

@Contract(name = "AssetTransfer", info = @Info(title = "Assets", version = "1.0.0"))
@Default
public final class AssetTransfer implements ContractInterface {
    private static final Gson JSON = new Gson();

    @Transaction(intent = Transaction.TYPE.SUBMIT)
    public void CreateAsset(final Context ctx, final String id, final String what, final String owner,
                            final double value) {
        if (AssetExists(ctx, id)) {
            throw new ChaincodeException("asset " + id + " is there already");
        }
        final Asset asset = new Asset();
        asset.setId(id);
        asset.setWhat(what);
        asset.setOwner(owner);
        asset.setValue(value);
        keep(ctx, asset);
    }

    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public Asset ReadAsset(final Context ctx, final String id) {
        final String kept = ctx.getStub().getStringState(id);
        if (kept == null || kept.isEmpty()) {
            throw new ChaincodeException("asset " + id + " is unknown");
        }
        return JSON.fromJson(kept, Asset.class);
    }

    @Transaction(intent = Transaction.TYPE.SUBMIT)
    public void UpdateAsset(final Context ctx, final String id, final double value) {
        final Asset asset = ReadAsset(ctx, id);
        asset.setValue(value);
        keep(ctx, asset);
    }

    @Transaction(intent = Transaction.TYPE.SUBMIT)
    public String TransferAsset(final Context ctx, final String id, final String newOwner) {
        final Asset asset = ReadAsset(ctx, id);
        final String before = asset.getOwner();
        asset.setOwner(newOwner);
        keep(ctx, asset);
        ctx.getStub().setEvent("AssetTransferred", id.getBytes(StandardCharsets.UTF_8));
        return before;
    }

    @Transaction(intent = Transaction.TYPE.SUBMIT)
    public void DeleteAsset(final Context ctx, final String id) {
        ReadAsset(ctx, id);
        ctx.getStub().delState(id);
    }

    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public boolean AssetExists(final Context ctx, final String id) {
        final byte[] kept = ctx.getStub().getState(id);
        return kept != null && kept.length > 0;
    }

    @Transaction(intent = Transaction.TYPE.EVALUATE)
    public String GetAllAssets(final Context ctx) throws Exception {
        final List<Asset> found = new ArrayList<>();
        try (QueryResultsIterator<KeyValue> rows = ctx.getStub().getStateByRange("", "")) {
            for (final KeyValue row : rows) {
                found.add(JSON.fromJson(row.getStringValue(), Asset.class));
            }
        }
        return JSON.toJson(found);
    }

    // Entries in the order of the class, whoever writes them: endorsers must come to the same bytes.
    private static void keep(final Context ctx, final Asset asset) {
        ctx.getStub().putStringState(asset.getId(), JSON.toJson(asset));
    }
}
