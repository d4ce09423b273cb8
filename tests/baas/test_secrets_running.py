"""After the main jobs on a running network no secret lies open: not in a file, a database, a log or the process list.

Looked for: private keys of people in every form, the keystore's passphrase, an export's passphrase, the key of an
encrypted work, a portal's token, a resident's document, telephone and name. Looked through: every file of the
workspace (SQLite with what has not been checkpointed yet), temporary files, logs of this process and of the nodes,
arguments and environment of every process that the platform started.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from apps.copyright.model import WorkForm
from apps.copyright.service import build_service as copyright_service
from apps.health_slots.model import Identity
from apps.health_slots.service import build_service as slots_service
from baas.errors import CityChainError
from baas.services.backup import back_up
from tests.baas.test_secrets import everything_under, shapes_of
from tests.conftest import City, close_city, make_city
from tests.people import card

PASSPHRASE = "Kf3-keystore-words-nobody-may-read"
EXPORT = "Zb8-export-words-nobody-may-read"
DOCUMENT, PHONE, NAME = card(17, "19991231", "441900"), "13900001234567", "莫须有之居民甲"
RESIDENT = {"document", "phone", "name"}
TRANSIENT = "Wt5-transient-words-nobody-may-read"


@dataclass(frozen=True)
class Scene:
    """What was done, where, and what must not be found."""

    city: City
    folder: Path
    temporary: Path
    log: Path
    secrets: dict[str, bytes]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    root = tmp_path_factory.mktemp("secrets")
    temporary = root / "temporary"
    temporary.mkdir()
    patch = pytest.MonkeyPatch()
    patch.setenv("TMPDIR", str(temporary))
    patch.setattr(tempfile, "tempdir", str(temporary))
    patch.setattr("baas.keystore.SCRYPT_N", 2**14)
    handler = logging.FileHandler(root / "log.txt", encoding="utf-8")
    level = logging.getLogger().level
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger(__name__).debug("the jobs begin")
    city = make_city(root / "workspace")
    try:
        yield Scene(city, root / "workspace", temporary, root / "log.txt", _work(city, root))
    finally:
        close_city(city)
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(level)
        handler.close()
        patch.undo()


def _work(city: City, root: Path) -> dict[str, bytes]:
    """The main jobs, with secrets in every place that takes one; returns what must not be found."""
    platform = city.platform
    platform.set_passphrase(PASSPHRASE)
    platform.keystore.lock()
    platform.keystore.unlock(PASSPHRASE)
    label = platform.identities.issue("CopyrightMSP", "secret-keeper", "creator")
    exported = root / "exported.p12"
    exported.write_bytes(platform.identities.export_pkcs12(label, EXPORT))

    work = root / "work.txt"
    work.write_text("一首没有发表的诗\n" * 40, "utf-8")
    works = copyright_service(platform, city.network)
    works.ledger.configure()
    works.deposit(work, WorkForm("未发表", "literary"), encrypt=True)

    slots = slots_service(platform, city.network)
    try:
        slots.set_up({"H0001": "样例医院"})
        slots.bookings.deposit("H0001", Identity(NAME, "01", DOCUMENT, PHONE))
    finally:
        slots.close()
    with pytest.raises(CityChainError):
        platform.contracts.invoke(
            city.network, "copyright", "NoSuchFunction", ["x"], transient={"secret": TRANSIENT.encode()}
        )
    platform.explorer.sync(city.network)
    platform.jobs.run(back_up, platform, root / "workspace.zip")

    secrets = {"passphrase": PASSPHRASE.encode(), "export": EXPORT.encode(), "transient": TRANSIENT.encode()}
    secrets |= {"document": DOCUMENT.encode(), "phone": PHONE.encode(), "name": NAME.encode()}
    for name in platform.keystore.names():
        value = platform.keystore.get(name)
        if b"PRIVATE KEY" in value:
            secrets |= {f"{name} #{n}": shape for n, shape in enumerate(shapes_of(value))}
        elif len(value) >= 16:
            secrets |= {f"{name} raw": value, f"{name} hex": value.hex().encode()}
    return secrets


def _found(places: dict[Path, bytes], secrets: dict[str, bytes]) -> list[str]:
    return sorted(
        {
            f"{name.partition(' #')[0]} in {place}"
            for place, data in places.items()
            for name, s in secrets.items()
            if s in data
        }
    )


def _is_collection(path: Path) -> bool:
    return "embedded/channels" in path.as_posix() and path.name.startswith("ledger.db")


def _without_collections(places: dict[Path, bytes]) -> dict[Path, bytes]:
    """Leave out what a peer keeps for the members of a private collection: in clear, as every Fabric peer does."""
    return {path: data for path, data in places.items() if not _is_collection(path)}


def test_there_is_something_to_look_for(scene: Scene) -> None:
    assert len(scene.secrets) > 60
    assert any(path.suffix == ".db" or path.name.endswith(("-wal", ".db")) for path in everything_under(scene.folder))


def test_no_secret_lies_open_in_the_workspace(scene: Scene) -> None:
    assert _found(_without_collections(everything_under(scene.folder)), scene.secrets) == []
    peers = {path: data for path, data in everything_under(scene.folder).items() if _is_collection(path)}
    assert peers
    assert _found(peers, {k: v for k, v in scene.secrets.items() if k not in RESIDENT}) == []


def test_no_secret_lies_open_in_the_backup(scene: Scene) -> None:
    import zipfile

    with zipfile.ZipFile(scene.folder.parent / "workspace.zip") as archive:
        places = {Path(name): archive.read(name) for name in archive.namelist()}
    assert places
    assert _found(_without_collections(places), scene.secrets) == []
    assert _found(places, {k: v for k, v in scene.secrets.items() if k not in RESIDENT}) == []


def test_no_secret_lies_open_in_temporary_files_and_logs(scene: Scene) -> None:
    places = everything_under(scene.temporary)
    places[scene.log] = scene.log.read_bytes()
    assert scene.log.stat().st_size > 0
    assert _found(places, scene.secrets) == []


def test_no_secret_is_seen_in_the_process_list(scene: Scene) -> None:
    started = {node.pid for node in scene.city.platform.networks.status(scene.city.network).nodes if node.pid}
    started |= {child.pid for child in psutil.Process(os.getpid()).children(recursive=True)}
    assert started
    places: dict[Path, bytes] = {}
    for pid in started:
        process = psutil.Process(pid)
        places[Path(f"{pid} arguments")] = "\0".join(process.cmdline()).encode()
        places[Path(f"{pid} environment")] = "\0".join(f"{k}={v}" for k, v in process.environ().items()).encode()
    assert _found(places, scene.secrets) == []
