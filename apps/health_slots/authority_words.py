"""What people read of what the authority decides, of consents, keys, tickets and days' seeds, in both languages."""

from __future__ import annotations

from dataclasses import replace

from apps.health_slots.kinds import Beacon, Clinic, CodeKey, Consent, Key, Tickets
from apps.health_slots.model import LOOK_PURPOSES
from apps.health_slots.permissions import BOOK, CHANGE, DRAW
from apps.health_slots.session_words import REASON
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

KEY = KindWords(
    Key,
    Text("居民公钥", "Resident's key"),
    permission=CHANGE,
    states={Key.BOUND: Text("已登记", "bound"), Key.WITHDRAWN: Text("已作废", "withdrawn")},
    fields={
        Key.resident: FieldWords(Text("居民假名", "Pseudonym"), placeholder=Text("R…", "R…")),
        Key.reason: replace(REASON, first="other"),
    },
    acts={
        Key.bind: ActWords(
            Text("登记签名公钥", "Bind a signing key"),
            Text(
                "为居民生成一把签名密钥，存进他自己的存储设备；账本只登记公钥。授权和撤回都要用它签名，丢了要由主管部门作废。",
                "Makes a signing key for the resident, kept on the resident's own device; the ledger has its public "
                "half. Consents and their revocation are signed with it; the authority withdraws one that was lost.",
            ),
            accept=Text("生成并登记", "Make and bind"),
            done=Text("已登记公钥", "The key is bound"),
            job=Text("登记居民公钥", "Bind a resident's key"),
            permission=BOOK,
        ),
        Key.withdraw: ActWords(
            Text("作废居民公钥", "Withdraw a resident's key"),
            Text(
                "居民丢了密钥时用。此后这把密钥的签名一律不认，已写入的授权不变；居民可到任何一家核对过身份的医院登记新的。",
                "For a resident who lost the key. Nothing signed with it is taken from now on; consents on the "
                "ledger stay, and a new key can be bound at any hospital that checked the identity.",
            ),
            accept=Text("作废公钥", "Withdraw key"),
            done=Text("公钥已作废", "The key is withdrawn"),
            job=Text("作废居民公钥", "Withdraw a resident's key"),
            help=Text("注销居民遗失的公钥（卫健委）。", "Withdraw a key that its resident lost."),
            loss=Text("此公钥的签名将不再有效。", "Its signatures count no more."),
            icon="key",
        ),
    },
)

CLINIC = KindWords(
    Clinic,
    Text("社区机构", "Clinic"),
    permission=CHANGE,
    states={Clinic.ADMITTED: Text("可以转诊", "may refer"), Clinic.DISMISSED: Text("不能转诊", "may not refer")},
    fields={Clinic.reason: replace(REASON, first="demand")},
    acts={
        Clinic.admit: ActWords(
            Text("准许这家机构转诊", "Let this institution refer"),
            at_once=True,
            done=lambda clinic, who: Text("已准许 {h} 转诊", "{h} may refer now", h=clinic["name"]),
            job=lambda clinic, who: Text("准许 {h} 转诊", "Let {h} refer", h=clinic["name"]),
        ),
        Clinic.dismiss: ActWords(
            Text("不再准许", "Let it refer no more"),
            Text("已经转出的仍有效；从现在起不能再转。", "What it referred stays; from now on it refers no more."),
            title=lambda clinic, who: Text("不再准许 {h} 转诊", "Let {h} refer no more", h=clinic["name"]),
            accept=Text("不再准许", "Let it refer no more"),
            done=lambda clinic, who: Text("{h} 不能再转诊", "{h} refers no more", h=clinic["name"]),
            job=lambda clinic, who: Text("不再准许 {h} 转诊", "Let {h} refer no more", h=clinic["name"]),
        ),
    },
)

CONSENT = KindWords(
    Consent,
    Text("授权", "Consents"),
    argument="CONSENT",
    permission=BOOK,
    states={Consent.GIVEN: Text("有效", "Valid"), Consent.REVOKED: Text("已撤回", "Revoked")},
    fields={
        Consent.purpose: FieldWords(
            Text("目的，写在账本上", "What for; on the ledger"), asked=Text("目的", "Purpose"), codes=LOOK_PURPOSES
        )
    },
    acts={
        Consent.give: ActWords(
            Text("新授权", "New consent"),
            lambda resident, who: Text(
                "{r} 允许一家医院在一段时间内查看他在各家医院的预约。每次查看都留痕，他可以随时撤回。",
                "{r} lets one hospital look at appointments at all hospitals for a time. Every look leaves a trace; "
                "the resident may revoke it at any time.",
                r=resident["who"],
            ),
            accept=Text("签名并写入", "Sign and write"),
            done=Text("授权已写入", "The consent is on the ledger"),
            job=Text("写入授权", "Write a consent"),
        ),
        Consent.revoke: ActWords(
            Text("撤回授权", "Revoke a consent"),
            lambda consent, who: Text(
                "撤回后 {h} 立即不能再查看，已留的痕保留。",
                "From then on {h} cannot look any more; the traces stay.",
                h=consent["hospital"],
            ),
            accept=Text("签名并撤回", "Sign and revoke"),
            done=Text("授权已撤回", "The consent was revoked"),
            job=Text("撤回授权", "Revoke a consent"),
        ),
        Consent.look: ActWords(
            Text("查看跨院记录", "Look"),
            Text(
                "先在账本上留下您的名字、时间和目的，居民看得到，不能删除；然后给看 15 分钟。",
                "First your name, the time and the purpose go on the ledger, where the resident sees them and "
                "nobody can remove them; then you may look for 15 minutes.",
            ),
            title=Text("查看跨院记录", "Look at the record elsewhere"),
            accept=Text("留痕并查看", "Leave a trace and look"),
            done=Text("已留痕", "Trace left"),
            job=Text("查看跨院记录", "Look at a record"),
            help=Text("凭授权查阅居民在各院的预约，并留痕。", "Look at a record by consent; leaves a trace."),
        ),
    },
)

CODE_KEY = KindWords(
    CodeKey,
    Text("取号码的签名密钥", "Key of check-in codes"),
    permission=DRAW,
    states={CodeKey.WITHDRAWN: Text("已作废", "withdrawn")},
    fields={},
    acts={
        CodeKey.withdraw: ActWords(
            Text("更换取号码的签名密钥", "Replace the key"),
            help=Text("更换取号码的签名密钥（如被盗）。", "Replace the key that signs check-in codes."),
            loss=Text("已发出的取号码立即失效。", "Codes that were given out stop working at once."),
        ),
    },
)

TICKETS = KindWords(
    Tickets,
    Text("预约凭证", "Tickets"),
    permission=CHANGE,
    states={Tickets.NEEDED: Text("须有凭证", "tickets needed")},
    fields={},
    acts={
        Tickets.ask: ActWords(
            Text("要求凭证", "Ask for tickets"),
            help=Text("从现在起预约须有主管部门的凭证。", "Ask for the authority's tickets from now on, for good."),
        ),
    },
)

BEACON = KindWords(
    Beacon,
    Text("当天的种子", "Day's seed"),
    permission=DRAW,
    states={Beacon.COMMITTED: Text("已承诺", "committed")},
    fields={},
    acts={
        Beacon.commit: ActWords(
            Text("承诺今天的种子", "Commit to today's seed"),
            at_once=True,
            done=Text("已承诺今天的种子", "Committed to today's seed"),
            job=lambda day, who: Text("承诺 {d} 的种子", "Commit to the beacon of {d}", d=day["id"]),
        ),
    },
)
