"""What people read of disputes and suspected infringements, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from apps.copyright import permissions
from apps.copyright.policy_tables import table
from apps.copyright.rights_words import NOTE, REASON
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.copyright.kinds import Dispute, Infringement
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


def _wanted(case: Record, who: Who) -> Text:
    evidenced = case["state"] == "EVIDENCED"
    return Text("请记录处理结果", "Record the outcome") if evidenced else Text("请取证", "Gather evidence")


DISPUTE = KindWords(
    Dispute,
    Text("异议", "Dispute"),
    icon="flag",
    command="dispute",
    permission=permissions.READ,
    ends=(Dispute.claimant,),
    gist=(Dispute.ground, Dispute.statement),
    panel="apps.copyright.ui.matter_parts:evidence",
    states={
        Dispute.OPEN: Text("处理中，作品已冻结", "Open; work frozen"),
        Dispute.DECIDED: Text("已处理", "Decided"),
        Dispute.WITHDRAWN: Text("已撤回", "Withdrawn"),
    },
    fields={
        Dispute.claimant: FieldWords(Text("异议人", "Claimant")),
        Dispute.ground: FieldWords(Text("事由", "Ground"), table=table("dispute_grounds"), given="ownership"),
        Dispute.statement: FieldWords(
            Text("陈述", "Statement"), asked=Text("陈述：您的依据是什么", "Statement: what is your case")
        ),
        Dispute.evidence: FieldWords(EVIDENCE),
        Dispute.outcome: FieldWords(OUTCOME, codes=DISPUTE_OUTCOMES, told=_ended(DISPUTE_OUTCOMES)),
        Dispute.reasons: FieldWords(Text("理由", "Reasons"), option="reason"),
        Dispute.reason: FieldWords(REASON),
    },
    acts={
        Dispute.open: ActWords(
            Text("提出异议", "Contest"),
            Text(
                "提出后作品随即冻结：在登记机构处理之前，不能许可、转让或质押。",
                "The work is frozen at once: no licence, transfer or pledge until the office decides.",
            ),
            title=Text("对作品提出异议：{t}", "Contest: {t}"),
            done=Text("已提出异议，作品已冻结", "Dispute opened; the work is frozen"),
            help=Text("提出异议，作品随即冻结。", "Contest a work; it is frozen."),
            icon="flag",
            dialog="apps.copyright.ui.case_dialogs:contest",
            leave_out=(Dispute.evidence,),
        ),
        Dispute.resolve: ActWords(
            Text("处理异议", "Decide dispute"),
            Text(
                "记录结果后作品解除冻结。结果与理由写入账本，不能更改。",
                "The work is then free again. Outcome and reasons are written to the ledger and cannot be changed.",
            ),
            asks=Text("请处理异议", "Decide the dispute"),
            help=Text("登记机构记录异议结果。", "Note a dispute's outcome as the office."),
            permission=permissions.REVIEW,
        ),
        Dispute.withdraw: ActWords(
            Text("撤回异议", "Withdraw dispute"),
            Text("撤回后作品解除冻结。", "The work is then free again."),
            help=Text("撤回异议。", "Give a dispute up."),
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
            asked=Text("在哪里发现", "Where it was found"),
            placeholder=Text("https://", "https://"),
        ),
        Infringement.suspect: FieldWords(Text("疑似侵权方", "Suspect"), absent=Text("—", "—")),
        Infringement.description: FieldWords(Text("情况说明", "What was found")),
        Infringement.evidence: FieldWords(EVIDENCE),
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
            help=Text("报告侵权线索。", "Report a suspected infringement."),
            icon="eye",
            dialog="apps.copyright.ui.case_dialogs:report",
            leave_out=(Infringement.evidence,),
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
            help=Text("记录处理结果。", "Note how a case ended."),
        ),
    },
)
