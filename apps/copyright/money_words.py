"""What people read of payments and of books that were compared, in both languages."""

from __future__ import annotations

from apps.copyright import permissions
from apps.copyright.rights_words import FROM, NOTE, REASON, UNTIL
from apps.kit.formats import line, yuan
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.copyright.kinds import Payment, Reconciliation
from fabric_sdk.kinds import Record

CHANNELS = {
    "bank": Text("银行转账", "Bank transfer"),
    "alipay": Text("支付宝", "Alipay"),
    "wechat": Text("微信支付", "WeChat Pay"),
    "cash": Text("现金", "Cash"),
    "other": Text("其他", "Other"),
}
PURPOSES = {
    "fee": Text("许可费", "Licence fee"),
    "price": Text("转让价款", "Price of a transfer"),
    "royalty": Text("版税", "Royalty"),
}


def _gist(payment: Record) -> Text:
    return line(PURPOSES.get(payment["purpose"], Text("款项", "Payment")), yuan(payment["amount_fen"]))


PAYMENT = KindWords(
    Payment,
    Text("付款", "Payment"),
    icon="key",
    command="payment",
    ends=(Payment.payer, Payment.payee),
    gist=_gist,
    states={
        Payment.REPORTED: Text("待收款人确认", "Waiting for the payee"),
        Payment.CONFIRMED: Text("已收款", "Received"),
        Payment.DENIED: Text("收款人未收到", "Not received"),
        Payment.WITHDRAWN: Text("已撤回", "Withdrawn"),
    },
    fields={
        Payment.payer: FieldWords(Text("付款人", "Payer")),
        Payment.payee: FieldWords(
            Text("收款人", "Payee"), help=Text("只有一位时可省略。", "May be left out where there is only one.")
        ),
        Payment.for_: FieldWords(
            Text("为何付款", "Paid for"),
            help=Text("许可、转让或使用报告的编号。", "The id of a licence, a transfer or a reported use."),
        ),
        Payment.purpose: FieldWords(Text("款项", "Purpose"), codes=PURPOSES),
        Payment.amount_fen: FieldWords(Text("金额", "Amount"), raw=True, help=Text("分。", "In fen.")),
        Payment.paid: FieldWords(Text("付款日期", "Paid on")),
        Payment.channel: FieldWords(Text("付款渠道", "Channel"), codes=CHANNELS, given="bank"),
        Payment.reference: FieldWords(
            Text("交易号", "Reference"),
            Text(
                "银行或平台的流水号；公开可见，请勿填写账号",
                "The bank's or platform's number; public, no account numbers",
            ),
        ),
        Payment.proofs: FieldWords(Text("付款凭证", "Proof of payment")),
        Payment.note: FieldWords(NOTE),
        Payment.reason: FieldWords(REASON),
    },
    acts={
        Payment.record: ActWords(
            Text("登记付款", "Record a payment"),
            Text(
                "写明为哪一笔款项付了多少，附上凭证；收款人确认后计为已付。",
                "Say what was paid for which matter, with its proof; it counts when the payee has confirmed it.",
            ),
            title=Text("登记付款：{t}", "Record a payment: {t}"),
            accept=Text("登记付款", "Record"),
            done=Text("已登记付款，等待收款人确认", "Payment recorded; the payee must confirm it"),
            icon="key",
            dialog="apps.copyright.ui.paying:pay",
            leave_out=(Payment.payee, Payment.for_, Payment.proofs),
        ),
        Payment.confirm: ActWords(
            Text("确认收款", "Confirm receipt"),
            Text("确认后不能更改；双方签名即为收付凭据。", "Final; with both signatures it is the receipt."),
            asks=Text("请核对是否收到此款", "Say whether you got this payment"),
            done=Text("已确认收款", "Receipt confirmed"),
        ),
        Payment.deny: ActWords(
            Text("没有收到", "Not received"),
            Text("写明原因；款项仍计为未付。", "Give the reason; the amount stays open."),
        ),
        Payment.withdraw: ActWords(
            Text("撤回付款登记", "Withdraw"),
            Text("登记有误时撤回；款项仍计为未付。", "For a payment told wrongly; the amount stays open."),
        ),
    },
)


def _compared(done: Record) -> Text:
    return Text(
        "{n} 笔，差异 {d} 处", "{n} entries, {d} differences", n=str(done["entries"]), d=str(done["differences"])
    )


RECONCILIATION = KindWords(
    Reconciliation,
    Text("三方对账", "Reconciliation"),
    icon="ledger",
    command="reconciliation",
    permission=permissions.READ,
    ends=(Reconciliation.party,),
    gist=_compared,
    states={Reconciliation.RECORDED: Text("已记录", "Recorded")},
    fields={
        Reconciliation.party: FieldWords(Text("对账人", "By")),
        Reconciliation.from_: FieldWords(FROM),
        Reconciliation.until: FieldWords(UNTIL),
        Reconciliation.own_sha256: FieldWords(Text("自己的账", "Own book")),
        Reconciliation.ledger_sha256: FieldWords(Text("账本上的收付", "The ledger's book")),
        Reconciliation.channel_sha256: FieldWords(Text("渠道账", "The channel's book")),
        Reconciliation.entries: FieldWords(Text("笔数", "Entries")),
        Reconciliation.differences: FieldWords(Text("差异", "Differences")),
        Reconciliation.report_sha256: FieldWords(Text("差异清单散列", "Hash of the differences")),
    },
    acts={
        Reconciliation.record: ActWords(
            Text("记录对账结果", "Record the result"),
            Text(
                "把三本账和差异清单的散列写入账本。", "The hashes of the books and of the differences go on the ledger."
            ),
            command="-",
        ),
    },
)
