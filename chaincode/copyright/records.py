"""The office's own view of a transaction: settings, policy, roles, and the records that are still written by hand."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import ClassVar

from chaincode.copyright import policy
from chaincode.kit.records import KitContext, dump, refuse, roles_of
from fabric_sdk.kinds import Record, Who

__all__ = ["CopyrightContext", "Record", "dump", "policy_of", "refuse"]

WORK, REGISTRATION, LICENCE, TRANSFER = "work", "registration", "licence", "transfer"
PLEDGE, CHANGE, DISPUTE, INFRINGEMENT, USAGE = "pledge", "change", "dispute", "infringement", "usage"


class CopyrightContext(KitContext):
    """One transaction as the registration office sees it."""

    prefixes: ClassVar[Mapping[str, str]] = {WORK: "CZ"}
    names_acts: ClassVar[bool] = False

    @cached_property
    def settings(self) -> Record:
        """The office's settings; ChaincodeError `NOT_CONFIGURED` before `Configure`."""
        found = self.stub.get_state("settings")
        if not found:
            raise refuse("NOT_CONFIGURED", "the registration office is not configured yet", 412)
        settings: Record = json.loads(found)
        return settings

    @cached_property
    def policy(self) -> policy.Policy:
        return policy.load(self.settings["policy"]).with_calendar(self.settings.get("calendar", {}))

    @property
    def policy_version(self) -> str:
        return self.policy.version

    @cached_property
    def today(self) -> str:
        """The office's calendar day."""
        return self.policy.local_date(self.stub.tx_timestamp).isoformat()

    def limit(self, of: int | str) -> int:
        return of if isinstance(of, int) else self.policy.limit(of)

    def codes(self, table: str) -> Collection[str]:
        return self.policy.codes(table)

    @cached_property
    def who(self) -> Who:
        """The caller; a registrar's role counts only in certificates of the office's organisation."""
        held = roles_of(self.client)
        return Who(self.party, held if self.is_registrar() else held - {"registrar"})

    def told_of(self, record: Record) -> Iterable[str]:
        return ("type", "id", "state", "work_id", "number")

    def require_role(self, *allowed: str) -> None:
        """Refuse callers without one of the roles."""
        if not roles_of(self.client) & set(allowed):
            raise refuse("FORBIDDEN", f"this needs the role {' or '.join(allowed)}", 403)

    def is_registrar(self) -> bool:
        """True for a registrar of the office: the role counts only in certificates of the office's organisation."""
        return self.client.msp_id == self.settings["office_msp"] and "registrar" in roles_of(self.client)

    def require_registrar(self, *concerned: str) -> None:
        """Refuse everybody but registrars, and a registrar's own cases (`concerned` parties)."""
        if not self.is_registrar():
            raise refuse("FORBIDDEN", f"this needs a registrar of {self.settings['office_msp']}", 403)
        if self.party in concerned:
            raise refuse("CONFLICT_OF_INTEREST", "a registrar does not decide a case of their own", 403)


def policy_of(ctx: KitContext) -> policy.Policy:
    """The policy of a transaction, for rules that know the kit's context only."""
    assert isinstance(ctx, CopyrightContext)
    return ctx.policy
