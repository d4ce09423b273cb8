"""`citychain`: every action of the platform as a command.

Exit codes: 0, 2 wrong use, 3 unavailable, 4 refused by the ledger, 70 a defect of ours, 130 cancelled.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from network.encodings import start_in_utf8


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    try:
        if arguments is None:
            start_in_utf8()
        from baas.cli.root import run

        sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))
    except KeyboardInterrupt:  # while modules were still being loaded, or while leaving
        sys.exit(130)
