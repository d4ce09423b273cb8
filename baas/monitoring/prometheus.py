"""A sample in Prometheus' text format (version 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from baas.monitoring.alerts import Alert
from baas.monitoring.sampling import Sample

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Text:
    def __init__(self) -> None:
        self._lines: list[str] = []

    def family(
        self, name: str, kind: str, help: str, rows: Iterable[tuple[Mapping[str, str], float | int | None]]
    ) -> None:
        """A metric with its rows; those without a value are left out."""
        known = [(labels, value) for labels, value in rows if value is not None]
        if not known:
            return
        self._lines += [f"# HELP {name} {help}", f"# TYPE {name} {kind}"]
        for labels, value in known:
            inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
            self._lines.append(f"{name}{{{inner}}} {_number(value)}" if inner else f"{name} {_number(value)}")

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"


def exposition(samples: Iterable[Sample], alerts: Mapping[str, Iterable[Alert]]) -> str:
    """Everything of the last samples, one for each network, and how many alerts last."""
    seen = list(samples)
    out = _Text()
    of = [({"network": one.network}, one) for one in seen]
    out.family("citychain_up", "gauge", "Whether the network answers.", [(at, int(one.answers)) for at, one in of])
    out.family("citychain_height_blocks", "gauge", "Blocks on the ledger.", [(at, one.height) for at, one in of])
    for kind in ("valid", "invalid", "blocks"):
        name = "citychain_blocks_total" if kind == "blocks" else f"citychain_transactions_{kind}_total"
        help = f"{'Blocks' if kind == 'blocks' else kind.capitalize() + ' transactions'} since the nodes began."
        out.family(name, "counter", help, [(at, one.totals.get(kind)) for at, one in of])
    for share, value in (("0.5", "p50_ms"), ("0.95", "p95_ms")):
        name = f"citychain_commit_latency_p{share[2:].ljust(2, '0')}_seconds"
        rows = [(at, None if getattr(one, value) is None else getattr(one, value) / 1000) for at, one in of]
        out.family(name, "gauge", f"Time from order to disk, quantile {share}, of the last look.", rows)
    out.family("citychain_cpu_cores", "gauge", "Cores that its processes use.", [(at, o.process_cpu) for at, o in of])
    memory = [(at, one.process_memory) for at, one in of]
    out.family("citychain_memory_bytes", "gauge", "Memory that its processes hold.", memory)
    out.family(
        "citychain_data_bytes", "gauge", "What the network's folder takes.", [(at, o.data_bytes) for at, o in of]
    )
    out.family("citychain_disk_free_bytes", "gauge", "Room left on the disk.", [(at, one.disk_free) for at, one in of])
    nodes = [
        ({"network": one.network, "node": n.name, "kind": n.kind, "msp": n.msp_id}, n)
        for one in seen
        for n in one.nodes
    ]
    out.family(
        "citychain_node_up", "gauge", "Whether a node runs.", [(at, int(n.state == "running")) for at, n in nodes]
    )
    out.family("citychain_node_height_blocks", "gauge", "Blocks a node has.", [(at, n.height) for at, n in nodes])
    out.family("citychain_node_behind_blocks", "gauge", "Blocks a node lacks.", [(at, n.behind) for at, n in nodes])
    ends = [
        ({"network": one.network, "owner": c.owner, "kind": c.kind, "serial": c.serial}, c.not_after.timestamp())
        for one in seen
        for c in one.certificates
    ]
    out.family("citychain_certificate_end_seconds", "gauge", "When a certificate ends (seconds, epoch).", ends)
    lasting = []
    for network, book in alerts.items():
        known = [one for one in book if not one.ended]
        lasting += [
            ({"network": network, "level": level}, sum(1 for one in known if one.level == level))
            for level in ("bad", "warn")
        ]
    out.family("citychain_alerts", "gauge", "Alerts that last.", lasting)
    return out.text()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))
