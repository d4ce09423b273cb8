"""The contract `catalogue`: everything about seals is said by their kind."""

from chaincode.kit.contract import KitContract

from .kinds import KINDS


class CatalogueContract(KitContract, kinds=KINDS):
    name, version, title = "catalogue", "1.0.0", "Service catalogue"


CONTRACTS = [CatalogueContract()]
