// What is kept of an asset.
import org.hyperledger.fabric.contract.annotation.DataType;
import org.hyperledger.fabric.contract.annotation.Property;

@DataType()
public final class Asset {
    @Property() private String id;
    @Property() private String owner;
    @Property() private double value;
    @Property() private String what;

    public String getId() { return id; }
    public void setId(final String id) { this.id = id; }
    public String getOwner() { return owner; }
    public void setOwner(final String owner) { this.owner = owner; }
    public double getValue() { return value; }
    public void setValue(final double value) { this.value = value; }
    public String getWhat() { return what; }
    public void setWhat(final String what) { this.what = what; }
}
