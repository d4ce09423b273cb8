"""What people read of registrations and changes, in both languages."""

from __future__ import annotations

from apps.copyright import permissions
from apps.copyright.policy_tables import table
from apps.copyright.rights_words import ALL_RIGHTS, REASON, rights
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.copyright.kinds import Cancellation, Change, Registration
from fabric_sdk.kinds import Record

REVIEW, DEPOSIT = permissions.REVIEW, permissions.DEPOSIT
REASONS, OPINION = Text("理由", "Reasons"), Text("审查意见", "Opinion")
COUNTING = {
    "SUBMITTED": "verification",
    "VERIFYING": "verification",
    "CORRECTION": "correction",
    "ACCEPTED": "examination",
    "EXAMINING": "examination",
    "EXAMINED": "examination",
    "APPROVED": "examination",
}
"""The deadline that runs in a state."""
BASES = {
    "content": Text("作品文件", "the work's file"),
    "prints": Text("公开指纹", "its public prints"),
    "none": Text("未能打开作品", "the work was not opened"),
    "differs": Text("作品文件（与存证的散列不符）", "the work's file, which is not what its deposit says"),
    "cut": Text("作品文件（在先的相近作品过多，未能全部列出）", "the work's file, with more earlier works than fit"),
}
OFFICE_GROUNDS = ("judgment", "false_statement", "duplicate", "not_a_work")
"""Grounds on which the office cancels by itself; at their owners' request it decides their application."""
ENTRIES = {
    "title": Text("作品名称", "Title"),
    "authors": Text("作者", "Author"),
    "completed": Text("创作完成", "Completed on"),
    "published": Text("首次发表", "first publication"),
    "note": Text("备注", "Note"),
    "creation_kind": Text("创作性质", "Creation kind"),
    "sources": Text("在先作品", "Earlier works"),
    "software": Text("软件信息", "Software"),
}
"""What a change may change."""


def due_of(case: Record) -> str:
    """The deadline that counts in a case's state, as an ISO date; "" where none runs."""
    return str(case["deadlines"].get(COUNTING.get(case["state"], ""), ""))


def _changed(change: Record) -> Text:
    names = [ENTRIES.get(name, Text(name, name)) for name in change["changes"]]
    zh, en = ("、".join(one.zh for one in names), "、".join(one.en for one in names))
    return Text("{a} · {r}", "{b} · {r}", a=zh, b=en, r=str(change["reason"]))


def _case_gist(case: Record) -> Text:
    return Text("{n}", "{n}", n=case["number"] or case["id"])


def _step(button: Text, asks: Text | None = None, help: Text | None = None) -> ActWords:
    """A step of the review that asks nothing: done when its button is pressed."""
    return ActWords(button, asks=asks, permission=REVIEW, at_once=True)


REGISTRATION = KindWords(
    Registration,
    Text("登记", "Registration"),
    icon="stamp",
    permission=REVIEW,
    ends=(Registration.applicant,),
    gist=_case_gist,
    due=due_of,
    states={
        Registration.SUBMITTED: Text("已提交，待核查", "Submitted"),
        Registration.VERIFYING: Text("核查中", "Being verified"),
        Registration.CORRECTION: Text("待补正", "To be corrected"),
        Registration.ACCEPTED: Text("已受理", "Accepted"),
        Registration.EXAMINING: Text("审查中", "Being examined"),
        Registration.EXAMINED: Text("初审通过，待复审", "Passed once, to be reviewed"),
        Registration.APPROVED: Text("审查通过，待发证", "Approved"),
        Registration.CERTIFIED: Text("登记有效", "Registered"),
        Registration.PUBLISHED: Text("登记有效，已公告", "Registered, published"),
        Registration.REFUSED: Text("不予登记", "Refused"),
        Registration.LAPSED: Text("逾期未补正", "Lapsed"),
        Registration.WITHDRAWN: Text("已撤回", "Withdrawn"),
        Registration.CANCELLED: Text("登记已撤销", "Cancelled"),
    },
    fields={
        Registration.applicant: FieldWords(Text("申请人", "Applicant")),
        Registration.acquisition: FieldWords(Text("取得", "Acquired"), table=table("acquisitions")),
        Registration.attribution: FieldWords(Text("归属", "Attribution"), table=table("attributions")),
        Registration.rights: FieldWords(Text("权利种类", "Rights"), table=rights, everything=ALL_RIGHTS),
        Registration.statement: FieldWords(Text("创作说明", "Statement")),
        Registration.owners: FieldWords(Text("权利人", "Owners")),
        Registration.proofs: FieldWords(Text("证明文件", "Proofs")),
        Registration.similar: FieldWords(Text("疑似相近作品", "Works that look alike")),
        Registration.number: FieldWords(Text("登记号", "Number")),
        Registration.documents_hash: FieldWords(Text("证件散列", "Hash of the documents")),
        Registration.deadlines: FieldWords(Text("期限", "Due")),
        Registration.registered: FieldWords(Text("登记日期", "Registered")),
        Registration.right_until: FieldWords(Text("权利到期", "Right until")),
        Registration.certificate: FieldWords(Text("证书", "Certificate")),
        Registration.certificates: FieldWords(Text("以前的证书", "Earlier certificates")),
        Registration.published: FieldWords(Text("公告", "Published")),
        Registration.cancelled: FieldWords(Text("撤销登记", "Cancelled")),
        Registration.asked: FieldWords(
            Text("要更正的项目", "Fields to correct"),
            table=table("correctable"),
            everything=Text("全部项目", "All fields"),
            option="fields",
            help=Text(
                "要求更正的项目，逗号分开；申请人只能更改这些。",
                "What to correct, by comma; nothing else changes.",
            ),
        ),
        Registration.corrections: FieldWords(Text("补正记录", "Corrections")),
        Registration.term: FieldWords(Text("保护期依据", "Term")),
        Registration.entries: FieldWords(Text("作品信息", "Entries")),
        Registration.explanation: FieldWords(Text("说明", "Explanation")),
        Registration.reasons: FieldWords(Text("原因", "Reasons"), asked=REASONS, option="reason"),
        Registration.opinion: FieldWords(OPINION),
        Registration.ground: FieldWords(
            Text("事由", "Ground"), table=table("cancellation_grounds"), offered=lambda: OFFICE_GROUNDS
        ),
        Registration.sha256: FieldWords(Text("证书散列", "Hash of the certificate")),
        Registration.cid: FieldWords(Text("证书文件", "The certificate's file")),
        Registration.comparison: FieldWords(Text("查重结果", "Comparison")),
        Registration.examiner: FieldWords(Text("初审人", "First examiner")),
        Registration.found: FieldWords(Text("查到的作品", "Works found")),
        Registration.basis: FieldWords(Text("比对依据", "Compared by"), codes=BASES),
        Registration.height: FieldWords(Text("比到的区块", "Up to block")),
        Registration.works: FieldWords(Text("比对的作品数", "Works compared with")),
        Registration.alike: FieldWords(Text("查到的作品", "The work found")),
        Registration.decision: FieldWords(Text("认定", "Finding"), table=table("opinions")),
        Registration.view: FieldWords(OPINION, option="reason"),
        Registration.replaces: FieldWords(Text("取代的证书散列", "Hash of the certificate that it replaces")),
    },
    acts={
        Registration.submit: ActWords(
            Text("申请登记", "Apply for registration"), permission=DEPOSIT, icon="stamp", command="-"
        ),
        Registration.verify: _step(Text("开始核查", "Begin verification"), Text("请核查材料", "Check the papers")),
        Registration.accept: _step(Text("予以受理", "Accept"), Text("请决定是否受理", "Accept or return the papers")),
        Registration.examine: _step(Text("开始审查", "Begin examination"), Text("请开始审查", "Begin the examination")),
        Registration.compare: ActWords(
            Text("全网查重", "Compare with all works"),
            Text(
                "用作品文件与全网存证比对，结果写入账本。",
                "The work's file is compared with every deposit; the result goes on the ledger.",
            ),
            permission=REVIEW,
            command="-",
            at_once=True,
            run="apps.copyright.ui.comparing:compare",
            leave_out=(Registration.found, Registration.basis, Registration.height, Registration.works),
        ),
        Registration.opine: ActWords(
            Text("写比对意见", "Write an opinion"),
            permission=REVIEW,
            command="-",
            dialog="apps.copyright.ui.comparing:opine",
        ),
        Registration.pass_first: ActWords(
            Text("初审通过", "Pass first examination"),
            Text("由另一位登记员复审。", "Another registrar reviews it."),
            asks=Text("请查重并作出初审决定", "Compare the work and decide the first examination"),
            permission=REVIEW,
        ),
        Registration.send_back: ActWords(
            Text("退回初审", "Send back"),
            Text("写明要重新审查什么。", "Say what is to be examined again."),
            permission=REVIEW,
        ),
        Registration.approve: ActWords(
            Text("复审通过", "Approve"),
            Text(
                "通过后即可发证。意见写入账本。", "The certificate can then be issued. The opinion goes on the ledger."
            ),
            asks=Text("请复审", "Review the examination"),
            permission=REVIEW,
        ),
        Registration.ask_correction: ActWords(
            Text("要求补正", "Ask for correction"),
            Text(
                "申请人有两个月时间，只能更改选中的项目；更改前后的内容都保留。",
                "The applicant has two months and changes these fields only; both versions are kept.",
            ),
            permission=REVIEW,
        ),
        Registration.correct: ActWords(
            Text("补正申请", "Correct application"),
            asks=Text("请补正申请材料", "Correct the application"),
            permission=DEPOSIT,
            dialog="apps.copyright.ui.apply:CorrectDialog",
        ),
        Registration.lapse: ActWords(Text("逾期失效", "Lapse"), permission=REVIEW),
        Registration.withdraw: ActWords(
            Text("撤回申请", "Withdraw application"),
            Text("撤回后作品仍是存证，以后可以重新申请登记。", "The work stays deposited; you may apply again later."),
            permission=DEPOSIT,
        ),
        Registration.refuse: ActWords(
            Text("不予登记", "Refuse"),
            Text("须写明原因，申请人会看到。", "Give reasons; the applicant sees them."),
            permission=REVIEW,
        ),
        Registration.certify: ActWords(
            Text("予以发证", "Issue certificate"),
            Text("编号、制作并签署 PDF，散列写入账本。", "A number, a signed PDF, and its hash on the ledger."),
            asks=Text("请发证", "Issue the certificate"),
            permission=REVIEW,
            dialog="apps.copyright.ui.review:certify",
        ),
        Registration.note_certificate: ActWords(
            Text("记录证书", "Note the certificate"), permission=REVIEW, command="-"
        ),
        Registration.publish: _step(Text("予以公告", "Publish"), Text("请公告", "Publish")),
        Registration.cancel: ActWords(
            Text("撤销登记", "Cancel registration"),
            Text(
                "撤销后登记号和证书失效；存证仍在。理由写入账本并公开。",
                "Number and certificate become void; the deposit stays. The reasons are public on the ledger.",
            ),
            permission=REVIEW,
        ),
    },
)

CHANGE = KindWords(
    Change,
    Text("变更与补充", "Change"),
    icon="edit",
    permission=REVIEW,
    ends=(Change.applicant,),
    gist=_changed,
    states={
        Change.REQUESTED: Text("待登记机构决定", "Before the office"),
        Change.APPROVED: Text("已变更", "Changed"),
        Change.REFUSED: Text("不予变更", "Change refused"),
        Change.WITHDRAWN: Text("已撤回", "Withdrawn"),
    },
    panel="apps.copyright.ui.matter_parts:changes",
    fields={
        Change.applicant: FieldWords(Text("申请人", "Applicant")),
        Change.changes: FieldWords(Text("变更的内容", "Changes")),
        Change.reason: FieldWords(REASON, asked=Text("变更的原因", "Why"), help=Text("理由", "Reasons")),
        Change.before: FieldWords(Text("变更前", "Before")),
        Change.opinion: FieldWords(OPINION, option="reason"),
        Change.reasons: FieldWords(REASONS, option="reason"),
    },
    acts={
        Change.request: ActWords(
            Text("变更或补充", "Change or supplement"),
            Text(
                "登记机构同意后写入登记事项，原来的内容仍在历史中。",
                "Written to the register when the office approves; the earlier entries stay in the history.",
            ),
            title=Text("变更或补充：{t}", "Change or supplement: {t}"),
            accept=Text("提出变更", "Ask"),
            done=Text("已提出变更，等待登记机构决定", "Change asked for; the office decides"),
            permission=DEPOSIT,
            icon="edit",
            dialog="apps.copyright.ui.case_dialogs:change",
            leave_out=(Change.changes,),
        ),
        Change.consent: ActWords(
            Text("同意变更", "Consent to the change"),
            Text("全体权利人同意后，由登记机构决定。", "When all owners consent the office decides."),
            asks=Text("请决定是否同意变更", "Consent to the change"),
            others=Text("等待其他权利人同意", "Waits for the other owners"),
            permission=DEPOSIT,
        ),
        Change.withdraw: ActWords(
            Text("撤回变更申请", "Withdraw the change"),
            Text("登记事项保持不变。", "The entries stay as they are."),
            permission=DEPOSIT,
        ),
        Change.approve: ActWords(
            Text("准予变更", "Approve change"),
            Text(
                "账本上的登记事项随之更改，原来的内容仍在历史中。",
                "The entries on the ledger change; the earlier ones stay in the history.",
            ),
            dialog="apps.copyright.ui.review:approve",
            asks=Text("请决定是否变更", "Decide the change"),
            permission=REVIEW,
        ),
        Change.refuse: ActWords(
            Text("不予变更", "Refuse change"),
            Text("须写明理由，申请人会看到。", "Give reasons; the applicant sees them."),
            permission=REVIEW,
        ),
    },
)

CANCELLATION = KindWords(
    Cancellation,
    Text("注销登记", "Cancellation"),
    icon="edit",
    permission=REVIEW,
    command="cancellation",
    ends=(Cancellation.applicant,),
    gist=(Cancellation.reason,),
    states={
        Cancellation.REQUESTED: Text("待登记机构决定", "Before the office"),
        Cancellation.APPROVED: Text("已注销", "Cancelled"),
        Cancellation.REFUSED: Text("不予注销", "Refused"),
        Cancellation.WITHDRAWN: Text("已撤回", "Withdrawn"),
    },
    fields={
        Cancellation.applicant: FieldWords(Text("申请人", "Applicant")),
        Cancellation.reason: FieldWords(REASON, asked=Text("注销的原因", "Why"), help=Text("理由", "Reasons")),
        Cancellation.opinion: FieldWords(OPINION, option="reason"),
        Cancellation.reasons: FieldWords(REASONS, option="reason"),
    },
    acts={
        Cancellation.request: ActWords(
            Text("申请注销登记", "Ask to cancel the registration"),
            Text(
                "全体权利人同意、登记机构批准后，登记号和证书失效；存证仍在。",
                "When all owners consent and the office approves, number and certificate are void; the deposit stays.",
            ),
            title=Text("申请注销登记：{t}", "Ask to cancel the registration: {t}"),
            done=Text("已申请注销，等待登记机构决定", "Cancellation asked for; the office decides"),
            permission=DEPOSIT,
        ),
        Cancellation.consent: ActWords(
            Text("同意注销", "Consent to the cancellation"),
            Text("全体权利人同意后，由登记机构决定。", "When all owners consent the office decides."),
            asks=Text("请决定是否同意注销", "Consent to the cancellation"),
            others=Text("等待其他权利人同意", "Waits for the other owners"),
            permission=DEPOSIT,
        ),
        Cancellation.withdraw: ActWords(
            Text("撤回注销申请", "Withdraw the cancellation"),
            Text("登记保持有效。", "The registration stays in force."),
            permission=DEPOSIT,
        ),
        Cancellation.approve: ActWords(
            Text("准予注销", "Approve cancellation"),
            Text("登记号和证书随即失效，不能恢复。", "Number and certificate are void at once and for good."),
            asks=Text("请决定是否注销", "Decide the cancellation"),
            permission=REVIEW,
        ),
        Cancellation.refuse: ActWords(
            Text("不予注销", "Refuse cancellation"),
            Text("须写明理由，申请人会看到。", "Give reasons; the applicant sees them."),
            permission=REVIEW,
        ),
    },
)
