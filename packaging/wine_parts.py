"""System parts of Windows that Wine lacks and the check of the installer needs; no package ever carries them.

Each is a library without code: its export table sends every name on to another library (PE/COFF specification,
section "Export Address Table", forwarder entries).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

_SECTION = 0x1000
_ALIGNED = 0x200
# what Qt6Core.dll of the pinned Qt imports from icuuc.dll
_CONVERTERS = (
    "ucnv_open", "ucnv_close", "ucnv_reset", "ucnv_getMaxCharSize", "ucnv_getName", "ucnv_getStandardName",
    "ucnv_getAvailableName", "ucnv_countAvailable", "ucnv_toUnicode", "ucnv_fromUnicode", "ucnv_toUCountPending",
    "ucnv_fromUCountPending", "ucnv_getToUCallBack", "ucnv_getFromUCallBack", "ucnv_setToUCallBack",
    "ucnv_setFromUCallBack", "ucnv_cbToUWriteUChars", "ucnv_cbFromUWriteUChars", "UCNV_TO_U_CALLBACK_SUBSTITUTE",
    "UCNV_FROM_U_CALLBACK_SUBSTITUTE",
)  # fmt: skip


def exports(library: Path) -> list[str]:
    """The names that a 64-bit library exports."""
    data = library.read_bytes()
    header = struct.unpack_from("<I", data, 0x3C)[0]
    sections, optional = struct.unpack_from("<H", data, header + 6)[0], header + 24
    table = optional + struct.unpack_from("<H", data, header + 20)[0]
    ranges = [struct.unpack_from("<8xIIII", data, table + 40 * number) for number in range(sections)]

    def place(address: int) -> int:
        for size, start, raw_size, raw in ranges:
            if start <= address < start + max(size, raw_size):
                return int(address - start + raw)
        raise ValueError("an address outside of all sections")

    directory = place(struct.unpack_from("<I", data, optional + 112)[0])
    count, _functions, names = struct.unpack_from("<III", data, directory + 24)
    found = []
    for number in range(count):
        begin = place(struct.unpack_from("<I", data, place(names) + 4 * number)[0])
        found.append(data[begin : data.index(b"\0", begin)].decode("ascii"))
    return found


def forwarder(name: str, forwards: Mapping[str, str]) -> bytes:
    """A library called `name` whose exports are the keys, each sent on to LIBRARY.NAME (without .dll)."""
    ordered = sorted(forwards)
    count = len(ordered)
    functions = 40
    names = functions + 4 * count
    ordinals = names + 4 * count
    texts = ordinals + 2 * count
    body = bytearray(texts)
    places: dict[str, int] = {}
    for text in (name, *ordered, *(forwards[key] for key in ordered)):
        if text not in places:
            places[text] = _SECTION + len(body)
            body += text.encode("ascii") + b"\0"
    struct.pack_into(
        "<IIHHIIIIIII", body, 0, 0, 0, 0, 0, places[name], 1, count, count,
        _SECTION + functions, _SECTION + names, _SECTION + ordinals,
    )  # fmt: skip
    for number, key in enumerate(ordered):
        struct.pack_into("<I", body, functions + 4 * number, places[forwards[key]])
        struct.pack_into("<I", body, names + 4 * number, places[key])
        struct.pack_into("<H", body, ordinals + 2 * number, number)
    size = len(body)
    raw = -(-size // _ALIGNED) * _ALIGNED
    image = -(-(_SECTION + size) // _SECTION) * _SECTION
    dos = b"MZ" + bytes(58) + struct.pack("<I", 0x40)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0, raw, 0, 0, 0)
    optional += struct.pack("<QIIHHHHHHIIIIHHQQQQII", 0x180000000, _SECTION, _ALIGNED, 6, 0, 0, 0, 6, 0, 0, image,
                            _ALIGNED, 0, 2, 0x100, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16)  # fmt: skip
    optional += struct.pack("<II", _SECTION, size) + bytes(8 * 15)
    section = struct.pack("<8sIIIIIIHHI", b".edata", size, _SECTION, raw, _ALIGNED, 0, 0, 0, 0, 0x40000040)
    head = dos + coff + optional + section
    return head + bytes(_ALIGNED - len(head)) + bytes(body) + bytes(raw - size)


def stable_abi(folder: Path) -> None:
    """python3.dll, which python.org's Python has and some rebuilt ones lack, beside the pythonNNN.dll of `folder`."""
    library = next(folder.glob("python3??.dll"))
    forwards = {name: f"{library.stem}.{name}" for name in exports(library)}
    (folder / "python3.dll").write_bytes(forwarder("python3.dll", forwards))


def no_converters() -> bytes:
    """icuuc.dll, which Windows has since 10 1703 and Wine has not, as far as Qt asks for it: it converts nothing.

    Each function answers 0, as IsDebuggerPresent does: no converter can be opened, none is available. Qt then knows
    the encodings that it brings itself.
    """
    return forwarder("icuuc.dll", dict.fromkeys(_CONVERTERS, "KERNEL32.IsDebuggerPresent"))
