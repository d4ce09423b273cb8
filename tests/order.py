"""In which order files of tests go to the workers: whole files, the long ones first.

A file's tests stay together (`--dist loadfile`), so that what they share is made once and not once in every worker;
a long file that begins last would keep one worker busy while the others have nothing left to do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LONGEST = (
    "tests/console/test_main_jobs.py",
    "tests/console/test_pages_identities.py",
    "tests/apps/copyright/ui/test_theft_pages.py",
    "tests/apps/copyright/test_rules.py",
    "tests/apps/copyright/test_commands.py",
    "tests/desks/test_files.py",
    "tests/baas/test_city.py",
    "tests/baas/courier/test_door.py",
    "tests/baas/test_permissions.py",
    "tests/console/test_accessibility.py",
    "tests/baas/test_backup_running.py",
    "tests/apps/copyright/ui/test_case_pages.py",
    "tests/apps/copyright/ui/test_registration_pages.py",
    "tests/apps/copyright/ui/test_rights_pages.py",
    "tests/apps/copyright/ui/test_roles.py",
    "tests/baas/test_drills.py",
    "tests/chaincode/health_slots/test_machine.py",
    "tests/apps/health_slots/ui/test_roles.py",
    "tests/desks/test_slots_parties.py",
    "tests/baas/test_identities.py",
    "tests/apps/health_slots/ui/test_desk.py",
    "tests/console/test_pages_network.py",
    "tests/baas/test_audit.py",
    "tests/network/embedded/test_endless.py",
    "tests/baas/test_monitor.py",
    "tests/desks/test_copies.py",
    "tests/apps/health_slots/ui/test_books.py",
)
"""Files by how long they take, the longest first, as measured on two cores; the others follow as they are found."""


def longest_first(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the files of `LONGEST` first where workers share the tests; one process keeps pytest's own order."""
    if not hasattr(config, "workerinput"):
        return
    rank = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.relative_to(ROOT).as_posix(), len(rank)))
