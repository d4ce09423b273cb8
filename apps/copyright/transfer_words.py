"""What people read of transfers, in both languages."""

from __future__ import annotations

from apps.copyright.rights_words import AGREE, CONTRACT, CONTRACT_FILE, FREE_OF_CHARGE, MSP_NAME, NOTE, OTHERS, REASON
from apps.kit.formats import line, percent, yuan
from apps.kit.words import NOTHING_SAID, ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.copyright.kinds import Transfer
from fabric_sdk.kinds import Record, Who


def _mine(work: Record, who: Who) -> int:
    return next((int(one["share"]) for one in work.get("owners", ()) if one["party"] == who.party), 0)


def _share_hint(work: Record, who: Who) -> Text:
    return Text("您有 {s}，留空即全部转让", "You have {s}; empty transfers all of it", s=percent(_mine(work, who)))


def _transfer_gist(transfer: Record) -> Text:
    price = yuan(transfer["price_fen"]) if transfer["price_fen"] else FREE_OF_CHARGE
    return line(Text("份额 {s}", "share {s}", s=percent(transfer["share"])), price)


TRANSFER = KindWords(
    Transfer,
    Text("转让", "Transfer"),
    icon="arrow",
    command="transfer",
    ends=(Transfer.seller, Transfer.to),
    gist=_transfer_gist,
    states={
        Transfer.PROPOSED: Text("待受让人接受", "Waiting for the buyer"),
        Transfer.COMPLETED: Text("已转让", "Transferred"),
        Transfer.REJECTED: Text("已拒绝", "Declined"),
        Transfer.WITHDRAWN: Text("已收回", "Withdrawn"),
    },
    fields={
        Transfer.seller: FieldWords(Text("转让人", "Seller")),
        Transfer.to: FieldWords(Text("受让人", "Buyer"), help=MSP_NAME),
        Transfer.share: FieldWords(
            Text("份额", "Share"),
            _share_hint,
            placeholder=lambda work, who: Text("{s}", "{s}", s=percent(_mine(work, who))),
            asked=Text("转让的份额（%）", "Share to transfer (%)"),
            raw=True,
            help=Text("万分之，默认全部", "basis points, all by default"),
        ),
        Transfer.price_fen: FieldWords(Text("价款", "Price"), raw=True, absent=FREE_OF_CHARGE),
        Transfer.contract_sha256: FieldWords(CONTRACT, NOTHING_SAID, asked=CONTRACT_FILE),
        Transfer.note: FieldWords(NOTE),
        Transfer.reason: FieldWords(REASON),
    },
    acts={
        Transfer.propose: ActWords(
            Text("转让", "Transfer"),
            Text(
                "受让人接受后生效；有共有人的，须全体同意；已质押的，须质权人同意。署名权等人身权不转让。",
                "In force when the buyer accepts; co-owners and a pledgee must consent. Moral rights are not"
                " transferred.",
            ),
            title=Text("转让：{t}", "Transfer: {t}"),
            accept=Text("提出转让", "Propose"),
            done=Text("已提出转让，等待对方接受", "Transfer proposed; the buyer must accept"),
            icon="arrow",
        ),
        Transfer.consent: ActWords(
            Text("同意转让", "Consent to transfer"),
            Text(
                "转让须全体共有人同意；作品已质押的，须质权人同意。",
                "A transfer needs every co-owner's consent, and on a pledged work the pledgee's.",
            ),
            asks=AGREE,
            others=OTHERS,
        ),
        Transfer.accept: ActWords(
            Text("接受转让", "Accept transfer"),
            Text(
                "接受后份额立即归您，账本上的权利人随之改变。",
                "The share is yours at once; the owners on the ledger change.",
            ),
            asks=Text("请决定是否受让", "Answer the transfer"),
            dialog="apps.copyright.ui.case_dialogs:accept",
        ),
        Transfer.reject: ActWords(
            Text("拒绝转让", "Decline transfer"),
            Text("拒绝后这次转让作罢。", "This transfer ends."),
        ),
        Transfer.withdraw: ActWords(
            Text("收回转让", "Withdraw transfer"),
            Text("对方还没有接受，可以收回。", "The other side has not accepted yet."),
        ),
    },
)
