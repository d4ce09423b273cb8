"""How far the ordering service's TLS handshakes look back while its organisations' ended roots are still the channel's.

Orderers of a BFT channel believe the roots that stand in the channel and no others. When those have ended, no two of
them can connect, and without a quorum the channel cannot be given the new ones. Fabric's own way out is
`TLSHandshakeTimeShift`: handshakes are judged at a moment at which the ended roots still counted. It lasts until every
channel carries the new roots (`network.plan.run` sees to that).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from cryptography import x509

from fabric_sdk import clock
from network.certificates import CA_DAYS
from network.topology import TopologySpec

LOOK_BACK = dt.timedelta(days=30)


def handshake_shift(directory: Path, spec: TopologySpec) -> int:
    """Seconds by which the orderers' handshakes look back; 0 where nothing has ended, or the channel's roots alone do
    not decide (Raft). The same at each call of one renewal: a node whose description changes is started again.
    """
    if spec.consensus != "bft":
        return 0
    moments, renewed = [], []
    for organization in spec.organizations:
        folder = directory / "organizations" / organization.name / "ca"
        former = _read(folder / "tlsca.former.crt")
        present = _read(folder / "tlsca.crt")
        if former is None or present is None or former.not_valid_after_utc > clock.now():
            continue
        life = former.not_valid_after_utc - former.not_valid_before_utc
        moments.append(former.not_valid_after_utc - min(LOOK_BACK, life / 2))
        renewed.append(present.not_valid_after_utc - dt.timedelta(days=CA_DAYS))
    return round((max(renewed) - min(moments)).total_seconds()) if moments else 0


def _read(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None
