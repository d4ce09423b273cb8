"""The key files of an organisation's contract servers on disk: made once, newer every year, never in a backup's clear.

    organizations/NAME/contract-keys/ID.key

What a contract keeps privately is ciphertext under them (`fabric_sdk.chaincode.sealing`). All contract servers of one
organisation need the same files; they travel in its hosts' shares (`network share`) and under a passphrase of their own
(`export_keys`), never with the ledger.
"""

from __future__ import annotations

from pathlib import Path

from fabric_sdk import clock
from fabric_sdk.chaincode.sealing import SUFFIX, YEAR_S, KeyFile, KeyFileError, SealingKeys
from network.errors import Conflict, NotFound, Unavailable, UserError
from network.hosts import is_share, open_sealed, seal
from network.text import Text
from network.topology import OrganizationSpec
from network.vault import write_private

FOLDER = "contract-keys"
MAGIC = b"citychain-contract-keys-1\n"
MAX_EXPORT = 1024 * 1024


def keys_folder(directory: Path, organization: str) -> Path:
    """Where an organisation's key files lie in a network's folder."""
    return directory / "organizations" / organization / FOLDER


def read_keys(directory: Path, organization: OrganizationSpec) -> SealingKeys:
    """An organisation's key files; Unavailable names a damaged one."""
    try:
        return SealingKeys.read(keys_folder(directory, organization.name), organization.msp_id)
    except KeyFileError as error:
        raise Unavailable(
            Text("合约密钥文件无法读取：{e}", "A contract key file cannot be read: {e}", e=str(error)),
            Text("请从密钥备份恢复。", "Restore it from the backup of the key files."),
            code="key_file_damaged",
        ) from error


def ensure_keys(directory: Path, organization: OrganizationSpec) -> None:
    """Make an organisation's first key file if it has none; a machine that only has a share never does."""
    if not read_keys(directory, organization).files and not is_share(directory):
        renew_keys(directory, organization)


def renew_keys(directory: Path, organization: OrganizationSpec, now: float | None = None) -> KeyFile:
    """Make a newer key file, which seals from now on; the older ones still open what they sealed."""
    made = KeyFile.make(organization.msp_id, now)
    _keep(directory, organization, made)
    return made


def keys_are_old(keys: SealingKeys, now: float | None = None) -> bool:
    """Whether it is time for a newer file."""
    current = keys.current
    return current is not None and (clock.seconds() if now is None else now) - current.made_at > YEAR_S


def destroy_keys(directory: Path, organization: OrganizationSpec, key_id: str) -> None:
    """Destroy an old key file: what it sealed can be read by nobody any more. The newest one is refused."""
    keys = read_keys(directory, organization)
    if key_id not in keys.files:
        raise _no_file(key_id)
    if keys.current is not None and keys.current.id == key_id:
        raise Conflict(
            Text("正在使用的密钥文件不能销毁。", "The key file in use cannot be destroyed."),
            Text("请先换用新的密钥文件。", "Make a newer one first."),
            code="key_file_in_use",
        )
    path = keys_folder(directory, organization.name) / f"{key_id}{SUFFIX}"
    path.write_bytes(bytes(path.stat().st_size))
    path.unlink()


def export_keys(directory: Path, organization: OrganizationSpec, target: Path, passphrase: str) -> tuple[str, ...]:
    """Write all key files, encrypted under a passphrase of their own; returns their ids."""
    keys = read_keys(directory, organization)
    if not keys.files:
        raise _no_file(organization.msp_id)
    data = b"\n\n".join(f.to_bytes() for f in keys.files.values())
    write_private(target, seal(MAGIC, data, passphrase))
    return tuple(keys.files)


def import_keys(directory: Path, organization: OrganizationSpec, source: Path, passphrase: str) -> tuple[str, ...]:
    """Take key files over that `export_keys` wrote; returns the ids that are new here."""
    try:
        if source.stat().st_size > MAX_EXPORT:
            raise _damaged(source)
        data = source.read_bytes()
    except OSError as error:
        raise NotFound(Text("无法读取文件 {p}。", "File {p} cannot be read.", p=str(source))) from error
    if not data.startswith(MAGIC):
        raise _damaged(source)
    try:
        files = [KeyFile.from_bytes(part) for part in open_sealed(MAGIC, source, data, passphrase).split(b"\n\n")]
    except KeyFileError as error:
        raise _damaged(source) from error
    if any(f.organization != organization.msp_id for f in files):
        raise UserError(
            Text("这些密钥文件属于另一个组织。", "These key files belong to another organisation."),
            code="key_file_foreign",
        )
    known = read_keys(directory, organization).files
    new = [f for f in files if f.id not in known]
    for file in new:
        _keep(directory, organization, file)
    return tuple(f.id for f in new)


def _keep(directory: Path, organization: OrganizationSpec, file: KeyFile) -> None:
    folder = keys_folder(directory, organization.name)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(folder / f"{file.id}{SUFFIX}", file.to_bytes())
    except OSError as error:
        raise Unavailable(
            Text("无法写入 {p}：{r}。", "{p} cannot be written: {r}.", p=str(folder), r=error.strerror or str(error))
        ) from error


def _no_file(name: str) -> NotFound:
    return NotFound(Text("没有密钥文件 {n}。", "There is no key file {n}.", n=name[:80]))


def _damaged(source: Path) -> UserError:
    return UserError(
        Text("{p} 不是合约密钥的导出文件，或已损坏。", "{p} holds no contract keys, or is damaged.", p=source.name),
        code="bad_key_export",
    )
