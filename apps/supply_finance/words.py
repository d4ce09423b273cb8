"""What people read of lines, certificates and financing, in both languages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.kit.formats import yuan
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.supply_finance.kinds import Certificate, Financing, Line
from fabric_sdk import clock

MSP_NAME = Text("写作 组织/名称", "written MSP/name")
REASON = FieldWords(Text("原因", "Reason"))
ONCE = Text("写入账本，不能撤回。", "It stands on the ledger and cannot be taken back.")
RECEIPT = FieldWords(Text("付款回单", "Receipt"), option="receipt", help=Text("文件或散列", "a file or its hash"))


def in_days(days: int) -> str:
    """A day so many days from today in the office's zone."""
    return (clock.today() + timedelta(days)).isoformat()


def _left(line: dict[str, Any]) -> list[tuple[Text, Any]]:
    return [(Text("剩余额度", "Left"), yuan(line["limit_fen"] - line["used_fen"]))]


def _held_by(one: dict[str, Any]) -> Text:
    holder = str(one["holder"]).partition("/")[2]
    return Text("{h} 持有", "held by {h}", h=holder)


LINE = KindWords(
    Line,
    Text("授信额度", "Line of credit"),
    icon="bureau",
    command="line",
    named=Line.limit_fen,
    ends=(Line.bank, Line.core),
    gist=(Line.core, Line.bank),
    facts=_left,
    due=lambda line: str(line["until"]),
    states={
        Line.OFFERED: Text("待核心企业接受", "Waiting for the enterprise"),
        Line.ACTIVE: Text("有效", "Active"),
        Line.REJECTED: Text("已拒绝", "Declined"),
        Line.CLOSED: Text("已关闭", "Closed"),
    },
    fields={
        Line.bank: FieldWords(Text("授信银行", "Bank")),
        Line.core: FieldWords(Text("核心企业", "Core enterprise"), help=MSP_NAME),
        Line.limit_fen: FieldWords(Text("额度", "Limit")),
        Line.until: FieldWords(Text("到期日", "Until"), first=lambda line, who: in_days(365)),
        Line.used_fen: FieldWords(Text("已用", "Used")),
        Line.reason: REASON,
    },
    acts={
        Line.grant: ActWords(
            Text("授信", "Grant a line"),
            Text("核心企业接受后才能开立凭证。", "Certificates are issued once the enterprise accepts."),
        ),
        Line.accept: ActWords(
            Text("接受授信", "Accept"),
            Text("此后可以在额度内开立凭证。", "From then on certificates can be issued within the limit."),
            asks=Text("请决定是否接受授信", "Decide about the line"),
        ),
        Line.reject: ActWords(Text("拒绝", "Decline"), ONCE),
        Line.change: ActWords(
            Text("调整额度", "Change the limit"), Text("不能低于已用额度。", "Not below what is used.")
        ),
        Line.close: ActWords(
            Text("关闭额度", "Close"),
            Text("不能再开立凭证；已开立的照常兑付。", "Nothing more is issued; what is out is redeemed all the same."),
        ),
    },
)

CERTIFICATE = KindWords(
    Certificate,
    Text("应收账款凭证", "Certificate"),
    icon="contract",
    command="certificate",
    panel="apps.supply_finance.ui.tree:panel_link",
    named=Certificate.amount_fen,
    ends=(Certificate.debtor, Certificate.holder),
    gist=_held_by,
    due=lambda one: str(one["due"]),
    states={
        Certificate.ISSUED: Text("待供应商签收", "Waiting for the supplier"),
        Certificate.HELD: Text("持有中", "Held"),
        Certificate.OFFERED: Text("待受让人签收", "Offered"),
        Certificate.LOCKED: Text("融资办理中", "Being financed"),
        Certificate.FINANCED: Text("已融资", "Financed"),
        Certificate.MATURED: Text("已到期，待付款", "Due"),
        Certificate.PAID: Text("已付款，待确认", "Paid, to be confirmed"),
        Certificate.OVERDUE: Text("逾期", "Overdue"),
        Certificate.RECOURSE: Text("追索中", "Recourse taken"),
        Certificate.REPURCHASED: Text("已回购，待确认", "Bought back, to be confirmed"),
        Certificate.SPLIT: Text("已拆分", "Split"),
        Certificate.REDEEMED: Text("已兑付", "Redeemed"),
        Certificate.DECLINED: Text("已拒收", "Declined"),
        Certificate.CANCELLED: Text("已作废", "Cancelled"),
    },
    fields={
        Certificate.debtor: FieldWords(Text("付款方", "Debtor")),
        Certificate.seller: FieldWords(Text("收款供应商", "Seller"), option="to", help=MSP_NAME),
        Certificate.holder: FieldWords(Text("持有人", "Holder")),
        Certificate.face_fen: FieldWords(Text("开立金额", "Issued for"), option="amount"),
        Certificate.amount_fen: FieldWords(Text("金额", "Amount")),
        Certificate.due: FieldWords(
            Text("到期日", "Due"),
            hint=Text("原则上不超过 6 个月，最长 1 年", "half a year, a year at most"),
            first=lambda line, who: in_days(90),
        ),
        Certificate.recourse: FieldWords(
            Text("追索", "Recourse"),
            codes={"with": Text("有追索权", "with recourse"), "without": Text("无追索权", "without recourse")},
            first="with",
        ),
        Certificate.longer: FieldWords(Text("超过 6 个月的理由", "Why longer than half a year"), option="longer"),
        Certificate.papers: FieldWords(
            Text("贸易材料", "Trade papers"),
            inner={
                "invoice": FieldWords(Text("发票号码", "Invoice number")),
                "invoice_amount_fen": FieldWords(Text("发票金额", "Invoice amount")),
                "invoice_sha256": FieldWords(Text("发票文件", "Invoice file"), option="invoice-file"),
                "contract": FieldWords(Text("合同编号", "Contract number")),
                "contract_sha256": FieldWords(Text("合同文件", "Contract file"), option="contract-file"),
                "delivery_sha256": FieldWords(Text("交货单文件", "Delivery note"), option="delivery-file"),
                "goods": FieldWords(Text("货物", "Goods")),
            },
        ),
        Certificate.to: FieldWords(Text("受让人", "To"), help=MSP_NAME),
        Certificate.parts: FieldWords(Text("各份", "Parts")),
        Certificate.root: FieldWords(Text("原始凭证", "Issued as")),
        Certificate.parent: FieldWords(Text("拆分自", "Split from")),
        Certificate.level: FieldWords(Text("拆分层数", "Level"), absent=Text("0", "0")),
        Certificate.children: FieldWords(Text("拆分为", "Split into")),
        Certificate.financing: FieldWords(Text("融资", "Financing")),
        Certificate.financier: FieldWords(Text("融资银行", "Bank")),
        Certificate.financed_from: FieldWords(Text("融资人", "Sold by")),
        Certificate.receipt_sha256: RECEIPT,
        Certificate.reason: REASON,
    },
    acts={
        Certificate.issue: ActWords(
            Text("开立凭证", "Issue a certificate"),
            Text(
                "发票、合同和价格加密保存，账本只留承诺；同一张发票不能再用。",
                "Invoice, contract and prices are sealed, the ledger has a commitment; no invoice serves twice.",
            ),
        ),
        Certificate.accept: ActWords(
            Text("签收", "Accept"),
            Text("签收后可以拆分、流转和融资。", "From then on it can be split, passed on and financed."),
            asks=Text("请签收凭证", "Accept the certificate"),
        ),
        Certificate.decline: ActWords(Text("拒收", "Decline"), ONCE),
        Certificate.cancel: ActWords(Text("作废", "Cancel"), ONCE),
        Certificate.split: ActWords(
            Text("拆分", "Split"),
            Text("各份之和必须等于凭证金额，分文不差。", "The parts sum up to the certificate, to the fen."),
            command="-",
            icon="branch",
            dialog="apps.supply_finance.ui.split:dialog",
        ),
        Certificate.transfer: ActWords(
            Text("转让", "Pass on"), Text("受让人签收后转让完成。", "It is theirs once they accept.")
        ),
        Certificate.take: ActWords(
            Text("签收转让", "Accept it"), ONCE, asks=Text("请签收转让的凭证", "Accept what is passed on to you")
        ),
        Certificate.refuse: ActWords(Text("退回转让", "Send it back"), ONCE),
        Certificate.recall: ActWords(Text("撤回转让", "Take it back"), Text("凭证仍归您持有。", "It stays yours.")),
        Certificate.mature: ActWords(
            Text("登记到期", "Note maturity"),
            Text("任何一方都可登记；此后只能兑付。", "Anybody here may; from then on it is only redeemed."),
        ),
        Certificate.pay: ActWords(
            Text("兑付", "Pay"),
            Text("持有人确认收款后结清。", "It is settled when the holder confirms."),
            asks=Text("请兑付到期凭证", "Pay what is due"),
        ),
        Certificate.confirm: ActWords(
            Text("确认收款", "Confirm payment"),
            Text("额度随之恢复。", "The line has the amount back."),
            asks=Text("请确认收款", "Confirm the payment"),
        ),
        Certificate.contest: ActWords(Text("未收到款", "Not received"), ONCE),
        Certificate.default: ActWords(
            Text("登记逾期", "Declare overdue"),
            Text("到期日后三天仍未付款。", "Not paid three days after it was due."),
        ),
        Certificate.turn_back: ActWords(
            Text("追索", "Take recourse"), Text("由融资人回购。", "Whoever sold it to you buys it back.")
        ),
        Certificate.repurchase: ActWords(
            Text("回购", "Buy back"), ONCE, asks=Text("请回购被追索的凭证", "Buy the certificate back")
        ),
        Certificate.settle: ActWords(
            Text("确认回购", "Confirm"), ONCE, asks=Text("请确认回购款", "Confirm the repurchase")
        ),
        Certificate.dispute: ActWords(Text("未收到回购款", "Not received"), ONCE),
    },
)

FINANCING = KindWords(
    Financing,
    Text("融资", "Financing"),
    icon="award",
    command="financing",
    named=Financing.amount_fen,
    ends=(Financing.applicant, Financing.bank),
    gist=(Financing.applicant, Financing.bank),
    due=lambda one: str(one.get("pay_by") or one.get("open_until") or ""),
    states={
        Financing.ASKED: Text("待银行报价", "Waiting for the bank"),
        Financing.OFFERED: Text("待申请人接受", "Offered"),
        Financing.ACCEPTED: Text("待银行放款", "To be paid"),
        Financing.PAID: Text("已放款", "Paid"),
        Financing.DECLINED: Text("银行未受理", "Declined"),
        Financing.WITHDRAWN: Text("已撤回", "Withdrawn"),
        Financing.LAPSED: Text("逾期未放款", "Not paid in time"),
    },
    fields={
        Financing.applicant: FieldWords(Text("申请人", "Applicant")),
        Financing.bank: FieldWords(Text("银行", "Bank"), help=MSP_NAME),
        Financing.amount_fen: FieldWords(Text("凭证金额", "Amount")),
        Financing.terms: FieldWords(
            Text("融资价格", "Terms"),
            inner={
                "rate_bp": FieldWords(Text("年化利率", "Rate a year")),
                "payout_fen": FieldWords(Text("放款金额", "Pays out")),
                "note": FieldWords(Text("备注", "Note")),
            },
        ),
        Financing.open_until: FieldWords(Text("报价有效期", "Open until"), first=lambda one, who: in_days(3)),
        Financing.pay_by: FieldWords(Text("最迟放款日", "Pay by")),
        Financing.receipt_sha256: RECEIPT,
        Financing.reason: REASON,
    },
    acts={
        Financing.ask: ActWords(
            Text("申请融资", "Ask for financing"),
            Text(
                "办理期间凭证锁定，不能再拆分、转让或向别的银行融资。",
                "Meanwhile it is locked: not split, passed on, or financed elsewhere.",
            ),
            icon="award",
        ),
        Financing.offer: ActWords(
            Text("报价", "Make an offer"),
            Text("价格加密保存，别的银行看不到。", "The terms are sealed; no other bank sees them."),
            asks=Text("请报价或不予受理", "Make an offer or decline"),
        ),
        Financing.accept: ActWords(
            Text("接受报价", "Accept the offer"),
            Text("银行须在三天内放款。", "The bank pays within three days."),
            asks=Text("请决定是否接受报价", "Decide about the offer"),
        ),
        Financing.pay: ActWords(
            Text("登记放款", "Note the payout"),
            Text("凭证随之归银行持有。", "The certificate is the bank's then."),
            asks=Text("请放款", "Pay out"),
        ),
        Financing.decline: ActWords(Text("不予受理", "Decline"), ONCE),
        Financing.withdraw: ActWords(Text("撤回申请", "Withdraw"), Text("凭证解除锁定。", "It is free again.")),
        Financing.release: ActWords(
            Text("解除锁定", "Free it"), Text("银行逾期没有放款。", "The bank did not pay in time.")
        ),
    },
)

WORDS = (CERTIFICATE, FINANCING, LINE)
