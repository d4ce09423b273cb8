"""数字版权: the contract of copyright deposit and registration."""

from chaincode.copyright.contract import CopyrightContract

CONTRACTS = [CopyrightContract()]
