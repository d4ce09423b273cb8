"""The contract of manufacturing traceability: EPCIS events of goods, who holds them, what they became, recalls."""

from chaincode.kit import contracts_of

__getattr__ = contracts_of("chaincode.traceability.contract:TraceabilityContract")
