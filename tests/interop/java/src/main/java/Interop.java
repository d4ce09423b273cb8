import com.google.gson.Gson;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.ArrayList;
import org.hyperledger.fabric.client.ChaincodeEvent;
import org.hyperledger.fabric.client.CloseableIterator;
import org.hyperledger.fabric.client.Contract;
import org.hyperledger.fabric.client.EndorseException;
import org.hyperledger.fabric.client.Gateway;
import org.hyperledger.fabric.client.GatewayException;
import org.hyperledger.fabric.client.Hash;
import org.hyperledger.fabric.client.Network;
import org.hyperledger.fabric.client.SubmittedTransaction;
import org.hyperledger.fabric.client.identity.Identities;
import org.hyperledger.fabric.client.identity.Signers;
import org.hyperledger.fabric.client.identity.X509Identity;

/** The official Fabric Gateway client for Java, unmodified. Prints one JSON document of what it saw. */
public final class Interop {
    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }

    private static Map<String, Object> described(GatewayException error) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("code", Status.fromThrowable(error.getCause()).getCode().name());
        found.put("message", String.valueOf(error.getCause().getMessage()));
        ArrayList<String> details = new ArrayList<>();
        error.getDetails().forEach(d -> details.add(d.getMspId() + " " + d.getMessage()));
        found.put("details", details);
        return found;
    }

    public static void main(String[] arguments) throws Exception {
        Gson gson = new Gson();
        Map<?, ?> c = gson.fromJson(Files.readString(Path.of(arguments[0])), Map.class);
        var credentials = TlsChannelCredentials.newBuilder()
            .trustManager(new ByteArrayInputStream(((String) c.get("tlsRoot")).getBytes(StandardCharsets.UTF_8))).build();
        ManagedChannel channel = Grpc.newChannelBuilder((String) c.get("address"), credentials)
            .overrideAuthority((String) c.get("serverName")).maxInboundMessageSize(100 << 20).build();
        var certificate = Identities.readX509Certificate(new StringReader((String) c.get("certificate")));
        var key = Identities.readPrivateKey(new StringReader((String) c.get("key")));
        Map<String, Object> found = new LinkedHashMap<>();
        try (Gateway gateway = Gateway.newInstance().identity(new X509Identity((String) c.get("mspId"), certificate))
                .signer(Signers.newPrivateKeySigner(key)).hash(Hash.SHA256).connection(channel)
                .evaluateOptions(o -> o.withDeadlineAfter(20, TimeUnit.SECONDS)).connect()) {
            Network network = gateway.getNetwork((String) c.get("channel"));
            Contract contract = network.getContract((String) c.get("chaincode"));
            found.put("submitted", text(contract.submitTransaction("Put", "java-key", "值")));
            found.put("evaluated", text(contract.evaluateTransaction("Get", "java-key")));
            String large = "x".repeat(700_000);
            contract.submitTransaction("Put", "java-large", large);
            found.put("large", text(contract.evaluateTransaction("Get", "java-large")).equals(large));
            try {
                contract.evaluateTransaction("Fail", "because");
            } catch (GatewayException e) {
                found.put("evaluate", described(e));
            }
            try {
                contract.submitTransaction("Fail", "because");
            } catch (EndorseException e) {
                found.put("refused", described(e));
            }
            try (CloseableIterator<ChaincodeEvent> events = network.getChaincodeEvents((String) c.get("chaincode"))) {
                SubmittedTransaction commit = contract.newProposal("Announce").addArguments("java", "over the wire")
                    .build().endorse().submitAsync();
                var status = commit.getStatus();
                ChaincodeEvent event = events.next();
                found.put("event", Map.of("name", event.getEventName(), "payload", text(event.getPayload()),
                    "same", event.getBlockNumber() == status.getBlockNumber()));
            }
            ExecutorService pool = Executors.newFixedThreadPool(50);
            ArrayList<Future<byte[]>> calls = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                calls.add(pool.submit(() -> contract.evaluateTransaction("Get", "java-key")));
            }
            int good = 0;
            for (Future<byte[]> call : calls) {
                good += text(call.get()).equals("值") ? 1 : 0;
            }
            pool.shutdown();
            found.put("many", good);
        } finally {
            channel.shutdownNow();
        }
        System.out.println("FOUND " + gson.toJson(found));
    }
}
