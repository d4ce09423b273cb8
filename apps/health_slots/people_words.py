"""What people read of hospitals that are admitted, of families and of referrals, in both languages."""

from __future__ import annotations

from dataclasses import replace

from apps.health_slots.kinds import Family, Hospital, Referral, Resident
from apps.health_slots.model import DOCUMENT_TITLES, FAMILY_TITLES
from apps.health_slots.permissions import BOOK, CHANGE
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

HOSPITAL = KindWords(
    Hospital,
    Text("医院", "Hospital"),
    permission=CHANGE,
    states={Hospital.ADMITTED: Text("已登记", "admitted")},
    fields={
        Hospital.id_: FieldWords(Text("编号", "Id"), placeholder=Text("H0001", "H0001")),
        Hospital.name: FieldWords(Text("名称", "Name")),
        Hospital.msp: FieldWords(Text("组织", "Organisation"), free=True),
    },
    acts={
        Hospital.admit: ActWords(
            Text("登记医院", "Admit a hospital"),
            Text("编号写入账本，之后不能更改。", "Its id is on the ledger and cannot be changed."),
            accept=Text("登记", "Admit"),
            done=lambda hospital, who: Text("已登记 {name}", "{name} was admitted", name=hospital["name"]),
            job=Text("登记医院", "Admit a hospital"),
        ),
    },
)

RESIDENT = KindWords(
    Resident,
    Text("居民", "Resident"),
    permission=BOOK,
    states={Resident.KEPT: Text("已登记", "kept")},
    fields={
        Resident.name: FieldWords(Text("姓名", "Name")),
        Resident.phone: FieldWords(Text("手机", "Phone")),
        Resident.type_: FieldWords(Text("证件类型", "Document"), codes=DOCUMENT_TITLES),
        Resident.document: FieldWords(Text("证件号码", "Document number")),
    },
    acts={
        Resident.register: ActWords(
            Text("登记新居民", "Register a resident"),
            Text(
                "核对证件原件后填写。姓名、证件和手机只存入这家医院的私有集合，账本上只有假名。",
                "Look at the original document. Name, document and phone go into this hospital's private collection "
                "alone; the ledger has a pseudonym.",
            ),
            accept=Text("登记", "Register"),
            done=Text("已登记居民", "The resident is registered"),
            job=Text("登记新居民", "Register a resident"),
        ),
    },
)

FAMILY = KindWords(
    Family,
    Text("家庭成员", "Family members"),
    permission=BOOK,
    states={Family.LINKED: Text("可以代约", "may book")},
    fields={
        Family.type_: FieldWords(Text("对方证件类型", "Kind of the other's document"), codes=DOCUMENT_TITLES),
        Family.document: FieldWords(Text("对方证件号码", "Number of the other's document")),
        Family.kind_: FieldWords(Text("关系", "Relation"), codes=FAMILY_TITLES),
        Family.days: FieldWords(
            Text("期限", "For how long"),
            codes={days: Text("{n} 年", "{n} {n:year|years}", n=n) for n, days in ((1, 365), (2, 730), (3, 1094))},
        ),
    },
    acts={
        Family.link: ActWords(
            Text("登记成员", "Link"),
            Text(
                "监护：看过双方证件和监护证明，到年满 18 周岁为止。本人授权：双方都在场。"
                "账本上只有主管部门能打开的密文；对方的限额仍按对方自己算。",
                "Guardianship: you saw both documents and its papers; it ends on the eighteenth birthday. By "
                "consent: both are here. The ledger keeps what only the authority can open; the other's limits "
                "stay their own.",
            ),
            title=Text("可代谁预约", "For whom they may book"),
            done=Text("已登记家庭成员", "The family member is linked"),
            job=Text("登记家庭成员", "Link a family member"),
        ),
        Family.unlink: ActWords(
            Text("解除", "End it"),
            Text("从下一次预约起不能再代约；已约的号不变。", "From the next booking on; what is booked stays."),
            title=Text("解除代约", "End the link"),
            done=Text("已解除", "The link has ended"),
            job=Text("解除家庭成员", "End a family link"),
        ),
    },
)

_REFER = ActWords(
    Text("登记转诊", "Refer"),
    lambda session, who: Text(
        "{d} {dept} {doctor}。证件只交主管部门换取当天的编号，账本上没有姓名和证件。",
        "{d} {dept} {doctor}. The document only goes to the authority for the id of that day; the ledger has "
        "neither name nor number.",
        d=session["date"],
        dept=session["department_name"],
        doctor=session["doctor_name"],
    ),
    title=lambda session, who: Text("转诊到 {h}", "Refer to {h}", h=session["hospital_name"]),
    done=Text("已登记转诊", "Referred"),
    job=lambda session, who: Text("转诊到 {h}", "Refer to {h}", h=session["hospital_name"]),
)
REFERRAL = KindWords(
    Referral,
    Text("转诊", "Referral"),
    permission=BOOK,
    states={Referral.REFERRED: Text("已转诊", "referred"), Referral.TAKEN_BACK: Text("已撤回", "Revoked")},
    fields={
        Referral.hospital: FieldWords(Text("医院", "Hospital")),
        Referral.department: FieldWords(Text("科室", "Department")),
        Referral.date: FieldWords(Text("日期", "Date")),
        Referral.name: FieldWords(Text("姓名", "Name")),
        Referral.phone: FieldWords(Text("手机", "Phone")),
        Referral.type_: FieldWords(Text("证件类型", "Document"), codes=DOCUMENT_TITLES),
        Referral.document: FieldWords(Text("证件号码", "Document number")),
        Referral.resident: FieldWords(Text("居民假名", "Pseudonym")),
    },
    acts={
        Referral.refer: _REFER,
        Referral.book: replace(
            _REFER,
            button=Text("转诊并预约", "Refer and book"),
            done=Text("已转诊，并约好一个号", "Referred and booked"),
        ),
        Referral.take_back: ActWords(
            Text("撤回转诊", "Take back"),
            lambda referral, who: Text(
                "{d} {dept}：撤回后，这位居民不能再凭此预约预留的号。",
                "{d} {dept}: afterwards this person cannot book reserved slots by it.",
                d=referral["date"],
                dept=referral["department_name"],
            ),
            title=Text("撤回转诊", "Take the referral back"),
            accept=Text("撤回", "Take back"),
            done=Text("转诊已撤回", "The referral was taken back"),
            job=Text("撤回转诊", "Take a referral back"),
            leave_out=(Referral.hospital, Referral.department, Referral.date, Referral.resident),
        ),
    },
)
