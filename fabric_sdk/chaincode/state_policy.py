"""Key-level endorsement policies: which organisations must endorse the next change of one key.

The bytes are a SignaturePolicyEnvelope, an AND over the organisations, in the very form of the official
`statebased` packages, so that peers and contracts in other languages read them.
"""

from __future__ import annotations

from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2

_ROLES = {"MEMBER": msp_principal_pb2.MSPRole.MEMBER, "PEER": msp_principal_pb2.MSPRole.PEER}


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
