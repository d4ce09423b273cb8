"""Somebody erased, and a backup of before: without that year's key file nobody reads who they were.

A backup never holds key files; once a year is over and its key file destroyed, what older backups keep is noise.
"""

from __future__ import annotations

import json
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from baas.platform import Platform
from baas.services.backup import back_up
from baas.services.restoring import restore
from network.contract_keys import FOLDER
from tests.conftest import close_city, make_city
from tests.desks.conftest import Office, Person
from tests.people import card, paper

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
HOSPITAL_MSP, HOSPITAL = "HospitalMSP", "H0001"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    from apps.health_slots.service import build_service

    folder = tmp_path_factory.mktemp("archive")
    made = make_city(folder / "workspace")
    service = build_service(made.platform, "city")
    service.set_up({HOSPITAL: "样例医院"}, HOSPITAL_MSP)
    service.close()
    yield Office(made, folder / "post")
    close_city(made)


def key_files(platform: Platform) -> list[Path]:
    return sorted(platform.workspace.folder.glob(f"networks/city/organizations/*/{FOLDER}/*"))


def kept_words(backup: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a backup, unpacked."""
    with zipfile.ZipFile(backup) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def test_a_backup_tells_nothing_of_who_was_erased_without_that_years_key_file(
    office: Office, seat: Callable[..., Person], tmp_path: Path
) -> None:
    nurse = seat("nurse", HOSPITAL_MSP, "hospital_staff")
    people = {}
    for word in ("erased", "stays"):
        who = {
            "name": f"样例{uuid.uuid4().hex[:8]}",
            "document": card(uuid.uuid4().int % 10**6),
            "phone": "13912340987",
        }
        nurse.write(f"{word}.json", paper(1, **who))
        people[word] = who | nurse.run("slots", "deposit", f"{word}.json", "--hospital", HOSPITAL)
    look = ("slots", "identity", "--hospital", HOSPITAL, "--resident")
    gone, stays = people["erased"]["resident"], people["stays"]["resident"]
    assert nurse.run(*look, gone)["name"] == people["erased"]["name"]
    backup = tmp_path / "before.ccb"
    office.platform.jobs.run(back_up, office.platform, backup)
    nurse.run("slots", "purge", "--hospital", HOSPITAL, "--resident", gone, "--yes")
    assert nurse.fails(*look, gone)["code"] == "not_found"

    # Neither the people nor a key file, nor a key's bytes, are in the backup.
    words = [one[what].encode() for one in people.values() for what in ("name", "document", "phone")]
    files = key_files(office.platform)
    assert files
    secrets = [json.loads(path.read_bytes())["key"].encode() for path in files]
    secrets += [bytes.fromhex(one.decode()) for one in secrets]
    for name, data in kept_words(backup):
        assert FOLDER not in name
        assert not [word for word in (*words, *secrets) if word in data], name

    # A year on: a newer key file, with it somebody else, and the old year's is destroyed.
    year = tmp_path / "year"
    year.mkdir()
    contract_keys = office.platform.contract_keys
    (old,) = [path for path in files if path.parents[1].name.lower().startswith("hospital")]
    shutil.copy(old, year / old.name)
    contract_keys.renew("city", HOSPITAL_MSP)
    office.platform.networks.stop("city")
    office.platform.jobs.run(office.platform.networks.start, "city")
    who = {"name": "样例新年", "document": card(uuid.uuid4().int % 10**6)}
    nurse.write("later.json", paper(1, **who))
    later = nurse.run("slots", "deposit", "later.json", "--hospital", HOSPITAL)["resident"]
    contract_keys.destroy("city", HOSPITAL_MSP, old.stem)
    contract_keys.write("city", HOSPITAL_MSP, tmp_path / "keys.sealed", "correct horse battery")
    office.platform.networks.stop("city")

    # The backup comes back in the city's place, with every key file that there still is.
    restore(backup, tmp_path / "again")
    with Platform.open(tmp_path / "again", create=False) as again:
        taken = again.contract_keys.take_over("city", HOSPITAL_MSP, tmp_path / "keys.sealed", "correct horse battery")
        assert old.stem not in taken
        for path in key_files(office.platform):  # the other organisations' too
            target = again.workspace.folder / path.relative_to(office.platform.workspace.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        try:
            again.jobs.run(again.networks.start, "city")
            nurse.restart()
            told = nurse.fails(*look, gone)
            assert told["code"] == "key_file_missing", told
            # With that year's file it would be read: it is the file that decides, and nothing else.
            again.networks.stop("city")
            (place,) = again.workspace.folder.glob(f"networks/city/organizations/[Hh]ospital*/{FOLDER}")
            shutil.copy(year / old.name, place / old.name)
            again.jobs.run(again.networks.start, "city")
            nurse.restart()
            assert nurse.run(*look, gone)["name"] == people["erased"]["name"]
        finally:
            again.networks.stop("city")
    office.platform.jobs.run(office.platform.networks.start, "city")
    nurse.restart()
    assert nurse.run(*look, later)["name"] == who["name"]
    assert nurse.fails(*look, stays)["code"] == "key_file_missing"  # the whole year is over
    assert nurse.fails(*look, gone)["code"] == "not_found"
