"""Files between desks on real Fabric: real peers evaluate the signed requests that a content service hands them."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.copyright.model import WorkForm
from apps.copyright.seal import issue_waiting, office_seal
from apps.copyright.service import CopyrightService
from apps.copyright.serving import CONTENT
from baas.courier.journal import set_policy
from baas.errors import CityChainError
from baas.platform import Platform
from baas.serving.parts import Request
from baas.serving.web import WebOptions
from network.profile import export_profile
from network.topology import template
from tests.conftest import City, close_city

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def fabric(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    from network.drivers import make_driver
    from network.vault import MemoryVault

    spec = template("city", network_name="city", runtime="native")
    capability = make_driver("native", tmp_path_factory.mktemp("probe"), MemoryVault()).check(spec)
    if not capability.available:
        pytest.skip(f"the peer and orderer programs are not here: {capability.reason}")
    platform = Platform.open(tmp_path_factory.mktemp("fabric") / "workspace")
    try:
        platform.jobs.run(platform.networks.up, spec)
        platform.jobs.run(platform.contracts.deploy, "city", "copyright")
        yield platform
    finally:
        close_city(City(platform, "city"))


def desk(fabric: Platform, folder: Path, label: str, role: str) -> Platform:
    """A desk of its own, attached with a request that the office answers."""
    name = label.partition("/")[2]
    folder.mkdir()
    opened = Platform.open(folder / "workspace")
    asked = opened.entrance.request(folder / "ask.citychain", name)
    entry = fabric.invitations.answer(asked, folder / "entry.citychain", label, role, network="city").file
    opened.entrance.enter(entry, "", None)
    return opened


def test_real_peers_say_who_may_have_which_file(fabric: Platform, tmp_path: Path) -> None:
    export_profile(fabric.networks.handle("city"), "PublicMSP", tmp_path / "profile.json")
    set_policy(fabric.workspace, free_bytes=0)
    body = f"{uuid.uuid4().hex} 一首诗\n".encode() * 100
    (tmp_path / "poem.txt").write_bytes(body)
    with (
        desk(fabric, tmp_path / "wang", "PublicMSP/wang", "creator") as wang,
        desk(fabric, tmp_path / "li", "PublicMSP/li", "creator") as li,
        desk(fabric, tmp_path / "zhao", "CopyrightMSP/zhao", "registrar") as zhao,
        CONTENT.open(Request(fabric, "city", WebOptions())),
    ):
        with CopyrightService(wang, "city") as creator:
            form = WorkForm(title="诗", authors=({"name": "样例甲"},), completed={"date": "2025-11-18"})
            done = creator.deposit(tmp_path / "poem.txt", form)
            person = {"party": "PublicMSP/wang", "name": "样例甲", "kind": "natural"}
            documents = person | {"document_type": "resident_id", "document_number": "11010519491231002X"}
            creator.put_owner_documents(done.work.id, [documents])
            application = {"acquisition": "original", "attribution": "individual", "rights": "all", "owners": [person]}
            statement = {"purpose": "p", "process": "p", "originality": "o"}
            creator.apply(done.work.id, application | {"statement": statement})
            assert done.waits is None and creator.files.queue.waiting() == []
        with CopyrightService(zhao, "city") as registrar:
            out = io.BytesIO()
            registrar.access.save(done.work.id, out)
            assert out.getvalue() == body
            with pytest.raises(CityChainError) as asked:
                office_seal(registrar)
            assert asked.value.code == "seal_waiting"
            with CopyrightService(fabric, "city") as office:
                assert issue_waiting(office) == ["CopyrightMSP/zhao"]
            assert office_seal(registrar).officer == "zhao"
        with CopyrightService(li, "city") as stranger:
            with pytest.raises(CityChainError) as refused:
                stranger.access.save(done.work.id, io.BytesIO())
            assert refused.value.code == "content_missing"
