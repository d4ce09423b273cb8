"""Key-level endorsement policies: which organisations must endorse the next change of one key.

The bytes are a SignaturePolicyEnvelope, an AND over the organisations, in the very form of the official
`statebased` packages, so that peers and contracts in other languages read them.
"""

from __future__ import annotations

from collections.abc import Iterable

from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2

_ROLES = {"MEMBER": msp_principal_pb2.MSPRole.MEMBER, "PEER": msp_principal_pb2.MSPRole.PEER}


def owner_and_one_of(owner: str, others: Iterable[str]) -> bytes:
    """A key's policy: a peer of `owner` and one of any of `others`, or the owner's alone where there are none."""
    names = [owner, *sorted(set(others) - {owner})]
    envelope = policies_pb2.SignaturePolicyEnvelope(version=0)
    for name in names:
        role = msp_principal_pb2.MSPRole(msp_identifier=name, role=_ROLES["PEER"])
        envelope.identities.add(
            principal_classification=msp_principal_pb2.MSPPrincipal.ROLE, principal=role.SerializeToString()
        )
    rule = envelope.rule.n_out_of
    rule.n = min(2, len(names))
    rule.rules.add(signed_by=0)
    if len(names) > 1:
        one = rule.rules.add().n_out_of
        one.n = 1
        for index in range(1, len(names)):
            one.rules.add(signed_by=index)
    return bytes(envelope.SerializeToString(deterministic=True))


class StateBasedEndorsement:
    """An editable AND over organisations. Build from a key's present policy, change it, write `policy` back."""

    def __init__(self, policy: bytes = b"") -> None:
        self._roles: dict[str, int] = {}
        if policy:
            envelope = policies_pb2.SignaturePolicyEnvelope.FromString(policy)
            for principal in envelope.identities:
                if principal.principal_classification == msp_principal_pb2.MSPPrincipal.ROLE:
                    role = msp_principal_pb2.MSPRole.FromString(principal.principal)
                    self._roles[role.msp_identifier] = role.role

    def add(self, *msp_ids: str, role: str = "PEER") -> StateBasedEndorsement:
        """Require an endorsement of each organisation by a `PEER` (default) or any `MEMBER`."""
        for msp_id in msp_ids:
            self._roles[msp_id] = _ROLES[role]
        return self

    def remove(self, *msp_ids: str) -> StateBasedEndorsement:
        """Require these organisations no longer."""
        for msp_id in msp_ids:
            self._roles.pop(msp_id, None)
        return self

    @property
    def organizations(self) -> tuple[str, ...]:
        return tuple(sorted(self._roles))

    @property
    def policy(self) -> bytes:
        """The policy as bytes for `set_state_validation_parameter`."""
        envelope = policies_pb2.SignaturePolicyEnvelope(version=0)
        rule = envelope.rule.n_out_of
        rule.n = len(self._roles)
        for index, msp_id in enumerate(self.organizations):
            role = msp_principal_pb2.MSPRole(msp_identifier=msp_id, role=self._roles[msp_id])
            envelope.identities.add(
                principal_classification=msp_principal_pb2.MSPPrincipal.ROLE,
                principal=role.SerializeToString(),
            )
            rule.rules.add(signed_by=index)
        return bytes(envelope.SerializeToString(deterministic=True))
