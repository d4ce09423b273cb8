"""Changing a running channel's configuration: read, edit, sign with every administrator at hand, submit, wait.

When the administrators of this workspace are not enough for the channel's policies, the update is kept as a file that
others sign (`pending/CHANNEL.update` of the network's folder, the same form as `peer channel signconfigtx` uses); the
step is tried again once signatures have been brought back with `add_signatures`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fabric_sdk.configtx import ChannelConfig, ConfigError, SignedUpdate, compute_update, copy_config, read_config
from fabric_sdk.configtx.orderer import OrderingClient, OrderingRefused
from fabric_sdk.errors import DecodeError, FabricError, GatewayError, PolicyError
from fabric_sdk.identity import SigningIdentity
from network.errors import CityChainError, Conflict, DeadlineExceeded, LedgerError, NotFound, Unavailable, UserError
from network.handle import NetworkHandle
from network.text import Text
from network.vault import write_public

PENDING = "pending"
SETTLE_SECONDS = 60.0
ATTEMPT_SECONDS = 2.0
ENDED_SECONDS = 2.0
_NOT_YET = re.compile("quorum loss|channel does not exist")
Edit = Callable[[Any], None]
_TLS_HINT = Text(
    "请检查本机时钟和证书有效期：citychain network certificates。",
    "Check this machine's clock and the certificates' dates: citychain network certificates.",
)


class ChannelUpdater:
    """One channel of a running network."""

    def __init__(self, handle: NetworkHandle, channel: str) -> None:
        self._handle = handle
        self.channel = channel

    def config(self) -> Any:
        """Return the `common.Config` in force, from the first orderer that answers."""
        return self._ask(lambda client: client.config(self.channel))

    def config_block(self) -> Any:
        """Return the config block in force."""
        return self._ask(lambda client: client.config_block(self.channel))

    def read(self) -> ChannelConfig:
        """Return the configuration in force, read."""
        return read_config(self.channel, self.config())

    def read_quickly(self) -> ChannelConfig:
        """As `read`, but nobody waits for orderers that do not run."""
        return read_config(self.channel, self._ask(lambda client: client.config(self.channel), patience_s=0.0))

    def submit(self, edit: Edit) -> bool:
        """Edit the configuration and bring the change into force; False when it is in force already.

        Raises `LedgerError` when the ordering service refuses and `Unavailable` with code `signatures_missing` when
        other organisations must sign first.
        """
        until = time.monotonic() + SETTLE_SECONDS
        while True:
            original = self.config()
            updated = copy_config(original)
            try:
                edit(updated)
                update = compute_update(self.channel, original, updated)
            except PolicyError as e:
                raise UserError(Text("策略无法解析：{e}。", "The policy cannot be read: {e}.", e=str(e))) from e
            except ConfigError as e:
                if "do not differ" in str(e):
                    self._pending.unlink(missing_ok=True)
                    return False
                raise UserError(
                    Text("通道配置无法更改：{e}。", "The channel cannot be changed so: {e}.", e=str(e))
                ) from e
            signed = self._signed(SignedUpdate.of(update), original)
            try:
                self._ask(lambda client, signed=signed: client.broadcast(signed.envelope(self._submitter)))  # type: ignore[misc]
            except LedgerError as e:
                if e.code == "config_conflict" and time.monotonic() < until:
                    time.sleep(0.2)
                    continue
                raise
            # An accepted update may still be dropped when the leader changes: look, and hand it in again.
            if self._in_force(int(original.sequence) + 1):
                self._pending.unlink(missing_ok=True)
                return True
            if time.monotonic() > until:
                raise self._late()

    def finish(self) -> bool:
        """Bring the update that waits into force with the signatures that it has; False when none waits.

        `Conflict` when it was made over an older configuration, `Unavailable` (`signatures_missing`) as in `submit`.
        """
        from network.proposals import check_current

        if not self._pending.exists():
            return False
        until = time.monotonic() + SETTLE_SECONDS
        update = read_update(self._pending)
        while True:
            original = self.config()
            check_current(original, update)
            signed = self._signed(update, original)
            self._ask(lambda client, signed=signed: client.broadcast(signed.envelope(self._submitter)))  # type: ignore[misc]
            if self._in_force(int(original.sequence) + 1):
                self._pending.unlink(missing_ok=True)
                return True
            if time.monotonic() > until:
                raise self._late()

    def _late(self) -> DeadlineExceeded:
        return DeadlineExceeded(
            Text(
                "通道 {c} 的配置更新没有在规定时间内生效。",
                "The update of channel {c} has not taken effect in time.",
                c=self.channel,
            ),
            Text("请查看排序节点的日志后重试。", "See the orderers' logs, then try again."),
        )

    @property
    def _pending(self) -> Path:
        return pending_path(self._handle.directory, self.channel)

    @property
    def _submitter(self) -> SigningIdentity:
        for identity in self._handle.administrators():
            return identity
        raise Unavailable(Text("本机没有任何管理员身份。", "There is no administrator's identity on this machine."))

    def _signed(self, update: SignedUpdate, config: Any) -> SignedUpdate:
        from network.proposals import concerned

        if self._pending.exists():
            kept = read_update(self._pending)
            if kept.update == update.update:
                update = kept
        waited_for = concerned(config, update)
        for identity in self._handle.administrators():
            if identity.msp_id in waited_for and identity.msp_id not in update.signers:
                update = update.signed(identity)
        write_public(self._pending, update.to_file())
        return update

    def _in_force(self, sequence: int) -> bool:
        until = time.monotonic() + ATTEMPT_SECONDS
        while time.monotonic() < until:
            try:
                if int(self.config().sequence) >= sequence:
                    return True
            except CityChainError:
                pass
            time.sleep(0.05)
        return False

    def _ask(self, question: Callable[[OrderingClient], Any], patience_s: float = 20.0) -> Any:
        """Ask the orderers in turn; a refusal counts at once, silence only when all are silent.

        A certificate that has ended does not begin again: for that only a node that is just being restarted is
        waited for.
        """
        last: FabricError | None = None
        begun = time.monotonic()
        while True:
            ended = True
            for node in self._handle.orderers():
                if node.name not in self._handle.addresses:
                    continue
                try:
                    with OrderingClient(self._handle.node_endpoint(node), self._submitter, 10.0) as client:
                        return question(client)
                except OrderingRefused as e:
                    # A follower learns which nodes are alive from the leader a moment after an election; one that was
                    # just started answers before it has loaded its channels.
                    if e.status in ("SERVICE_UNAVAILABLE", "NOT_FOUND") or _NOT_YET.search(e.info):
                        last, ended = e, False
                        continue
                    raise self._refused(e) from e
                except (GatewayError, DecodeError) as e:
                    last, ended = e, ended and "certificate has expired" in str(e)
            if time.monotonic() - begun > (min(patience_s, ENDED_SECONDS) if ended and last else patience_s):
                break
            time.sleep(0.2)
        if isinstance(last, OrderingRefused) and last.info:
            raise self._refused(last) from last
        raise Unavailable(
            Text(
                "通道 {c} 的排序节点都没有响应：{e}",
                "No orderer of channel {c} answers: {e}",
                c=self.channel,
                e=str(last),
            ),
            _TLS_HINT if "handshake" in str(last) else Text("请先启动排序节点。", "Start the orderers first."),
            code="orderers_silent",
        ) from last

    def _refused(self, error: OrderingRefused) -> CityChainError:
        text = error.info
        if "sub-policies to be satisfied" in text or ("policy" in text and "not satisfied" in text):
            return Unavailable(
                Text(
                    "通道 {c} 的更新还需要其他机构管理员签名，更新文件已保存为 {f}。",
                    "The update of channel {c} needs signatures of other administrators; it is kept in {f}.",
                    c=self.channel,
                    f=str(self._pending),
                ),
                Text(
                    "请让其他机构签名后用 network sign --import 导入，再次执行。",
                    "Let the others sign it, bring the files back with network sign --import, and run this again.",
                ),
                code="signatures_missing",
                details={"file": str(self._pending), "reason": text},
            )
        code = "config_conflict" if "at version" in text or "does not match" in text else "config_refused"
        return LedgerError(
            Text(
                "排序服务拒绝了配置更新：{e}",
                "The ordering service refused the config update: {e}",
                e=text or error.status,
            ),
            stage="config",
            code=code,
        )


def pending_path(directory: Path, channel: str) -> Path:
    """Return where a channel's update that waits for signatures is kept."""
    return directory / PENDING / f"{channel}.update"


def read_update(path: Path) -> SignedUpdate:
    """Read a signature file; `UserError` when it is something else."""
    try:
        data = path.read_bytes() if path.stat().st_size <= 16 * 1024 * 1024 else b""
    except OSError as e:
        raise NotFound(Text("无法读取文件 {f}。", "File {f} cannot be read.", f=str(path))) from e
    try:
        return SignedUpdate.from_file(data)
    except FabricError as e:
        raise UserError(
            Text("{f} 不是通道配置更新文件。", "{f} is not a channel update file.", f=path.name),
            Text("请使用导出的 .update 文件。", "Use an exported .update file."),
        ) from e


def sign_update(path: Path, target: Path, identity: SigningIdentity) -> SignedUpdate:
    """Sign an update file as an administrator of another organisation and write the signed copy."""
    signed = read_update(path).signed(identity)
    write_public(target, signed.to_file())
    return signed


def add_signatures(directory: Path, files: list[Path]) -> SignedUpdate:
    """Merge signed copies into the pending update of their channel and return it."""
    copies = [read_update(path) for path in files]
    if not copies:
        raise UserError(Text("没有给出签名文件。", "No signature file was given."))
    path = pending_path(directory, copies[0].channel_id)
    if not path.exists():
        raise NotFound(
            Text(
                "通道 {c} 没有等待签名的更新。",
                "Channel {c} has no update waiting for signatures.",
                c=copies[0].channel_id,
            )
        )
    try:
        merged = read_update(path).merged(copies)
    except ConfigError as e:
        raise Conflict(
            Text("签名文件属于另一个更新。", "The signatures belong to another update."),
            Text("请重新导出更新文件并收集签名。", "Export the update again and collect new signatures."),
        ) from e
    write_public(path, merged.to_file())
    return merged
