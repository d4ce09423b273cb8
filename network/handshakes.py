"""How far the ordering service's TLS handshakes look back while its organisations' ended roots are still the channel's.

Orderers of a BFT channel believe the roots that stand in the channel and no others. When those have ended, no two of
them can connect, and without a quorum the channel cannot be given the new ones. Fabric's own way out is
`TLSHandshakeTimeShift`: handshakes are judged at a moment at which the ended roots still counted. It lasts until every
channel carries the new roots (`network.plan.run` sees to that). Until then what is issued has to have begun by then.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cryptography import x509

from fabric_sdk import clock
from network.certificates import CA_DAYS
from network.topology import TopologySpec

LOOK_BACK = dt.timedelta(days=2)
"""How long before the first root's end handshakes are judged at most; half of it when the renewal takes so long."""


def renewed_roots(directory: Path, spec: TopologySpec) -> dict[str, Path]:
    """By organisation, TLS roots that were renewed and that no channel carries yet: nodes trust them from a file."""
    found = {}
    for organization in spec.organizations:
        folder = directory / "organizations" / organization.name / "ca"
        if (folder / "tlsca.former.crt").exists():
            found[organization.name] = folder / "tlsca.crt"
    return found


def first_moment(directory: Path, spec: TopologySpec) -> dt.datetime | None:
    """The earliest moment at which handshakes are judged; None where nothing has ended, or where the channel's roots
    alone do not decide (Raft).
    """
    found = [former for former, _ in _ended(directory, spec)]
    if not found:
        return None
    end = min(former.not_valid_after_utc for former in found)
    return end - min(LOOK_BACK, *((end - former.not_valid_before_utc) / 2 for former in found))


def handshake_shift(directory: Path, spec: TopologySpec) -> int:
    """Seconds by which the orderers' handshakes look back now, 0 for none.

    The same for a day and more of one renewal: a node whose description changes is started again.
    """
    moment = first_moment(directory, spec)
    if moment is None:
        return 0
    ended = _ended(directory, spec)
    renewed = max(present.not_valid_after_utc for _, present in ended) - dt.timedelta(days=CA_DAYS)
    step = (min(former.not_valid_after_utc for former, _ in ended) - moment) / 2
    late = max(clock.now() - renewed, dt.timedelta()) // step * step
    return round((renewed - moment + late).total_seconds())


def _ended(directory: Path, spec: TopologySpec) -> list[tuple[x509.Certificate, x509.Certificate]]:
    """TLS authorities that had ended when they were renewed: by which the channels know them, and the present one."""
    found = []
    for organization in spec.organizations if spec.consensus == "bft" else ():
        folder = directory / "organizations" / organization.name / "ca"
        former, present = _read(folder / "tlsca.former.crt"), _read(folder / "tlsca.crt")
        if former is not None and present is not None and former.not_valid_after_utc <= clock.now():
            found.append((former, present))
    return found


def _read(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
