"""Files between desks: who serves them for an organisation, and who may have or hand in which.

A file belongs to a record that names its CID. Somebody who wants it signs a proposal of `MayFetch` that names record,
CID and the one service that it is for, and hands the signed proposal to that service; the service lets a peer evaluate
it as it is. So the caller is checked as for every proposal, the rights are the contract's and the same at every
organisation's door, and a service decides nothing. `MayHandIn` is the same for the other direction.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from chaincode.kit.fields import Fields, invalid
from chaincode.kit.records import KitContext, dump, is_admin, refuse, roles_of
from fabric_sdk.chaincode import query, transaction
from fabric_sdk.kinds import Record

_DIRECTORY, _SWARM = "content-service", "content-swarm"
SERVICE_ROLE = "content_service"
"""The role in the certificate of a program that serves an organisation's files."""
_PEER = re.compile(
    r"/(?:ip4|ip6|dns4|dns6|dns)/[0-9A-Za-z.:-]{1,253}/tcp/[1-9][0-9]{0,4}/p2p/[1-9A-HJ-NP-Za-km-z]{40,70}"
)
_FIELDS = (("proofs", "proof"), ("evidence", "evidence"), ("certificates", "certificate"))


def contents_of(record: Record) -> dict[str, str]:
    """The files that a record names: CID → what it is to the record (`work`, `proof`, `evidence`, `certificate`)."""
    found: dict[str, str] = {}
    content = record.get("content")
    if isinstance(content, dict) and content.get("cid"):
        found[str(content["cid"])] = "work"
    listed = [(record.get(field) or (), what) for field, what in _FIELDS]
    listed.append(([record["certificate"]] if record.get("certificate") else [], "certificate"))
    for entries, what in listed:
        for one in entries if isinstance(entries, list | tuple) else ():
            if isinstance(one, dict) and one.get("cid"):
                found.setdefault(str(one["cid"]), what)
    return found


class ContentDoors:
    """The directory of content services, and the questions that they ask."""

    _clock: Callable[[], datetime]

    def may_fetch(self, ctx: Any, record: Record, what: str) -> bool:
        """Whether the caller may have the file that is `what` to a record. Applications say."""
        raise NotImplementedError

    def may_hand_in(self, ctx: Any, record: Record, what: str) -> int:
        """How many bytes the caller may hand in as this file, 0 for none. Applications say."""
        raise NotImplementedError

    def files_of(self, ctx: Any, record: Record) -> dict[str, str]:
        """The files that may be asked for under a record: those that it names, and what an application adds."""
        del ctx
        return contents_of(record)

    def held_under(self, ctx: Any, record: Record, cid: str, what: str) -> list[str]:
        """The records under which a file was handed in that is asked for under `record`; applications add."""
        del ctx, cid, what
        return [str(record["id"])]

    def may_survey(self, ctx: Any) -> bool:
        """Whether the caller may ask which files a service holds. Applications say."""
        raise NotImplementedError

    @transaction
    def PutContentService(self, ctx: KitContext, address: str, certificate: str) -> Record:
        """Say where the caller's organisation serves files: `https://name:port` and the server's certificate (PEM).

        For administrators of the organisation and its service itself. An empty address takes the entry away.
        """
        if not is_admin(ctx.client) and SERVICE_ROLE not in roles_of(ctx.client):
            raise refuse("FORBIDDEN", "this needs an administrator or the content service of the organisation", 403)
        msp_id = ctx.client.msp_id
        if not address:
            ctx.unindex(_DIRECTORY, msp_id)
            return {"msp_id": msp_id, "address": "", "certificate": "", "since": ctx.now, "by": ctx.party}
        form = Fields({"address": address, "certificate": certificate})
        record: Record = {
            "msp_id": msp_id,
            "address": _address(form.text("address", 300)),
            "certificate": _certificate(form.text("certificate", 8000)),
            "since": ctx.now,
            "by": ctx.party,
        }
        ctx.index(_DIRECTORY, msp_id, value=dump(record).decode())
        return record

    @query
    def ListContentServices(self, ctx: KitContext) -> list[Record]:
        """Every organisation's content service, by MSP id."""
        with ctx.stub.get_state_by_partial_composite_key(_DIRECTORY, []) as found:
            return [json.loads(item.value) for item in found]

    @transaction
    def PutSwarmPeer(self, ctx: KitContext, address: str) -> Record:
        """Say where the caller's organisation has its node in the swarm: a multiaddress with its peer id.

        For administrators of the organisation and its service itself. "" takes the entry away. The swarm's key is never
        on the ledger: whoever reads this address cannot come in by it.
        """
        if not is_admin(ctx.client) and SERVICE_ROLE not in roles_of(ctx.client):
            raise refuse("FORBIDDEN", "this needs an administrator or the content service of the organisation", 403)
        msp_id = ctx.client.msp_id
        record: Record = {"msp_id": msp_id, "address": address, "since": ctx.now, "by": ctx.party}
        if not address:
            ctx.unindex(_SWARM, msp_id)
            return record
        if not _PEER.fullmatch(address):
            invalid("address", "is written /dns4/NAME/tcp/PORT/p2p/ID, or with ip4 or ip6")
        ctx.index(_SWARM, msp_id, value=dump(record).decode())
        return record

    @query
    def ListSwarmPeers(self, ctx: KitContext) -> list[Record]:
        """Every organisation's node in the swarm, by MSP id."""
        with ctx.stub.get_state_by_partial_composite_key(_SWARM, []) as found:
            return [json.loads(item.value) for item in found]

    @query
    def MayFetch(self, ctx: KitContext, record_id: str, cid: str, service: str) -> Record:
        """What a file is, to those who may have it: `{"record", "cid", "what", "party", "held"}`; refused for others.

        `held` are the ids of the records under which it was handed in; a door gives it only for one of those.
        `service` is the MSP id of the one service that the signed question is for.
        """
        record, what = self._asked(ctx, record_id, cid, service)
        if not self.may_fetch(ctx, record, what):
            raise refuse("FORBIDDEN", "this file is not for the caller", 403)
        held = self.held_under(ctx, record, cid, what)
        return {"record": record["id"], "cid": cid, "what": what, "party": ctx.party, "held": held}

    @query
    def MayHandIn(self, ctx: KitContext, record_id: str, cid: str, service: str) -> Record:
        """As `MayFetch`, for whoever may hand a file in; with `bytes`, the most that it may be."""
        record, what = self._asked(ctx, record_id, cid, service)
        most = self.may_hand_in(ctx, record, what)
        if most <= 0:
            raise refuse("FORBIDDEN", "this file is not the caller's to hand in", 403)
        return {"record": record["id"], "cid": cid, "what": what, "party": ctx.party, "bytes": most}

    @query
    def MaySurvey(self, ctx: KitContext, service: str) -> Record:
        """Lets those through who look after all files: which of them a service holds is told to nobody else."""
        ctx.check_clock(self._clock())
        if not service or not self.may_survey(ctx):
            raise refuse("FORBIDDEN", "this is not for the caller", 403)
        return {"party": ctx.party}

    def _asked(self, ctx: KitContext, record_id: str, cid: str, service: str) -> tuple[Record, str]:
        # The call's own time decides whether a licence is in force: whoever dates it back would read for ever.
        ctx.check_clock(self._clock())
        if not service:
            invalid("service", "names the organisation whose service is asked")
        record = ctx.read(ctx.kind_of(record_id), record_id)
        what = self.files_of(ctx, record).get(cid)
        if what is None:
            raise refuse("NOT_FOUND", "the record names no such file", 404)
        return record, what


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        invalid("address", "is no address")
    plain = f"https://{parts.netloc}"
    if parts.scheme != "https" or not parts.hostname or not port or text.rstrip("/") != plain or "@" in parts.netloc:
        invalid("address", "is written https://name:port")
    return plain


def _certificate(text: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found: Collection[x509.Certificate] = x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        found = ()
    if len(found) != 1:
        invalid("certificate", "is one certificate in PEM")
    return next(iter(found)).public_bytes(Encoding.PEM).decode()
