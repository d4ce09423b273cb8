"""The inspector's view of one certificate, with what can be done about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from baas import roles
from baas.services.identities import IdentityRecord
from console.i18n import tr
from console.i18n.formats import day, fingerprint, when
from console.pages.identities.certificate_cells import kind_title, roles_text, state_words
from console.pages.identities.export import ask_export
from console.pages.identities.renewal import ask_renew, ask_succeed, may_succeed, renewable
from console.shell.inspector import Inspected
from console.widgets.basic import STATE_ICONS, Button, Chip
from console.widgets.dialogs import ConfirmName
from console.widgets.facts import Facts, Section
from console.widgets.forms import Form, text_field
from network.text import Text

if TYPE_CHECKING:
    from console.pages.identities.page import IdentitiesPage


def inspect_identity(page: IdentitiesPage, record: IdentityRecord) -> Inspected:
    """Return the panel of `record`."""
    words, sign = state_words(record)
    tone = sign if sign in {"ok", "warn", "bad"} else "text2"
    panel = Inspected(
        record.name,
        f"{page.context.organization(record.msp_id)} · {kind_title(record.kind)}",
        Chip(words, tone, STATE_ICONS[sign][0]),
    )
    session = page.context.platform.session
    if record.state in {"expiring", "expired"}:
        expiry = Section(tr("到期会怎样"))
        expiry.text(_consequence(record))
        panel.add(expiry)
    if record.state == "revoked" and record.revoked_at is not None:
        gone = Section(tr("已吊销"))
        gone.text(tr("{when} 起，各节点拒绝这张证书。").format(when=when(record.revoked_at)))
        panel.add(gone)
    if page.hand_over == record.label and record.has_key:
        given = Section(tr("交给本人"))
        given.text(tr("导出 .p12 文件交给本人，口令另行告知，例如打电话；他在自己的电脑上打开文件即可进入。"))
        given.text(tr("更稳妥的是“邀请…”：私钥只在他自己的电脑上生成。"), tone="text2")
        panel.add(given)
    facts = Facts(64)
    facts.add(tr("主体"), record.subject)
    facts.add(tr("签发"), record.issuer)
    facts.add_hash(tr("序列号"), record.serial, fingerprint(record.serial))
    facts.add_hash(tr("指纹"), record.fingerprint, fingerprint(record.fingerprint))
    facts.add(
        tr("有效期"),
        tr("{a} 至 {b}").format(
            a=day(record.not_before.astimezone().date()), b=day(record.not_after.astimezone().date())
        ),
    )
    if record.kind == "person":
        facts.add(tr("角色"), roles_text(record))
        for key, value in record.attributes.items():
            if key == "role":
                continue  # said in words already
            facts.add(key, value)
    facts.add(tr("私钥"), _place(page, record))
    panel.add(Section(tr("证书")).add(facts))
    buttons = []
    if renewable(page, record):
        buttons.append(Button(tr("续期…"), lambda: ask_renew(page, [record]), icon="refresh"))
    if may_succeed(page, record):
        buttons.append(Button(tr("换用新密钥…"), lambda: ask_succeed(page, record), icon="key"))
    if record.kind == "person":
        in_token = (record.msp_id, record.name) in page.places
        if record.has_key and not in_token and session.allows(roles.IDENTITY_EXPORT, record.msp_id):
            buttons.append(Button(tr("导出…"), lambda: ask_export(page, record), icon="download"))
        if (
            record.name != "admin"
            and record.state != "revoked"
            and session.allows(roles.IDENTITY_REVOKE, record.msp_id)
        ):
            buttons.append(Button(tr("吊销…"), lambda: _revoke(page, record), kind="danger"))
    if buttons:
        panel.add(Section().add(panel.buttons(*buttons)))
    return panel


def _place(page: IdentitiesPage, record: IdentityRecord) -> str:
    """Where the private key is, in words."""
    if not record.has_key:
        return tr("不在本机")
    if record.kind in {"peer", "orderer", "tls"}:
        return tr("本机文件，仅所有者可读")
    token = page.places.get((record.msp_id, record.name))
    return tr("令牌“{t}”中，不能取出").format(t=token) if token else tr("本机密钥库，已加密")


def _consequence(record: IdentityRecord) -> str:
    at = day(record.not_after.astimezone().date())
    if record.kind == "tls":
        words = tr("{at} 起，其他节点不再接受 {name} 的连接。")
    elif record.kind in {"peer", "orderer"}:
        words = tr("{at} 起，{name} 的签名不再有效，不能背书或出块。")
    elif record.kind in {"ca", "tlsca"}:
        words = tr("{at} 起，它签发的所有证书都会失效。")
    else:
        words = tr("{at} 起，{name} 不能再提交交易，请在此之前续期。")
    return words.format(at=at, name=record.name)


def _revoke(page: IdentitiesPage, record: IdentityRecord) -> None:
    lost = tr("{label} 的证书会写入吊销列表并更新到通道配置，各节点随即拒绝它。吊销不能撤回，需要时只能重新签发。")
    dialog = ConfirmName(
        page,
        tr("吊销身份"),
        lost.format(label=page.context.person(record.label)),
        record.name,
        tr("吊销"),
        signs=page.signs_with(),
    )
    form = Form()
    form.add("reason", text_field(tr("原因（记入任务日志）")))
    dialog.body.addWidget(form)
    if not dialog.exec():
        return

    def done(result: IdentityRecord) -> None:
        page.context.notice(tr("{label} 已吊销").format(label=record.label))
        page.refresh()

    platform, network = page.context.platform, page.context.network
    page.context.job(
        partial(platform.identities.revoke, network=network),
        record.label,
        form["reason"],
        title=Text("吊销 {label}", "Revoke {label}", label=record.label),
        network=network,
        done=done,
        failed=lambda error: page.banner.show_error(error, page.refresh),
    )
