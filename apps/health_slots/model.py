"""What the services of 号源链 return: frozen values in the field's terms, times in seconds since 1970 UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.kit.ledger import Committed
from baas.errors import Text

PART_TITLES: Mapping[str, Text] = {
    "am": Text("上午", "morning"),
    "pm": Text("下午", "afternoon"),
    "night": Text("夜间", "night"),
}
KIND_TITLES: Mapping[str, Text] = {
    "general": Text("普通", "general"),
    "expert": Text("专家", "expert"),
    "special": Text("特需", "special"),
}
POOL_TITLES: Mapping[str, Text] = {
    "window": Text("窗口", "counter"),
    "online": Text("线上", "online"),
    "community": Text("社区", "community"),
    "reserved": Text("预留", "reserved"),
}
STATE_TITLES: Mapping[str, Text] = {
    "committed": Text("已承诺，未放号", "committed"),
    "free": Text("空闲", "free"),
    "held": Text("锁定", "held"),
    "booked": Text("已约", "booked"),
    "returned": Text("已退，待分配", "returned"),
    "drawn": Text("摇号", "in a draw"),
    "stopped": Text("停诊", "stopped"),
    "closed": Text("已截止", "closed"),
}
APPOINTMENT_TITLES: Mapping[str, Text] = {
    "pending": Text("待确认", "pending"),
    "booked": Text("已约", "booked"),
    "checked-in": Text("已取号", "checked in"),
    "fulfilled": Text("已就诊", "fulfilled"),
    "cancelled": Text("已取消", "cancelled"),
    "noshow": Text("爽约", "no-show"),
}
REASON_TITLES: Mapping[str, Text] = {
    "doctor-leave": Text("医生请假", "doctor on leave"),
    "doctor-ill": Text("医生生病", "doctor ill"),
    "emergency": Text("急诊或抢救", "emergency"),
    "equipment": Text("设备故障", "equipment failure"),
    "meeting": Text("会议或培训", "meeting or training"),
    "holiday": Text("节假日", "holiday"),
    "demand": Text("需求变化", "demand"),
    "revisit": Text("复诊加号", "revisit"),
    "correction": Text("更正", "correction"),
    "other": Text("其他", "other"),
}

PURPOSES: Mapping[str, Text] = {
    "gift": Text("礼品", "Gift"),
    "parking": Text("停车券", "Parking"),
    "checkup": Text("体检折扣", "Discount on a check-up"),
    "fee": Text("抵挂号费", "Towards a fee"),
}
"""What points are spent on; the id stands on the ledger."""
LOOK_PURPOSES: Mapping[str, Text] = {
    "treatment": Text("诊疗", "Treatment"),
    "referral": Text("转诊", "Referral"),
    "emergency": Text("急救", "Emergency"),
    "complaint": Text("投诉处理", "Complaint"),
    "resident-request": Text("居民本人要求", "Asked by the resident"),
}
"""What somebody looks at a record for; it stands on the ledger."""
DOCUMENT_TITLES: Mapping[str, Text] = {
    "01": Text("居民身份证", "Identity card"),
    "02": Text("居民户口簿", "Household register"),
    "03": Text("护照", "Passport"),
    "04": Text("军官证", "Military officer's card"),
    "06": Text("港澳居民来往内地通行证", "Permit of Hong Kong and Macao residents"),
    "07": Text("台湾居民来往内地通行证", "Permit of Taiwan residents"),
    "99": Text("其他", "Other"),
}
"""Kinds of documents by their code in WS 364.3 (CV02.01.101); portals use the same codes."""
FAMILY_TITLES: Mapping[str, Text] = {
    "minor": Text("监护", "guardianship"),
    "consent": Text("本人授权", "by consent"),
}
"""How a link of a family came about."""
PARTY_TITLES: Mapping[str, Text] = {
    "hospital": Text("医院", "Hospital"),
    "platform": Text("平台", "Platform"),
    "patients": Text("居民方", "Residents' side"),
}
"""The parties of a draw."""
CHANNELS: Mapping[str, Text] = {
    "wechat": Text("微信支付", "WeChat Pay"),
    "alipay": Text("支付宝", "Alipay"),
    "unionpay": Text("银联", "UnionPay"),
    "medicare": Text("医保", "Medical insurance"),
    "cash": Text("窗口现金", "Cash"),
    "card": Text("窗口刷卡", "Card"),
}
"""Payment channels by the account `clearing:ID` of the books."""


def channel_title(channel: str) -> Text:
    """How a payment channel is called; one that nobody named is shown as it is."""
    return CHANNELS.get(channel, Text(channel, channel))


def yuan(fen: int) -> Text:
    """An amount: 3000 fen are 30.00 元."""
    return Text("{n} 元", "CNY {n}", n=f"{fen / 100:,.2f}")


@dataclass(frozen=True)
class Identity:
    """Who a resident is; kept by the hospital alone and shown in no repr, log or error."""

    name: str = field(repr=False)
    document_type: str = field(repr=False)
    document: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True)
class Receipt(Committed[Any]):
    """A transaction that was committed; `result` is what the contract returned."""

    value: Any = field(repr=False, default=None)

    @property
    def result(self) -> Any:
        return self.value


@dataclass(frozen=True)
class HospitalRow:
    """A hospital and what its slots look like now."""

    id: str
    name: str
    msp_id: str
    sessions: int = 0
    slots: int = 0
    free: int = 0


@dataclass(frozen=True)
class SessionRow:
    """A session as lists show it; `id` is `hospital.session`, minutes count from local midnight of `date`."""

    id: str
    hospital: str
    hospital_name: str
    department: str
    department_name: str
    doctor: str
    doctor_name: str
    date: str
    part: str
    kind: str
    start: int
    end: int
    fee: int
    state: str
    slots: int
    free: int
    booked: int
    held: int
    added: int
    release_at: int
    late: bool
    committed_block: int
    published_block: int | None
    updated_at: int = 0
    """The chain's clock when it was last written."""
    campus: str = ""
    """Id of the campus; "" for a hospital with one."""
    campus_name: str = ""
    referral_until: int = 0
    """Until when its slots of the pool `community` are booked by referral only; 0 where there is no reserve."""

    @property
    def house(self) -> str:
        """Hospital and campus, as people look for the door."""
        return f"{self.hospital_name} {self.campus_name}".rstrip()

    @property
    def all_slots(self) -> int:
        """The promised slots and those added after the release, of which `free` are free."""
        return self.slots + self.added


@dataclass(frozen=True)
class SlotRow:
    """One slot: created and closing times, state, and whether anybody applied."""

    id: str
    session: str
    number: int
    start: int
    end: int
    pool: str
    state: str
    begins_at: int
    created_at: int
    closes_at: int
    applied_at: int | None
    added: bool
    block: int
    updated_at: int = 0


@dataclass(frozen=True)
class Appointment:
    """An appointment with its pseudonymous resident."""

    id: str
    slot: str
    hospital: str
    department: str
    resident: str
    state: str
    booker: str
    created_at: int
    expires: int | None
    due: int
    paid: int
    refund_due: int
    refunded: int
    tx_id: str = ""
    block: int = 0
    confirmed: bool = False
    """Whether a pending appointment waits for its payment only."""
    updated_at: int = 0
    acted_for: bool = False
    """Whether somebody of the family made it for the resident."""


@dataclass(frozen=True)
class SlotQuery:
    """What somebody looks for. Empty fields do not narrow; `text` matches hospital, campus and department names.

    `campus` is its id or its name.
    """

    date_from: str = ""
    date_to: str = ""
    hospital: str = ""
    campus: str = ""
    text: str = ""
    department: str = ""
    doctor: str = ""
    kind: str = ""
    part: str = ""
    pool: str = ""
    free_only: bool = True
    open_at: int = 0
    """With the pool `online`: slots that were reserved for referrals and are everybody's at that moment, too."""
    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True)
class SlotPage:
    """One page of a search; `cursor` goes on ("" at the end)."""

    slots: tuple[SlotRow, ...]
    sessions: tuple[SessionRow, ...]
    cursor: str


@dataclass(frozen=True)
class Finding:
    """Something that the audit found: what, where, in which block and by whom. `severity` is alarm, notice or info."""

    kind: str
    severity: str
    where: str
    block: int
    tx_id: str
    signer: str
    text: Text
    reason: str = ""
    at: int = 0


@dataclass(frozen=True)
class AuditReport:
    """The result of an audit from blocks alone."""

    blocks: int
    transactions: int
    sessions: int
    slots: int
    bookings: int
    added: int
    withdrawn: int
    late: int
    hidden: int
    findings: tuple[Finding, ...]
    head: str

    @property
    def clean(self) -> bool:
        """Whether nothing contradicts the commitments and the rules."""
        return not any(f.severity == "alarm" for f in self.findings)
