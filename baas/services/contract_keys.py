"""The key files of contract servers: which there are, a newer one each year, backup, hand-over, destruction."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.errors import translating
from baas.roles import requires
from baas.session import Session

if TYPE_CHECKING:
    from baas.services.networks import NetworkService


@dataclass(frozen=True)
class KeyFileRow:
    """A key file: whose, since when (seconds since 1970 UTC), whether it seals now, whether it is over a year old."""

    msp_id: str
    id: str
    made_at: int
    current: bool
    old: bool


class ContractKeyService:
    """What an operator does with key files; the contract servers read them by themselves."""

    def __init__(self, networks: NetworkService, session: Session) -> None:
        self._networks = networks
        self._session = session

    @property
    def session(self) -> Session:
        return self._session

    @requires(roles.NETWORK_READ)
    def files(self, network: str = "") -> tuple[KeyFileRow, ...]:
        """The key files of every organisation's contract servers that are on this machine."""
        from network.contract_keys import keys_are_old, read_keys

        handle = self._networks.handle(network)
        rows = []
        with translating():
            for organization in handle.spec.organizations:
                keys = read_keys(handle.directory, organization)
                for file in keys.files.values():
                    newest = keys.current is not None and file.id == keys.current.id
                    old = newest and keys_are_old(keys)
                    rows.append(KeyFileRow(organization.msp_id, file.id, file.made_at, newest, old))
        return tuple(rows)

    @requires(roles.NETWORK_READ)
    def without(self, network: str = "") -> tuple[str, ...]:
        """Organisations whose peers run here and whose contract servers have no key file."""
        from network.contract_keys import keys_folder, read_keys

        handle = self._networks.handle(network)
        with translating():
            return tuple(
                one.msp_id
                for one in handle.spec.organizations
                if one.peers
                and keys_folder(handle.directory, one.name).parent.is_dir()
                and not read_keys(handle.directory, one).files
            )

    @requires(roles.NETWORK_READ)
    def readable_by_others(self, network: str = "") -> tuple[Path, ...]:
        """Key files that other users of this machine can read."""
        from network.contract_keys import keys_folder

        handle = self._networks.handle(network)
        if os.name != "posix":
            return ()
        with translating():
            return tuple(
                path
                for one in handle.spec.organizations
                for path in keys_folder(handle.directory, one.name).glob("*.key")
                if path.stat().st_mode & 0o077
            )

    @requires(roles.NETWORK_CHANGE)
    def renew(self, network: str, msp_id: str) -> str:
        """Make an organisation's newer key file, which seals from now on; returns its id."""
        from network.contract_keys import renew_keys

        handle = self._networks.handle(network)
        return renew_keys(handle.directory, handle.spec.organization(msp_id)).id

    @requires(roles.NETWORK_CHANGE)
    def destroy(self, network: str, msp_id: str, key_id: str) -> None:
        """Destroy an old key file on this machine: nobody reads any more what it sealed."""
        from network.contract_keys import destroy_keys

        handle = self._networks.handle(network)
        with translating():
            destroy_keys(handle.directory, handle.spec.organization(msp_id), key_id)

    @requires(roles.NETWORK_CHANGE)
    def write(self, network: str, msp_id: str, target: Path, passphrase: str) -> tuple[str, ...]:
        """Write an organisation's key files to one file under a passphrase of its own; returns their ids."""
        from network.contract_keys import export_keys

        handle = self._networks.handle(network)
        with translating():
            return export_keys(handle.directory, handle.spec.organization(msp_id), target, passphrase)

    @requires(roles.NETWORK_CHANGE)
    def take_over(self, network: str, msp_id: str, source: Path, passphrase: str) -> tuple[str, ...]:
        """Take an organisation's key files over from such a file; returns the ids that are new here."""
        from network.contract_keys import import_keys

        handle = self._networks.handle(network)
        with translating():
            return import_keys(handle.directory, handle.spec.organization(msp_id), source, passphrase)
