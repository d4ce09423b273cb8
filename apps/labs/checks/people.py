"""Checks of identities and revocations."""

from __future__ import annotations

from apps.labs.chain import Happened
from apps.labs.looking import Seen, Wrong, check
from baas.errors import Text

LIN = "DataBureauMSP/lin"


def _by_lin(seen: Seen) -> list[Happened]:
    return [one for one in seen.chain.valid("things", "Create") if one.creator == LIN]


@check("lin-wrote")
def lin_wrote(seen: Seen) -> Wrong | None:
    """L-1 was entered by lin."""
    if any(one.args[:1] == ("L-1",) for one in _by_lin(seen)):
        return None
    made = next((one for one in seen.chain.valid("things", "Create") if one.args[:1] == ("L-1",)), None)
    if made is None:
        return Wrong(
            Text("账本上没有物品 L-1。", "The ledger has no thing L-1."),
            Text("林工要在吊销之前登记它。", "Lin has to enter it before the revocation."),
        )
    return Wrong(
        Text("L-1 是 {w} 登记的，不是林工。", "L-1 was entered by {w}, not by lin.", w=made.creator),
        Text("一笔交易算谁的，看证书，不看谁坐在电脑前。", "Whose a transaction is, the certificate says."),
    )


@check("lin-revoked")
def lin_revoked(seen: Seen) -> Wrong | None:
    """The channel refuses the certificate with which lin wrote."""
    revoked = seen.chain.revoked("DataBureauMSP")
    serials = {one.serial for one in _by_lin(seen)}
    if serials and serials <= revoked:
        return None
    if revoked and not serials & revoked:
        return Wrong(
            Text(
                "通道拒绝了别的证书，林工的证书仍然有效。",
                "The channel refuses another certificate; lin's is good still.",
            ),
            Text("对照身份页里的名称和状态。", "Compare names and states on the page of identities."),
        )
    return Wrong(
        Text("通道配置里没有林工证书的吊销。", "The channel's configuration does not refuse lin's certificate."),
        Text(
            "删除文件或不再使用都不是吊销：节点只认通道配置。",
            "To delete a file or to stop using it revokes nothing: peers go by the channel's configuration.",
        ),
    )


@check("work-goes-on")
def work_goes_on(seen: Seen) -> Wrong | None:
    """M-1 was entered by somebody else after the revocation came into force."""
    block = _revoked_in(seen)
    made = [one for one in seen.chain.valid("things", "Create") if one.args[:1] == ("M-1",)]
    if not made:
        return Wrong(
            Text("账本上没有物品 M-1。", "The ledger has no thing M-1."),
            Text(
                "吊销一个人，不应影响别人：用另一个身份登记。",
                "One person's revocation touches nobody else: enter it as another.",
            ),
        )
    if made[0].creator == LIN or block is None or made[0].block < block:
        return Wrong(
            Text("M-1 是在吊销生效之前登记的。", "M-1 was entered before the revocation was in force."),
            Text(
                "顺序要能证明吊销之后业务照常；可重置实训再做。",
                "The order has to show that work goes on after it; reset the lab to do it again.",
            ),
        )
    return None


def _revoked_in(seen: Seen) -> int | None:
    """The first configuration block that refuses a certificate of the Data Bureau."""
    for block in seen.chain.blocks:
        if block.is_config and seen.chain.until(block.number + 1).revoked("DataBureauMSP"):
            return block.number
    return None
