"""The platform: every service of one opened workspace.

with Platform.open(folder) as platform:
    platform.jobs.run(platform.networks.up, spec)
    platform.networks.connect("city").get_contract("registry")
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.applications import Applications, load
from baas.audit import AuditLog
from baas.errors import CityChainError, PermissionDenied, Text
from baas.events import EventBus, KeystoreChanged, NetworkChanged
from baas.jobs import Jobs
from baas.keystore import Keystore
from baas.ledger_clock import check_machine
from baas.services.token_keys import TokenKeyService, token_of
from baas.session import OWNER, OWNER_ACTOR, Actor, Session
from baas.workspace import Workspace, default_folder

if TYPE_CHECKING:
    from types import TracebackType

    from baas.content import ContentStore
    from baas.services.audit import AuditService
    from baas.services.authorities import AuthorityService
    from baas.services.branches import BranchService
    from baas.services.cards import CardService
    from baas.services.chain import ChainReader
    from baas.services.changes import ChangeService
    from baas.services.contract_keys import ContractKeyService
    from baas.services.contracts import ContractService
    from baas.services.definition_refusals import DefinitionRefusals
    from baas.services.entrance import EntranceService
    from baas.services.exchange import ExchangeService
    from baas.services.explorer import ExplorerService
    from baas.services.explorer.model import Advice, KeyConflict, TransactionRow
    from baas.services.fabric_versions import FabricVersionService
    from baas.services.identities import IdentityService
    from baas.services.identity_refusals import IdentityRefusals
    from baas.services.invitations import InvitationService
    from baas.services.ledger import LedgerService
    from baas.services.monitor import MonitorService
    from baas.services.networks import NetworkService
    from baas.services.operations import OperationsService
    from baas.services.organizations import OrganizationService
    from baas.services.promotion import PromotionService
    from baas.services.recovery import RecoveryService
    from baas.services.room import RoomService
    from baas.services.snapshots import SnapshotService
    from baas.services.tokens import TokenService

ACTING = "session.actor"
"""The setting that keeps who acts: "NETWORK MSP/name", or "" for the workspace's owner or whoever came in."""
_log = logging.getLogger(__name__)


class Platform:
    """One opened workspace with its services; services are made when they are first used."""

    def __init__(
        self, workspace: Workspace, applications: Applications | None = None, *, needs_space: bool = True
    ) -> None:
        self.workspace = workspace
        self.events = EventBus()
        self.jobs = Jobs(self.events)
        self.applications = applications or Applications()
        self.applications.examine()  # they bring roles, which must be known before a certificate is read
        self.session = Session(self.events, self.applications.grants, self.applications.permission_titles)
        self.audit_log = AuditLog(workspace.folder, lenient=workspace.read_only or not needs_space)
        self.session.watch = self.audit_log.asked
        idle = float(workspace.setting("keystore.idle_seconds", "900"))
        self.keystore = Keystore(workspace.path("keystore"), self.events, idle_seconds=idle, moment=workspace.moment)
        self.keystore.tokens = token_of(workspace.setting)
        self._unlocks = 0
        self.events.subscribe(NetworkChanged, self._network_changed)
        self.events.subscribe(KeystoreChanged, lambda event: self.settle() if event.state == "unlocked" else None)

    @classmethod
    def open(
        cls,
        folder: Path | None = None,
        *,
        create: bool = True,
        read_only: bool = False,
        needs_space: bool = True,
        applications: Applications | None = None,
    ) -> Platform:
        """Open the workspace in `folder` (the user's data folder when None); see `Workspace.open` for errors.

        Unavailable where this machine's clock cannot be right.
        """
        check_machine()
        folder = folder or default_folder()
        workspace = Workspace.open(folder, create=create, read_only=read_only, needs_space=needs_space)
        try:
            platform = cls(workspace, applications, needs_space=needs_space)
            platform.settle()
            return platform
        except BaseException:
            workspace.close()
            raise

    @cached_property
    def networks(self) -> NetworkService:
        from baas.services.networks import NetworkService

        kept = self.applications.files_of
        return NetworkService(self.workspace, self.keystore, self.session, self.events, kept)

    @cached_property
    def contracts(self) -> ContractService:
        from baas.services.approval_history import ApprovalHistory
        from baas.services.contracts import ContractService

        approvals = ApprovalHistory(lambda: self.explorer)
        return ContractService(self.networks, self.chain, self.applications, self.session, self.events, approvals)

    @cached_property
    def identities(self) -> IdentityService:
        from baas.services.identities import IdentityService

        return IdentityService(self.networks, self.keystore, self.session, self.events)

    @cached_property
    def invitations(self) -> InvitationService:
        from baas.services.invitations import InvitationService

        return InvitationService(self.networks, self.identities, self.keystore, self.session, self.events)

    @cached_property
    def identity_refusals(self) -> IdentityRefusals:
        from baas.services.identity_refusals import IdentityRefusals

        return IdentityRefusals(self.networks, self.identities, self.invitations, self.session)

    @cached_property
    def definition_refusals(self) -> DefinitionRefusals:
        from baas.services.definition_refusals import DefinitionRefusals

        return DefinitionRefusals(self.networks, self.identities, self.contracts, self.changes, self.session)

    @cached_property
    def entrance(self) -> EntranceService:
        from baas.services.entrance import EntranceService

        return EntranceService(self.workspace, self.networks, self.identities, self.keystore, self.session, self.events)

    @cached_property
    def recovery(self) -> RecoveryService:
        from baas.services.recovery import RecoveryService

        return RecoveryService(self)

    @cached_property
    def token_keys(self) -> TokenKeyService:
        """Organisations' keys in hardware."""
        return TokenKeyService(self.workspace, self.keystore, self.networks, self.session)

    @cached_property
    def changes(self) -> ChangeService:
        from baas.services.changes import ChangeService

        return ChangeService(self.networks, self.identities, self.session, self.events)

    @cached_property
    def authorities(self) -> AuthorityService:
        """New keys for organisations' authorities."""
        from baas.services.authorities import AuthorityService

        return AuthorityService(self.networks, self.session, self.events)

    @cached_property
    def exchange(self) -> ExchangeService:
        from baas.services.exchange import ExchangeService

        return ExchangeService(self.workspace, self.networks, self.keystore, self.session, self.events)

    @cached_property
    def contract_keys(self) -> ContractKeyService:
        """Key files of contract servers, under which private values are ciphertext."""
        from baas.services.contract_keys import ContractKeyService

        return ContractKeyService(self.networks, self.session)

    @cached_property
    def organizations(self) -> OrganizationService:
        from baas.services.organizations import OrganizationService

        return OrganizationService(
            self.workspace, self.keystore, self.networks, self.exchange, self.session, self.events
        )

    @cached_property
    def operations(self) -> OperationsService:
        from baas.services.operations import OperationsService

        return OperationsService(self.workspace, self.networks, self.organizations, self.keystore, self.session)

    @cached_property
    def monitor(self) -> MonitorService:
        from baas.services.monitor import MonitorService

        return MonitorService(self)

    @cached_property
    def audit(self) -> AuditService:
        from baas.services.audit import AuditService

        return AuditService(self)

    @cached_property
    def tokens(self) -> TokenService:
        """Tokens of the service API."""
        from baas.services.tokens import TokenService

        return TokenService(self)

    @cached_property
    def chain(self) -> ChainReader:
        from baas.services.chain import ChainReader

        return ChainReader(self.networks)

    @cached_property
    def cards(self) -> CardService:
        from baas.services.cards import CardService

        return CardService(self.networks, self.chain, self.applications, self.workspace, self.session)

    @cached_property
    def explorer(self) -> ExplorerService:
        from baas.services.explorer import ExplorerService

        return ExplorerService(self.workspace, self.networks, self.chain, self.session, self.events, self._advise)

    def _advise(self, network: str, row: TransactionRow, conflicts: tuple[KeyConflict, ...]) -> Advice | None:
        """What the application of a contract advises whoever lost a race for one of its keys."""
        for manifest in self.applications.all():
            if manifest.contract.name == row.contract and manifest.advises:
                with suppress(CityChainError):
                    found: Advice | None = load(manifest.advises)(self, network, row, conflicts)
                    return found
        return None

    @cached_property
    def fabric_versions(self) -> FabricVersionService:
        from baas.services.fabric_versions import FabricVersionService

        return FabricVersionService(self.networks, self.session, self.events)

    @cached_property
    def snapshots(self) -> SnapshotService:
        from baas.services.snapshots import SnapshotService

        return SnapshotService(self.networks, self.session, self.events)

    @cached_property
    def room(self) -> RoomService:
        from baas.services.room import RoomService

        return RoomService(self.networks, self.session)

    @cached_property
    def ledger(self) -> LedgerService:
        from baas.services.ledger import LedgerService

        return LedgerService(self.networks, self.chain, self.session, self.keystore, self.workspace.path("index"))

    @cached_property
    def promotion(self) -> PromotionService:
        """The way from the embedded ledger to Fabric."""
        from baas.services.promotion import PromotionService

        return PromotionService(self.networks, self.session, self.events)

    @cached_property
    def branches(self) -> BranchService:
        """Branches of networks for trying out, and rehearsals of contract upgrades on them."""
        from baas.services.branches import BranchService

        return BranchService(self.networks, self.keystore, self.applications, self.session, self.events)

    @cached_property
    def content(self) -> ContentStore:
        from baas.content import open_store

        return open_store(self.workspace)

    def settle(self) -> None:
        """Let whoever this workspace belongs to act: the person who acted last, or the one who came into a network.

        Identities that earlier versions kept under a wrong name are put right first, as soon as their keys can be read.
        """
        remembered = self.workspace.setting(ACTING)
        if not remembered and not any(self.workspace.folder.glob("networks/*/attached.json")):
            return
        try:
            self._correct_labels()
            actor = self._remembered(remembered) or self._visitor()
        except (CityChainError, OSError, ValueError) as error:
            _log.warning("who acts here cannot be told: %s", error)
            return
        if actor is not None and self.session.actor.label == OWNER:
            self.session.act_as(actor)

    def _correct_labels(self) -> None:
        from network.attached.folder import correct_labels

        if self.workspace.read_only or self.keystore.locked:
            return
        for name in self.networks.attached():
            if correct_labels(self.networks.folder(name), self.keystore):
                self.networks.forget(name)

    def _remembered(self, setting: str) -> Actor | None:
        network, _, label = setting.partition(" ")
        return self.identities.person_at(label, network) if label and network in self.networks.names() else None

    def _visitor(self) -> Actor | None:
        from baas.services.peers import desk_label

        if not self.networks.visiting():
            return None
        name = self.networks.default()
        return self.identities.person_at(desk_label(self.networks.handle(name)), name)

    def _network_changed(self, event: NetworkChanged) -> None:
        if event.what == "destroyed":
            self.tokens.network_gone(event.network)
        if event.what == "destroyed" and self.session.actor.network == event.network:
            self.session.act_as(OWNER_ACTOR)
            self.settle()
        if event.what == "attached" and self.networks.visiting():
            # Whoever comes in at a desk acts from now on; the network they came into is the one that is meant.
            entered = self.identities.entered(event.network)
            self.networks.make_default(event.network)
            self.workspace.set_setting(ACTING, f"{entered.network} {entered.label}")
            self.session.act_as(entered)

    def act_as(self, label: str, *, network: str = "", remember: bool = False) -> None:
        """Let the identity `label` act from now on ("owner" for the workspace's owner).

        The identity's private key must be in the keystore. Whoever is not the owner and wants to act as anybody else
        has to unlock a keystore with a passphrase again, so that nobody at the keyboard gives himself more rights.
        With `remember` this person acts after a restart too, whichever door is used.
        """
        if self.keystore.locked:
            raise PermissionDenied(Text("请先解锁密钥库。", "Unlock the keystore first."), code="keystore_locked")
        leaving = self.session.actor.label
        if leaving not in {OWNER, label} and self.keystore.has_passphrase and self.keystore.unlocks == self._unlocks:
            raise PermissionDenied(
                Text(
                    "更换身份需要再次输入密钥库口令。", "Acting as somebody else takes the keystore's passphrase again."
                ),
                Text("请锁定密钥库，再用口令解锁。", "Lock the keystore, then unlock it with its passphrase."),
                code="passphrase_needed",
            )
        actor = OWNER_ACTOR if label == OWNER else self.identities.actor(label, network)
        self._unlocks = self.keystore.unlocks
        if actor != self.session.actor and not self.workspace.read_only:
            self._note_change(actor, remember)
        if remember and not self.workspace.read_only:
            self.workspace.set_setting(ACTING, f"{actor.network} {label}" if actor.msp_id else "")
        self.session.act_as(actor)

    def _note_change(self, actor: Actor, remember: bool) -> None:
        """Write down that somebody else acts from now on: a window's change, or one that stays after the program.

        Of a single command that is said in its own line.
        """
        from baas import audit

        if audit.current() is not None and not remember:
            return
        with audit.operation("act-as", Text("换人操作", "Another person acts"), {"label": actor.label}):
            self.session.note("act-as", actor.party)

    def serve_as(self, label: str, key_file: Path, *, network: str = "") -> None:
        """Let the service identity `label` act in this program, its key read from a file that its owner alone reads.

        The keystore need not be unlocked, and locking it does not end the service.
        """
        from baas.services.service_identities import read_service_key

        network = self.networks.resolve(network)
        self.keystore.lend(
            f"{network}/{label}", read_service_key(key_file, self.identities.certificate(label, network))
        )
        self.session.act_as(self.identities.actor(label, network))

    def set_passphrase(self, passphrase: str | None) -> None:
        """Protect the keystore by `passphrase`, or by the device key when None."""
        self.session.require(roles.KEYSTORE_CHANGE)
        self.keystore.set_passphrase(passphrase)

    def set_idle_lock(self, seconds: float) -> None:
        """Lock a keystore with a passphrase after `seconds` without use; 0 is never."""
        self.session.require(roles.KEYSTORE_CHANGE)
        self.workspace.set_setting("keystore.idle_seconds", str(float(seconds)))
        self.keystore.idle_seconds = float(seconds)

    def close(self) -> None:
        """End jobs and followers, close connections."""
        self.jobs.close()
        for name in ("monitor", "explorer", "networks", "content"):
            service = self.__dict__.pop(name, None)
            close = getattr(service, "close", None)
            if close is not None:
                close()
        self.keystore.forget()
        self.audit_log.close()
        self.workspace.close()

    def __enter__(self) -> Platform:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
