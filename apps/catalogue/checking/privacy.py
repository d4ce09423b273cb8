"""Personal information: nothing of it in the open, private collections closed, keys and lines under lock."""

from __future__ import annotations

import re
import socket
import ssl
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from apps.catalogue.checking import Finding, check, judged, met
from apps.catalogue.checking.looking import Look
from baas.errors import Text

_GAP = "[ ‐-―\u00a0\u200b-\u200d\u2060\ufeff_-]?"
_DIGITS = ("[1-9]", *["[0-9]"] * 5, f"(?:1{_GAP}9|2{_GAP}0)", *["[0-9]"] * 2, f"(?:0{_GAP}[1-9]|1{_GAP}[0-2])")
_CARD = re.compile(f"(?<![0-9A-Za-z])(?=({_GAP.join((*_DIGITS, '[0-3]', *['[0-9]'] * 4, '[0-9Xx]'))})(?![0-9A-Za-z]))")
_PHONE = re.compile(r"(?<![0-9A-Za-z.])(?:\+86)?1[3-9][0-9]{9}(?![0-9A-Za-z.])")
_PHONE_APART = re.compile(
    r"(?<![0-9A-Za-z.])(?<![0-9A-Za-z][-_])(?:\+?86[ -]?)?1[3-9][0-9]([ \u00a0\u200b\u2010-\u2015_-])"
    r"(?:[0-9]{4}\1[0-9]{4}|[0-9]{3}\1[0-9]{5})(?![0-9A-Za-z.])(?![-_][0-9A-Za-z])"
)
"""As people write it, in groups; not where the groups are some of a longer name's, as a random id has them."""
_ESCAPED = re.compile(r"\\+u([0-9A-Fa-f]{4})")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
TIMEOUT_S = 3.0
LOG_BYTES = 4 << 20
_KEY = b"PRIVATE KEY-----"


def personal(data: bytes) -> str:
    """What of a person stands in `data` in clear: "card" (a resident's number whose check digit fits, GB 11643),
    "phone", or ""."""
    text = _plain(data)
    for found in _CARD.finditer(text):
        digits = re.sub("[^0-9Xx]", "", found[1]).upper()
        total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
        if "10X98765432"[total % 11] == digits[17]:
            return "card"
    return "phone" if _PHONE.search(text) or _PHONE_APART.search(text) else ""


def _plain(data: bytes) -> str:
    r"""As people would read it: JSON's \u escapes undone, also of JSON within JSON, wide digits as plain ones."""
    text = data.decode("utf-8", "replace")
    return unicodedata.normalize("NFKC", _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text))


@check("ledger-nameless")
def ledger_nameless(look: Look) -> Finding:
    """Neither what transactions were asked nor what they wrote in the open has a card's number or a phone's."""
    told, count = [], 0
    for block in look.blocks:
        for one in block.transactions:
            if one.type != "ENDORSER_TRANSACTION" or one.malformed:
                continue
            count += 1
            open_ = [*one.args[1:], *(event.payload for event in one.events)]
            open_ += [write.value or b"" for part in one.rwset.namespaces for write in part.writes]
            open_ += [write.key.encode() for part in one.rwset.namespaces for write in part.writes]
            if kind := next((found for data in open_ if (found := personal(data))), ""):
                told.append(f"{block.number}/{one.index}: {kind}")
    return judged(told, count, "扫描 {n} 笔交易，无明文证件号和手机号", "{n} transactions, no card or phone in clear")


@check("logs-nameless")
def logs_nameless(look: Look) -> Finding:
    """Neither the nodes' logs nor the audit log has a card's number or a phone's."""
    files = [*_logs(look.platform.networks.folder(look.network)), *_logs(look.platform.workspace.path("logs"))]
    files += [path for path in (look.platform.audit_log.path,) if path.exists() and path not in files]
    told = [f"{path.name}: {kind}" for path in files if (kind := personal(_end(path)))]
    return judged(told, len(files), "{n} 个日志无明文证件号和手机号", "{n} logs, no card or phone in clear")


def _logs(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.suffix in (".log", ".jsonl") and path.is_file())


def _end(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - LOG_BYTES))
        return file.read()


def _collections(look: Look) -> list[tuple[str, dict[str, object]]]:
    return [(f"{one.name}/{each['name']}", each) for one in look.definitions for each in one.collections]


@check("collections-own")
def collections_own(look: Look) -> Finding:
    """Each private collection lies with organisations of the channel only, at most two of them."""
    from fabric_sdk.policy import minimal_sets, parse

    found = _collections(look)
    if not found:
        return met("没有私有集合", "there is no private collection")
    wide = []
    for name, one in found:
        named = {str(part).rpartition(".")[0] for part in _all(minimal_sets(parse(str(one["policy"]))))}
        if len(named) > 2 or not named <= look.members:
            wide.append(f"{name}: {', '.join(sorted(named))}")
    return judged(wide, len(found), "{n} 个私有集合只在所属组织", "{n} collections lie with their organisations only")


def _all(sets: list[frozenset[str]]) -> set[str]:
    return {name for one in sets for name in one}


@check("collections-written-by-own")
def collections_written_by_own(look: Look) -> Finding:
    """What is written to a private collection is endorsed by those who keep it, and by nobody in their place."""
    from fabric_sdk.policy import minimal_sets, parse

    found = _collections(look)
    if not found:
        return met("没有私有集合", "there is no private collection")
    loose = []
    for name, one in found:
        own = one.get("endorsementPolicy")
        text = str(own.get("signaturePolicy") or "") if isinstance(own, dict) else ""
        keepers = {part.rpartition(".")[0] for part in _all(minimal_sets(parse(str(one["policy"]))))}
        writers = {part.rpartition(".")[0] for part in _all(minimal_sets(parse(text)))} if text else set()
        if not writers or not writers <= keepers:
            loose.append(name)
    return judged(
        loose, len(found), "{n} 个私有集合只由所属组织写入", "{n} collections are written by their keepers only"
    )


@check("sealing-keys")
def sealing_keys(look: Look) -> Finding:
    """The files with the keys of private values are there, of this year, and readable by their owner alone."""
    keys = look.platform.contract_keys
    rows = keys.files(look.network)
    wrong = [f"{one}: -" for one in keys.without(look.network)]
    wrong += [f"{path.name}: 0{stat.S_IMODE(path.stat().st_mode):o}" for path in keys.readable_by_others(look.network)]
    wrong += [f"{row.msp_id}: > 365" for row in rows if row.old]
    return judged(wrong, len(rows), "{n} 个密钥文件齐全且仅本人可读", "{n} key files, each its owner's alone")


@check("keys-encrypted")
def keys_encrypted(look: Look) -> Finding:
    """No private key of a person lies in the workspace in clear."""
    folder = look.platform.workspace.folder
    files = [path for name in ("keystore", "networks") for path in (folder / name).rglob("*") if _may_hold_a_key(path)]
    clear = [str(path.relative_to(folder)) for path in files if _KEY in path.read_bytes()]
    return judged(clear, len(files), "{n} 个文件中没有明文私钥", "no private key in clear in {n} files")


def _may_hold_a_key(path: Path) -> bool:
    """Files for people's keys: not those of nodes, whose programs read theirs in clear, and not ledgers."""
    parts = path.parts
    small = (
        path.is_file()
        and path.suffix in (".pem", ".key", ".json", ".p12", ".crt", "")
        and path.stat().st_size < 1 << 16
    )
    return small and "nodes" not in parts and "contract-keys" not in parts


@check("folder-private")
def folder_private(look: Look) -> Finding:
    """Nobody else on this machine gets into the workspace's folder."""
    import os

    folder = look.platform.workspace.folder
    if os.name != "posix":
        return Finding("unknown", Text("本系统不以权限位表示", "this system has no such permissions"))
    mode = stat.S_IMODE(folder.stat().st_mode)
    said = Text("权限 0{m}", "mode 0{m}", m=f"{mode:o}")
    return Finding("unmet" if mode & 0o077 else "met", said)


@check("lines-encrypted")
def lines_encrypted(look: Look) -> Finding:
    """Every node that listens speaks TLS 1.2 or later with a certificate of its organisation, and nothing in clear."""
    wrong = []
    known = {one.name for one in look.spec.nodes()}  # of contracts' servers their own peers alone have the way
    nodes = [one for one in look.status.nodes if one.state == "running" and one.name in known]
    for one in nodes:
        address = look.handle.addresses[one.name]
        roots = look.handle.authority(one.msp_id).tls_trust.pem.decode()
        try:
            _shake(address.host, address.port, address.server_name or one.name, roots)
        except (OSError, ValueError) as error:
            wrong.append(f"{one.name}: {type(error).__name__}")
            continue
        if _answers_in_clear(address.host, address.port):
            wrong.append(f"{one.name}: clear")
    return judged(wrong, len(nodes), "{n} 个节点只收 TLS", "{n} nodes take TLS only")


def _shake(host: str, port: int, name: str, roots: str) -> None:
    context = ssl.create_default_context(cadata=roots)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    with socket.create_connection((host, port), timeout=TIMEOUT_S) as line:
        context.wrap_socket(line, server_hostname=name).close()


def _answers_in_clear(host: str, port: int) -> bool:
    """Whether an HTTP/2 preface in clear gets HTTP/2 settings back."""
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT_S) as line:
            line.settimeout(TIMEOUT_S)
            line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
            answer = line.recv(9)
    except OSError:
        return False
    return len(answer) == 9 and answer[3] in (4, 7)


@check("certificates-nameless")
def certificates_nameless(look: Look) -> Finding:
    """No certificate that signed of late carries a card's number or a phone's in its name."""
    seen = {
        one.creator.msp_id + "/" + one.creator.certificate.subject.rfc4514_string()
        for block in look.blocks
        for one in block.transactions
        if one.creator is not None
    }
    told = [f"{kind}" for name in sorted(seen) if (kind := personal(name.encode()))]
    return judged(told, len(seen), "{n} 个签名人的证书无证件号", "{n} signers' certificates name no card")
