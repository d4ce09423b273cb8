"""What a learner hands in for a path, and what an assessor finds in it before a credential is issued.

A hand-in is a zip with `hand-in.json` and the blocks of each lab. The learner's key signed what was passed, the
learner's identity on the city's network signed the whole. Whoever assesses believes neither: the blocks are verified
signature by signature, they must be of the channels that the learner's key gives its codes to, and every check that
needs nothing but blocks is done again. That the learner sat at the keyboard, no file can show.
"""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.catalogue import credentials
from apps.catalogue.talent import Credential
from apps.labs.chain import Chain
from apps.labs.lab import CoursePath, lab_of, path_of
from apps.labs.learner import FOLDER, KEY, Passed, canonical, code_of, fits, read_record
from apps.labs.looking import Seen, checks, look, own_chain
from baas.errors import Conflict, Text, UserError, translating
from baas.jobs import NULL_CONTEXT, JobContext
from baas.services.ledger import read_export, verify_file
from fabric_sdk import clock
from fabric_sdk.identity import Identity
from network.persons import person_of
from network.vault import write_private

if TYPE_CHECKING:
    from apps.kit.service import Service
    from apps.labs.service import Training
    from baas.platform import Platform

FORMAT = "citychain-hand-in-1"
BODY = "hand-in.json"
LEDGER = "assessed.json"
MOST_BODY, MOST_BLOCKS = 1_000_000, 64_000_000
LONGEST_NAME = 60
_UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, KeyError, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True)
class HandedIn:
    """What was written: the file, the labs in it and who signed."""

    path: Path
    labs: tuple[str, ...]
    party: str


@dataclass(frozen=True)
class Assessed:
    """What an assessor found: whose it is, which path, which labs hold; `credential` where one was issued."""

    name: str
    party: str
    path: CoursePath
    labs: tuple[str, ...]
    credential: str = ""


def fit_name(name: str) -> bool:
    """Whether a person's name is one short line."""
    return bool(name.strip()) and len(name) <= LONGEST_NAME and name.isprintable()


def write(
    platform: Platform,
    training: Training,
    path: CoursePath,
    name: str,
    target: Path,
    *,
    network: str = "",
    ctx: JobContext = NULL_CONTEXT,
) -> HandedIn:
    """Write a finished path to `target`, signed by whoever acts on the network.

    `Conflict` where labs are missing or the file is there, `UserError` where nobody of the network acts.
    """
    if not fit_name(name):
        raise UserError(
            Text("姓名应为一行，不超过 {n} 字。", "A name is one line of at most {n} characters.", n=LONGEST_NAME),
            code="bad_name",
        )
    if target.exists():
        raise Conflict(Text("{f} 已经存在。", "{f} exists already.", f=str(target)))
    network = platform.networks.resolve(network)
    actor = platform.identities.acting(network)
    if not actor.msp_id:
        raise UserError(
            Text("请以您在这个网络中的身份提交。", "Hand it in as somebody of this network."),
            Text("用 --as 指定身份，如 HospitalMSP/nurse。", "Name the identity with --as, such as HospitalMSP/nurse."),
            code="nobody_acts",
        )
    passed, _ = training.learner.records()
    if left := [lab_of(one).title for one in path.labs if one not in passed]:
        raise Conflict(
            Text(
                "还有 {n} 项实训没有通过，如“{t}”。",
                "{n} labs are not passed yet, such as {t}.",
                n=len(left),
                t=left[0],
            ),
            Text("查看：citychain lab list", "See: citychain lab list"),
            code="path_unfinished",
        )
    ctx.step("write", Text("写出提交文件", "Write the file"))
    signing = platform.identities.signing(actor.label, network)
    body: dict[str, Any] = {
        "format": FORMAT,
        "path": path.id,
        "name": name.strip(),
        "network": platform.networks.spec(network).channels[0].name,
        "at": round(clock.seconds(), 3),
        "key": _text(training.learner.public),
        "creator": _text(signing.creator),
        "labs": [training.learner.line(passed[one]) for one in path.labs],
    }
    signed = canonical(body)
    whole = {"body": body, "learner": _text(training.learner.sign(signed)), "person": _text(signing.sign(signed))}
    with translating(), zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(BODY, json.dumps(whole, ensure_ascii=False, indent=1))
        for one in path.labs:
            archive.write(training.evidence(one), f"{one}.blocks")
    return HandedIn(target, path.labs, actor.party)


def assess(
    platform: Platform,
    source: Path,
    *,
    network: str = "",
    until: str = "",
    target: Path | None = None,
    ctx: JobContext = NULL_CONTEXT,
) -> Assessed:
    """Check what was handed in; with `until` and `target` issue the credential, which whoever acts here signs.

    `UserError` names the first thing that does not hold, `Conflict` where somebody would assess themselves or the
    results were handed in by somebody else before.
    """
    from apps.catalogue.application import APPLICATION

    service: Service = APPLICATION.build_service(platform, network)
    platform.session.require(service.permission(Credential.issue))
    ctx.step("read", Text("核对提交的文件", "Check what was handed in"))
    with translating():
        try:
            with zipfile.ZipFile(source) as archive:
                found, origins = _checked(platform, service, archive, ctx)
        except _UNREADABLE as error:
            raise _unsound(Text("不是提交文件，或已损坏", "it is no hand-in, or damaged")) from error
    _refuse_self(platform, service, found.party, origins[0])
    known = _assessed(platform)
    before = next((known[one] for one in origins if known.get(one, found.party) != found.party), None)
    if before is not None:
        raise Conflict(
            Text("这些结果由 {w} 提交过。", "These results were handed in by {w} before.", w=before),
            code="results_taken",
        )
    if not until or target is None:
        return found
    ctx.step("issue", Text("签发凭证", "Issue the credential"))
    claims = {"name": found.name, "skill": found.path.skill.zh, "level": found.path.level.zh, "holder": found.party}
    record = credentials.issue(service, claims, until, target)
    with translating():
        kept = {**known, **dict.fromkeys(origins, found.party)}
        write_private(platform.workspace.path(FOLDER, LEDGER), json.dumps(kept, ensure_ascii=False).encode())
    return Assessed(found.name, found.party, found.path, found.labs, str(record["id"]))


def may_assess(platform: Platform) -> bool:
    """Whether the platform lets the acting person issue credentials, and so assess."""
    from apps.catalogue.application import APPLICATION

    return platform.session.allows(APPLICATION.act)


def assessor(platform: Platform, network: str = "") -> str:
    """The party (`MSP/common name`) whose key signs a credential that is issued here."""
    from apps.catalogue.application import APPLICATION

    service: Service = APPLICATION.build_service(platform, network)
    return str(service.who(service.signer_of(Credential.issue, {})).party)


def _checked(
    platform: Platform, service: Service, archive: zipfile.ZipFile, ctx: JobContext
) -> tuple[Assessed, list[str]]:
    """Who handed in what, after everything that can be checked was; and what nobody else may hand in: the learner's key
    (SHA-256), then the hash of each lab's first block."""
    body, whole = _body(archive)
    public, creator = _raw(body, "key"), _raw(body, "creator")
    signed = canonical(body)
    if not fits(public, _raw(whole, "learner"), signed):
        raise _unsound(Text("学员密钥的签名不对", "the learner's key did not sign it"))
    authority = platform.chain.authority(service.network, platform.chain.channel(service.network))
    if not authority.msps.signers([(creator, signed, _raw(whole, "person"))]):
        raise _unsound(Text("签名人不是本网络的有效成员", "whoever signed is no valid member of this network"))
    identity = Identity.deserialize(creator)
    party = person_of(identity.msp_id, identity.credentials).party
    path = path_of(str(body["path"]))
    lines = body["labs"]
    named = [one.get("lab") for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []
    if named != list(path.labs) or len(lines) != len(named):
        raise _unsound(Text("实训不齐", "labs are missing"))
    origins = [hashlib.sha256(public).hexdigest()]
    for line in lines:
        record = read_record(line)
        if record is None or not fits(public, _raw(line, "sig"), record.body):
            raise _unsound(Text("一项记录被改动过", "a record was changed"))
        ctx.check_cancelled()
        origins.append(_check_lab(record, public, archive))
    return Assessed(body["name"], party, path, path.labs), origins


def _body(archive: zipfile.ZipFile) -> tuple[dict[str, Any], Mapping[str, Any]]:
    if archive.getinfo(BODY).file_size > MOST_BODY:
        raise _unsound(Text("文件太大", "it is too large"))
    try:
        whole = json.loads(archive.read(BODY))
        body = whole["body"]
        if body["format"] != FORMAT or not {"path", "name", "key", "creator", "labs"} <= body.keys():
            raise ValueError
        if not isinstance(body["name"], str) or not fit_name(body["name"]):
            raise ValueError
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unsound(Text("不是提交文件", "it is no hand-in")) from error
    return body, whole


def _check_lab(record: Passed, public: bytes, archive: zipfile.ZipFile) -> str:
    """Verify a lab's blocks and do again whatever of its checks needs blocks alone; the first block's hash."""
    lab = lab_of(record.lab)
    if record.edition != lab.edition:
        raise _unsound(Text("“{t}”的版本与这里不同", "{t} was done in another edition than the one here", t=lab.title))
    if record.code != code_of(public, lab.id):
        raise _unsound(Text("“{t}”的实训码不属于这名学员", "the code of {t} is not this learner's", t=lab.title))
    name = f"{lab.id}.blocks"
    if archive.getinfo(name).file_size > MOST_BLOCKS:
        raise _unsound(Text("“{t}”的区块太多", "{t} has too many blocks", t=lab.title))
    raw = archive.read(name)
    if hashlib.sha256(raw).hexdigest() != record.evidence:
        raise _unsound(Text("“{t}”的区块与记录不符", "the blocks of {t} are not those of its record", t=lab.title))
    with tempfile.TemporaryDirectory(prefix="citychain-assess-") as folder:
        path = Path(folder, name)
        path.write_bytes(raw)
        verify_file(path)
        chain = Chain(read_export(path))
    seen = Seen(lab, record.code, record.answers, given=chain)
    wrong = own_chain(chain, seen)
    for one in lab.checks if wrong is None else ():
        if checks()[one.id].chain and (wrong := look(one.id, seen)) is not None:
            break
    if wrong is not None:
        raise _unsound(Text("“{t}”：{w}", "{t}: {w}", t=lab.title, w=wrong.what))
    return chain.blocks[0].hash.hex()


def _refuse_self(platform: Platform, service: Service, party: str, key: str) -> None:
    """Nobody assesses themselves: neither under the own name, nor where the learner's key lies."""
    signer = service.signer_of(Credential.issue, {})
    own = platform.identities.party(signer, service.network) if "/" in signer else ""
    with_key = KEY in platform.keystore.names()
    if with_key:
        from apps.labs.learner import Learner

        public = Learner(platform.workspace.folder, platform.keystore).public
        with_key = hashlib.sha256(public).hexdigest() == key
    if party == own or with_key:
        raise Conflict(
            Text("不能考核自己提交的结果。", "Nobody assesses what they handed in themselves."),
            Text("请考核人在自己的工作区核对并签发。", "Let an assessor check and issue it in a workspace of theirs."),
            code="own_assessment",
        )


def _assessed(platform: Platform) -> dict[str, str]:
    """By whom learners' keys and first blocks were handed in before."""
    try:
        found = json.loads(platform.workspace.path(FOLDER, LEDGER).read_bytes())
        return {str(key): str(party) for key, party in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _unsound(why: Text) -> UserError:
    return UserError(
        Text("提交的文件不成立：{w}。", "What was handed in does not hold: {w}.", w=why),
        Text("请学员重新做、重新提交。", "Let the learner do it again and hand it in anew."),
        code="hand_in_unsound",
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(of: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(of[name], validate=True)
    except (KeyError, TypeError, ValueError):
        return b""
