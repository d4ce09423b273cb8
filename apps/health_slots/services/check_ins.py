"""取号: codes of check-in, this workspace's own and those of residents' devices, and who looks the person up."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.health_slots import permissions
from apps.health_slots.cast import Part
from apps.health_slots.model import Receipt
from apps.health_slots.services.base import Theme
from baas.errors import Conflict, LedgerError, NotFound, Text, UserError
from chaincode.health_slots import calendar, check_in, health_code

BOOK, DRAW = permissions.BOOK, permissions.DRAW


class CheckIns(Theme):
    """Check in by a code, or at a desk; the key that signs this workspace's codes."""

    def issue_code(self, appointment: str, *, seconds: int = 300) -> str:
        """Make a signed code (the content of the QR) that checks the resident in once within `seconds`."""
        self._require(BOOK)
        id, key, _ = self._code_key()
        record = self._ledger.evaluate("platform", "GetAppointment", appointment)
        now = self._now()
        life = max(30, min(seconds, health_code.MAX_LIFE_S))
        signed = health_code.code_payload(appointment, record["resident"], now, now + life, id, secrets.token_hex(12))
        return health_code.assemble(signed, key.sign(signed))

    def check_in(self, appointment: str, code: str) -> Receipt:
        """取号 by a code; a code works once. One of the resident's own device is shown to the authority alone."""
        self._require(BOOK)
        if code.startswith(f"{check_in.CODE}."):
            hospital = str(self._ledger.evaluate("platform", "GetAppointment", appointment)["hospital"])
            code = self._recognised(hospital, [appointment], code)["pass"]
        return self._submit("staff", "CheckIn", appointment, code)

    def check_in_by_code(self, code: str, hospital: str = "") -> tuple[str, Receipt]:
        """取号 by a code alone, as a scanner reads it; returns the appointment that it is for.

        One of a resident's device names none: it is looked for among those who are expected at `hospital` now.
        """
        self._require(BOOK)
        code = code.strip()
        if code.startswith(f"{check_in.CODE}."):
            found = self._recognised(hospital, self._expected(hospital), code)
            return found["appointment"], self._submit("staff", "CheckIn", found["appointment"], found["pass"])
        appointment = health_code.appointment_of(code)
        if not appointment:
            raise UserError(
                Text("这不是取号码。", "This is no check-in code."),
                Text(
                    "请扫描居民出示的二维码，或粘贴以 CC 开头的整行。",
                    "Scan the QR code, or paste the line from CC on.",
                ),
                code="bad_code",
            )
        return appointment, self.check_in(appointment, code)

    def check_in_at_desk(self, appointment: str) -> Receipt:
        """取号 of somebody who was looked up and whose document was compared; leaves a trace of that look."""
        self._require(BOOK)
        record = self._ledger.evaluate("platform", "GetAppointment", appointment)
        self._tickets.look(record["hospital"], record["resident"], "check-in")
        return self._submit("staff", "CheckInAtDesk", appointment)

    def _recognised(self, hospital: str, appointments: Sequence[str], code: str) -> dict[str, Any]:
        """Ask the authority for which of these appointments a device's code is; with a pass for it."""
        transient = {"code": code.encode()}
        for start in range(0, len(appointments), check_in.CANDIDATES):
            page = list(appointments[start : start + check_in.CANDIDATES])
            try:
                found: dict[str, Any] = self._tickets.at_authority(
                    "staff", "RecogniseCode", hospital, page, transient=transient
                )
                return found
            except LedgerError as error:
                if error.code != "bad_code" or start + check_in.CANDIDATES >= len(appointments):
                    raise
        raise NotFound(Text("这家医院现在没有待取号的预约。", "Nobody is expected at this hospital now."))

    def _expected(self, hospital: str) -> list[str]:
        """Booked appointments of a hospital's days that rules can let check in now: from yesterday's to tomorrow's."""
        self._sync()
        today = calendar.local_date(self._now(), 480)
        rows = self._index.rows(
            "SELECT a.id FROM appointment a JOIN hospital h ON h.id = a.hospital JOIN session s ON s.id = a.session "
            "WHERE a.state = 'booked' AND h.code = ? AND s.date BETWEEN ? AND ? ORDER BY s.date = ? DESC, s.date, a.id",
            (hospital, calendar.add_days(today, -1), calendar.add_days(today, 1), today),
        )
        return [str(id) for (id,) in rows]

    def ensure_code_key(self) -> bool:
        """Put this workspace's check-in key on the ledger if it is not there; returns whether it was written."""
        return self._code_key()[2]

    def withdraw_code_key(self) -> str:
        """Stop taking codes of the key in use, as after a theft; the next code has a new key. Returns the old id."""
        self._require(DRAW)
        id, _, _ = self._code_key()
        self._ledger.submit("platform", "WithdrawCodeKey", id)
        self.ensure_code_key()
        return id

    def _code_key(self) -> tuple[str, Ed25519PrivateKey, bool]:
        """The key that signs codes now, by number after those that were withdrawn, and whether it was just written."""
        for number in itertools.count(1):
            id, key = f"city-{number}", self._vault.code_key(number)
            public = key.public_key().public_bytes_raw().hex()
            try:
                known = self._ledger.evaluate("platform", "GetCodeKey", id)
            except LedgerError as error:
                if error.code != "not_found":
                    raise
                self._ledger.submit("platform", "RegisterCodeKey", id, public)
                return id, key, True
            if known["state"] == "withdrawn":
                continue
            if known["public"] != public:
                raise Conflict(
                    Text("账本上的取号密钥不是本工作区的。", "The ledger's check-in key is not this workspace's."),
                    Text(
                        "请居民用自己的设备出码，或核对证件后取号（check-in --document）。",
                        "Let the resident's own device make one, or look at the document (check-in --document).",
                    ),
                    code="foreign_code_key",
                )
            return id, key, False
        raise AssertionError("unreachable")

    def _submit(self, part: Part, function: str, *args: Any) -> Receipt:
        receipt = self._ledger.submit(part, function, *args)
        self._sync()
        return receipt
