"""The loss of a machine rehearsed on real Fabric: an organisation's peers come back from a backup, with new keys."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from baas.errors import CityChainError, Conflict, UserError
from baas.monitoring.loss_drill import LOST
from baas.monitoring.loss_paper import as_html, as_text
from baas.platform import Platform
from baas.services.backup import back_up
from network.topology import FABRIC_CURRENT, FABRIC_LTS
from tests.baas.test_backup_running import NETWORK
from tests.e2e.test_native_backup import Clients, facts, goes_on, lacking, working

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
OTHER = "CopyrightMSP"


def heights(platform: Platform) -> dict[str, int | None]:
    return {n.name: n.height for n in platform.networks.status(NETWORK).nodes if n.kind == "peer"}


@pytest.mark.parametrize("version", [FABRIC_CURRENT, FABRIC_LTS])
def test_a_machine_is_lost_and_comes_back(tmp_path: Path, version: str) -> None:
    file = tmp_path / "night.ccb"
    with working(tmp_path / "workspace", "city", version) as platform:
        goes_on(platform)
        back_up(platform, file)
        peer = platform.networks.handle(NETWORK).peers(OTHER)[0]
        folder = platform.networks.folder(NETWORK)
        key = folder / "organizations" / peer.organization.name / "nodes" / peer.name / "msp" / "keystore" / "key.pem"
        old = key.read_bytes()
        with Clients(platform, 3) as clients:
            clients.grow(10)
            report = platform.jobs.run(platform.monitor.lose, OTHER, file, NETWORK)
            clients.grow(6)
        assert clients.tried_again == []  # the others go on without it
        (one,) = report.peers
        assert report.whole and (report.missing, report.private_missing) == (0, 0) and one.same, as_text(report, "en")
        assert one.backed_up < one.lost_at <= one.now
        assert report.recover_s > 0 and len(report.revoked) == 1
        print(f"{version}: back after {report.recover_s:.1f} s, caught up in {report.catch_up_s:.1f} s")
        assert not (folder / LOST).exists() and key.read_bytes() != old
        known = {r.serial: r.in_force for r in platform.identities.revoked(NETWORK)}
        assert known == {report.revoked[0]: True}
        assert lacking(platform, clients.before(time.monotonic())) == []
        ends = facts(platform, min(h or 0 for h in heights(platform).values()))
        assert len({f.commit_hash for f in ends.values()}) == 1
        assert platform.monitor.losses(NETWORK) == (report,)
        for lang, word in (("zh", "已确认的交易没有丢失"), ("en", "nothing that was acknowledged is missing")):
            assert word in as_html(report, lang) and word in as_text(report, lang)  # type: ignore[arg-type]
            assert report.revoked[0] in as_html(report, lang)  # type: ignore[arg-type]


KILLED = """
import os, signal, sys
from pathlib import Path
from baas.monitoring import loss_drill
from baas.platform import Platform
from tests.baas.test_backup_running import WITH_LEDGER
name = sys.argv[3]
real = getattr(loss_drill.LossDrills, name)
def dying(self, *arguments):
    real(self, *arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(loss_drill.LossDrills, name, dying)
with Platform.open(Path(sys.argv[1]), create=False, applications=WITH_LEDGER) as platform:
    platform.monitor.lose("CopyrightMSP", Path(sys.argv[2]), "city")
"""


def test_killed_damaged_and_refused(tmp_path: Path) -> None:
    file = tmp_path / "night.ccb"
    with working(tmp_path / "workspace", "city", FABRIC_CURRENT) as platform:
        back_up(platform, file)
        goes_on(platform)
        before = heights(platform)
        for name in ("_take_away", "_bring_back"):
            command = [sys.executable, "-c", KILLED, str(platform.workspace.folder), str(file), name]
            assert subprocess.run(command, check=False, capture_output=True, timeout=120).returncode == -9
            assert (platform.networks.folder(NETWORK) / LOST).is_dir()
            assert platform.monitor.mend_loss(NETWORK)
            assert not (platform.networks.folder(NETWORK) / LOST).exists()
            until = time.monotonic() + 60
            while heights(platform) != before:
                assert time.monotonic() < until
                time.sleep(0.1)
        data = bytearray(file.read_bytes())
        data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
        (tmp_path / "bad.ccb").write_bytes(data)
        with pytest.raises(UserError):
            platform.monitor.lose(OTHER, tmp_path / "bad.ccb", NETWORK)
        with pytest.raises(CityChainError):
            platform.monitor.lose("NobodyMSP", file, NETWORK)
        victim = platform.networks.handle(NETWORK).peers("HospitalMSP")[0].name
        platform.networks.stop(NETWORK, victim)
        with pytest.raises(Conflict):
            platform.monitor.lose(OTHER, file, NETWORK)
        platform.networks.start(NETWORK, victim)
        assert platform.monitor.losses(NETWORK) == ()
        goes_on(platform)
