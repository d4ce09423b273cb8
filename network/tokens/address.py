"""Which token: a `pkcs11:` address as RFC 7512 writes it, of which we read what is needed to find a token and a key."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from network.errors import UserError
from network.text import Text

MODULE = "CITYCHAIN_PKCS11_MODULE"
"""The environment's word on which library speaks to the tokens here; it goes before the address's own."""
SCHEME = "pkcs11:"
_PATH = ("token", "serial", "id")
_QUERY = ("module-path", "pin-source")
_SILENT = ("type", "object", "manufacturer", "model")
"""Attributes that say nothing we need: accepted and left out."""


@dataclass(frozen=True)
class TokenAddress:
    """A token by its label (and serial number where two have one label), and how it is reached.

    `module` is the path of the vendor's PKCS#11 library, `pin_file` that of a file whose first line is the PIN;
    `key_id` is CKA_ID of a key in the token, b"" when the token itself is meant.
    """

    token: str
    serial: str = ""
    key_id: bytes = b""
    module: str = ""
    pin_file: str = ""

    @classmethod
    def parse(cls, text: str) -> TokenAddress:
        """Read an address; `UserError` when it is none, names no token, or carries the PIN itself."""
        if not text.startswith(SCHEME):
            raise _bad(text)
        path, _, query = text.removeprefix(SCHEME).partition("?")
        found: dict[str, str] = {}
        for part, known in ((path, _PATH), (query, _QUERY)):
            for pair in filter(None, part.split(";" if part is path else "&")):
                name, equals, value = pair.partition("=")
                if name in ("pin-value", "module-name"):
                    raise _pin_in_address() if name == "pin-value" else _bad(text)
                if not equals or name in found or (name not in known and name not in _SILENT):
                    raise _bad(text)
                found[name] = value
        try:
            token, serial = (unquote(found.get(name, ""), errors="strict") for name in ("token", "serial"))
            module, pin_file = (_path_of(found.get(name, "")) for name in _QUERY)
        except ValueError:
            raise _bad(text) from None
        key_id = unquote_to_bytes(found.get("id", ""))
        if not token or len(text) > 2000 or any(ord(c) < 32 for c in token + serial + module + pin_file):
            raise _bad(text)
        return cls(token, serial, key_id, module, pin_file)

    def __str__(self) -> str:
        """The address again, in one form."""
        path = [f"token={quote(self.token, safe='')}"]
        path += [f"serial={quote(self.serial, safe='')}"] if self.serial else []
        path += ["id=" + "".join(f"%{byte:02X}" for byte in self.key_id)] if self.key_id else []
        query = [f"module-path={quote(self.module)}"] if self.module else []
        query += [f"pin-source=file:{quote(self.pin_file)}"] if self.pin_file else []
        return SCHEME + ";".join(path) + ("?" + "&".join(query) if query else "")

    @property
    def shown(self) -> str:
        """The token alone, for people: what a page says of where a key lives."""
        return str(TokenAddress(self.token, self.serial))

    @property
    def library(self) -> str:
        """The path of the library; `UserError` when neither the address nor the environment names one."""
        found = os.environ.get(MODULE) or self.module
        if not found:
            raise UserError(
                Text("没有说明令牌的 PKCS#11 库在哪里。", "Where the token's PKCS#11 library is has not been said."),
                Text(
                    "请在地址后加 ?module-path=库文件，或设置 {v}。",
                    "Add ?module-path=FILE to the address, or set {v}.",
                    v=MODULE,
                ),
                code="token_module_unnamed",
            )
        return found

    def key(self, key_id: bytes) -> TokenAddress:
        """The address of a key in this token."""
        return replace(self, key_id=key_id)


def _path_of(value: str) -> str:
    """The absolute path in a query attribute: plain, or as a `file:` URI."""
    if not value:
        return ""
    plain = unquote(value, errors="strict")
    if plain.startswith("file:"):
        split = urlsplit(plain)
        if split.netloc not in ("", "localhost"):
            raise ValueError("a file of another machine")
        plain = split.path
    if plain.startswith("|") or not Path(plain).is_absolute():
        raise ValueError("no absolute path")
    return plain


def _bad(text: str) -> UserError:
    return UserError(
        Text("“{t}”不是令牌地址。", "{t} is no token's address.", t=text.partition("pin-value")[0][:120]),
        Text(
            "例如 pkcs11:token=city-ca?module-path=/usr/lib/softhsm/libsofthsm2.so",
            "For example pkcs11:token=city-ca?module-path=/usr/lib/softhsm/libsofthsm2.so",
        ),
        code="bad_token_address",
    )


def _pin_in_address() -> UserError:
    return UserError(
        Text("PIN 不能写在令牌地址里。", "A PIN does not belong in a token's address."),
        Text(
            "请用 pin-source=file:文件 指向只有您能读的文件，或在提示时输入。",
            "Name a file that only you can read with pin-source=file:FILE, or enter it when asked.",
        ),
        code="pin_in_address",
    )
