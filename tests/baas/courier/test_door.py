"""A door and a desk: fetching, handing in, going on after either end was killed, and every kind of bad company."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from baas.content import Cid, LocalStore
from baas.courier import carrier as carrying
from baas.courier import door as doors
from baas.courier import requests
from baas.courier.archive import Archive
from baas.courier.carrier import Carrier, File, Service
from baas.courier.members import Members
from baas.courier.requests import header_of
from baas.errors import CityChainError, NotFound, Unavailable
from fabric_sdk.errors import MspError

from .conftest import OFFICE, Place, Somebody, made

MANY = 64 << 20


def kept(store: LocalStore, size: int) -> Cid:
    return store.add(io.BytesIO(random.Random(size).randbytes(size)))


def file_of(cid: Cid, record: str = "CZ1") -> File:
    return File(record, cid, MANY)


def told(work: Callable[[], object]) -> CityChainError:
    with pytest.raises(CityChainError) as caught:
        work()
    return caught.value


def ask(place: Place, header: str, cid: str, record: str = "CZ1", **more: Any) -> httpx.Response:
    context = ssl.create_default_context(cadata=place.service.certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    with httpx.Client(verify=context, trust_env=False) as client:
        headers = {"Authorization": header, **more}
        return client.get(f"{place.service.address}/ipfs/{cid}", headers=headers, params={"record": record})


class TestTheUsualWay:
    def test_a_file_is_handed_in_and_fetched(
        self, place: Place, carrier: Carrier, desk: LocalStore, wang: Somebody, tmp_path: Path
    ) -> None:
        cid = kept(desk, 9_000_000)
        place.peers.hand_in[wang.party, cid] = MANY
        carrier.hand_in(file_of(cid), place.service)
        assert [one.name for one in place.store.pins()] == ["CZ1"]
        assert place.journal.held_for(wang.party) > 9_000_000
        li = Somebody(tmp_path, "li")
        place.peers.fetch.add((li.party, cid))
        other = LocalStore(tmp_path / "li")
        Carrier(other, tmp_path / "li-in", li.sign).fetch(file_of(cid), [place.service])
        assert b"".join(other.cat(cid)) == b"".join(desk.cat(cid))
        assert place.journal.fetches("CZ1")[0]["party"] == li.party
        asked = place.peers.asked
        carrier.hand_in(file_of(cid), place.service)  # again costs one question
        assert place.peers.asked == asked + 1

    def test_the_next_service_is_asked_when_one_has_it_not(
        self, place: Place, carrier: Carrier, wang: Somebody, tmp_path: Path
    ) -> None:
        cid = place.keep(kept(place.store, 5000))
        place.peers.fetch.add((wang.party, cid))
        nobody = socket.create_server(("127.0.0.1", 0))
        gone = Service("HealthMSP", f"https://127.0.0.1:{nobody.getsockname()[1]}", place.service.certificate)
        nobody.close()
        assert carrier.fetch(file_of(cid), [gone, place.service]) == place.service

    def test_surveys_tell_what_is_held(self, place: Place, carrier: Carrier, wang: Somebody) -> None:
        here, absent = place.keep(kept(place.store, 5000)), kept(LocalStore(place.folder / "x"), 5001)
        assert told(lambda: carrier.holds(place.service, [here])).code == "content_service_away"
        place.peers.survey.add(wang.party)
        assert carrier.holds(place.service, [here, absent]) == {here}


class TestRights:
    def test_naming_anothers_file_in_an_own_record_opens_nothing(
        self, place: Place, desk: LocalStore, wang: Somebody, tmp_path: Path
    ) -> None:
        """Everybody reads CIDs on the ledger: a report that calls a stranger's scan its evidence is soon made."""
        scan = place.keep(kept(place.store, 5000), "CZ1")
        place.peers.fetch.add((wang.party, scan))  # by a record of their own, CZ2
        place.peers.hand_in[wang.party, scan] = MANY
        mallory = Carrier(desk, tmp_path / "in", wang.sign)
        assert ask(place, header_of(*wang.sign("MayFetch", ["CZ2", scan, OFFICE])), scan, "CZ2").status_code == 404
        # That the service has it whole is no reason to believe that the caller has it.
        assert told(lambda: mallory.hand_in(file_of(scan, "CZ2"), place.service)).code == "content_missing"
        assert ask(place, header_of(*wang.sign("MayFetch", ["CZ2", scan, OFFICE])), scan, "CZ2").status_code == 404
        # Whoever has it does hand it in, and has it from then on.
        kept(desk, 5000)
        mallory.hand_in(file_of(scan, "CZ2"), place.service)
        assert ask(place, header_of(*wang.sign("MayFetch", ["CZ2", scan, OFFICE])), scan, "CZ2").status_code == 206

    def test_a_look_alikes_file_is_given_under_the_case_where_the_contract_says_so(
        self, place: Place, wang: Somebody
    ) -> None:
        """It was handed in for its work, and is asked for under the case that names it."""
        file = place.keep(kept(place.store, 5000), "CZ7")
        place.peers.fetch.add((wang.party, file))
        under = lambda: ask(place, header_of(*wang.sign("MayFetch", ["DJ1", file, OFFICE])), file, "DJ1")  # noqa: E731
        assert under().status_code == 404
        place.peers.held["DJ1"] = ["CZ8"]
        assert under().status_code == 404
        place.peers.held["DJ1"] = ["CZ8", "CZ7"]
        assert under().status_code == 206
        assert place.journal.fetches("CZ7")[0]["party"] == wang.party  # whose file it is sees it

    def test_refused_and_absent_look_the_same(self, place: Place, carrier: Carrier, wang: Somebody) -> None:
        cid = place.keep(kept(place.store, 5000))
        refused = ask(place, header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE])), cid)
        absent_cid = kept(LocalStore(place.folder / "x"), 5001)
        place.peers.fetch.add((wang.party, absent_cid))
        absent = ask(place, header_of(*wang.sign("MayFetch", ["CZ1", absent_cid, OFFICE])), absent_cid)
        said = {(one.status_code, one.content, tuple(sorted(set(one.headers) - {"date"}))) for one in (refused, absent)}
        assert len(said) == 1 and refused.status_code == 404
        assert told(lambda: carrier.fetch(file_of(cid), [place.service])).code == "content_missing"
        assert ask(place, "", cid).status_code == 404

    def test_a_request_is_good_for_one_service_one_file_one_time_and_now(
        self, place: Place, wang: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cid = place.keep(kept(place.store, 5000))
        other = place.keep(kept(place.store, 5001))
        place.peers.fetch |= {(wang.party, cid), (wang.party, other)}
        good = wang.sign("MayFetch", ["CZ1", cid, OFFICE])
        assert ask(place, header_of(*good), cid).status_code == 206
        asked = place.peers.asked
        bad = {
            "used before": header_of(*good),
            "for another service": header_of(*wang.sign("MayFetch", ["CZ1", cid, "HealthMSP"])),
            "for another file": header_of(*wang.sign("MayFetch", ["CZ1", other, OFFICE])),
            "for another record": header_of(*wang.sign("MayFetch", ["CZ2", cid, OFFICE])),
            "another question": header_of(*wang.sign("MayHandIn", ["CZ1", cid, OFFICE])),
            "a transaction": header_of(*wang.sign("Deposit", ["CZ1", cid, OFFICE])),
            "another channel": header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE], channel="other")),
            "another contract": header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE], contract="health_slots")),
            "with a transient": header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE], transient={"a": b"b"})),
            "old": header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE], time_ns=time.time_ns() - 400 * 10**9)),
            "of tomorrow": header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE], time_ns=time.time_ns() + 10**14)),
            "too long": "Fabric-Proposal " + "A" * 20_000 + ".AA",
            "no base64": "Fabric-Proposal !!!.???",
            "no proposal": header_of(b"\x0a\xff\xff", b"x"),
        }
        for what, header in bad.items():
            assert ask(place, header, cid).status_code == 404, what
        assert place.peers.asked == asked  # no peer was troubled with any of them

    def test_an_unsigned_proposal_is_not_signed_by_the_service(self, place: Place, wang: Somebody) -> None:
        """The gateway signs what is not signed: the service would lend its name to whoever names it as creator."""
        cid = place.keep(kept(place.store, 5000))
        place.peers.fetch.add((wang.party, cid))
        proposal, signature = wang.sign("MayFetch", ["CZ1", cid, OFFICE])
        asked = place.peers.asked
        for forged in (b"", b"\x00", signature[:-1] + bytes((signature[-1] ^ 1,)), wang.sign("X", [])[1]):
            assert ask(place, header_of(proposal, forged), cid).status_code == 404
        assert place.peers.asked == asked

    def test_a_licence_that_ends_while_a_file_is_on_its_way_ends_the_sending(
        self, place: Place, carrier: Carrier, desk: LocalStore, wang: Somebody, tmp_path: Path
    ) -> None:
        cid = place.keep(kept(place.store, 20_000_000))
        place.peers.fetch.add((wang.party, cid))

        def end(function: str) -> None:
            if place.peers.asked == 3:
                place.peers.fetch.clear()

        place.peers.before = end
        error = told(lambda: carrier.fetch(file_of(cid), [place.service]))
        assert isinstance(error, NotFound)
        with pytest.raises(NotFound):
            desk.stat(cid)
        assert sum(one["bytes"] for one in place.journal.fetches("CZ1")) == 2 * doors.PART_BYTES  # type: ignore[misc]

    def test_peers_that_are_away_refuse_nothing_for_good(
        self, place: Place, carrier: Carrier, desk: LocalStore, wang: Somebody
    ) -> None:
        cid = kept(desk, 5000)

        def away(proposal: bytes, signature: bytes) -> dict[str, Any]:
            raise Unavailable(carrying.Text("连不上", "away"))

        place.peers.evaluate = away  # type: ignore[method-assign]
        assert isinstance(told(lambda: carrier.hand_in(file_of(cid), place.service)), Unavailable)

    def test_only_who_may_hands_in_and_no_more_than_was_deposited(
        self, place: Place, carrier: Carrier, desk: LocalStore, wang: Somebody
    ) -> None:
        cid = kept(desk, 1_000_000)
        assert told(lambda: carrier.hand_in(file_of(cid), place.service)).code == "hand_in_refused"
        place.peers.hand_in[wang.party, cid] = 999_999
        assert told(lambda: carrier.hand_in(file_of(cid), place.service)).code == "hand_in_refused"
        place.door.close()
        assert not place.store.pins() and not list((place.folder / "incoming").iterdir())


class TestGoingOn:
    def test_handing_in_goes_on_after_the_door_was_killed(
        self, place: Place, carrier: Carrier, desk: LocalStore, wang: Somebody
    ) -> None:
        cid = kept(desk, 30_000_000)
        place.peers.hand_in[wang.party, cid] = MANY
        place.peers.before = lambda function: place.server.stop() if place.peers.asked == 5 else None
        assert isinstance(told(lambda: carrier.hand_in(file_of(cid), place.service)), Unavailable)
        place.peers.before = lambda function: None
        place.shut()
        before = place.peers.asked
        place.open()
        carrier.hand_in(file_of(cid), place.service)
        assert place.peers.asked - before <= 1 + 30_000_000 // doors.PART_BYTES + 1 - 3 + 1
        assert place.store.stat(cid).size == 30_000_000

    def test_fetching_goes_on_where_it_ended(
        self, place: Place, carrier: Carrier, desk: LocalStore, wang: Somebody
    ) -> None:
        cid = place.keep(kept(place.store, 30_000_000))
        place.peers.fetch.add((wang.party, cid))
        place.peers.before = lambda function: place.server.stop() if place.peers.asked == 5 else None
        assert isinstance(told(lambda: carrier.fetch(file_of(cid), [place.service])), Unavailable)
        with pytest.raises(NotFound):
            b"".join(desk.cat(cid))  # nothing of it can be read as content
        place.peers.before = lambda function: None
        place.shut()
        before = place.peers.asked
        place.open()
        carrier.fetch(file_of(cid), [place.service])
        assert place.peers.asked - before <= 5
        assert b"".join(desk.cat(cid)) == b"".join(place.store.cat(cid))

    def test_what_one_person_hands_in_wrong_does_not_spoil_anothers(
        self, place: Place, desk: LocalStore, wang: Somebody, tmp_path: Path
    ) -> None:
        cid = kept(desk, 6_000_000)
        other = kept(desk, 6_000_001)
        rival = Somebody(tmp_path, "rival")
        place.peers.hand_in |= {(wang.party, cid): MANY, (rival.party, cid): MANY}
        lying = Archive(desk, other)

        class Liar(Carrier):
            def _put(self, client: Any, file: Any, service: Any, archive: Any, start: int) -> dict[str, Any]:
                return super()._put(client, file, service, lying, start)

        liar = Liar(desk, tmp_path / "r", rival.sign)
        assert told(lambda: liar.hand_in(file_of(cid), place.service)).code == "hand_in_refused"
        Carrier(desk, tmp_path / "w", wang.sign).hand_in(file_of(cid), place.service)
        assert place.store.stat(cid).size == 6_000_000


class TestQuotas:
    def test_a_full_service_says_so_and_the_file_waits(
        self, place: Place, carrier: Carrier, desk: LocalStore, wang: Somebody
    ) -> None:
        from dataclasses import replace

        cid = kept(desk, 1_000_000)
        place.peers.hand_in[wang.party, cid] = MANY
        place.shut()
        full = replace(place.policy, person_bytes=500_000)
        for policy in (full, replace(place.policy, free_bytes=1 << 62)):
            place.policy = policy
            place.open()
            error = told(lambda: carrier.hand_in(file_of(cid), place.service))
            assert isinstance(error, Unavailable) and "no room" in str(error)
            place.shut()
        place.open()

    def test_half_files_count_and_are_bounded(
        self, place: Place, wang: Somebody, desk: LocalStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Whoever begins many files and ends none lays more here than they may."""

        def half(size: int, who: Somebody = wang) -> int:
            cid = kept(desk, size)
            place.peers.hand_in[who.party, cid] = MANY
            archive = Archive(desk, cid)
            body = b"".join(archive.pieces(0, 1_000_000))
            context = ssl.create_default_context(cadata=place.service.certificate)
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            with httpx.Client(verify=context, trust_env=False) as client:
                headers = {
                    "Authorization": header_of(*who.sign("MayHandIn", ["CZ1", cid, OFFICE])),
                    "Content-Range": f"bytes 0-{len(body) - 1}/{archive.total}",
                }
                url = f"{place.service.address}/hand-in/{cid}"
                return client.put(url, headers=headers, params={"record": "CZ1"}, content=body).status_code

        place.door._policy = doors.Policy(free_bytes=0, person_bytes=3_000_000)
        assert [half(size) for size in (1_900_000, 1_900_001, 1_900_002)] == [200, 200, 507]
        assert half(1_900_003, Somebody(tmp_path, "li")) == 200
        place.door._policy = doors.Policy(free_bytes=0)
        monkeypatch.setattr(doors, "PARTS_OF_PARTY", 3)
        assert [half(size) for size in (1_900_004, 1_900_005)] == [200, 507]

    def test_what_a_person_may_fetch_in_a_day_is_bounded(
        self, place: Place, carrier: Carrier, wang: Somebody, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        cid = place.keep(kept(place.store, 9_000_000))
        place.peers.fetch.add((wang.party, cid))
        place.door._policy = doors.Policy(daily_bytes=6_000_000)
        assert isinstance(told(lambda: carrier.fetch(file_of(cid), [place.service])), Unavailable)

    def test_ten_thousand_askers_leave_the_door_open_for_others(
        self, place: Place, wang: Somebody, tmp_path: Path
    ) -> None:
        """All at once, each with a fresh signed request: peers answer a few at a time, most are told to come again."""
        cid = place.keep(kept(place.store, 3_000_000))
        place.peers.fetch.add((wang.party, cid))
        at_once, most = [0], [0]

        def count(function: str) -> None:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            time.sleep(0.001)
            at_once[0] -= 1

        place.peers.before = count
        stranger = Somebody(tmp_path, "stranger")
        headers = [header_of(*stranger.sign("MayFetch", ["CZ1", cid, OFFICE])) for _ in range(10_000)]
        reader = requests.Reader("city-channel", "copyright", OFFICE)
        door = doors.Door(place.store, tmp_path / "in", place.journal, place.policy, reader, place.peers.evaluate)

        app = doors.door_app(door)

        async def one(header: str) -> int:
            said: list[int] = []

            async def send(message: Any) -> None:
                if message["type"] == "http.response.start":
                    said.append(message["status"])

            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": b"", "more_body": False}

            scope = {"type": "http", "method": "GET", "path": f"/ipfs/{cid}", "query_string": b"record=CZ1"}
            await app(scope | {"headers": [(b"authorization", header.encode())]}, receive, send)
            return said[0]

        async def all_of_them() -> tuple[list[int], int]:
            crowd = [asyncio.create_task(one(header)) for header in headers]
            tries = 0
            while await one(header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE]))) != 206:
                tries += 1
                await asyncio.sleep(0.05)
            return list(await asyncio.gather(*crowd)), tries

        said, tries = asyncio.run(all_of_them())
        assert set(said) <= {404, 503} and said.count(503) > 1000
        assert most[0] <= doors.AT_ONCE and tries < 400


@contextmanager
def evil(
    place: Place, answer: Callable[[socket.socket], None], tls: tuple[Path, Path] | None = None
) -> Iterator[Service]:
    """A service that says whatever it likes, under the certificate of the ledger or another one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*(tls or place.tls))
    listening = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        while not stopping.is_set():
            try:
                plain, _ = listening.accept()
                with context.wrap_socket(plain, server_side=True) as one:
                    one.recv(65_536)
                    answer(one)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Service(OFFICE, f"https://127.0.0.1:{listening.getsockname()[1]}", place.service.certificate)
    stopping.set()
    with contextlib.suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody who waits in accept
    listening.close()
    thread.join(5)
    assert not thread.is_alive()


def head(length: int | None, total: int, start: int = 0, status: str = "206 Partial Content") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Range: bytes {start}-{total - 1}/{total}"]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode()


class TestBadServices:
    def _fetch(self, place: Place, carrier: Carrier, desk: LocalStore, answer: Callable[[socket.socket], None]) -> str:
        cid = kept(LocalStore(place.folder / "elsewhere"), 3_000_000)
        with evil(place, answer) as service:
            error = told(lambda: carrier.fetch(File("CZ1", cid, 4_000_000), [service]))
        with pytest.raises(NotFound):
            desk.stat(cid)
        assert isinstance(error, Unavailable)
        return str(error)

    def test_other_bytes_under_the_cid(self, place: Place, carrier: Carrier, desk: LocalStore) -> None:
        other = Archive(place.store, place.keep(kept(place.store, 3_000_001)))
        body = b"".join(other.pieces(0, 1 << 20))
        self._fetch(place, carrier, desk, lambda one: one.sendall(head(len(body), other.total) + body))

    def test_more_than_the_ledger_says(self, place: Place, carrier: Carrier, desk: LocalStore) -> None:
        said = self._fetch(place, carrier, desk, lambda one: one.sendall(head(10, 1 << 40) + b"x" * 10))
        assert "larger" in said

    def test_an_endless_answer(self, place: Place, carrier: Carrier, desk: LocalStore) -> None:
        def answer(one: socket.socket) -> None:
            store = LocalStore(place.folder / "elsewhere")
            archive = Archive(store, store.pins()[0].cid)
            one.sendall(head(None, archive.total) + b"".join(archive.pieces(0, 2 << 20)))
            while True:
                one.sendall(b"x" * 65_536)

        self._fetch(place, carrier, desk, answer)

    def test_a_slow_answer(
        self, place: Place, carrier: Carrier, desk: LocalStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(carrying, "PART_S", 1.0)

        def answer(one: socket.socket) -> None:
            store = LocalStore(place.folder / "elsewhere")
            archive = Archive(store, store.pins()[0].cid)
            one.sendall(head(1 << 20, archive.total))
            for byte in b"".join(archive.pieces(0, 2000)):
                one.sendall(bytes((byte,)))
                time.sleep(0.05)

        began = time.monotonic()
        assert "slow" in self._fetch(place, carrier, desk, answer)
        assert time.monotonic() - began < 10

    def test_silence(self, place: Place, carrier: Carrier, desk: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(carrying, "SILENCE_S", 0.5)
        assert "does not answer" in self._fetch(place, carrier, desk, lambda one: one.recv(1))

    @pytest.mark.parametrize(
        "said",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            b"garbage\r\n\r\n",
            head(3, 100, start=50) + b"abc",
            head(0, 100),
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/1" + b"0" * 400 + b"\r\n\r\n",
        ],
    )
    def test_answers_that_are_none(self, place: Place, carrier: Carrier, desk: LocalStore, said: bytes) -> None:
        self._fetch(place, carrier, desk, lambda one: one.sendall(said))

    def test_a_service_of_another_organisation_at_that_address(
        self, place: Place, carrier: Carrier, desk: LocalStore, tmp_path: Path
    ) -> None:
        (tmp_path / "other").mkdir()
        others = made(tmp_path / "other", "door")
        cid = kept(LocalStore(place.folder / "elsewhere"), 5000)
        with evil(place, lambda one: None, others) as service:
            assert "certificate" in str(told(lambda: carrier.fetch(file_of(cid), [service])))
            mine = kept(desk, 5000)
            assert "certificate" in str(told(lambda: carrier.hand_in(file_of(mine), service)))

    @pytest.mark.parametrize(
        "body", [b"[]", b"{}", b'{"have": -1, "complete": false}', b'{"have": 1e99, "complete": false}', b"[" * 100_000]
    )
    def test_a_service_that_lies_about_what_it_has(
        self, place: Place, carrier: Carrier, desk: LocalStore, body: bytes
    ) -> None:
        cid = kept(desk, 5000)
        said = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body
        with evil(place, lambda one: one.sendall(said)) as service:
            assert isinstance(told(lambda: carrier.hand_in(file_of(cid), service)), Unavailable)


def test_the_memory_of_seen_requests_is_bounded(monkeypatch: pytest.MonkeyPatch, wang: Somebody) -> None:
    now = [time.time()]
    reader = requests.Reader("city-channel", "copyright", OFFICE, clock=lambda: now[0])
    monkeypatch.setattr(requests, "REMEMBERED", 3)
    cid = "bafkreigdlmq5nsrzvj6mhn42obozrhy2n2eltgvuhgenoqcipgpd3ojgum"
    fresh = lambda: header_of(*wang.sign("MayFetch", ["CZ1", cid, OFFICE], time_ns=int(now[0] * 1e9)))  # noqa: E731
    for _ in range(3):
        reader.read(fresh(), "MayFetch", cid)
    with pytest.raises(requests.TooMany):
        reader.read(fresh(), "MayFetch", cid)
    now[0] += 3 * requests.FRESH_S
    assert reader.read(fresh(), "MayFetch", cid).record == "CZ1"


def test_strangers_are_not_remembered_and_one_key_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, wang: Somebody, tmp_path: Path
) -> None:
    """Anybody can sign with a key just made: they took the peers' turns, and everybody's place in the memory."""

    class Msps:
        def validate(self, creator: bytes) -> None:
            if creator == mallory.identity.creator:
                raise MspError("unknown authority")

    mallory, li = Somebody(tmp_path, "mallory"), Somebody(tmp_path, "li")
    known: Any = Msps()
    members = Members(lambda: known)
    members.refresh()
    reader = requests.Reader("city-channel", "copyright", OFFICE, member=members)
    monkeypatch.setattr(requests, "REMEMBERED", 4)
    monkeypatch.setattr(requests, "OF_CREATOR", 3)
    cid = "bafkreigdlmq5nsrzvj6mhn42obozrhy2n2eltgvuhgenoqcipgpd3ojgum"
    fresh = lambda who: header_of(*who.sign("MayFetch", ["CZ1", cid, OFFICE]))  # noqa: E731
    for _ in range(9):
        with pytest.raises(requests.Refused, match="no member"):
            reader.read(fresh(mallory), "MayFetch", cid)
    for _ in range(3):
        reader.read(fresh(wang), "MayFetch", cid)
    with pytest.raises(requests.TooMany):
        reader.read(fresh(wang), "MayFetch", cid)
    reader.read(fresh(li), "MayFetch", cid)
