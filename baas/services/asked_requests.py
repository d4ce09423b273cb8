"""What this desk asked organisations for: requests for identities, until a certificate comes, and refusals of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baas.errors import CityChainError, Conflict, Text, UserError
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.keystore import Keystore
    from baas.letters import Letter
    from baas.workspace import Workspace

PENDING = "_request"
"""Under `_request/DIGEST` the keystore keeps keys whose certificates have been asked for; no network is called so."""


@dataclass(frozen=True)
class Asked:
    """A certificate that was asked for from here and has not come: of what name, when (ISO, "" when not known).

    `refused` is who refused it and why, "" when nobody did; `authority` the fingerprint of who certifies them, to be
    compared with what the organisation says of itself.
    """

    name: str
    organization: str
    since: str
    state: str
    refused: str = ""
    authority: str = ""


class AskedRequests:
    """Notes beside the keys that are waiting; nothing secret is in them."""

    def __init__(self, workspace: Workspace, keystore: Keystore) -> None:
        self._workspace = workspace
        self._keystore = keystore

    def remember(self, digest: str, name: str, msp_id: str, root: bytes = b"") -> None:
        """Note a request by its key's digest; `root` is the authority (PEM) that is asked, where it is known."""
        note: dict[str, Any] = {"name": name, "msp_id": msp_id, "at": int(clock.seconds())}
        if root:
            note["root"] = hashlib.sha256(root.strip()).hexdigest()
        self._keep(digest, note)

    def forget(self, digest: str) -> None:
        """A certificate has come."""
        self._workspace.set_setting(f"request.{digest}", "")

    def all(self) -> tuple[Asked, ...]:
        """Every request whose key waits here, the newest last."""
        found = []
        for label in self._keystore.names():
            if label.startswith(f"{PENDING}/"):
                note = self._note(label.partition("/")[2])
                no = note.get("refused") or {}
                found.append(
                    Asked(
                        str(note.get("name", "")),
                        str(note.get("msp_id", "")),
                        dt.datetime.fromtimestamp(note["at"], dt.UTC).isoformat() if "at" in note else "",
                        "refused" if no else "waiting",
                        f"{no['party']}: {no['reason']}" if no else "",
                        str(no.get("authority", "")),
                    )
                )
        return tuple(sorted(found, key=lambda one: (one.since, one.name)))

    def refused(self, letter: Letter) -> CityChainError:
        """Keep a refusal with the request that it is of; returns what to say. The request's key stays."""
        from baas.services.identity_refusals import read_refusal

        found = read_refusal(letter)
        if f"{PENDING}/{found.digest}" not in self._keystore.names():
            return UserError(
                Text("被拒绝的申请不是在本机生成的。", "The request that was refused is not from here."),
                Text("请在生成申请的机器上打开。", "Open it where the request was made."),
                code="no_request_here",
            )
        note = self._note(found.digest)
        if note.get("root", found.root) != found.root:
            return UserError(
                Text("这份拒绝不是您所申请的组织出具的。", "This refusal is not of the organisation that you asked."),
                Text("请直接询问您的组织。", "Ask your organisation itself."),
                code="refusal_forged",
            )
        said = {"party": found.party, "reason": found.reason, "authority": found.authority}
        self._keep(found.digest, note | {"refused": said})
        return Conflict(
            Text("{p} 没有同意您的申请：“{r}”。", "{p} refused your request: {r}.", p=found.party, r=found.reason),
            Text(
                "请核对其 CA 指纹 {f}；以后仍可进入，或重新申请。",
                "Compare its authority's fingerprint {f}; an entry may still come, or ask anew.",
                f=found.authority,
            ),
            code="identity_refused",
        )

    def _note(self, digest: str) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads(self._workspace.setting(f"request.{digest}") or "{}")
        return kept

    def _keep(self, digest: str, note: dict[str, Any]) -> None:
        self._workspace.set_setting(f"request.{digest}", json.dumps(note))
