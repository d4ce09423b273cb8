"""The contract `food`: what data cannot say."""

from chaincode.kit.acts import Doing, rule
from chaincode.kit.contract import KitContract
from chaincode.kit.fields import invalid

from .kinds import KINDS, Sample

MOST_GERMS = 100_000


class FoodContract(KitContract, kinds=KINDS):
    name, version, title = "food", "1.0.0", "Food samples"

    @rule(Sample.test)
    def test(self, doing: Doing) -> None:
        doing.record["analyst"] = doing.party
        if doing.given["result"] == "passed" and doing.given["germs"] > MOST_GERMS:
            invalid("germs", f"must be a whole number from 0 to {MOST_GERMS}")


CONTRACTS = [FoodContract()]
