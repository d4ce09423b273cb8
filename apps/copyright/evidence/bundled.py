"""What the verifiers are made of, when a package is written."""

from __future__ import annotations

from importlib import resources

from apps.copyright.evidence import sentences
from fabric_sdk.proof import report
from fabric_sdk.proof.bundle import Program, bundled, page
from fabric_sdk.proof.sentences import WORDS

HEADING = """Check a CityChain evidence package without CityChain: Python 3.9+ and `cryptography` are enough.

    python verify.py PACKAGE.zip --card CARD.json [--tsa-roots ROOTS.pem] [--lang zh|en] [--json]

The channel card must come from the institution itself, not from whoever gave you the package. Exit code 0: agrees
with the card. 5: consistent in itself only (a forger can make such a package). 4: does not hold. 2: cannot be checked.

This file is bundled from fabric_sdk/proof and apps/copyright/evidence; of the same version
`python -m fabric_sdk.proof.bundle apps.copyright.evidence FOLDER` makes the same.
"""
SCRIPTS = (
    "bytes", "hashing", "container", "certificates", "policies", "configuration", "blocks", "definitions", "views",
    "cards", "timestamps", "inspection", "check", "tell", "page",
)  # fmt: skip


def files() -> dict[str, str]:
    """The verifiers by the names of their files."""
    folder = resources.files("apps.copyright.evidence")
    modules = tuple(f"apps.copyright.evidence.{one}" for one in ("sentences", "check", "tell", "terminal"))
    scripts = [(folder / "page" / f"{one}.js").read_text(encoding="utf-8") for one in SCRIPTS]
    tables = {
        "WORDS": {**WORDS, **sentences.WORDS},
        "ACTS": sentences.ACTS,
        "ROLES": sentences.ROLES,
        "EXIT_CODES": report.EXIT_CODES,
    }
    frame = (folder / "page" / "frame.html").read_text(encoding="utf-8")
    return {
        "verify.py": bundled(Program(HEADING, modules)),
        "verify.html": page(frame, scripts, tables),
    }
