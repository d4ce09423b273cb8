from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from fabric_protos.peer.transaction_pb2 import TxValidationCode

from baas.errors import (
    Cancelled,
    DeadlineExceeded,
    InternalError,
    LedgerError,
    Text,
    Unavailable,
    contract_code,
    translate,
    translating,
)
from baas.validation import CODES, words_of
from fabric_sdk.errors import (
    BlockError,
    CommitError,
    EndorseError,
    ErrorDetail,
    EvaluateError,
    GatewayError,
    SubmitError,
)


def test_every_validation_code_has_words_in_both_languages() -> None:
    for name, number in TxValidationCode.items():
        said = CODES[number]
        assert said.name == name
        for text in (said.meaning, said.advice):
            assert any("\u4e00" <= character <= "\u9fff" for character in text.zh)
            assert text.en.isascii()
    assert set(CODES) == set(TxValidationCode.values())
    assert "77" in words_of(77).meaning.zh


def in_use(path: str) -> PermissionError:
    """What Windows says of a file that another program has open."""
    error = PermissionError(errno.EACCES, "in use", path)
    error.winerror = 32  # type: ignore[attr-defined]
    return error


def refusal(message: str) -> EndorseError:
    detail = ErrorDetail("peer0:7051", "CopyrightMSP", message)
    return EndorseError(
        "ABORTED", "failed to endorse transaction, see attached details for more info", [detail], "ab12"
    )


def test_a_contracts_refusal_is_said_in_the_applications_words() -> None:
    words = {"SLOT_TAKEN": Text("号源已被约走。", "The slot is taken.")}
    error = translate(refusal("chaincode response 500, SLOT_TAKEN: slot 017 is taken"), words)
    assert isinstance(error, LedgerError)
    assert (error.message, error.code, error.stage, error.tx_id) == (
        words["SLOT_TAKEN"],
        "slot_taken",
        "endorse",
        "ab12",
    )
    assert contract_code(error) == "SLOT_TAKEN"
    assert error.endpoints[0]["msp_id"] == "CopyrightMSP"
    assert error.exit_code == 4


@pytest.mark.parametrize("text", ["plain words", "{braces} in it", "Ends with colon: here"])
def test_a_refusal_without_a_known_code_keeps_its_text(text: str) -> None:
    error = translate(refusal(f"chaincode response 400, {text}"))
    assert isinstance(error, LedgerError)
    assert text in str(error.message)
    assert not contract_code(error)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (EvaluateError("UNAVAILABLE", "down"), Unavailable, "unavailable"),
        (SubmitError("DEADLINE_EXCEEDED", "slow"), DeadlineExceeded, "deadline_exceeded"),
        (EndorseError("CANCELLED", "stop"), Cancelled, "cancelled"),
        (
            EndorseError(
                "FAILED_PRECONDITION", "no combination of peers can be derived: No metadata was found for chaincode x"
            ),
            LedgerError,
            "contract_not_deployed",
        ),
        (
            EndorseError("FAILED_PRECONDITION", "no peer combination can satisfy the endorsement policy"),
            LedgerError,
            "policy_unsatisfiable",
        ),
        (
            EvaluateError(
                "FAILED_PRECONDITION", "error validating proposal: access denied: channel [c] creator org [O]"
            ),
            LedgerError,
            "identity_refused",
        ),
        (CommitError("ab", 11, "MVCC_READ_CONFLICT", 7), LedgerError, "mvcc_read_conflict"),
        (BlockError("broken", 3), LedgerError, "block_error"),
        (OSError(errno.ENOSPC, "no space"), Unavailable, "disk_full"),
        (PermissionError(errno.EACCES, "no"), Unavailable, "not_writable"),
        (in_use("state.json"), Unavailable, "file_in_use"),
        (sqlite3.OperationalError("database or disk is full"), Unavailable, "disk_full"),
        (sqlite3.OperationalError("attempt to write a readonly database"), Unavailable, "not_writable"),
        (sqlite3.DatabaseError("database disk image is malformed"), Unavailable, "storage_damaged"),
        (ConnectionRefusedError("x"), Unavailable, "unavailable"),
        (TimeoutError(), DeadlineExceeded, "deadline_exceeded"),
        (KeyboardInterrupt(), Cancelled, "cancelled"),
        (ZeroDivisionError("x"), InternalError, "internal"),
    ],
)
def test_foreign_errors_become_ours(error: BaseException, kind: type[Exception], code: str) -> None:
    found = translate(error)
    assert type(found) is kind
    assert found.code == code
    assert found.message.zh and found.message.en  # type: ignore[union-attr]


def test_a_commit_error_names_block_and_code() -> None:
    error = translate(CommitError("abcd", 10, "ENDORSEMENT_POLICY_FAILURE", 12))
    assert isinstance(error, LedgerError)
    assert (error.stage, error.tx_id, error.details["block"]) == ("commit", "abcd", 12)


def test_translating_leaves_the_unknown_alone_and_chains_the_known() -> None:
    with pytest.raises(ZeroDivisionError), translating():
        raise ZeroDivisionError
    with pytest.raises(Unavailable) as caught, translating():
        raise OSError(errno.ENOSPC, "full")
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda folder: (folder / "none" / "x").write_bytes(b""), "no_file"),
        (lambda folder: folder.read_bytes(), "path_unusable"),
        (lambda folder: (folder / "file" / "below").mkdir(), "path_unusable"),
        (lambda folder: (folder / ("x" * 300)).write_bytes(b""), "path_unusable"),
        (lambda folder: (folder / "loop").read_bytes(), "path_unusable"),
        (lambda folder: folder.rmdir(), "path_unusable"),
        (lambda folder: "\udc80".encode(), "not_text"),
    ],
)
def test_a_path_that_cannot_be_used_is_no_defect(tmp_path: Path, act: Callable[[Path], object], code: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises((OSError, UnicodeError)) as raised:
        act(tmp_path)
    translated = translate(raised.value)
    assert (translated.code, translated.exit_code) == (code, 2)
    str(translated).encode()


def test_a_wrong_clock_is_named() -> None:
    error = translate(GatewayError("INVALID_ARGUMENT", "the event stream ended with status BAD_REQUEST"))
    assert (error.code, error.exit_code) == ("clock_wrong", 3)
