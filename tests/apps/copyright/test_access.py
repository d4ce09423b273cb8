"""Keys of sealed works: stops between deposit and key, works of before there were reading keys, new reading keys."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from apps.copyright.model import WorkForm
from apps.copyright.sealing import wrap_key
from apps.copyright.service import CopyrightService
from baas.errors import NotFound, UserError
from chaincode.copyright import kinds
from fabric_sdk import clock

FORM = WorkForm("秘密")
Acting = Callable[[str, str], AbstractContextManager[CopyrightService]]


def content(service: CopyrightService, work: str) -> bytes:
    return b"".join(service.access.open(work))


def test_a_stop_between_a_sealed_deposit_and_its_key_loses_nothing(
    acting: Acting, fresh_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, the deposit was committed and could never be opened, and every retry left another one."""
    path = fresh_file()
    with acting(f"CopyrightMSP/{uuid.uuid4().hex[:8]}", "creator") as service:
        with monkeypatch.context() as patch:
            patch.setattr("apps.copyright.access.wrap_key", _stopped)
            with pytest.raises(KeyboardInterrupt):
                service.deposit(path, FORM, encrypt=True)
        (work,) = service.works(mine=True)
        assert content(service, work.id) == path.read_bytes()
        again = service.deposit(path, FORM, encrypt=True)
        assert (again.work.id, again.duplicate) == (work.id, True)
        assert service.access.given("creator", work)
        assert len(list(service.works(mine=True))) == 1


def _stopped(*_: object) -> str:
    raise KeyboardInterrupt


def test_works_of_before_open_after_a_renewal_and_are_wrapped_anew(
    acting: Acting, fresh_file: Callable[..., Path]
) -> None:
    """Wrapped for the certificate's key, as earlier versions did, with nothing of it in this keystore."""
    path, label = fresh_file(), f"CopyrightMSP/{uuid.uuid4().hex[:8]}"
    with acting(label, "creator") as service:
        work = service.deposit(path, FORM, encrypt=True).work
        keystore, access = service.platform.keystore, service.access
        key = access.key(work)
        certificate = service.platform.identities.signing(label, service.network).certificate
        wrapped = wrap_key(key, certificate.public_key(), work.record["content"]["commitment"])  # type: ignore[arg-type]
        service.ledger.submit("creator", "PutKey", work.id, label, wrapped)
        for name in keystore.names():
            if name.endswith((work.cid, f"readers/{label}")):
                keystore.remove(name)
        assert content(service, work.id) == path.read_bytes()
    service.platform.identities.renew(label, network=service.network)
    with acting(label, "creator") as service:
        assert content(service, work.id) == path.read_bytes()
        assert service.access.rewrap() == 1
        assert service.access.rewrap() == 0
        authority = service.platform.networks.handle(service.network).authority("CopyrightMSP")
        for name in keystore.names():
            if f"/{label}/" in name or name.endswith(work.cid):
                keystore.remove(name)
        assert not authority.persons.retired_keys(label.partition("/")[2])
        assert content(service, work.id) == path.read_bytes()
        # Without the reading key nothing opens it any more.
        keystore.remove(f"{service.network}/readers/{label}")
        with pytest.raises(UserError):
            content(service, work.id)


def test_a_new_reading_key_is_told_from_the_first(acting: Acting) -> None:
    label = f"CopyrightMSP/{uuid.uuid4().hex[:8]}"
    with acting(label, "creator") as service:
        readers = service.access.readers
        assert readers.of(label) is None
        readers.ensure("creator")
        first = readers.of(label)
        assert first is not None and first.number == 1
        readers.ensure("creator")
        assert readers.of(label) == first
        service.platform.keystore.remove(f"{service.network}/readers/{label}")
        readers.ensure("creator")
        second = readers.of(label)
        assert second is not None and second.number == 2
        assert second.public.public_numbers() != first.public.public_numbers()


def test_files_that_lie_in_a_shared_workspace_are_asked_for_at_the_contract(
    acting: Acting, fresh_file: Callable[..., Path]
) -> None:
    """Before, whoever worked in the same workspace opened works, papers and evidence of others without a right."""
    path, proof, someone = fresh_file(), fresh_file("proof.txt"), uuid.uuid4().hex[:8]
    owner, stranger, licensee = (f"PublicMSP/{word}-{someone}" for word in ("owner", "stranger", "licensee"))
    day = clock.today().isoformat()
    with acting(owner, "creator") as service:
        work = service.deposit(path, FORM).work
        kept = service.store_evidence([f"file={proof}"])[0]
        said = {"where": "http://example.com/cup", "description": "疑似使用", "suspect": "某网店"}
        number = service.kit.do(kinds.Infringement.report, said, on=work.id).value["id"]
        service.kit.do(kinds.Infringement.add, {"evidence": [kept]}, on=number)
        terms = {"kind": "ordinary", "rights": ["reproduction"], "territory": "CN", "licensee": licensee}
        licence = service.kit.do(kinds.Licence.offer, terms | {"from": day, "until": day}, on=work.id).value["id"]
        assert content(service, work.id) == path.read_bytes()
        assert service.files.read(number, kept["cid"]) == proof.read_bytes()
    with acting(stranger, "creator,licensee") as service:
        for look in (
            lambda: content(service, work.id),
            lambda: service.files.read(number, kept["cid"]),
            lambda: b"".join(service.read_content(work)),
        ):
            with pytest.raises(NotFound) as refused:
                look()
            assert refused.value.code == "content_not_yours"
        assert [service.files.may_have(cid) for cid in (work.cid, kept["cid"])] == [False, False]
        assert service.files.may_have(service.content.add(io.BytesIO(uuid.uuid4().bytes))) is None
    with acting(licensee, "licensee") as service:
        with pytest.raises(NotFound):
            content(service, work.id)
        service.kit.do(kinds.Licence.accept, on=licence)
        assert content(service, work.id) == path.read_bytes()
        assert service.files.queue.has_received(work.cid, licensee)
    with acting(owner, "creator") as service:
        service.kit.do(kinds.Licence.ask_end, {"reason": "到此为止"}, on=licence)
    with acting(licensee, "licensee") as service:
        service.kit.do(kinds.Licence.end, {"reason": "到此为止"}, on=licence)
    # What he has had is his copy, which nothing calls back; whoever comes later has no right.
    with acting(licensee, "licensee") as service:
        assert content(service, work.id) == path.read_bytes()
        with pytest.raises(NotFound):
            service.files.read(number, kept["cid"])
