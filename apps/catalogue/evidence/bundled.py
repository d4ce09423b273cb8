"""What the verifier is made of (`python -m fabric_sdk.proof.bundle apps.catalogue.evidence` makes it)."""

from __future__ import annotations

from pathlib import Path

from fabric_sdk.proof.bundle import Program, bundled

HEADING = """Check a package of CityChain's service catalogue without CityChain: Python 3.9+ and `cryptography` do.

    python verify.py PACKAGE.zip --card CARD.json [--lang zh|en] [--json]

It shows what a network was measured as against a standard, or that a person's credential stands. The channel card must
come from the institution itself, not from whoever gave you the package. Exit code 0: agrees with the card. 5:
consistent in itself only (a forger can make such a package), or too old to say. 4: does not hold, or was revoked.
2: cannot be checked.

This file is bundled from fabric_sdk/proof and apps/catalogue/evidence by
`python -m fabric_sdk.proof.bundle apps.catalogue.evidence`.
"""


def files(folder: Path) -> dict[Path, str]:
    """The verifier by path."""
    own = tuple(f"apps.catalogue.evidence.{one}" for one in ("sentences", "check", "terminal"))
    modules = (own[0], "apps.catalogue.grading", *own[1:])
    return {folder / "verify.py": bundled(Program(folder / "verify.py", HEADING, modules))}
