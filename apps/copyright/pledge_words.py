"""What people read of pledges, in both languages."""

from __future__ import annotations

from datetime import date

from apps.copyright import permissions
from apps.copyright.rights_words import (
    AGREE,
    ALL_RIGHTS,
    CONTRACT,
    MSP_NAME,
    NOTE,
    OTHERS,
    REASON,
    economic,
    rights,
    rights_words,
    untold,
)
from apps.kit.formats import day_words, line, period, yuan
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.copyright.kinds import Pledge
from fabric_sdk import clock
from fabric_sdk.kinds import Record

REGISTER_BY = Text("登记期限", "Register by")


def _in_a_year() -> str:
    today = clock.today()
    return date(today.year + 1, today.month, min(today.day, 28)).isoformat()


def _debt_period(pledge: Record) -> tuple[Text, Text]:
    return Text("债务期间", "Debt period"), period(pledge["debt_from"], pledge["debt_until"])


def _register_by(pledge: Record) -> tuple[Text, Text]:
    return REGISTER_BY, day_words(str(pledge.get("deadlines", {}).get("registration", "")))


def _gist(pledge: Record) -> Text:
    debt = Text("债权 {y}", "debt {y}", y=yuan(pledge["debt_fen"]))
    due = Text("{d} 到期", "due {d}", d=day_words(pledge["debt_until"]))
    return line(debt, due, rights_words(pledge["rights"]))


def _due(pledge: Record) -> str:
    if pledge["state"] == "REGISTERED":
        return str(pledge["debt_until"])
    return str(pledge["deadlines"].get("registration", "")) if pledge["state"] == "AGREED" else ""


PLEDGE = KindWords(
    Pledge,
    Text("质押", "Pledge"),
    icon="lock",
    command="pledge",
    ends=(Pledge.pledgor, Pledge.pledgee),
    gist=_gist,
    due=_due,
    states={
        Pledge.PROPOSED: Text("待质权人接受", "Waiting for the pledgee"),
        Pledge.AGREED: Text("待登记机构决定", "Before the office"),
        Pledge.REGISTERED: Text("质押中", "Pledged"),
        Pledge.REFUSED: Text("不予登记", "Refused"),
        Pledge.REJECTED: Text("已拒绝", "Declined"),
        Pledge.WITHDRAWN: Text("已退出", "Withdrawn"),
        Pledge.DISCHARGED: Text("已解除", "Discharged"),
    },
    fields={
        Pledge.pledgor: FieldWords(Text("出质人", "Pledgor")),
        Pledge.pledgee: FieldWords(Text("质权人", "Pledgee"), option="to", help=MSP_NAME),
        Pledge.debt_fen: FieldWords(
            Text("债权", "Debt"), asked=Text("担保的债权（元）", "Secured debt (CNY)"), raw=True
        ),
        Pledge.debt_from: FieldWords(Text("债务起始日期", "Debt from"), option="from", told=_debt_period),
        Pledge.debt_until: FieldWords(
            Text("债务到期日期", "Debt due"), option="until", first=lambda work, who: _in_a_year(), told=untold
        ),
        Pledge.rights: FieldWords(
            Text("权利种类", "Rights"),
            table=rights,
            offered=economic,
            everything=ALL_RIGHTS,
            given="all",
            help=Text("逗号分隔，或 all", "by comma, or all"),
        ),
        Pledge.contract_sha256: FieldWords(CONTRACT, asked=Text("质权合同", "Pledge contract"), option="contract"),
        Pledge.note: FieldWords(NOTE),
        Pledge.deadlines: FieldWords(REGISTER_BY, told=_register_by),
        Pledge.reason: FieldWords(REASON),
        Pledge.reasons: FieldWords(Text("理由", "Reasons")),
    },
    acts={
        Pledge.propose: ActWords(
            Text("质押", "Pledge"),
            Text(
                "质权人接受、共有人同意后，双方共同提交登记机构；质权自登记时设立。债务不得晚于著作权到期。",
                "Once the pledgee accepts and co-owners consent, it is filed with the office; the pledge exists from"
                " registration. The debt must not outlive the right.",
            ),
            title=Text("质押：{t}", "Pledge: {t}"),
            accept=Text("提出质押", "Propose"),
            done=Text("已提出质押，等待质权人接受", "Pledge proposed; the pledgee must accept"),
        ),
        Pledge.consent: ActWords(
            Text("同意质押", "Consent to pledge"),
            Text("质押须全体共有人同意。", "A pledge needs every co-owner's consent."),
            asks=AGREE,
            others=OTHERS,
        ),
        Pledge.accept: ActWords(
            Text("接受质押", "Accept pledge"),
            Text(
                "接受后由双方共同提交登记机构；质权自登记时设立。",
                "Both sides then file it with the office; the pledge exists from its registration.",
            ),
            asks=Text("请决定是否接受质押", "Answer the pledge"),
        ),
        Pledge.register: ActWords(
            Text("登记质押", "Register pledge"),
            Text(
                "登记后质权设立；转让和专有许可须质权人同意。",
                "The pledge then exists; transfers and exclusive licences need the pledgee's consent.",
            ),
            asks=Text("请决定是否登记质押", "Decide the pledge"),
            permission=permissions.REVIEW,
        ),
        Pledge.refuse: ActWords(
            Text("不予登记", "Refuse"),
            Text("须写明理由，双方都会看到。", "Give reasons; both sides see them."),
            permission=permissions.REVIEW,
        ),
        **{
            act: ActWords(
                Text("退出质押", "Step back"), Text("登记之前可以退出。", "Possible until the pledge is registered.")
            )
            for act in (Pledge.decline, Pledge.step_back, Pledge.withdraw)
        },
        Pledge.discharge: ActWords(
            Text("解除质押", "Discharge pledge"),
            Text("解除后作品不再受质押限制。", "The work is then free of the pledge."),
            main=lambda pledge: str(pledge["debt_until"]) < clock.today().isoformat(),
        ),
    },
)
