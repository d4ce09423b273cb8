from __future__ import annotations

import pytest

from fabric_sdk.msp import MspManager
from tests.sdk.material import Organization, organization


@pytest.fixture(scope="session")
def org1() -> Organization:
    return organization("Org1MSP")


@pytest.fixture(scope="session")
def org2() -> Organization:
    return organization("Org2MSP")


@pytest.fixture(scope="session")
def msps(org1: Organization, org2: Organization) -> MspManager:
    return MspManager({o.msp_id: o.msp for o in (org1, org2)})
