"""A token's library in this process: one thread calls it, and nobody waits for it longer than `SECONDS`.

The library is initialised for one thread (C_Initialize without arguments), so one thread makes every call, whichever
threads ask. A call that does not come back is left to itself: whoever asks meanwhile is told at once. A process that
was forked begins anew, as PKCS#11 demands; the PINs came with its memory.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from network.errors import Unavailable
from network.text import Text
from network.tokens import refusals
from network.tokens.address import TokenAddress
from network.tokens.pins import PINS
from network.tokens.reference import KeyReference

SECONDS = 15.0
"""The longest wait for one call into a token."""
T = TypeVar("T")
_CURVE = "secp256r1"


@dataclass(frozen=True)
class FoundToken:
    """A token that a library sees."""

    token: str
    serial: str
    model: str
    manufacturer: str


class _Stale(Exception):
    """The session has ended under our hands."""


class Device:
    """One library with its open tokens."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._calls: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._late: Future[Any] | None = None
        self._library: Any = None
        self._sessions: dict[str, Any] = {}
        self._keys: dict[tuple[str, bytes], Any] = {}
        self._entering = threading.RLock()
        threading.Thread(target=self._work, name="token", daemon=True).start()

    def use(self, address: TokenAddress, work: Callable[[Any], T]) -> T:
        """Do `work` with the open session of a token; once more with a new one when the first has gone stale."""
        for last in (False, True):
            self.enter(address)
            try:
                return self._call(lambda last=last: self._used(address, work, last), address)  # type: ignore[misc]
            except _Stale:
                self._call(lambda: self.forget(address), address)
        raise AssertionError("unreachable")

    def enter(self, address: TokenAddress) -> None:
        """Log in unless that is done. Whoever has to be asked for the PIN is asked in the caller's own thread."""
        with self._entering:
            if address.shown in self._sessions:
                return
            token = self._call(lambda: self._token(address), address)
            pin = PINS.of(address)
            self._call(lambda: self._login(address, token, pin), address)
            PINS.accepted(address, pin)

    def tokens(self, address: TokenAddress) -> list[FoundToken]:
        """The tokens that are present now."""
        found = [t for t in self._call(lambda: self._tokens(address), address) if t.label]
        return [FoundToken(t.label, _serial(t), t.model, t.manufacturer_id) for t in found]

    def leave_one(self, address: TokenAddress) -> None:
        """Log out of a token."""
        self._call(lambda: self.forget(address), address)

    def leave(self) -> None:
        """Log out of every token, as soon as the library has time for it."""
        self._calls.put((self._forget_all, Future()))

    # -- in the library's thread ---------------------------------------------------------------------
    def forget(self, address: TokenAddress) -> None:
        """Log out of a token, and begin anew with the library: some know of a token that is gone only then."""
        session = self._sessions.pop(address.shown, None)
        self._keys = {key: handle for key, handle in self._keys.items() if key[0] != address.shown}
        with contextlib.suppress(Exception):
            session.close()
        if not self._sessions and self._library is not None:
            self._keys.clear()
            with contextlib.suppress(Exception):
                self._library.finalize()

    def private_key(self, address: TokenAddress, session: Any) -> Any:
        """The handle of a private key by its id."""
        from pkcs11 import Attribute, ObjectClass

        handle = self._keys.get((address.shown, address.key_id))
        if handle is None:
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: address.key_id}
            handle = refusals.only_key(address, list(session.get_objects(wanted)))
            self._keys[address.shown, address.key_id] = handle
        return handle

    def _forget_all(self) -> None:
        for session in self._sessions.values():
            with contextlib.suppress(Exception):
                session.close()
        self._sessions.clear()
        self._keys.clear()

    def _tokens(self, address: TokenAddress) -> list[Any]:
        if self._library is None:
            self._library = refusals.load(self._path)
        if not self._library.initialized:
            with refusals.beginning(address):
                self._library.initialize()
        with refusals.translated(address):
            return list(self._library.get_tokens())
        raise AssertionError("unreachable")

    def _token(self, address: TokenAddress) -> Any:
        tokens = self._tokens(address)
        fits = [t for t in tokens if t.label == address.token and address.serial in ("", _serial(t))]
        found = refusals.only(address, fits)
        refusals.check_flags(address, found)
        return found

    def _login(self, address: TokenAddress, token: Any, pin: str) -> None:
        with refusals.translated(address, pin):
            self._sessions[address.shown] = token.open(user_pin=pin)

    def _used(self, address: TokenAddress, work: Callable[[Any], T], last: bool) -> T:
        session = self._sessions.get(address.shown)
        if session is None:
            raise _Stale
        try:
            return work(session)
        except refusals.stale() as e:
            if not last:
                raise _Stale from e
            with refusals.translated(address):
                raise
            raise
        except Exception:
            with refusals.translated(address):
                raise
            raise

    def _work(self) -> None:
        while True:
            work, future = self._calls.get()
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

    def _call(self, work: Callable[[], T], address: TokenAddress) -> T:
        """Do `work` in the library's thread; `Unavailable` (`token_silent`) when it does not come back in time."""
        if self._late is not None and not self._late.done():
            raise refusals.silent(address.token)
        future: Future[T] = Future()
        self._calls.put((work, future))
        if not wait([future], SECONDS).done:
            self._late = future
            raise refusals.silent(address.token)
        return future.result()


class _Devices:
    """The libraries of this process."""

    def __init__(self) -> None:
        self.known: dict[str, Device] = {}
        self.guard = threading.Lock()

    def of(self, address: TokenAddress) -> Device:
        path = address.library
        with self.guard:
            if path not in self.known:
                self.known[path] = Device(path)
            return self.known[path]

    def begin_anew(self) -> None:
        """In a forked child: threads and sessions are the parent's."""
        self.known, self.guard = {}, threading.Lock()
        package = sys.modules.get("pkcs11")
        for library in package._loaded.values() if package is not None else ():
            with contextlib.suppress(Exception):
                library.finalize()


_DEVICES = _Devices()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_DEVICES.begin_anew)


def sign(address: TokenAddress, digest: bytes) -> bytes:
    """Sign a SHA-256 digest with a P-256 key of a token: r and s, 32 bytes each."""
    device = _DEVICES.of(address)

    def work(session: Any) -> bytes:
        from pkcs11 import Mechanism

        return bytes(device.private_key(address, session).sign(digest, mechanism=Mechanism.ECDSA))

    return device.use(address, work)


def generate(address: TokenAddress, label: str) -> KeyReference:
    """Make a P-256 key in a token: it never leaves it, only signs, and is found under `label` by the token's own tools.

    `Unavailable` (`token_leaky`) where the token would not keep it to itself; then nothing is left in it.
    """
    key_id = secrets.token_bytes(16)
    device = _DEVICES.of(address)

    def work(session: Any) -> bytes:
        return _generated(address, session.token.open(rw=True), key_id, label)

    public = load_der_public_key(device.use(address, work))
    assert isinstance(public, ec.EllipticCurvePublicKey)
    return KeyReference(address.key(key_id), public)


def destroy(address: TokenAddress) -> None:
    """Remove a key from its token, both halves: one that came to nothing."""

    def work(session: Any) -> None:
        from pkcs11 import Attribute

        writing = session.token.open(rw=True)
        try:
            for found in list(writing.get_objects({Attribute.ID: address.key_id})):
                found.destroy()
        finally:
            writing.close()

    _DEVICES.of(address).use(address, work)


def check(address: TokenAddress, *, anew: bool = False) -> None:
    """See that a token is there and takes its PIN (`anew`: although it has taken one already); changes nothing."""
    if anew:
        _DEVICES.of(address).leave_one(address)
    _DEVICES.of(address).enter(address)


def tokens(address: TokenAddress) -> list[FoundToken]:
    """The tokens that an address's library sees."""
    return _DEVICES.of(address).tokens(address)


def leave() -> None:
    """Forget every PIN and log out everywhere: the keystore is locked."""
    PINS.forget()
    for device in list(_DEVICES.known.values()):
        device.leave()


def _generated(address: TokenAddress, session: Any, key_id: bytes, label: str) -> bytes:
    from pkcs11 import Attribute, KeyType, MechanismFlag
    from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

    closed = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True}
    try:
        curve = session.create_domain_parameters(
            KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters(_CURVE)}, local=True
        )
        public, private = curve.generate_keypair(
            id=key_id,
            label=label,
            store=True,
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template=closed,
        )
        if not private[Attribute.SENSITIVE] or private[Attribute.EXTRACTABLE]:
            private.destroy()
            public.destroy()
            raise Unavailable(
                Text("令牌“{t}”不能保证私钥不被取出。", "The token {t} would give its keys out.", t=address.token),
                Text("请换用符合要求的令牌。", "Use a token that keeps them."),
                code="token_leaky",
            )
        return bytes(encode_ec_public_key(public))
    finally:
        with contextlib.suppress(Exception):
            session.close()


def _serial(token: Any) -> str:
    serial = token.serial
    return (serial.decode(errors="replace") if isinstance(serial, bytes) else str(serial)).strip()
