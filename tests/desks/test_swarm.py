"""The organisations' swarm from their desks: a file comes from another's node, to those alone whom the ledger lets."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable, Iterator

import pytest

from apps.copyright.service import CopyrightService
from apps.copyright.serving import publish_peer
from apps.copyright.swarm import peers_of
from baas.content import Cid
from baas.content.kubo_daemon import find_program, free_port
from network.errors import Unavailable
from tests.conftest import close_city, make_city
from tests.desks.conftest import Office, Person

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A city of its own, whose office keeps its files in Kubo; it serves no files otherwise."""
    folder = tmp_path_factory.mktemp("swarm")
    try:
        find_program(folder)
    except Unavailable as error:
        pytest.skip(f"no Kubo here: {error}")
    city = make_city(folder / "workspace")
    try:
        city.platform.workspace.set_setting("content.engine", "kubo-managed")
        yield Office(city, folder / "post")
        city.platform.content.close()
    finally:
        close_city(city)


def test_a_file_comes_from_another_organisations_node_to_whom_the_ledger_lets(
    office: Office, seat: Callable[..., Person]
) -> None:
    from baas.content.swarm import join, key_of, membership, new_key
    from baas.letters import SWARM, new_code, write_letter

    platform = office.platform
    join(platform.workspace, new_key(), "127.0.0.1", free_port())
    code = new_code()
    letter = write_letter(office.post / "swarm.citychain", SWARM, {"key": key_of(platform.workspace)}, code)
    assert key_of(platform.workspace).split()[-1] not in letter.read_text("utf-8")
    wang, li = (seat(f"{name}-{uuid.uuid4().hex[:8]}", "PublicMSP", "creator") for name in ("wang", "li"))
    data = uuid.uuid4().bytes * 20_000
    work = wang.run("copyright", "deposit", wang.write("work.txt", data.hex()), "--title", "作品")
    # The office's node has it, however it came there, and the ledger says where the node is.
    assert platform.content.add(io.BytesIO(data.hex().encode())) == work["cid"]
    with CopyrightService(platform, office.city.network) as service:
        publish_peer(service, "CopyrightMSP/admin")
        publish_peer(service, "CopyrightMSP/admin")  # the same is not written twice
        assert list(peers_of(service)) == ["CopyrightMSP"]
        assert service.files.services() == []  # no door: what comes now came by the swarm
    for person in (wang, li):
        port = ("--port", free_port())
        file = person.receive(letter)
        person.write("code", code + "\n")
        enter = ("store", "swarm", "join", file, "--password-file", "code", *port)
        assert person.fails(*enter, "--agree")["code"] == "no_kubo"
        person.run("store", "move", "--to", "kubo-managed")
        assert person.fails(*enter)["code"] == "swarm_unagreed"
        assert person.fails("store", "swarm", "peers")["code"] == "no_swarm"
        wrong = person.write("wrong", new_code() + "\n")
        assert person.fails(*enter[:-4], "--password-file", wrong, *port, "--agree")["code"] == "wrong_passphrase"
        person.run(*enter, "--agree")
    # Moved, it has the CID that the ledger names; wang's own folder of it gone, the swarm gives it back.
    assert wang.run("store", "ls")[0]["cid"] == work["cid"]
    wang.run("store", "unpin", work["cid"])
    wang.run("store", "gc", "--yes")
    back = wang.folder / "back.txt"
    wang.run("copyright", "open", work["id"], "-o", back)
    assert hashlib.sha256(back.read_bytes()).hexdigest() == hashlib.sha256(data.hex().encode()).hexdigest()
    # Li has the key, and his node could have the bytes; the ledger is asked first, and says no.
    got = li.folder / "no.txt"
    assert li.fails("copyright", "open", work["id"], "-o", got)["code"] == "content_missing"
    assert not got.exists() and li.run("store", "ls") == []
    # Out of the swarm nothing comes any more, and what came stays.
    wang.run("store", "swarm", "leave")
    assert wang.fails("store", "swarm", "leave")["code"] == "no_swarm"
    assert wang.run("copyright", "open", work["id"], "-o", wang.folder / "again.txt")
    wang.run("store", "unpin", work["cid"])
    wang.run("store", "gc", "--yes")
    assert wang.fails("copyright", "open", work["id"], "-o", wang.folder / "no.txt")["code"] == "content_missing"
    wang.run("store", "move", "--to", "local")
    assert membership(platform.workspace) is not None
    assert Cid(work["cid"]) in [pin.cid for pin in platform.content.pins()]
