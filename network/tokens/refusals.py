"""What a token's library answers, as one sentence each. The library is python-pkcs11, loaded when first needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from network.errors import CityChainError, Conflict, NotFound, Unavailable
from network.text import Text
from network.tokens.address import TokenAddress
from network.tokens.pins import PINS, wrong_pin


def load(path: str) -> Any:
    """Load and initialise a PKCS#11 library; `Unavailable` where that cannot be."""
    try:
        import pkcs11
    except ImportError as e:
        raise Unavailable(
            Text("本机没有安装令牌支持（python-pkcs11）。", "Support of tokens (python-pkcs11) is not installed here."),
            Text("请安装：pip install 'citychain[pkcs11]'", "Install it: pip install 'citychain[pkcs11]'"),
            code="token_support_missing",
        ) from e
    try:
        return pkcs11.lib(path)
    except (pkcs11.PKCS11Error, OSError) as e:
        raise Unavailable(
            Text("无法加载令牌库 {f}。", "The token library {f} cannot be loaded.", f=path),
            Text(
                "请核对 module-path 是否为厂商的 PKCS#11 库。", "See that module-path is the vendor's PKCS#11 library."
            ),
            code="token_module_missing",
            details={"reason": str(e) or type(e).__name__},
        ) from e


def stale() -> tuple[type[Exception], ...]:
    """Errors after which the same call may go well in a new session."""
    import pkcs11

    return (
        pkcs11.SessionHandleInvalid,
        pkcs11.SessionClosed,
        pkcs11.UserNotLoggedIn,
        pkcs11.ObjectHandleInvalid,
        pkcs11.KeyHandleInvalid,
        pkcs11.DeviceRemoved,
        pkcs11.TokenNotPresent,
        pkcs11.SlotIDInvalid,
        pkcs11.OperationActive,
        pkcs11.GeneralError,
    )


@contextmanager
def beginning(address: TokenAddress) -> Iterator[None]:
    """A library that cannot begin again has lost its tokens."""
    import pkcs11

    try:
        yield
    except pkcs11.PKCS11Error as e:
        raise missing(address) from e


@contextmanager
def translated(address: TokenAddress, pin: str | None = None) -> Iterator[None]:
    """Turn the library's errors into sentences. A PIN that it refuses is noted, so that it is not sent again."""
    import pkcs11

    try:
        yield
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as e:
        if pin is not None:
            PINS.refused(address, pin)
        raise wrong_pin(address) from e
    except pkcs11.PinLocked as e:
        raise locked(address) from e
    except (pkcs11.UserPinNotInitialized, pkcs11.PinExpired) as e:
        raise _without_pin(address) from e
    except (pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised, pkcs11.SlotIDInvalid) as e:
        raise missing(address) from e
    except pkcs11.TokenWriteProtected as e:
        raise failed(address, "TokenWriteProtected") from e
    except pkcs11.PKCS11Error as e:
        raise failed(address, type(e).__name__) from e


def only(address: TokenAddress, found: Sequence[Any]) -> Any:
    """The one token that was meant."""
    if not found:
        raise missing(address)
    if len(found) > 1:
        raise Conflict(
            Text("有 {n} 个令牌都叫“{t}”。", "{n} tokens are called {t}.", n=len(found), t=address.token),
            Text(
                "请在地址中加上 serial，例如 {a}。",
                "Add the serial to the address, for example {a}.",
                a=str(TokenAddress(address.token, _text(found[0].serial))),
            ),
            code="token_ambiguous",
        )
    return found[0]


def only_key(address: TokenAddress, found: Sequence[Any]) -> Any:
    """The one key that was meant."""
    if len(found) != 1:
        raise NotFound(
            Text("令牌“{t}”中没有这把私钥。", "This key is not in the token {t}.", t=address.token)
            if not found
            else Text("令牌“{t}”中有多把同号私钥。", "The token {t} has several keys of this id.", t=address.token),
            Text("请核对插入的是否为原来的令牌。", "See that this is the token of before."),
            code="token_key_missing",
            details={"address": str(TokenAddress(address.token, address.serial, address.key_id))},
        )
    return found[0]


def check_flags(address: TokenAddress, token: Any) -> None:
    """Refuse before a PIN is sent: a token that is locked, has no PIN, or was never set up."""
    from pkcs11 import TokenFlag

    if token.flags & TokenFlag.USER_PIN_LOCKED:
        raise locked(address)
    if not token.flags & TokenFlag.USER_PIN_INITIALIZED:
        raise _without_pin(address)


def missing(address: TokenAddress) -> Unavailable:
    """The token is not there."""
    return Unavailable(
        Text("找不到令牌“{t}”。", "The token {t} is not there.", t=address.token),
        Text("请插入令牌或接通加密机后重试。", "Insert the token or connect the device, then try again."),
        code="token_missing",
        details={"token": address.shown},
    )


def locked(address: TokenAddress) -> Unavailable:
    """Too many wrong PINs."""
    return Unavailable(
        Text(
            "令牌“{t}”已因多次输错 PIN 而锁定。", "The token {t} has locked itself after wrong PINs.", t=address.token
        ),
        Text("请由令牌的安全管理员（SO）解锁。", "Its security officer has to unlock it."),
        code="token_locked",
        details={"token": address.shown},
    )


def silent(token: str) -> Unavailable:
    """The library does not come back."""
    return Unavailable(
        Text("令牌“{t}”没有应答。", "The token {t} does not answer.", t=token),
        Text("请检查令牌或加密机的连接。", "Check the connection of the token or device."),
        code="token_silent",
    )


def failed(address: TokenAddress, reason: str) -> CityChainError:
    """Anything else that the library says."""
    return Unavailable(
        Text("令牌“{t}”报告错误 {r}。", "The token {t} reports {r}.", t=address.token, r=reason),
        Text("请检查令牌；这次操作没有留下任何改动。", "Check the token; nothing of this has been written."),
        code="token_failed",
        details={"token": address.shown, "pkcs11": reason},
    )


def _without_pin(address: TokenAddress) -> Unavailable:
    return Unavailable(
        Text("令牌“{t}”还没有可用的 PIN。", "The token {t} has no PIN that is in force.", t=address.token),
        Text("请先用令牌自己的工具设置 PIN。", "Set one with the token's own tools first."),
        code="token_without_pin",
    )


def _text(serial: object) -> str:
    return serial.decode(errors="replace") if isinstance(serial, bytes) else str(serial)
