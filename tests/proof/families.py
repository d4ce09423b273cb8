"""Forged packages by family, one for each line of what evidence must withstand; each says the most it may be called."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from fabric_protos.common.common_pb2 import Block

from fabric_sdk.identity import SigningIdentity
from fabric_sdk.proof.blocks import Block as ReadBlock
from tests.proof import forging
from tests.proof.forging import Parts, pack
from tests.proof.tokens import made_token

INVALID, CONSISTENT, LOWERED, AGREES = range(4)
FILE = "可园的清晨，荷叶上有露水。".encode()


@dataclass(frozen=True)
class Case:
    """A forged package. `most` is the most that it may be called when the true card is given."""

    family: str
    name: str
    data: bytes
    most: int


@dataclass(frozen=True)
class Material:
    """What the forger has: genuine packages, a foreign network's, keys."""

    genuine: Parts
    stale: Parts
    other: Parts
    refused: Parts
    refused_work: str
    refused_tx: str
    foreign: Parts
    card: bytes
    channel: str
    client: SigningIdentity
    admin: SigningIdentity
    peer: SigningIdentity
    outside_peer: SigningIdentity
    orderer: SigningIdentity
    foreign_peer: SigningIdentity
    foreign_orderer: SigningIdentity
    revoke: str
    """The last act on the genuine work, which a forger would rather leave out."""


def cases(m: Material) -> Iterator[Case]:
    """All of them."""
    for family in (_card, _configuration, _roles, _policy, _validity, _meaning, _time, _words, _bounds, _bytes):
        yield from family(m)


def _without(parts: Parts, *prefixes: str) -> Parts:
    return {name: data for name, data in parts.items() if not name.startswith(prefixes)}


def _definition(parts: Parts) -> tuple[int, int]:
    """Block and place of the contract's definition in a genuine package."""
    numbers = sorted(int(name[13:-3]) for name in parts if name.startswith("chain/blocks/"))
    return numbers[0], 0


def _newest(parts: Parts) -> ReadBlock:
    names = [name for name in parts if name.startswith(("chain/blocks/", "chain/heads/"))]
    return ReadBlock(parts[max(names, key=lambda name: int(name.rpartition("/")[2][:-3]))])


# 1. The card: a foreign network with the same names, and cards inside the package


def _card(m: Material) -> Iterator[Case]:
    yield Case("card", "foreign network, same names", pack(m.foreign), INVALID)
    swapped = {**m.foreign, "chain/config/0.pb": m.genuine["chain/config/0.pb"]}
    yield Case("card", "foreign network under the true block 0", pack(swapped), INVALID)
    yield Case("card", "foreign network with the true card inside", pack({**m.foreign, "card.json": m.card}), INVALID)
    yield Case("card", "true network under a foreign block 0", pack(
        {**m.genuine, "chain/config/0.pb": m.foreign["chain/config/0.pb"]}), INVALID)  # fmt: skip
    views = [name for name in m.genuine if name.startswith("attestations/")]
    for name in views:
        yield Case("card", f"{name} of the foreign network", pack({**m.genuine, name: m.foreign[name]}), INVALID)
    for name in [one for one in m.foreign if one.startswith("chain/blocks/")]:
        yield Case("card", f"foreign {name} beside the true ones", pack({**m.genuine, name: m.foreign[name]}), INVALID)


# 2. Configuration: dropped, changed, and continued by whoever has a key


def _configuration(m: Material) -> Iterator[Case]:
    yield Case("configuration", "none", pack(_without(m.genuine, "chain/config/")), INVALID)
    true = Block.FromString(m.genuine["chain/config/0.pb"])
    config = true.data.data[0]
    keys = {"nobody": (), "client": (m.client,), "peer": (m.peer,), "admin": (m.admin,)}
    keys["foreign"] = (m.foreign_orderer,)
    for number, (who, signers) in product((1, 5, 10_000), keys.items()):
        forged = forging.block(number, b"\x11" * 32, [config], signers, last_config=number)
        parts = {**m.genuine, f"chain/config/{number}.pb": forged}
        yield Case("configuration", f"block {number} by {who}", pack(parts), INVALID)
    for place in range(200, len(config), len(config) // 12):
        changed = bytearray(config)
        changed[place] ^= 1
        parts = {**m.genuine, "chain/config/0.pb": forging.block(0, b"", [bytes(changed)], ())}
        yield Case("configuration", f"block 0 changed at {place}", pack(parts), INVALID)
    renamed = {**_without(m.genuine, "chain/config/"), "chain/config/1.pb": m.genuine["chain/config/0.pb"]}
    yield Case("configuration", "block 0 called 1", pack(renamed), INVALID)


# 3. Roles: a whole record made with the keys at hand


def _roles(m: Material) -> Iterator[Case]:
    endorsing = {
        "client": (m.client,),
        "peer": (m.peer,),
        "client and peer": (m.client, m.peer),
        "admin and peer": (m.admin, m.peer),
        "foreign": (m.foreign_peer, m.peer),
    }
    ordering = {
        "client": (m.client,),
        "peer": (m.peer,),
        "foreign orderer": (m.foreign_orderer,),
        "nobody": (),
        "a stolen ordering key": (m.orderer,),
    }
    speaking = {
        "nobody": None,
        "client": m.client,
        "peer": m.peer,
        "foreign": m.foreign_peer,
        "outside": m.outside_peer,
    }
    for (e, endorsers), (o, orderers), (s, speaker) in product(endorsing.items(), ordering.items(), speaking.items()):
        definition = _definition(m.genuine)
        made = forging.record_transaction(m.client, endorsers, channel=m.channel, file=FILE, definition=definition)
        number = _newest(m.genuine).number + 1
        block = forging.block(number, b"\x22" * 32, [made.envelope], orderers)
        parts = _without(m.genuine, "attestations/", "content/", "chain/heads/", "certificates/")
        parts |= {f"chain/blocks/{number}.pb": block, "content/x.txt": FILE}
        if speaker is not None:
            head = (number, bytes.fromhex(ReadBlock(block).hash))
            parts[f"attestations/{speaker.msp_id}.pb"] = forging.view(
                speaker, m.client, channel=m.channel, head=head, work_id=made.work_id,
                transactions={made.tx_id: (0, made.envelope)},
            )  # fmt: skip
        data = pack(parts, work=made.work_id, transactions=[made.tx_id])
        yield Case("roles", f"endorsed by {e}, ordered by {o}, attested by {s}", data, INVALID)


# 4. Policy: definitions left out, replaced, or laxer


def _policy(m: Material) -> Iterator[Case]:
    number, _ = _definition(m.genuine)
    yield Case("policy", "definition left out", pack(_without(m.genuine, f"chain/blocks/{number}.pb")), CONSISTENT)
    anybody = b""
    made = {"client": (m.client,), "peer": (m.peer,), "peer and admin": (m.peer, m.admin), "foreign": (m.foreign_peer,)}
    for who, endorsers in made.items():
        lax = forging.definition_transaction(m.admin, endorsers, m.channel, anybody)
        for by, orderers in (("client", (m.client,)), ("peer", (m.peer,)), ("foreign", (m.foreign_orderer,))):
            forged = forging.block(number, b"\x33" * 32, [lax], orderers)
            parts = {**m.genuine, f"chain/blocks/{number}.pb": forged}
            yield Case("policy", f"laxer definition by {who}, ordered by {by}", pack(parts), INVALID)


# 5. Validity: a transaction that the ledger refused


def _validity(m: Material) -> Iterator[Case]:
    name = next(n for n in m.refused if n.startswith("chain/blocks/") and _holds(m.refused[n], m.refused_tx))
    true = Block.FromString(m.refused[name])
    lied = Block.FromString(m.refused[name])
    lied.metadata.metadata[2] = bytes(len(lied.data.data))
    signed = next(one for one in true.data.data if _holds(one, m.refused_tx))
    head = _newest(m.refused)
    head_at = (head.number, bytes.fromhex(head.hash))
    listed = {m.refused_tx: (0, bytes(signed))}
    said = {
        "nobody": {},
        "client": {"attestations/x.pb": _view(m, m.client, head_at, listed)},
        "outside peer": {"attestations/x.pb": _view(m, m.outside_peer, head_at, listed)},
        "peer": {"attestations/x.pb": _view(m, m.peer, head_at, listed)},
        "peer, honestly": {"attestations/x.pb": _view(m, m.peer, head_at, {m.refused_tx: (10, bytes(signed))})},
        "foreign": {"attestations/x.pb": _view(m, m.foreign_peer, head_at, listed)},
        "true, about another work": {n: d for n, d in m.genuine.items() if n.startswith("attestations/")},
    }
    most = {"nobody": CONSISTENT, "outside peer": CONSISTENT}
    for (who, views), marked in product(said.items(), (False, True)):
        parts = {**_without(m.refused, "attestations/"), **views}
        if marked:
            parts[name] = lied.SerializeToString()
        data = pack(parts, work=m.refused_work, transactions=[m.refused_tx])
        yield Case("validity", f"refused, attested by {who}, byte changed: {marked}", data, most.get(who, INVALID))
    honest = {n: d for n, d in m.refused.items() if n.startswith("attestations/")}
    for name_of, data in honest.items():
        changed = bytearray(data)
        place = changed.rfind(b"\x10\x0a") if b"\x10\x0a" in changed else len(changed) // 2
        changed[place + 1 if place + 1 < len(changed) else place] ^= 0x0A
        parts = {**m.refused, name_of: bytes(changed)}
        yield Case("validity", f"code changed in {name_of}", pack(parts), INVALID)


def _view(m: Material, who: SigningIdentity, head: tuple[int, bytes], listed: dict[str, tuple[int, bytes]]) -> bytes:
    return forging.view(who, m.client, channel=m.channel, head=head, work_id=m.refused_work, transactions=listed)


def _holds(data: bytes, tx_id: str) -> bool:
    return tx_id.encode() in data


# 6. Meaning: names out of the manifest, acts left out, answers to other questions


def _meaning(m: Material) -> Iterator[Case]:
    manifest = json.loads(m.genuine["manifest.json"])
    claims: tuple[dict[str, object], ...] = (
        {"function": "JudgmentRecorded"},
        {"transactions": []},
        {"transactions": ["0" * 64]},
        {"acts": [{"tx_id": manifest["transactions"][0], "function": "JudgmentRecorded"}]},
        {"record": {"title": "别人的作品", "depositor": "Somebody"}},
        {"ordering_signatures": 0},
        {"content": {"chunk": 1, "width": 1, "cid": "x"}},
    )
    for number, claim in enumerate(claims):
        yield Case("meaning", f"the manifest claims {sorted(claim)}, {number}", pack(m.genuine, **claim), AGREES)
    for name in (
        "judgment.pdf",
        "content.html",
        "chain/judgment.pb",
        "timestamps/court.txt",
        "captures/x.html",
        "certificates/a/b.pdf",
    ):
        data = pack({**m.genuine, name: b"The court finds for the bearer."})
        yield Case("meaning", f"a foreign part beside the true ones, named in the manifest: {name}", data, INVALID)
    yield Case("meaning", "another work's id", pack(m.genuine, work="CZ20200101-000000000000"), INVALID)
    yield Case("meaning", "another work's answers", pack(
        {**m.genuine, **{n: d for n, d in m.other.items() if n.startswith("attestations/")}}), INVALID)  # fmt: skip
    block = next(
        n for n in m.genuine
        if n.startswith("chain/blocks/") and any(_holds(one, m.revoke) for one in ReadBlock(m.genuine[n]).envelopes)
    )  # fmt: skip
    yield Case("meaning", "the last act's block left out", pack(_without(m.genuine, block)), CONSISTENT)
    views = [n for n in m.genuine if n.startswith("attestations/")]
    heads = {n: d for n, d in m.stale.items() if n.startswith("chain/")}
    for count in range(1, len(views)):
        mixed = {**m.genuine, **heads, **{n: m.stale[n] for n in views[:count]}}
        yield Case("meaning", f"{count} answers from before the last act", pack(mixed), AGREES)
    old = {**m.genuine, **heads, **{n: m.stale[n] for n in views}}
    yield Case("meaning", "only answers from before the last act", pack(old), AGREES)
    for name in views:
        yield Case("meaning", f"{name} left out", pack(_without(m.genuine, name)), AGREES)
        keep = {n: d for n, d in m.genuine.items() if not n.startswith("attestations/")} | {name: m.genuine[name]}
        outside = name.rpartition("/")[2] not in ("CopyrightMSP.pb", "DataBureauMSP.pb")
        yield Case("meaning", f"{name} alone", pack(keep), CONSISTENT if outside else LOWERED)
        yield Case("meaning", f"{name} twice", pack({**m.genuine, "attestations/again.pb": m.genuine[name]}), INVALID)
        cut = _payloads(m.genuine[name])
        for place in range(len(cut)):
            left = b"".join(cut[:place] + cut[place + 1 :])
            yield Case("meaning", f"{name} without answer {place}", pack({**m.genuine, name: left}), LOWERED)
    yield Case("meaning", "another file", pack({**_without(m.genuine, "content/"), "content/x": b"x"}), INVALID)
    yield Case("meaning", "a second file", pack({**m.genuine, "content/z.txt": b"x"}), INVALID)
    yield Case("meaning", "a certificate of nobody's", pack({**m.genuine, "certificates/x.pdf": b"%PDF-"}), INVALID)
    yield Case("meaning", "a captured page of nobody's", pack({**m.genuine, "captures/x.zip": b"PK"}), INVALID)


def _payloads(view: bytes) -> list[bytes]:
    from fabric_sdk.proof.content import put_varint
    from fabric_sdk.proof.wire import fields, many

    return [b"\x0a" + put_varint(len(one)) + one for one in many(fields(view), 1)]


# 7. Time: tokens of authorities that may not stamp


def _time(m: Material) -> Iterator[Case]:
    head = _newest(m.genuine)
    digest = bytes.fromhex(head.hash)
    for name, token, most in (
        ("by an unknown authority", made_token(digest), AGREES),
        ("signed by itself", made_token(digest, self_signed=True), AGREES),
        ("expired", made_token(digest, days=(-90, -30)), INVALID),
        ("signed by itself, expired", made_token(digest, self_signed=True, days=(-90, -30)), INVALID),
        ("usage not critical", made_token(digest, critical=False), INVALID),
        ("signer not named", made_token(digest, names_signer=False), INVALID),
        ("of another thing", made_token(bytes(32)), INVALID),
        ("of another kind", made_token(digest, content="data"), INVALID),
        ("empty", b"", INVALID),
        ("noise", bytes(range(256)), INVALID),
    ):
        yield Case("time", name, pack({**m.genuine, f"timestamps/{head.number}.tsr": token}), most)
    token = made_token(digest)
    for name in ("timestamps/999999.tsr", "timestamps/x.tsr", "timestamps/-1.tsr", "timestamps/01.tsr"):
        yield Case("time", f"as {name}", pack({**m.genuine, name: token}), INVALID)
    for size in (0, 31, 32, 64):
        links = {f"timestamps/{head.number}-{head.number + 1}.links": bytes(size)}
        yield Case("time", f"links of {size} bytes", pack({**m.genuine, **links}), AGREES if size == 32 else INVALID)


# 8. Words: text that would steer a terminal or turn around what stands beside it


def _words(m: Material) -> Iterator[Case]:
    for name, sly in (
        ("escape", "\x1b[2J\x1b[32m有效"),
        ("right to left", "\u202e效有"),
        ("line", "x\n与通道名片一致"),
        ("zero width", "\u200b\u200d"),
    ):
        yield Case("words", f"part with {name}", pack({**m.genuine, f"chain/blocks/{sly}.pb": b"x"}), INVALID)
        yield Case("words", f"work with {name}", pack(m.genuine, work=sly), INVALID)


# 9. Bounds: numbers, sizes and depths without end


def _bounds(m: Material) -> Iterator[Case]:
    yield Case("bounds", "10,001 parts", pack({f"x/{n}": b"" for n in range(10_001)}), INVALID)
    yield Case("bounds", "9,000 parts", pack({**m.genuine, **{f"x/{n}": b"" for n in range(9_000)}}), AGREES)
    deep = b"[" * 200_000 + b"]" * 200_000
    yield Case("bounds", "deep manifest", _raw_manifest(deep), INVALID)
    wide = b'{"format":"citychain-evidence-2","work":"x","transactions":[' + b'"a",' * 200_000 + b'"a"],"files":{}}'
    yield Case("bounds", "long manifest", _raw_manifest(wide), INVALID)
    yield Case("bounds", "number of 900,000 digits", _raw_manifest(b'{"format":' + b"9" * 900_000 + b"}"), INVALID)
    for name, data in (
        ("short fields", b"\x08\x00" * 2_000_000),
        ("empty messages", b"\x0a\x00" * 2_000_000),
        ("nested lengths", b"\x0a\xff\xff\xff\xff\x0f" * 1000),
        ("long varint", b"\x08" + b"\xff" * 4_000_000),
    ):
        for part in ("chain/config/1.pb", "chain/blocks/7.pb", "attestations/CopyrightMSP.pb"):
            yield Case("bounds", f"{name} in {part}", pack({**m.genuine, part: data}), INVALID)
    view = m.genuine["attestations/CopyrightMSP.pb"]
    yield Case("bounds", "answers a thousandfold", pack({**m.genuine, "attestations/x.pb": view * 200}), INVALID)
    many = {f"attestations/{n}.pb": view for n in range(400)}
    yield Case("bounds", "four hundred views", pack({**m.genuine, **many}), INVALID)
    links = {"timestamps/1-60000.links": bytes(59_999 * 32)}
    yield Case("bounds", "60,000 links", pack({**m.genuine, **links}), INVALID)
    block = next(n for n in m.genuine if n.startswith("chain/blocks/"))
    copies = {f"chain/blocks/{n}.pb": m.genuine[block] for n in range(100_000, 100_300)}
    yield Case("bounds", "three hundred blocks under other numbers", pack({**m.genuine, **copies}), INVALID)
    yield Case("bounds", "10 MB of work", pack(
        {**_without(m.genuine, "content/"), "content/x": bytes(10 << 20)}), INVALID)  # fmt: skip


def _raw_manifest(raw: bytes) -> bytes:
    import hashlib
    import io

    from fabric_sdk.proof.canonical_zip import CanonicalZip

    out = io.BytesIO()
    writer = CanonicalZip(out)
    writer.add("manifest.json", (raw,))
    writer.add("manifest.sha256", (hashlib.sha256(raw).hexdigest().encode(),))
    writer.finish()
    return out.getvalue()


# 10. Bytes: changed, cut, added


def _bytes(m: Material) -> Iterator[Case]:
    whole = pack(m.genuine)
    chosen = random.Random(20261129)
    for _ in range(60):
        place = chosen.randrange(len(whole))
        changed = bytearray(whole)
        changed[place] ^= 1 << chosen.randrange(8)
        yield Case("bytes", f"changed at {place}", bytes(changed), INVALID)
    for cut in (0, 1, 21, 22, 1000, len(whole) - 1):
        yield Case("bytes", f"cut to {cut}", whole[:cut], INVALID)
    yield Case("bytes", "a byte in front", b"\0" + whole, INVALID)
    yield Case("bytes", "a byte behind", whole + b"\0", INVALID)
    for name, data in m.genuine.items():
        if name.startswith(("chain/", "attestations/")) and len(data) > 50:
            for place in (len(data) // 3, len(data) // 2, len(data) - 40):
                changed = bytearray(data)
                changed[place] ^= 1
                # near the end lies what nobody signs and nothing is read from
                most = AGREES if place == len(data) - 40 and name.startswith("chain/") else INVALID
                said = f"{name} at {place}, digests made to fit"
                yield Case("bytes", said, pack({**m.genuine, name: bytes(changed)}), most)
