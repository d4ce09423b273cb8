"""Private keys of people, encrypted at rest.

Every key is a file of its own, sealed with AES-256-GCM under the keystore's master key, the label bound in as
associated data. The master key is itself sealed, either under a device key (a 0600 file beside it: protects copies of
single files and backups made without it) or under a passphrase through scrypt (RFC 7914; n = 2^17, r = 8, p = 1: 128 MB
and about a third of a second), which protects against whoever has the whole folder. Changing the passphrase re-seals
the master key only. A nonce is 96 random bits; a key seals a few thousand times at most in its life.

File layout: JSON with base64 fields; written to a temporary name, fsynced, renamed.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import secrets
import sys
import threading
import time
import unicodedata
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from baas.errors import CityChainError, NotFound, PermissionDenied, Text, Unavailable, UserError
from baas.events import EventBus, KeystoreChanged
from network.tokens.reference import place_of
from network.vault import write_private

MASTER = "master.json"
DEVICE = "device.key"
LOCKED = "locked"
"""Written by whoever locks: every program that has the keystore open looks at its time."""
SUFFIX = ".key.json"
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
MINIMUM_PASSPHRASE = 8
_LABEL = re.compile(r"[\w.@ -]+(/[\w.@ -]+)*")


class Keystore:
    """The workspace's vault (a `KeyVault`): `put`, `get`, `names`, `remove`; locked and unlocked as a whole.

    `idle_seconds` after the last use a passphrase-protected keystore locks itself; 0 never.
    """

    def __init__(
        self,
        folder: Path,
        events: EventBus | None = None,
        *,
        idle_seconds: float = 900.0,
        moment: AbstractContextManager[object] | None = None,
    ) -> None:
        self._folder = folder
        self.moment = moment or threading.RLock()
        """held by whoever changes a key together with something else, so that no other program comes between"""
        self._events = events or EventBus()
        self._guard = threading.RLock()
        self._master: bytes | None = None
        self._lent: dict[str, bytes] = {}
        self._labels: dict[str, str] = {}
        self._used = _elapsed()
        self._lock_seen = 0
        self.signing_is_use = False
        """whether a signature counts as a use: in a command, which works for somebody until it ends"""
        self.idle_seconds = idle_seconds
        self.unlocks = 0
        """how often it has been opened with its passphrase"""
        self.tokens: Callable[[str], str] = lambda name: ""
        """in which token (its address) the key of a name is to be made, "" for none"""

    # -- state -------------------------------------------------------------------------------------
    @property
    def has_passphrase(self) -> bool:
        """Whether opening it takes a passphrase (otherwise the device key opens it)."""
        return "scrypt" in self._header()

    @property
    def locked(self) -> bool:
        """Whether keys cannot be read now; looking also applies the idle limit and what another program locked."""
        with self._guard:
            self._apply_limits()
            return self._master is None and self.has_passphrase

    def lock(self) -> None:
        """Lock it, in every program that has it open; without a passphrase there is nothing to lock.

        Signers of people stop at once here, and at their next signature elsewhere.
        """
        if self.has_passphrase:
            write_private(self._folder / LOCKED, b"")
        self.forget()

    def forget(self) -> None:
        """Forget the master key in this program alone, as at its end."""
        with self._guard:
            if self._master is None:
                return
            self._master = None
        if self.has_passphrase:
            _leave_tokens()
            self._events.publish(KeystoreChanged("locked"))

    def touch(self) -> None:
        """Count the present as a use: the person is there."""
        self._used = _elapsed()

    def allow_signing(self, name: str) -> None:
        """Refuse a signature with a person's key while the keystore is locked; a service's own key is not concerned."""
        if name in self._lent:
            return
        if self.locked:
            raise _locked()
        if self.signing_is_use:
            self.touch()

    def unlock(self, passphrase: str) -> None:
        """Open with `passphrase`; `PermissionDenied` when it is wrong."""
        header = self._header()
        if "scrypt" not in header:
            self._require_master()
            return
        master = opened_under(passphrase, header["scrypt"], b"master", damaged=_damaged(MASTER))
        with self._guard:
            self._master = master
            self._lock_seen = self._lock_moment()
            self._used = _elapsed()
            self.unlocks += 1
        self._events.publish(KeystoreChanged("unlocked"))

    def lend_opened(self) -> bytes | None:
        """What another process of this program needs to read the same keys (`take_opened`); None where it is not open
        or the device key opens it anyway. Goes through a pipe between the two, nowhere else.
        """
        with self._guard:
            self._apply_limits()
            return self._master if self.has_passphrase else None

    def take_opened(self, master: bytes | None) -> None:
        """Read keys with what the starter of this process lent; it is forgotten at the latest when the process ends."""
        if master is None:
            return
        with self._guard:
            self._master = master
            self._lock_seen = self._lock_moment()
            self._used = _elapsed()

    def set_passphrase(self, passphrase: str | None) -> None:
        """Protect the keystore by `passphrase` from now on, or by the device key again when None.

        The keystore must be open. `UserError` for a passphrase under 8 characters.
        """
        if passphrase is not None and len(passphrase) < MINIMUM_PASSPHRASE:
            raise UserError(
                Text("口令至少 {n} 个字符。", "A passphrase has at least {n} characters.", n=MINIMUM_PASSPHRASE),
                code="passphrase_too_short",
            )
        with self.moment, self._guard:
            master = self._require_master()
            self._lock_seen = self._lock_moment()
            if passphrase is None:
                self._write_header({"version": 1, "device": _seal(self._device_key(), master, b"master")})
            else:
                self._write_header({"version": 1, "scrypt": sealed_under(passphrase, master, b"master")})
                with contextlib.suppress(FileNotFoundError):
                    (self._folder / DEVICE).unlink()
        self._events.publish(KeystoreChanged("passphrase_set" if passphrase else "passphrase_removed"))

    # -- KeyVault ----------------------------------------------------------------------------------
    def put(self, name: str, pem: bytes) -> None:
        """Keep `pem` (a private key, PKCS#8 PEM) under `name`, replacing what was there."""
        path = self._file(name)
        master = self._require_master()
        with self._guard:
            place = place_of(pem)
            sealed = _seal(master, pem, _bound(name, place))
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            entry = {"version": 1, "label": name, **({"place": place} if place else {}), **sealed}
            write_private(path, json.dumps(entry).encode())

    def get(self, name: str) -> bytes:
        """The key kept under `name`; `NotFound`, or `Unavailable` when locked or damaged."""
        path = self._file(name)
        if name in self._lent:
            return self._lent[name]
        try:
            sealed = json.loads(path.read_bytes())
        except FileNotFoundError:
            raise NotFound(
                Text("密钥库中没有 {name} 的私钥。", "The keystore has no private key of {name}.", name=name),
                Text("请导入这个身份，或重新签发。", "Import this identity, or issue it again."),
                code="no_private_key",
            ) from None
        except ValueError:
            raise _damaged(name) from None
        master = self._require_master()
        try:
            return _open(master, sealed, _bound(name, str(sealed.get("place", ""))))
        except (InvalidTag, KeyError, TypeError, ValueError):
            raise _damaged(name) from None

    def ensure(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The key kept under `name`; made and kept first when there is none, once, however many programs ask."""
        with contextlib.suppress(NotFound):
            return self.get(name)
        with self.moment:
            try:
                return self.get(name)
            except NotFound:
                self.put(name, make())
        return self.get(name)

    def lend(self, name: str, pem: bytes) -> None:
        """Know a key as long as this program runs: a service's, which is no person's and no lock concerns."""
        self._file(name)
        self._lent[name] = pem

    def names(self) -> tuple[str, ...]:
        """Every label with a key, sorted; works while locked."""
        found = set(self._lent)
        try:
            files = os.listdir(self._folder)  # noqa: PTH208 - asked very often, and paths cost more
        except (FileNotFoundError, NotADirectoryError):
            files = []
        for file in files:
            if not file.endswith(SUFFIX):
                continue
            if file not in self._labels:  # a file's name is its label's digest: it never names another one
                with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                    self._labels[file] = str(json.loads((self._folder / file).read_bytes())["label"])
            if file in self._labels:
                found.add(self._labels[file])
        return tuple(sorted(found))

    def token_of(self, name: str) -> str:
        """In which token the key called `name` is to be made, "" for none (see `network.keys.fresh_key`)."""
        return self.tokens(name)

    def place(self, name: str) -> str:
        """Where a key lives: the address of its token, "" for the keystore itself; works while locked."""
        try:
            return str(json.loads(self._file(name).read_bytes()).get("place", ""))
        except (OSError, ValueError, AttributeError):
            return ""

    def remove(self, name: str) -> None:
        """Destroy the key kept under `name`, or forget where it is in a token; harmless when there is none."""
        with self._guard, contextlib.suppress(FileNotFoundError):
            self._file(name).unlink()

    # -- inside ------------------------------------------------------------------------------------
    def _file(self, name: str) -> Path:
        if len(name) > 200 or not _LABEL.fullmatch(name) or ".." in name:
            raise UserError(Text("名称不可用：{name}", "This name cannot be used: {name}", name=name[:80]))
        # A digest, because names may be longer and richer than file names may be.
        return self._folder / (hashlib.sha256(name.encode()).hexdigest()[:32] + SUFFIX)

    def _require_master(self) -> bytes:
        if self._master is None and not self._header():
            self._make_master()
        with self._guard:
            self._apply_limits()
            if self._master is None:
                self._master = self._open_with_device_key()
            self._used = _elapsed()
            return self._master

    def _apply_limits(self) -> None:
        if self._master is None:
            return
        idle = self.idle_seconds and _elapsed() - self._used > self.idle_seconds
        if (idle or self._lock_moment() != self._lock_seen) and self.has_passphrase:
            self.forget()

    def _lock_moment(self) -> int:
        """When some program locked the keystore last; 0 if none ever did."""
        try:
            return (self._folder / LOCKED).stat().st_mtime_ns
        except OSError:
            return 0

    def _make_master(self) -> None:
        """Begin a keystore; two programs at once begin the same one (`moment` comes before `_guard` everywhere)."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.moment:
            if not self._header():
                sealed = _seal(self._device_key(), secrets.token_bytes(32), b"master")
                self._write_header({"version": 1, "device": sealed})

    def _open_with_device_key(self) -> bytes:
        header = self._header()
        if "scrypt" in header:
            raise _locked()
        try:
            key = self._device_key(make=False)
        except Unavailable:
            if "scrypt" in self._header():  # another program has given it a passphrase this instant
                return self._open_with_device_key()
            raise
        try:
            return _open(key, header["device"], b"master")
        except (InvalidTag, KeyError, TypeError, ValueError):
            raise _damaged(MASTER) from None

    def _device_key(self, *, make: bool = True) -> bytes:
        path = self._folder / DEVICE
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            if not make:
                raise Unavailable(
                    Text("缺少密钥库的设备密钥文件。", "The keystore's device key file is missing."),
                    Text("请从完整备份恢复工作区。", "Restore the workspace from a complete backup."),
                    code="device_key_missing",
                ) from None
            key = secrets.token_bytes(32)
            write_private(path, key)
        if len(key) != 32:
            raise _damaged(DEVICE)
        return key

    def _header(self) -> dict[str, Any]:
        try:
            found = json.loads((self._folder / MASTER).read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError:
            raise _damaged(MASTER) from None
        if not isinstance(found, dict):
            raise _damaged(MASTER)
        return found

    def _write_header(self, header: dict[str, Any]) -> None:
        write_private(self._folder / MASTER, json.dumps(header).encode())


def sealed_under(passphrase: str, data: bytes, label: bytes) -> dict[str, Any]:
    """Data sealed under a passphrase, `label` bound in: base64 fields and scrypt's costs, to be kept as JSON."""
    salt = secrets.token_bytes(16)
    sealed = _seal(_stretch(passphrase, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P), data, label)
    return sealed | {"salt": _encode(salt), "n": SCRYPT_N, "r": SCRYPT_R, "p": SCRYPT_P}


def opened_under(
    passphrase: str, sealed: dict[str, Any], label: bytes, *, damaged: CityChainError | None = None
) -> bytes:
    """What `sealed_under` sealed; `PermissionDenied` for a wrong passphrase, `damaged` for what is not whole."""
    problem = damaged or UserError(
        Text("文件已损坏或不完整。", "The file is damaged or cut short."), code="letter_damaged"
    )
    try:
        salt, cost = _decode(sealed["salt"]), (int(sealed["n"]), int(sealed["r"]), int(sealed["p"]))
        key = _stretch(passphrase, salt, *cost, damaged=problem)
        return _open(key, sealed, label)
    except (KeyError, TypeError, ValueError):
        raise problem from None
    except InvalidTag:
        raise PermissionDenied(
            Text("口令不正确。", "The passphrase is wrong."),
            Text("请重新输入口令。", "Enter the passphrase again."),
            code="wrong_passphrase",
        ) from None


def _stretch(passphrase: str, salt: bytes, n: int, r: int, p: int, *, damaged: CityChainError | None = None) -> bytes:
    # 128 · n · r bytes of memory: a damaged or hostile header must not take all there is.
    if n < 2**14 or n & (n - 1) or not 1 <= r <= 32 or not 1 <= p <= 16 or n * r * p > 2**23 or len(salt) < 8:
        raise damaged or _damaged(MASTER)
    # The same characters typed on another system may come composed otherwise (RFC 8265, OpaqueString).
    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(typed)


def _elapsed() -> float:
    """Seconds that go on counting while the machine sleeps, so that a closed lid locks too."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def _seal(key: bytes, data: bytes, label: bytes) -> dict[str, Any]:
    nonce = secrets.token_bytes(12)
    return {"nonce": _encode(nonce), "sealed": _encode(AESGCM(key).encrypt(nonce, data, label))}


def _open(key: bytes, sealed: dict[str, Any], label: bytes) -> bytes:
    return AESGCM(key).decrypt(_decode(sealed["nonce"]), _decode(sealed["sealed"]), label)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _locked() -> Unavailable:
    return Unavailable(
        Text("密钥库已锁定。", "The keystore is locked."),
        Text("请输入密钥库口令解锁。", "Unlock it with its passphrase."),
        code="keystore_locked",
    )


def _damaged(name: str) -> Unavailable:
    return Unavailable(
        Text("密钥库文件已损坏：{name}", "A keystore file is damaged: {name}", name=name),
        Text("请从备份恢复工作区：citychain restore。", "Restore the workspace: citychain restore."),
        code="keystore_damaged",
    )


def _bound(name: str, place: str) -> bytes:
    """What is sealed together with a key: whose it is, and where it is said to be."""
    return f"{name}\n{place}".encode() if place else name.encode()


def _leave_tokens() -> None:
    """Forget the PINs: a locked keystore signs nothing, wherever the keys are."""
    import sys

    if "network.tokens.device" in sys.modules:
        from network.tokens import device

        device.leave()
