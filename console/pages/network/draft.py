"""The network that the wizard is drafting: plain choices that become a checked topology."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from console.i18n import say
from network.errors import CityChainError, UserError
from network.text import Text

if TYPE_CHECKING:
    from baas.platform import Platform
    from network.topology import Runtime, TopologySpec


@dataclass(frozen=True)
class DraftOrganization:
    """One organisation as a person describes it."""

    name: str
    msp_id: str
    title_zh: str
    title_en: str
    domain: str
    peers: int
    orderers: int


def short_name(msp_id: str) -> str:
    """Return the folder name that goes with an MSP id; `UserError` when there is none."""
    name = re.sub(r"[^a-z0-9-]", "", re.sub(r"msp$", "", msp_id.strip().lower()))
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
        raise UserError(
            Text("MSP 标识不可用：{m}", "This MSP id cannot be used: {m}", m=msp_id or "—"),
            Text("以字母开头，只含字母和数字，例如 HospitalBMSP。", "Letters and digits, such as HospitalBMSP."),
        )
    return name


def own_title(title: str, taken: frozenset[str]) -> str:
    """A title that no other network here has: with the next number behind it."""
    return next(one for one in (title, *(f"{title} {n}" for n in range(2, 1000))) if one not in taken)


def _titles_of(platform: Platform) -> frozenset[str]:
    found: set[str] = set()
    for name in platform.networks.names():
        try:
            title = platform.networks.spec(name).title
        except CityChainError:
            continue
        found |= {title.zh, title.en}
    return frozenset(found)


class Draft:
    """Choices so far; `spec()` checks them with the topology's own rules."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        taken = set(platform.networks.names())
        self._titles = _titles_of(platform)
        self.template = "city"
        self.name = next(n for n in ("city", *(f"city{i}" for i in range(2, 1000))) if n not in taken)
        self.title = ""
        self.runtime: Runtime = "embedded"
        self.consensus = "raft"
        self.version = ""
        self.batch_timeout_ms = 0
        self.keys = ""
        """The address of the token that the organisations' keys are made in, "" for the keystore."""
        self.pin = ""
        self.organizations: list[DraftOrganization] = []
        self.use_template("city")

    def use_template(self, which: str) -> None:
        """Start again from a built-in topology; the name and runtime chosen so far stay."""
        spec = self._platform.networks.template(which)
        self.template = which
        self.title = own_title(say(spec.title), self._titles)
        self.consensus = spec.consensus
        self.version = spec.fabric_version
        self.batch_timeout_ms = spec.channels[0].batch.timeout_ms
        self.organizations = [
            DraftOrganization(o.name, o.msp_id, o.title.zh, o.title.en, o.domain, len(o.peers), len(o.orderers))
            for o in spec.organizations
        ]

    def add_organization(self, title: str, msp_id: str, peers: int, orderers: int) -> None:
        """Add an organisation; its short name and domain come from its MSP id. `UserError` for an unusable id."""
        msp_id = msp_id.strip()
        name = short_name(msp_id)
        base = self.organizations[0].domain.partition(".")[2] if self.organizations else "city.example"
        self.organizations.append(
            DraftOrganization(
                name, msp_id, title.strip() or msp_id, title.strip() or msp_id, f"{name}.{base}", peers, orderers
            )
        )

    def change_organization(self, index: int, **changes: Any) -> None:
        self.organizations[index] = replace(self.organizations[index], **changes)

    def remove_organization(self, index: int) -> None:
        del self.organizations[index]

    @property
    def nodes(self) -> int:
        return sum(o.peers + o.orderers for o in self.organizations)

    @property
    def orderers(self) -> int:
        return sum(o.orderers for o in self.organizations)

    def spec(self) -> TopologySpec:
        """Return the checked topology; `UserError` names what cannot be."""
        from network.topology import load_spec, spec_to_mapping

        if self.name in self._platform.networks.names():
            raise UserError(
                Text("已有名为 {n} 的网络。", "There is already a network named {n}.", n=self.name),
                Text("请换一个名称。", "Choose another name."),
            )
        mapping = spec_to_mapping(self._platform.networks.template(self.template))
        known = {o["name"]: o for o in mapping["organizations"]}
        mapping |= {
            "name": self.name,
            "title": self._both(mapping["title"]),
            "runtime": self.runtime,
            "consensus": self.consensus,
            "fabric_version": self.version,
            "organizations": [self._organization(o, known.get(o.name)) for o in self.organizations],
        }
        channel = mapping["channels"][0]
        channel["organizations"] = [o.name for o in self.organizations if o.peers or not o.orderers]
        channel["batch"]["timeout_ms"] = self.batch_timeout_ms
        return load_spec(mapping)

    def _both(self, template: dict[str, str]) -> dict[str, str]:
        """The title in both languages: the template's own, or with its number, as long as nobody wrote another."""
        for title in template.values():
            more = self.title.removeprefix(title)
            if more != self.title and (not more or more.strip().isdigit()):
                return {lang: f"{words}{more}" for lang, words in template.items()}
        return {"zh": self.title, "en": self.title}

    @staticmethod
    def _organization(o: DraftOrganization, template: dict[str, Any] | None) -> dict[str, Any]:
        old = template or {}

        def nodes(kind: str, count: int) -> list[dict[str, Any]]:
            kept = list(old.get(f"{kind}s", []))[:count]
            return kept + [{"name": f"{kind}{i}"} for i in range(len(kept), count)]

        return {
            "name": o.name,
            "msp_id": o.msp_id,
            "title": {"zh": o.title_zh, "en": o.title_en},
            "domain": o.domain,
            "peers": nodes("peer", o.peers),
            "orderers": nodes("orderer", o.orderers),
        }
