"""Kubo in the official container: private from its first second, adopted, stopped, and moved to and from."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest

from baas.bench.generated import Generated, generated
from baas.content import KuboDaemon, LocalStore, move, open_engine
from baas.content.kubo_container import IMAGE, KuboContainer
from network.docker.engine import Engine
from network.errors import Unavailable

MIB = 1 << 20
REAL = [pytest.mark.e2e, pytest.mark.timeout(180)]


def test_without_an_engine_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        KuboContainer(tmp_path, engine=Engine(f"unix://{tmp_path}/none.sock")).start()
    assert caught.value.code == "docker_absent"
    assert list(tmp_path.iterdir()) == []


class TestReal:
    pytestmark = REAL

    def test_it_keeps_to_itself(self, kubo_container: KuboContainer) -> None:
        store = kubo_container.store()
        capabilities = store.capabilities()
        assert (capabilities.private_swarm, capabilities.public) == (True, False)
        inspected = _inspect(kubo_container)
        ports = {port: found for port, found in inspected["NetworkSettings"]["Ports"].items() if found}
        assert list(ports) == ["5001/tcp"]
        assert {one["HostIp"] for one in ports["5001/tcp"]} == {"127.0.0.1"}
        assert inspected["HostConfig"]["SecurityOpt"] == ["no-new-privileges"]
        assert "LIBP2P_FORCE_PNET=1" in inspected["Config"]["Env"]
        key = kubo_container.folder / "swarm.key"
        assert key.stat().st_mode & 0o077 == 0
        store.close()

    def test_a_second_start_adopts_it_and_a_stop_keeps_the_content(self, kubo_container: KuboContainer) -> None:
        store = kubo_container.store()
        cid = store.add(io.BytesIO(b"kept" * 1000))
        store.close()
        first = _inspect(kubo_container)["Id"]
        again = KuboContainer(kubo_container.folder)
        again.start().close()
        assert _inspect(again)["Id"] == first
        again.stop()
        again.start().close()
        assert _inspect(again)["Id"] != first
        kubo_container.url = again.url
        store = kubo_container.store()
        assert b"".join(store.cat(cid)) == b"kept" * 1000
        store.close()

    def test_content_goes_round_all_engines_with_the_same_cids(
        self, kubo_container: KuboContainer, kubo_daemon: KuboDaemon, tmp_path: Path
    ) -> None:
        local = LocalStore(tmp_path / "one")
        cids = [local.add(Generated(size), name=f"work {size}") for size in (10, 300_000, 3 * MIB)]
        stores = [local, kubo_container.store(), kubo_daemon.store(), LocalStore(tmp_path / "two")]
        for source, target in itertools.pairwise(stores):
            assert set(move(source, target, cids).moved) == set(cids)
            assert {pin.cid for pin in source.pins()} & set(cids) == set()
        assert b"".join(stores[-1].cat(cids[-1])) == generated(3 * MIB)
        assert {pin.name for pin in stores[-1].pins()} == {"work 10", "work 300000", f"work {3 * MIB}"}
        assert stores[-1].verify().sound
        for store in stores:
            store.close()

    def test_the_workspaces_setting_opens_it(self, kubo_container: KuboContainer, tmp_path: Path) -> None:
        class Workspace:
            def path(self, *parts: str) -> Path:
                return tmp_path.joinpath(*parts)

            def setting(self, name: str, default: str = "") -> str:
                return default

        store = open_engine(Workspace(), "kubo-docker")
        try:
            cid = store.add(io.BytesIO(b"x"))
            assert b"".join(store.cat(cid)) == b"x"
        finally:
            store.close()
            KuboContainer(tmp_path / "kubo").remove()

    def test_nothing_is_left_behind(self, kubo_container: KuboContainer, tmp_path: Path) -> None:
        container = KuboContainer(tmp_path)
        container.start().close()
        container.remove()
        client = Engine().client
        assert container.name not in [one.name for one in client.containers.list(all=True)]
        assert container.name not in [one.name for one in client.volumes.list()]
        assert all(one.status != "created" for one in client.containers.list(all=True, filters={"ancestor": IMAGE}))


def _inspect(container: KuboContainer) -> dict[str, Any]:
    found: dict[str, Any] = Engine().client.containers.get(container.name).attrs
    return found
