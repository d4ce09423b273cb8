"""TLS authorities get new keys: people at desks of their own, who know the old roots alone, notice nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator

import pytest

from tests.desks.conftest import Office, Person, distant_office
from tests.desks.machines import Neighbourhood


@pytest.fixture(scope="module")
def office(neighbourhood: Neighbourhood, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of its own: a root of before stays while any certificate of its stands, such as a content service's
    that another test has set up."""
    with distant_office(tmp_path_factory.mktemp("succeeding"), neighbourhood) as made:
        yield made


def test_a_desk_that_was_never_told_goes_on(seat: Callable[..., Person], office: Office) -> None:
    li = seat(f"li-{uuid.uuid4().hex[:8]}", "PublicMSP", "creator")
    first = li.write("first.txt", f"{uuid.uuid4().hex} 之前\n" * 30)
    work = li.run("copyright", "deposit", first, "--title", "之前")["id"]
    platform, network = office.platform, office.city.network
    handle = platform.networks.handle(network)
    old = {o.msp_id: handle.authority(o.msp_id).tls_certificate_pem for o in handle.spec.organizations}
    for msp_id in old:
        platform.jobs.run(platform.authorities.succeed, msp_id, network, kind="tlsca")
    for msp_id, root in old.items():
        ca = platform.networks.handle(network).authority(msp_id)
        assert root != ca.tls_certificate_pem and root not in ca.tls_trust.roots
    # What lies at the desk still names the old roots and no new one.
    known = b"".join(path.read_bytes() for path in li.folder.rglob("tlsca.crt"))
    assert known and not any(
        platform.networks.handle(network).authority(m).tls_certificate_pem.strip() in known for m in old
    )
    second = li.write("second.txt", f"{uuid.uuid4().hex} 之后\n" * 30)
    later = li.run("copyright", "deposit", second, "--title", "之后")["id"]
    assert {one["id"] for one in li.run("copyright", "list", "--mine")} == {work, later}
    # A profile that is exported now names the new roots alone.
    profile = json.loads(office.profile("PublicMSP").read_text("utf-8"))
    pems = {entry["tlsCACerts"]["pem"] for entry in profile["peers"].values()}
    assert pems and not any(root.decode().strip() in pem for root in old.values() for pem in pems)
