"""`python -m network.docker.guard ADDRESS CONTAINER…`: lets paused containers go on when whoever paused them is gone.

It waits for the end of its input, which comes however that process ends.
"""

from __future__ import annotations

import contextlib
import sys


def main(argv: list[str]) -> int:
    """Wait, then let every container named go on."""
    import docker

    client = docker.DockerClient(base_url=argv[0], version="auto")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    for name in argv[1:]:
        with contextlib.suppress(docker.errors.DockerException, OSError):
            client.api.unpause(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
