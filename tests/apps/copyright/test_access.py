"""Keys of sealed works: stops between deposit and key, works of before there were reading keys, new reading keys."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from apps.copyright.model import WorkForm
from apps.copyright.sealing import wrap_key
from apps.copyright.service import CopyrightService
from baas.errors import UserError

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
        assert not authority.retired_keys(label.partition("/")[2])
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
