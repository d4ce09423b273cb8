"""What travels in a package, as CycloneDX 1.6: pinned packages, libraries inside wheels, Python, Qt, fonts.

Packages name themselves (`dist-info`), some bring a list of their own (`dist-info/sboms`, PEP 770); every shared
library is looked up in `libraries.toml`, and one that is not listed there ends the build: nothing travels unnamed.
"""

from __future__ import annotations

import email
import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interpreter import Pin

LIBRARIES = Path(__file__).with_name("libraries.toml")
_MODULE = re.compile(r".*\.(cpython-3\d+[^.]*|abi3)\.so$|.*\.pyd$|.*mypyc.*\.so$")
_SHARED = re.compile(r".*\.(so(\.\d+)*|dll|pyd)$")
_FONT = re.compile(r".*\.(otf|ttf|ttc|pfb)$")
_SPDX_OF_CLASSIFIER = {
    "MIT License": "MIT", "BSD License": "BSD-3-Clause", "Apache Software License": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0", "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "The Unlicense (Unlicense)": "Unlicense", "Zope Public License": "ZPL-2.1",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One thing that travels: a package, a library, a font."""

    kind: str
    name: str
    version: str
    licence: str
    purl: str = ""
    places: tuple[str, ...] = ()


class Unlisted(Exception):
    """Files that nobody has named, with their paths."""


@dataclass(frozen=True)
class _Known:
    pattern: re.Pattern[str]
    name: str
    licence: str


def known(kind: str) -> list[_Known]:
    """The entries of one kind (`library`, `font`) in libraries.toml."""
    told = tomllib.loads(LIBRARIES.read_text(encoding="utf-8"))[kind]
    return [_Known(re.compile(one["file"]), one["name"], one["licence"]) for one in told]


def shared_libraries(paths: Iterable[str], table: Sequence[_Known] | None = None) -> list[Part]:
    """The libraries among `paths`, each named; `Unlisted` with those that are not. Extension modules do not count."""
    entries = table if table is not None else known("library")
    found: dict[tuple[str, str, str], list[str]] = {}
    unlisted = []
    for path in sorted(paths):
        name = path.rpartition("/")[2]
        if not _SHARED.fullmatch(name) or _MODULE.fullmatch(name):
            continue
        entry = next((one for one in entries if one.pattern.match(name)), None)
        if entry is None:
            unlisted.append(path)
            continue
        version = re.search(r"\.so\.([0-9.]+)$", name)
        found.setdefault((entry.name, entry.licence, version[1] if version else ""), []).append(path)
    if unlisted:
        raise Unlisted(", ".join(unlisted))
    return [
        Part("library", name, version, licence, places=tuple(places))
        for (name, licence, version), places in found.items()
    ]


def fonts(paths: Iterable[str]) -> list[Part]:
    """The fonts among `paths`, likewise."""
    entries, parts, unlisted = known("font"), [], []
    for path in sorted(paths):
        name = path.rpartition("/")[2]
        if _FONT.fullmatch(name):
            entry = next((one for one in entries if one.pattern.match(name)), None)
            if entry is None:
                unlisted.append(path)
            else:
                parts.append(Part("data", entry.name, "", entry.licence, places=(path,)))
    if unlisted:
        raise Unlisted(", ".join(unlisted))
    return parts


def packages(lib: Path) -> list[Part]:
    """The Python packages of a folder and what their own lists name."""
    parts = []
    for folder in sorted(lib.glob("*.dist-info"), key=lambda path: path.name.lower()):
        told = email.message_from_string((folder / "METADATA").read_text(encoding="utf-8"))
        name, version = str(told["Name"]), str(told["Version"])
        purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
        own = Part("library", name, version, licence_of(told), purl, (folder.name,))
        parts.append(own)
        for path in sorted((folder / "sboms").glob("*.json")):
            parts += _inner(json.loads(path.read_bytes()), f"{folder.name}/sboms/{path.name}", own)
    return parts


def licence_of(told: Any) -> str:
    """A package's licence by its metadata: the SPDX expression where there is one."""
    if told["License-Expression"]:
        return str(told["License-Expression"])
    named = [value.rpartition(" :: ")[2] for value in told.get_all("Classifier", []) if "License ::" in value]
    if named:
        return " AND ".join(_SPDX_OF_CLASSIFIER.get(name, name) for name in named)
    return (str(told["License"] or "").strip().splitlines() or [""])[0]


def _inner(document: Any, place: str, own: Part) -> list[Part]:
    """What a wheel's own list names; auditwheel's knows no licences, so they come from where they are known."""
    parts, table = [], known("library")
    for one in document.get("components", ()) if isinstance(document, dict) else ():
        licences = [
            str(entry.get("expression") or entry.get("license", {}).get("id") or entry.get("license", {}).get("name"))
            for entry in one.get("licenses", ())
        ]
        name, version = str(one.get("name", "")), str(one.get("version", ""))
        licence = " AND ".join(licences) or (own.licence if name.lower() == own.name.lower() else "")
        if not licence:
            alike = (entry for entry in table if entry.name.lower() == name.lower() or entry.pattern.match(f"{name}-"))
            licence = next((entry.licence for entry in alike), "")
        parts.append(Part("library", name, version, licence, str(one.get("purl", "")), (place,)))
    return parts


def debian(pins: Iterable[Pin]) -> list[Part]:
    """The interpreter and its libraries, as Debian's packages."""
    licences = {"libssl3": "Apache-2.0", "libffi8": "MIT", "libsqlite3-0": "blessing", "libbz2-1.0": "bzip2-1.0.6",
                "liblzma5": "0BSD", "libuuid1": "BSD-3-Clause"}  # fmt: skip
    return [
        Part("library", pin.name, pin.version, licences.get(pin.name, "PSF-2.0"),
             f"pkg:deb/debian/{pin.name}@{pin.version.replace('+', '%2B')}?arch={pin.architecture}",
             (f"python/licenses/{pin.name}",))
        for pin in pins
    ]  # fmt: skip


def parts_of(home: Path, lib: Path, pins: Iterable[Pin] = ()) -> list[Part]:
    """All that travels below `home`, whose Python packages lie in `lib`; ends the build when something has no name."""
    paths = [path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()]
    try:
        libraries, types = shared_libraries(paths), fonts(paths)
    except Unlisted as error:
        sys.exit(f"These files are not named in packaging/libraries.toml: {error}")
    every = [*packages(lib), *debian(pins), *libraries, *types]
    if without := sorted({f"{part.name} ({', '.join(part.places)})" for part in every if not part.licence}):
        sys.exit(f"No licence is known of: {'; '.join(without)}. Name them in packaging/libraries.toml.")
    return every


def document(version: str, parts: Sequence[Part], moment: str) -> str:
    """The list as CycloneDX 1.6 JSON; the same parts give the same bytes."""
    components = []
    for part in parts:
        entry: dict[str, Any] = {"type": part.kind, "name": part.name}
        if part.version:
            entry["version"] = part.version
        if part.licence:
            entry["licenses"] = _licences(part.licence)
        if part.purl:
            entry["purl"] = part.purl
        if part.places:
            entry["evidence"] = {"occurrences": [{"location": place} for place in part.places]}
        components.append(entry)
    components.sort(key=lambda one: json.dumps(one, sort_keys=True))
    seen: dict[str, int] = {}
    for entry in components:
        reference = entry.get("purl") or f"{entry['name']}@{entry.get('version', '')}"
        seen[reference] = seen.get(reference, 0) + 1
        entry["bom-ref"] = reference if seen[reference] == 1 else f"{reference}#{seen[reference]}"
    raw = json.dumps(components, sort_keys=True).encode()
    serial = uuid.UUID(bytes=hashlib.sha256(raw).digest()[:16], version=4)
    told = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": moment,
            "component": {
                "type": "application", "bom-ref": "citychain", "name": "citychain", "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": components,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _licences(text: str) -> list[dict[str, Any]]:
    if re.fullmatch(r"[A-Za-z0-9.+-]+", text) and not text.startswith("LicenseRef-"):
        return [{"license": {"id": text}}] if text in _spdx() else [{"license": {"name": text}}]
    if re.fullmatch(r"[A-Za-z0-9.+() -]+", text) and re.search(r" (AND|OR|WITH) ", text):
        words = re.findall(r"[A-Za-z0-9.+-]+", text)
        names = [word for word in words if word not in ("AND", "OR", "WITH")]
        if all(name in _spdx() or name.startswith(("LicenseRef-", "GCC-", "LLVM-")) for name in names):
            return [{"expression": text}]
    return [{"license": {"name": text}}]


def _spdx() -> frozenset[str]:
    """The identifiers that occur here; a name that is none of them is written as a name, not as an identifier."""
    words = """
        0BSD AFL-2.1 Apache-2.0 BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear BSL-1.0
        Bitstream-Vera CC0-1.0 FTL
        GPL-2.0-or-later GPL-3.0-or-later HPND IJG ISC LGPL-2.0-or-later LGPL-2.1-or-later LGPL-3.0-only
        LGPL-3.0-or-later MIT MIT-0 MIT-CMU MIT-Modern-Variant MPL-2.0 OFL-1.1 PSF-2.0 Unicode-3.0 Unlicense ZPL-2.1
        Zlib blessing bzip2-1.0.6 libpng-2.0 libtiff
    """
    return frozenset(words.split())


def third_parties(parts: Sequence[Part]) -> str:
    """The same for people: one line for each name, version and licence."""
    rows = {f"{part.name} {part.version}".strip() + f": {part.licence}" for part in parts}
    return "\n".join(sorted(rows, key=str.lower)) + "\n"
