"""The contract as this application calls it: one identity for each part, JSON in and out, refusals in words."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from apps.copyright.cast import Cast, Part, cast_of, settings_for
from apps.copyright.model import Committed
from apps.copyright.wording import reason
from apps.copyright.words import FIELD_TITLES, RETRY_CODES, WORDS
from baas.errors import LedgerError, Text, translating

if TYPE_CHECKING:
    from baas.platform import Platform

CONTRACT = "copyright"
ATTEMPTS = 6
LAG_SECONDS = 5.0
LAG_CODES = ("wrong_state", "not_found", "not_configured")


class CopyrightLedger:
    """Calls to the contract `copyright` on one network.

    The workspace's owner acts in every part with identities made for it (`copyright-creator`, …); somebody who acts
    under their own identity signs everything with it, and the contract refuses what that certificate may not do.
    """

    def __init__(self, platform: Platform, network: str) -> None:
        self._platform = platform
        self.network = platform.networks.resolve(network)
        self.spec = platform.networks.spec(self.network)
        self.cast: Cast = cast_of(self.spec)
        self._labels: dict[Part, str] = {}
        self._configured = False
        self._written = -LAG_SECONDS

    def evaluate(self, part: Part, function: str, *args: Any) -> Any:
        """Ask the contract; the decoded JSON answer."""
        contract = self._contract(self.label(part))
        while True:
            try:
                with translating(words=WORDS):
                    return _decode(contract.evaluate(function, *(_encode(one) for one in args)))
            except LedgerError as error:
                if self._behind(error):
                    continue
                if error.code != "not_configured" or self._configured:
                    raise _pointed(error) from error
                self.configure()

    def submit(
        self,
        part: Part,
        function: str,
        *args: Any,
        transient: Mapping[str, bytes] | None = None,
        only: str = "",
    ) -> Committed[Any]:
        """Commit a call; tries again when another transaction was faster. `only` names the one endorsing MSP."""
        self.configure()
        return self._submit(self.label(part), function, args, transient or {}, (only,) if only else ())

    def _submit(
        self, label: str, function: str, args: Sequence[Any], transient: Mapping[str, bytes], endorsers: Sequence[str]
    ) -> Committed[Any]:
        contract = self._contract(label)
        wire = [_encode(one) for one in args]
        attempt = 0
        while True:
            attempt += 1
            try:
                with translating(words=WORDS):
                    sent = contract.submit_async(
                        function, *wire, transient=dict(transient), endorsing_organizations=endorsers
                    )
                    status = sent.status()
                    if not status.successful:
                        from fabric_sdk.errors import CommitError

                        raise CommitError(sent.transaction_id, status.code, status.code_name, status.block_number)
                    self._written = time.monotonic()
                    return Committed(sent.transaction_id, status.block_number, _decode(sent.result))
            except LedgerError as error:
                if self._behind(error):
                    continue
                if error.code not in RETRY_CODES or attempt == ATTEMPTS:
                    raise _pointed(error) from error

    def _behind(self, error: LedgerError) -> bool:
        """Wait a moment and return True when a refusal may come of a peer that has not our last write yet.

        A commit status speaks for the Gateway's own peer; other organisations' peers have the block a little later.
        Peers of the embedded ledger share their state and are never behind.
        """
        said = [str(error.details.get("text", "")), *(e["message"] for e in error.endpoints)]
        differ = any("ProposalResponsePayloads do not match" in text for text in said)
        if self.spec.runtime == "embedded" or not (error.code in LAG_CODES or differ):
            return False
        if time.monotonic() - self._written > LAG_SECONDS:
            return False
        time.sleep(0.15)
        return True

    def configure(self) -> None:
        """Set the office up where deploying the contract did not, as when other organisations deployed it."""
        if self._configured:
            return
        actor = self._platform.identities.acting(self.network)
        label = actor.label if actor.msp_id else f"{self.cast.office}/admin"
        contract = self._contract(label)
        try:
            with translating(words=WORDS):
                contract.evaluate("ReadSettings")
        except LedgerError as error:
            if error.code != "not_configured":
                raise
            try:
                self._submit(label, "Configure", (dict(settings_for(self.spec)),), {}, ())
            except LedgerError as refusal:
                if refusal.code != "forbidden":
                    raise
                error.hint = Text(
                    "请登记机构 {m} 的管理员部署合约，或先打开一次“数字版权”。",
                    "Ask the administrator of the office {m} to deploy the contract, or to open the application once.",
                    m=self.cast.office,
                )
                raise error from refusal
        self._configured = True

    def label(self, part: Part) -> str:
        """The identity whose key signs for a part, made when it is first needed; see `party` for who that is."""
        actor = self._platform.identities.acting(self.network)
        if actor.msp_id:
            return actor.label
        if part not in self._labels:
            self._labels[part] = self._platform.identities.ensure(
                self.cast.msp_of(part), f"copyright-{part}", part, network=self.network
            )
        return self._labels[part]

    def party(self, part: Part) -> str:
        """How the ledger names whoever signs for a part, by their certificate: `MSP/common name`."""
        return self._platform.identities.party(self.label(part), self.network)

    def _contract(self, label: str) -> Any:
        from chaincode.copyright.contract import CopyrightContract

        queries = CopyrightContract.queries()
        with translating():
            return self._platform.networks.connect(self.network, label).get_contract(CONTRACT, queries=queries)


def _encode(value: Any) -> str | bytes:
    if isinstance(value, str | bytes):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _decode(data: bytes) -> Any:
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()


def _pointed(error: LedgerError) -> LedgerError:
    """Add what the contract said beyond its code: which field, which licence, which deadline."""
    said = str(error.details.get("contract_message") or "")
    if error.code == "invalid_field":
        field, _, why = said.partition(": ")
        title = FIELD_TITLES.get(field.partition(".")[0].partition("[")[0], field)
        error.message = Text("“{f}”填写不正确：{r}", "{f}: {r}", f=title, r=reason(why))
    elif said and error.hint is None:
        error.hint = Text("账本的说明：{s}", "The ledger says: {s}", s=said)
    return error
