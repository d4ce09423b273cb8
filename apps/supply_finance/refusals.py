"""What the contract's refusals mean, for people."""

from __future__ import annotations

from collections.abc import Mapping

from baas.errors import Text

REFUSALS: Mapping[str, Text] = {
    "NOT_LENDER": Text("只有授信或受理的这家银行可以办理。", "Only this bank may do this."),
    "NOT_CORE": Text("只有这家核心企业可以办理。", "Only this core enterprise may do this."),
    "NOT_DEBTOR": Text("只有付款的核心企业可以办理。", "Only the debtor may do this."),
    "NOT_HOLDER": Text("只有凭证的持有人可以办理。", "Only the certificate's holder may do this."),
    "NOT_RECEIVER": Text("只有凭证的受让人可以办理。", "Only whom the certificate was offered to may do this."),
    "NOT_APPLICANT": Text("只有融资申请人可以办理。", "Only the applicant may do this."),
    "NOT_SELLER": Text("只有把凭证融资给银行的人可以办理。", "Only whoever sold it to the bank may do this."),
    "LINE_NOT_ACTIVE": Text("授信额度没有生效或已关闭。", "The line of credit is not active."),
    "OVER_LINE": Text("超过剩余的授信额度。", "This is more than the line has left."),
    "NOT_FREE": Text("凭证正在流转、融资或已经结束，不能再融资。", "The certificate is not free to be financed."),
    "NOT_LOCKED": Text("凭证已到期或不再为这笔融资保留。", "The certificate is no longer kept for this financing."),
    "NO_RECOURSE": Text("这张凭证不能追索。", "There is no recourse on this certificate."),
    "SUM_DIFFERS": Text("各份金额之和必须等于凭证金额。", "The parts must sum up to the certificate."),
    "TOO_DEEP": Text("拆分的层数太多。", "It was split too many times."),
    "DUE": Text("凭证已到期，只能兑付。", "The certificate is due: it can only be redeemed."),
    "NOT_DUE": Text("还没有到期。", "It is not due yet."),
    "OFFER_OVER": Text("期限已过。", "The time for this is over."),
    "TAKEN": Text("这张发票已经开立过凭证，不能重复。", "This invoice stands behind a certificate already."),
    "NOT_READER": Text("您不是这份密件的当事人。", "This paper is not for you."),
}
REASONS = (
    (r"is the bank itself", "就是银行自己"),
    (r"is the debtor or the bank", "是付款方或银行"),
    (r"is the debtor", "是付款方"),
    (r"has it already", "已经持有"),
    (r"is a party of the certificate", "是凭证的当事人"),
    (r"is less than what is used", "低于已用额度"),
    (r"is less than the certificate", "低于凭证金额"),
    (r"must be two or more", "至少两份"),
    (r"lies more than (\d+) months ahead", "不能超过 {0} 个月"),
    (r"is needed for more than (\d+) months", "超过 {0} 个月须说明理由"),
    (r"lies after (\S+)", "晚于 {0}"),
    (r"lies after the line's end (\S+)", "晚于授信到期日 {0}"),
    (r"must be the number of an invoice.*", "应为发票号码：20 位，或代码加号码"),
)
