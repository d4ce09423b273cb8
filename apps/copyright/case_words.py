"""What people read of disputes and suspected infringements, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from apps.copyright import permissions
from apps.copyright.policy_tables import table
from apps.copyright.rights_words import NOTE, REASON
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.copyright.kinds import Dispute, Infringement
from fabric_sdk import clock
from fabric_sdk.kinds import Record, Who

OUTCOME, REPORTER = Text("结果", "Outcome"), Text("报告人", "Reporter")
EVIDENCE = Text("证据", "Evidence")
DISPUTE_OUTCOMES = {
    "dismissed": Text("异议不成立", "dismissed"),
    "upheld": Text("异议成立", "upheld"),
    "settled": Text("双方和解", "settled"),
}
CASE_OUTCOMES = {
    "removed": Text("已下架", "taken down"),
    "licensed": Text("已取得许可", "licensed"),
    "compensated": Text("已赔偿", "compensated"),
    "litigation": Text("已起诉", "in court"),
    "unfounded": Text("不构成", "unfounded"),
    "abandoned": Text("放弃追究", "not pursued"),
}
EVIDENCE_KINDS = {
    "screenshot": Text("截图", "Screenshot"),
    "recording": Text("录屏或录音", "Recording"),
    "purchase": Text("购买凭证", "Proof of purchase"),
    "notarial": Text("公证文书", "Notarial deed"),
    "file": Text("其他文件", "Other file"),
}


def _ended(codes: Mapping[str, Text]) -> Callable[[Record], tuple[Text, Text] | None]:
    def told(record: Record) -> tuple[Text, Text] | None:
        return (OUTCOME, codes[record["outcome"]]) if record.get("outcome") else None

    return told


def _overdue(dispute: Record) -> bool:
    """Whether the office's day has passed; before, the contract refuses to end the freeze."""
    return clock.today().isoformat() > str(dispute["deadlines"]["admission"])


def _wanted(case: Record, who: Who) -> Text:
    evidenced = case["state"] == "EVIDENCED"
    return Text("请记录处理结果", "Record the outcome") if evidenced else Text("请取证", "Gather evidence")


NOT_FROZEN = (Text("冻结作品", "Freezes"), Text("受理前不冻结", "Not before it is admitted"))


def _looked_at_by(dispute: Record) -> tuple[Text, Text] | None:
    day = (dispute.get("deadlines") or {}).get("admission", "")
    return (Text("受理期限", "Looked at by"), Text(day, day)) if day and dispute["state"] == "OPEN" else None


DISPUTE = KindWords(
    Dispute,
    Text("异议", "Dispute"),
    icon="flag",
    command="dispute",
    permission=permissions.READ,
    ends=(Dispute.claimant,),
    gist=(Dispute.ground, Dispute.statement),
    panel="apps.copyright.ui.matter_parts:evidence",
    due=lambda one: str((one.get("deadlines") or {}).get("admission", "")) if one["state"] == "OPEN" else "",
    states={
        Dispute.OPEN: Text("待登记机构受理", "Before the office"),
        Dispute.ADMITTED: Text("已受理，作品已冻结", "Admitted; work frozen"),
        Dispute.LIFTED: Text("不予受理，已解除冻结", "Not admitted; lifted"),
        Dispute.LAPSED: Text("逾期未受理，已解除冻结", "Not looked at in time; lapsed"),
        Dispute.DECIDED: Text("已处理", "Decided"),
        Dispute.WITHDRAWN: Text("已撤回", "Withdrawn"),
    },
    fields={
        Dispute.claimant: FieldWords(Text("异议人", "Claimant")),
        Dispute.ground: FieldWords(Text("事由", "Ground"), table=table("dispute_grounds"), given="ownership"),
        Dispute.statement: FieldWords(
            Text("陈述", "Statement"), asked=Text("陈述与依据", "Statement: what is your case")
        ),
        Dispute.evidence: FieldWords(
            EVIDENCE,
            asked=Text("证据文件", "Evidence file"),
            hint=Text(
                "原始文件、底稿、合同、在先发表的证明等",
                "An original file, a draft, a contract, proof of earlier publication",
            ),
            help=Text("或写 --earlier", "or --earlier"),
        ),
        Dispute.earlier: FieldWords(
            Text("自己更早的存证", "Own earlier deposit"),
            asked=Text("或自己更早的存证", "Or your own earlier deposit"),
            placeholder=Text("CZ…", "CZ…"),
            help=Text("作品编号，可作证据", "a work's id, as evidence"),
        ),
        Dispute.freezes: FieldWords(
            Text("冻结作品", "Freezes"), told=lambda one: None if one.get("freezes", True) else NOT_FROZEN
        ),
        Dispute.deadlines: FieldWords(Text("受理期限", "Looked at by"), told=_looked_at_by),
        Dispute.outcome: FieldWords(OUTCOME, codes=DISPUTE_OUTCOMES, told=_ended(DISPUTE_OUTCOMES)),
        Dispute.reasons: FieldWords(Text("理由", "Reasons"), option="reason"),
        Dispute.reason: FieldWords(REASON),
    },
    acts={
        Dispute.open: ActWords(
            Text("提出异议", "Contest"),
            Text(
                "须附证据。提出后作品冻结：不能许可、转让或质押，直到登记机构受理并处理；逾期不受理则解除。"
                "没有依据的异议会被解除，再次提出时不再自动冻结。",
                "Evidence is needed. The work is frozen (no licence, transfer or pledge) until the office admits and "
                "decides it; it is free again if the office does not look in time. A frivolous dispute is lifted, and "
                "the next one of the same claimant freezes nothing by itself.",
            ),
            title=Text("对作品提出异议：{t}", "Contest: {t}"),
            done=Text("已提出异议，作品已冻结", "Dispute opened; the work is frozen"),
            icon="flag",
        ),
        Dispute.admit: ActWords(
            Text("予以受理", "Admit"),
            Text("作品冻结到异议处理完毕。", "The work stays frozen until the dispute is decided."),
            asks=Text("请决定是否受理异议", "Admit or lift the dispute"),
            permission=permissions.REVIEW,
        ),
        Dispute.lift: ActWords(
            Text("不予受理，解除冻结", "Lift as frivolous"),
            Text(
                "作品随即解除冻结；此人再提异议，受理前不冻结作品。须写明理由。",
                "The work is free at once, and the claimant's next dispute freezes nothing before it is admitted. "
                "Give reasons.",
            ),
            permission=permissions.REVIEW,
        ),
        Dispute.lapse: ActWords(
            Text("逾期解除冻结", "End the freeze"),
            Text("登记机构没有按期受理，作品解除冻结。", "The office did not look at it in time; the work is free."),
            permission=permissions.LICENSE,
            ripe=_overdue,
        ),
        Dispute.resolve: ActWords(
            Text("处理异议", "Decide dispute"),
            Text(
                "记录结果后作品解除冻结。结果与理由写入账本，不能更改。",
                "The work is then free again. Outcome and reasons are written to the ledger and cannot be changed.",
            ),
            asks=Text("请处理异议", "Decide the dispute"),
            permission=permissions.REVIEW,
        ),
        Dispute.withdraw: ActWords(
            Text("撤回异议", "Withdraw dispute"),
            Text("撤回后作品解除冻结。", "The work is then free again."),
        ),
    },
)

INFRINGEMENT = KindWords(
    Infringement,
    Text("侵权线索", "Infringement case"),
    icon="eye",
    command="infringement",
    ends=(Infringement.reporter,),
    gist=(Infringement.where, Infringement.description),
    panel="apps.copyright.ui.matter_parts:evidence",
    states={
        Infringement.REPORTED: Text("待取证", "Evidence needed"),
        Infringement.EVIDENCED: Text("已取证", "Evidence kept"),
        Infringement.CLOSED: Text("已办结", "Closed"),
    },
    fields={
        Infringement.reporter: FieldWords(REPORTER),
        Infringement.where: FieldWords(
            Text("在哪里", "Where"),
            Text("网址，或其他地点", "A web address or another place"),
            asked=Text("发现地点", "Where it was found"),
            placeholder=Text("https://", "https://"),
        ),
        Infringement.suspect: FieldWords(Text("疑似侵权方", "Suspect"), absent=Text("—", "—")),
        Infringement.description: FieldWords(Text("情况说明", "What was found")),
        Infringement.evidence: FieldWords(EVIDENCE, asked=Text("证据文件（可不选）", "Evidence file (optional)")),
        Infringement.outcome: FieldWords(OUTCOME, codes=CASE_OUTCOMES, told=_ended(CASE_OUTCOMES)),
        Infringement.note: FieldWords(NOTE),
        Infringement.added: FieldWords(EVIDENCE),
    },
    acts={
        Infringement.report: ActWords(
            Text("报告侵权线索", "Report infringement"),
            Text(
                "线索只表示疑似。记录后即可网页取证，取得的内容立即求散列写入账本。",
                "A report states a suspicion only. Then capture web pages; what is captured is hashed and written to"
                " the ledger at once.",
            ),
            title=Text("报告侵权线索：{t}", "Report infringement: {t}"),
            accept=Text("记录线索", "Record"),
            done=Text("已记录线索，请取证", "Recorded; now gather evidence"),
            icon="eye",
            dialog="apps.copyright.ui.case_dialogs:report",
        ),
        Infringement.add: ActWords(
            Text("网页取证", "Capture a web page"),
            Text(
                "取得网页、截图、响应头、TLS 证书和取证环境，打包求散列并立即写入账本。",
                "Page, screenshot, headers, TLS certificate and circumstances are packed, hashed and written to the"
                " ledger at once.",
            ),
            asks=_wanted,
            main=lambda case: case["state"] == "REPORTED",
            dialog="apps.copyright.ui.case_dialogs:capture",
            leave_out=(Infringement.added,),
            more=(
                ActWords(
                    Text("添加证据文件", "Add evidence file"),
                    Text(
                        "文件存入内容库，散列写入账本。",
                        "The file goes into the content store, its hash onto the ledger.",
                    ),
                    dialog="apps.copyright.ui.case_dialogs:add_file",
                    leave_out=(Infringement.added,),
                ),
            ),
        ),
        Infringement.close: ActWords(
            Text("记录处理结果", "Record the outcome"),
            Text("记录后案件办结，证据和经过都保留。", "The case is closed; evidence and history stay."),
            main=lambda case: case["state"] == "EVIDENCED",
        ),
    },
)
