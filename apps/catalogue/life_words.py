"""What people read of applications and of what they did, in both languages."""

from typing import Any

from apps.catalogue.life import Application, Period
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from fabric_sdk.kinds import Field

OWN = "catalogue.own"
_REASON = FieldWords(Text("原因", "Reason"))
_COUNTS: dict[Field[Any], FieldWords] = {
    Period.transactions: FieldWords(Text("交易", "Transactions")),
    Period.valid: FieldWords(Text("有效", "Valid")),
    Period.authors: FieldWords(Text("签署人", "Authors")),
    Period.p95_ms: FieldWords(Text("95% 等待", "95 % waited"), unit=Text("毫秒", "ms")),
}

LIFE_WORDS = (
    KindWords(
        Application,
        Text("应用", "Application"),
        icon="grid",
        command="application",
        named=Application.name,
        gist=(Application.contract,),
        due=lambda one: (
            str(one.get("trial_until") or "") if one["state"] == "TRIAL" else str(one.get("last_day") or "")
        ),
        states={
            Application.PROPOSED: Text("已申报，待评审", "proposed, to be reviewed"),
            Application.RETURNED: Text("退回修改", "returned"),
            Application.TRIAL: Text("试运行", "on trial"),
            Application.TRIED: Text("试运行完成，待批准", "tried, to be approved"),
            Application.SERVING: Text("运行", "in service"),
            Application.SUSPENDED: Text("暂停", "suspended"),
            Application.RETIRING: Text("即将退役", "to be retired"),
            Application.REFUSED: Text("未通过", "refused"),
            Application.WITHDRAWN: Text("已撤回", "withdrawn"),
            Application.RETIRED: Text("已退役", "retired"),
        },
        fields={
            Application.name: FieldWords(Text("名称", "Name")),
            Application.purpose: FieldWords(Text("用途", "Purpose")),
            Application.contract: FieldWords(Text("合约", "Contract"), hint=Text("账本上的合约名", "its name there")),
            Application.least_valid: FieldWords(Text("有效交易至少", "Valid transactions, at least")),
            Application.within_ms: FieldWords(
                Text("95% 的交易等待不超过", "95 % of transactions wait at most"),
                unit=Text("毫秒", "ms"),
                first=lambda record, who: 2_000,
            ),
            Application.owner: FieldWords(Text("应用方", "Owner")),
            Application.trial_until: FieldWords(Text("试运行至", "On trial until")),
            Application.assessment: FieldWords(
                Text("检查记录", "Assessment"), hint=Text("CS-02 的 A 或 B 级", "grade A or B of CS-02")
            ),
            Application.last_day: FieldWords(Text("最后服务日", "Last day of service")),
            Application.successor: FieldWords(Text("接替的服务", "What takes its place")),
            Application.metered: FieldWords(Text("已计量到区块", "Counted up to block")),
            Application.reason: _REASON,
        },
        acts={
            Application.propose: ActWords(
                Text("申报应用…", "Propose…"),
                Text("由平台评审。", "The platform reviews it."),
                command="propose",
                permission=OWN,
            ),
            Application.revise: ActWords(
                Text("修改后再报…", "Revise…"),
                Text("再次评审。", "It is reviewed again."),
                asks=Text("请按意见修改", "Revise it"),
                permission=OWN,
            ),
            Application.withdraw: ActWords(
                Text("撤回", "Withdraw"), Text("不再评审。", "It is not reviewed any more."), permission=OWN
            ),
            Application.admit: ActWords(
                Text("准予试运行…", "Admit to a trial…"),
                Text("从此计量。", "Counting begins."),
                asks=Text("请评审", "Review it"),
            ),
            Application.send_back: ActWords(
                Text("退回修改…", "Return…"), Text("由应用方修改。", "Its owner revises it.")
            ),
            Application.refuse: ActWords(
                Text("不予通过…", "Refuse…"), Text("可重新申报。", "It may be proposed anew.")
            ),
            Application.finish: ActWords(
                Text("完成试运行…", "Finish the trial…"),
                Text(
                    "附试运行开始后由其他组织所做的检查。",
                    "With another organisation's assessment since the trial began.",
                ),
                asks=Text("试运行后请提交检查记录", "hand in an assessment when it was tried"),
                permission=OWN,
            ),
            Application.approve: ActWords(
                Text("批准运行", "Approve"),
                Text("须有已确认、达到承诺的计量。", "Needs a confirmed period in which it kept its promise."),
                asks=Text("请决定是否批准", "Decide"),
            ),
            Application.stop_trial: ActWords(
                Text("终止试运行…", "Stop the trial…"), Text("不再计量。", "Counting ends.")
            ),
            Application.suspend: ActWords(
                Text("暂停…", "Suspend…"), Text("应用方可以看到原因。", "The owner reads why.")
            ),
            Application.resume: ActWords(Text("恢复…", "Resume…"), Text("恢复运行。", "It serves again.")),
            Application.announce: ActWords(
                Text("申请退役…", "Announce its end…"),
                Text("到最后服务日为止照常运行。", "It serves until its last day."),
                permission=OWN,
            ),
            Application.retire: ActWords(
                Text("退役", "Retire"),
                Text("此后不能恢复，合约可由新应用使用。", "This is final; another application may take the contract."),
                asks=Text("到期后请办理退役", "retire it when its last day has come"),
            ),
        },
    ),
    KindWords(
        Period,
        Text("计量", "Period"),
        icon="list",
        command="period",
        gist=(Period.transactions, Period.valid, Period.p95_ms),
        states={
            Period.REPORTED: Text("已上报，待确认", "reported, to be confirmed"),
            Period.CONFIRMED: Text("已确认", "confirmed"),
            Period.DISPUTED: Text("有异议", "disputed"),
        },
        fields={
            Period.first: FieldWords(Text("从区块", "From block")),
            Period.last: FieldWords(Text("到区块", "To block")),
            **_COUNTS,
            Period.kept: FieldWords(
                Text("达到承诺", "Promise kept"), codes={True: Text("是", "yes"), False: Text("否", "no")}
            ),
            Period.provider: FieldWords(Text("上报人", "Reported by")),
            Period.reason: _REASON,
        },
        acts={
            Period.report: ActWords(
                Text("上报计量…", "Report…"),
                Text("平台按区块重算后确认。", "The platform counts again before it confirms."),
                command="-",
                permission=OWN,
            ),
            Period.confirm: ActWords(
                Text("确认…", "Confirm…"),
                Text("填写自己重算的数；不符则不能确认。", "With what you counted; other figures are refused."),
                asks=Text("请按区块重算后确认", "Count again and confirm"),
                command="-",
            ),
            Period.dispute: ActWords(
                Text("提出异议…", "Dispute…"), Text("由应用方重新上报。", "Its owner reports anew.")
            ),
        },
    ),
)
LIFE_REFUSALS = {
    "NOT_OWNER": Text("只有应用方可以办理。", "Only the application's owner may do this."),
    "OWN_ORGANISATION": Text(
        "评审、检查和所依标准都须出自应用方以外的组织。",
        "Who judges or tries an application, and who set the standard, must be of another organisation than its owner.",
    ),
    "NOT_LIVE": Text("应用不在试运行或运行中。", "The application is neither on trial nor in service."),
    "CONTRACT_TAKEN": Text("这个合约已属于另一应用。", "The contract belongs to another application."),
    "NOT_TRIED": Text(
        "须附试运行开始后 CS-02 的 A 或 B 级检查。", "Needs grade A or B of CS-02, measured since the trial began."
    ),
    "NOT_MEASURED": Text("还没有已确认并达到承诺的计量。", "No confirmed period yet in which it kept its promise."),
    "BEFORE_LAST_DAY": Text("还没有到最后服务日。", "Its last day has not come yet."),
    "PERIOD_GAP": Text("计量区块应首尾相连。", "Periods follow each other without gaps."),
    "FIGURES_DIFFER": Text("与重算的数不符。", "The figures are not what was counted again."),
}
