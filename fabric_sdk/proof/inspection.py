"""Checking a proof from the outside in: container, configuration, blocks, answers, transactions, policies, clocks.

What the transactions mean is the application's part; it finds them here, each with its author, out of signed bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple

from fabric_sdk.proof.blocks import (
    Block,
    Transaction,
    check_transaction,
    header_bytes,
    read_call,
    transaction_id,
    writes,
)
from fabric_sdk.proof.cards import Card
from fabric_sdk.proof.configuration import Chain
from fabric_sdk.proof.container import Package
from fabric_sdk.proof.definitions import (
    Definition,
    check_policies,
    definition_read,
    foreign_writes,
    read_definition,
)
from fabric_sdk.proof.members import Certificate, read_pem
from fabric_sdk.proof.report import BAD, CAP, LOW, NOTE, OK, Report
from fabric_sdk.proof.timestamps import MAX_TOKEN, check_token, trusted
from fabric_sdk.proof.views import Question, View, contradiction, read_view
from fabric_sdk.proof.wire import Broken, fields, parse_json, raw

TOLERANCE = 600
"""Seconds that an author's clock may lie outside its neighbours' in the chain."""
MAX_LINKS = 50_000
MAX_MANIFEST = 1 << 20
_MOST_LISTED = 500
_MOST_VIEWS = 100
Listed = Callable[[bytes], list[str]]
"""Reads the transaction ids out of a contract's answer."""


class Clock(NamedTuple):
    """Where a transaction lies in time: its author's word, and its neighbours' in the chain (None: none inside)."""

    author: int
    before: int | None
    after: int | None


def check_parts(package: Package, form: str, report: Report) -> dict[str, Any]:
    """Check that the package is exactly its parts; returns its manifest, which is an index and never a fact."""
    data = package.read("manifest.json", MAX_MANIFEST)
    if package.read("manifest.sha256", 100).strip() != hashlib.sha256(data).hexdigest().encode():
        raise Broken("part-changed", "manifest.json")
    manifest = parse_json(data, MAX_MANIFEST)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise Broken("part-changed", "manifest.json")
    if manifest.get("format") != form:
        raise Broken("format-unknown", "manifest.json")
    own = {"manifest.json", "manifest.sha256"}
    files = manifest["files"]
    for name in sorted(set(package.parts) - set(files) - own):
        raise Broken("part-unnamed", name)
    for name in sorted(own | set(files)):
        if name not in package.parts:
            report.add(BAD, "part-missing", name)
            continue
        try:
            digest = package.digest(name)
        except Broken as error:
            report.broken(error, name)
            continue
        if name not in own and digest != files[name]:
            report.add(BAD, "part-changed", name)
    if not report.has(BAD):
        report.add(OK, "container", "manifest.json", count=len(package.parts))
    return manifest


class Inspection:
    """One check. `run` fills the report; afterwards `transactions`, `views` and `clocks` hold what was found."""

    def __init__(self, package: Package, report: Report, card: Card | None, stamp_roots: list[Certificate]) -> None:
        self.package, self.report, self.card = package, report, card
        self.chain = Chain()
        self.blocks: dict[int, Block] = {}
        self.heads: dict[int, Block] = {}
        self.views: list[View] = []
        self.listed: list[str] = []
        self.transactions: dict[str, Transaction] = {}
        self.clocks: dict[str, Clock] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._definitions: dict[tuple[int, int], Definition | None] = {}
        self._given_roots = stamp_roots

    def run(self, question: Question, listed: Listed, hints: list[str]) -> None:
        """Check everything; `hints` are the transactions to look at when no peer's list is inside."""
        self._configuration()
        self._compare_card()
        self._read_blocks()
        lists = self._views(question, listed)
        self.listed = list(dict.fromkeys(tx for one in lists.values() for tx in one)) if lists else hints[:_MOST_LISTED]
        for tx_id in self.listed:
            self._transaction(tx_id)
        self._compare_views(lists)
        self._policies()
        self._count_views(question, lists)
        self._clocks()
        self._stamps()

    def _numbered(self, folder: str) -> list[tuple[int, str]]:
        found = []
        for name, part in self.package.named(folder):
            base = name[:-3]
            if not name.endswith(".pb") or not base.isascii() or not base.isdigit() or str(int(base[:16])) != base:
                raise Broken("part-unnamed", part)
            found.append((int(base), part))
        return sorted(found)

    def _block(self, number: int, part: str) -> Block:
        block = Block(self.package.read(part))
        if block.number != number:
            raise Broken("block-changed", part, block=number)
        return block

    def _configuration(self) -> None:
        for number, part in self._numbered("chain/config/"):
            try:
                block = self._block(number, part)
                channel, config = block.configuration()
                self.chain.add(number, block.hash, channel, config, block.header, block.signatures)
            except Broken as error:
                raise Broken(error.code, error.part or part, **error.values) from None
        if not self.chain.configurations:
            raise Broken("part-missing", "chain/config/0.pb")
        newest = self.chain.newest
        without = newest.without_roles
        if without:
            self.report.add(CAP, "roles-untold", "chain/config/", msps=", ".join(without))
        self.report.facts["channel"] = self.chain.channel
        self.report.facts["genesis"] = self.chain.hashes[0]
        self.report.add(OK, "configuration", "chain/config/", count=len(self.chain.configurations), block=newest.block)

    def _compare_card(self) -> None:
        card = self.card
        if card is None:
            self.report.add(CAP, "card-none")
            return
        if card.channel != self.chain.channel or card.genesis != self.chain.hashes[0]:
            self.report.add(BAD, "card-other", "chain/config/0.pb")
        elif self._last() < card.config_block:
            # Genuine, or made by whoever has the keys of nodes that the channel has long dismissed: nobody can know.
            self.report.add(CAP, "card-newer", "chain/config/", last=self._last(), block=card.config_block)
        elif self.chain.hashes.get(card.config_block) != card.config_hash:
            self.report.add(BAD, "card-configuration", "chain/config/", block=card.config_block)
        else:
            self.report.add(OK, "card", "chain/config/", channel=card.channel)

    def _last(self) -> int:
        """The number of the newest block inside, of whatever kind."""
        folders = ("chain/config/", "chain/blocks/", "chain/heads/")
        return max(number for folder in folders for number, _ in self._numbered(folder))

    def _read_blocks(self) -> None:
        for folder, kept in (("chain/blocks/", self.blocks), ("chain/heads/", self.heads)):
            for number, part in self._numbered(folder):
                try:
                    block = self._block(number, part)
                    config = self.chain.at(number, block.last_config)
                    signers = config.check_orderers(block.header, block.signatures)
                except Broken as error:
                    self.report.broken(error, part)
                    continue
                kept[number] = block
                names = ", ".join(one.certificate.name for one in signers)
                self.report.add(OK, "block", part, block=number, names=names)
        for number in sorted(self.blocks):
            for index, envelope in enumerate(self.blocks[number].envelopes):
                self._places.setdefault(transaction_id(envelope), (number, index))

    def _views(self, question: Question, listed: Listed) -> dict[str, list[str]]:
        """Read what organisations answered; returns each one's list of transactions."""
        lists: dict[str, list[str]] = {}
        for number, (_, part) in enumerate(self.package.named("attestations/")):
            try:
                if number >= _MOST_VIEWS:
                    raise Broken("part-unnamed", part)
                view = read_view(self.package.read(part), self.chain.channel, self.chain.newest, question)
                head = self.heads.get(view.block) or self.blocks.get(view.block)
                if head is None or head.hash != view.block_hash:
                    raise Broken("view-head", part, msp=view.msp, block=view.block)
                if view.msp in lists:
                    raise Broken("view-mixed", part)
                lists[view.msp] = listed(view.answer)[: _MOST_LISTED + 1]
                if len(lists[view.msp]) > _MOST_LISTED:
                    raise Broken("view-other", part)
            except Broken as error:
                self.report.broken(error, part)
                continue
            self.views.append(view)
        return lists

    def _place(self, tx_id: str) -> tuple[Block, int]:
        place = self._places.get(tx_id)
        if place is None:
            raise Broken("transaction-missing", "chain/blocks/", tx=tx_id)
        return self.blocks[place[0]], place[1]

    def _transaction(self, tx_id: str) -> None:
        try:
            block, index = self._place(tx_id)
        except Broken:
            self._attested_only(tx_id)
            return
        part = f"chain/blocks/{block.number}.pb"
        try:
            found = check_transaction(block, index, self.chain.at(block.number))
            if found.call.channel != self.chain.channel:
                raise Broken("transaction-unreadable")
            if block.codes[index : index + 1] not in (b"", b"\0"):
                raise Broken("code-block", number=block.codes[index])
        except Broken as error:
            self.report.add(BAD, error.code, part, **{**error.values, "tx": tx_id})
            return
        self.transactions[tx_id] = found

    def _attested_only(self, tx_id: str) -> None:
        """A transaction whose block is not inside: it is named, from the peer's own copy, and lowers the sentence."""
        call = None
        for view in self.views:
            verdict = view.transactions.get(tx_id)
            if verdict is not None:
                try:
                    call = read_call(raw(fields(verdict.envelope), 1))
                except Broken:
                    call = None
        name = call.function if call is not None and call.tx_id == tx_id else ""
        self.report.add(CAP, "transaction-missing", "chain/blocks/", tx=tx_id, function=name)

    def _compare_views(self, lists: dict[str, list[str]]) -> None:
        """Whatever two organisations say must fit together, and fit the blocks."""
        differ = contradiction(self.views)
        blocks = {view.msp: view.block for view in self.views}
        for tx_id, found in self.transactions.items():
            for view in self.views:
                said = view.transactions.get(tx_id)
                if said is not None and said.code != 0:
                    self.report.add(BAD, "code-refused", "attestations/", tx=tx_id, msp=view.msp, number=said.code)
                elif said is not None and said.envelope != found.envelope:
                    differ = differ or tx_id
                if tx_id not in lists.get(view.msp, []) and found.block <= blocks[view.msp]:
                    differ = differ or tx_id
        if differ:
            self.report.add(BAD, "views-differ", "attestations/", tx=differ)

    def _definition(self, place: tuple[int, int]) -> Definition | None:
        if place not in self._definitions:
            self._definitions[place] = None
            number, index = place
            block = self.blocks.get(number)
            if block is None or index >= len(block.envelopes):
                return None
            config = self.chain.at(number)
            self._definitions[place] = read_definition(check_transaction(block, index, config), config)
        return self._definitions[place]

    def _policies(self) -> None:
        """Every transaction's endorsers must be those whom the contract's definition, or a key's policy, asks for."""
        keys: dict[str, bytes] = {}
        names = set()
        for tx_id, found in sorted(self.transactions.items(), key=lambda one: (one[1].block, one[1].place)):
            part = f"chain/blocks/{found.block}.pb"
            try:
                sets = writes(found.call.results)
                place = definition_read(found.call.contract, sets)
                definition = (
                    self._definition(place) if place is not None and place < (found.block, found.place) else None
                )
                if definition is None:
                    self.report.add(CAP, "definition-missing", part, tx=tx_id)
                    continue
                if definition.name != found.call.contract:
                    raise Broken("definition-other")
                check_policies(found, definition, keys, self.chain.at(found.block))
                names.add((definition.name, definition.sequence))
                if foreign_writes(found):
                    self.report.add(CAP, "policy-foreign", part, tx=tx_id)
                if definition.name in sets:
                    keys.update(sets[definition.name].policies)
            except Broken as error:
                self.report.add(BAD, error.code, part, **{**error.values, "tx": tx_id})
        for name, sequence in sorted(names):
            self.report.add(OK, "definition", "chain/blocks/", contract=name, sequence=sequence)

    def _count_views(self, question: Question, lists: dict[str, list[str]]) -> None:
        """Say who vouches for validity and completeness: the office and one witness of the card are enough."""
        spoke = []
        for view in self.views:
            if all(tx in view.transactions for tx in lists[view.msp]):
                spoke.append(view.msp)
                self.report.add(
                    OK,
                    "view",
                    "attestations/",
                    msp=view.msp,
                    peer=view.peer,
                    block=view.block,
                    count=len(lists[view.msp]),
                )
            else:
                self.report.add(LOW, "view-incomplete", "attestations/", msp=view.msp)
        self.report.facts["as_of"] = min((view.block for view in self.views if view.msp in spoke), default=None)
        self.report.facts["spoke"] = spoke
        office, witnesses = self.card.speakers(question.contract) if self.card else ([], [])
        if self.card is None:
            if not spoke:
                self.report.add(CAP, "view-none", "attestations/")
            return
        counted = [msp for msp in spoke if msp in office or msp in witnesses]
        self.report.facts["counted"] = counted
        if not counted:
            self.report.add(CAP, "view-none", "attestations/")
        else:
            for code, wanted in (("view-no-office", office), ("view-no-witness", witnesses)):
                if not any(msp in wanted for msp in counted):
                    self.report.add(LOW, code, "attestations/", msps=", ".join(wanted))

    def _clocks(self) -> None:
        """Hold each author's time against the nearest transactions of others before and behind it in the chain."""
        calls = []
        for number in sorted(self.blocks):
            for index, envelope in enumerate(self.blocks[number].envelopes[:_MOST_LISTED]):
                try:
                    call = read_call(raw(fields(envelope), 1))
                except Broken:
                    continue
                calls.append(((number, index), call.creator, call.seconds))
        for tx_id, found in self.transactions.items():
            at, creator = (found.block, found.place), found.call.creator
            before = [one[2] for one in calls if one[0] < at and one[1] != creator][-1:]
            after = [one[2] for one in calls if one[0] > at and one[1] != creator][:1]
            clock = Clock(found.call.seconds, before[0] if before else None, after[0] if after else None)
            self.clocks[tx_id] = clock
            early = clock.before is not None and clock.author < clock.before - TOLERANCE
            late = clock.after is not None and clock.author > clock.after + TOLERANCE
            if early or late:
                self.report.add(LOW, "clock-outside", f"chain/blocks/{found.block}.pb", tx=tx_id)

    def _stamps(self) -> None:
        """Check tokens over block hashes: `timestamps/BLOCK.tsr`, later blocks reached over `FROM-TO.links`."""
        roots, allowed = list(self._given_roots), {one.fingerprint for one in self._given_roots}
        allowed |= set(self.card.timestamps) if self.card else set()
        hashes = {**{n: b.hash for n, b in self.heads.items()}, **{n: b.hash for n, b in self.blocks.items()}}
        found: list[dict[str, Any]] = []
        parts = list(self.package.named("timestamps/"))
        for name, part in parts:
            try:
                if name.endswith(".pem"):
                    roots.append(read_pem(self.package.read(part, MAX_TOKEN)))
                elif name.endswith(".links"):
                    self._links(name, part, hashes)
            except Broken as error:
                self.report.broken(error, part)
        for name, part in parts:
            if not name.endswith(".tsr"):
                continue
            try:
                number = _number(name[:-4], part)
                if number not in hashes:
                    raise Broken("stamp-other", part)
                stamp = check_token(self.package.read(part, MAX_TOKEN), bytes.fromhex(hashes[number]), roots)
            except Broken as error:
                self.report.broken(error, part)
                continue
            known = trusted(stamp, allowed)
            found.append({"block": number, "seconds": stamp.seconds, "authority": stamp.authority, "known": known})
            code = "stamp" if known else "stamp-unknown"
            self.report.add(
                OK if known else NOTE, code, part, block=number, seconds=stamp.seconds, authority=stamp.authority
            )
        if not found:
            self.report.add(NOTE, "stamp-none", "timestamps/")
        self.report.facts["stamps"] = sorted(found, key=lambda one: (int(one["block"]), int(one["seconds"])))

    def _links(self, name: str, part: str, hashes: dict[int, str]) -> None:
        """Follow block headers from a block that is inside to a later one, of which only the data hashes are given."""
        first, _, last = name[:-6].partition("-")
        start, end = _number(first, part), _number(last, part)
        data = self.package.read(part, MAX_LINKS * 32)
        if start not in hashes or len(data) != (end - start) * 32:
            raise Broken("stamp-other", part)
        digest = bytes.fromhex(hashes[start])
        for step in range(end - start):
            header = header_bytes(start + step + 1, digest, data[step * 32 : step * 32 + 32])
            digest = hashlib.sha256(header).digest()
        if hashes.setdefault(end, digest.hex()) != digest.hex():
            raise Broken("stamp-other", part)


def _number(digits: str, part: str) -> int:
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15 or str(int(digits)) != digits:
        raise Broken("part-unnamed", part)
    return int(digits)
