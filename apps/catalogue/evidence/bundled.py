"""What the verifier is made of, when a package is written."""

from __future__ import annotations

from fabric_sdk.proof.bundle import Program, bundled

HEADING = """Check a package of CityChain's service catalogue without CityChain: Python 3.9+ and `cryptography` do.

    python verify.py PACKAGE.zip --card CARD.json [--lang zh|en] [--json]

It shows what a network was measured as against a standard, or that a person's credential stands. The channel card must
come from the institution itself, not from whoever gave you the package. Exit code 0: agrees with the card. 5:
consistent in itself only (a forger can make such a package), or too old to say. 4: does not hold, or was revoked.
2: cannot be checked.

This file is bundled from fabric_sdk/proof and apps/catalogue/evidence; of the same version
`python -m fabric_sdk.proof.bundle apps.catalogue.evidence FOLDER` makes the same.
"""


def files() -> dict[str, str]:
    """The verifier by the name of its file."""
    own = tuple(f"apps.catalogue.evidence.{one}" for one in ("sentences", "check", "terminal"))
    modules = (own[0], "apps.catalogue.grading", *own[1:])
    return {"verify.py": bundled(Program(HEADING, modules))}
