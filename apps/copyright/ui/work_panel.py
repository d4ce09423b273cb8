"""The inspector beside a work: certificate, what the evidence proves, and its content: take out, keys, credentials."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps.copyright import permissions
from apps.copyright.model import Work
from apps.copyright.ui.certificate_picture import CertificatePicture
from apps.copyright.ui.terms import label, tr
from chaincode.copyright.kinds import Licence
from chaincode.copyright.sealed_works import AT_THE_OFFICE
from console.appkit.act_dialog import ActDialog
from console.i18n.formats import short_cid, short_hash, size, when
from console.shell.inspector import Inspected
from console.widgets.basic import Button, HashLabel
from console.widgets.facts import Facts, Section
from console.widgets.forms import Form, choice_field, save_file
from fabric_sdk import clock
from fabric_sdk.files import whole_file, write_whole
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.ui.page import CopyrightPage
    from apps.copyright.ui.work import WorkFacts, WorkView

SIGNED_MEDIA = ("image/jpeg", "image/png", "image/webp", "image/tiff", "audio/", "video/mp4")
"""Media types whose files can carry Content Credentials."""


def work_panel(view: WorkView, facts: WorkFacts) -> Inspected:
    """Return the panel."""
    work, registration = facts.work, facts.registration
    panel = Inspected(tr("证书与证据"), work.number or work.id)
    panel.setProperty("inspectorWidth", 344)
    noted = registration.record.get("certificate") if registration is not None else None
    if registration is not None and noted:
        section = Section(tr("登记证书"), tr("PDF/A · 已由登记机构签名"))
        section.add(CertificatePicture(work, registration))
        details = Facts(64)
        details.add_hash("SHA-256", str(noted["sha256"]), short_hash(str(noted["sha256"]), 8))
        details.add("CID", HashLabel(str(noted["cid"]), short_cid(str(noted["cid"])), what="CID"))
        section.add(details)
        buttons = [Button(tr("另存…"), lambda: _save_certificate(view, facts), icon="download")]
        if facts.certificate is not None:
            buttons.insert(0, Button(tr("打开"), view.open_certificate, icon="open"))
        section.add(panel.buttons(*buttons))
        panel.add(section)
    else:
        panel.add(Section(tr("登记证书")).text(tr("登记通过并发证后，证书会出现在这里。"), tone="text2"))
    proof = Section(tr("存证能证明什么"))
    proof.status(tr("存在：这份内容的标识写在账本上"), "ok")
    proof.status(tr("时间：{t}").format(t=when(work.created)), "ok")
    proof.status(tr("存证人：签名随交易保存"), "ok")
    proof.status(tr("不证明独创性"), "info")
    panel.add(proof)
    panel.add(_content(view, facts, panel))
    return panel


def _content(view: WorkView, facts: WorkFacts, panel: Inspected) -> Section:
    page, work = view.page, facts.work
    section = Section(tr("内容"))
    signer = opening_signer(page, facts)
    if work.encrypted:
        section.text(tr("内容已加密存放，只有拿到密钥的人能解开。"), tone="text2")
        if signer:
            section.add(panel.buttons(Button(tr("解密到文件…"), lambda: _decrypt(view, work, signer), icon="unlock")))
        elif page.allows(permissions.REVIEW) and _in_hand(facts):
            section.text(tr("审查期间，登记机构可以打开加密作品，每次都记在账本上。"), tone="text2")
            examine = Button(tr("打开以便审查…"), lambda: _decrypt(view, work, "registrar"), icon="unlock")
            section.add(panel.buttons(examine))
        licensees = licensees_of(facts)
        if page.kit.owner_of(dict(work.record)) and page.allows(permissions.LICENSE):
            if licensees:
                button = Button(tr("把密钥交给被许可人…"), lambda: granting(page, work, licensees).exec(), icon="key")
                section.add(panel.buttons(button))
            else:
                section.text(tr("有了生效的许可，就可以把密钥交给被许可人。"), tone="text2")
        return section
    section.add(panel.buttons(Button(tr("取出文件…"), lambda: _take_out(view, work), icon="download")))
    search = Button(tr("查相近作品"), lambda: page.context.go(f"copyright/search/work/{work.id}"), icon="search")
    section.add(panel.buttons(search))
    if work.media_type.startswith(SIGNED_MEDIA):
        show = Button(tr("看内容凭证"), lambda: _credentials(page, work), icon="shield")
        section.add(panel.buttons(show))
        if page.allows(permissions.EVIDENCE) and page.allows(permissions.REVIEW):
            section.add(panel.buttons(Button(tr("把登记信息写入副本…"), lambda: _embed(view, work), icon="edit")))
    return section


def _in_hand(facts: WorkFacts) -> bool:
    """Whether the office has an application of the work to examine."""
    case = facts.registration
    return case is not None and case.state in AT_THE_OFFICE


def opening_signer(page: CopyrightPage, facts: WorkFacts) -> str:
    """Who of the people here may open an encrypted work: an owner, else a licensee in force; "" for nobody."""
    kit, licensees = page.kit, licensees_of(facts)
    owner = kit.owner_of(dict(facts.work.record))
    return owner or next((one for one in kit.signers if kit.who(one).party in licensees), "")


def licensees_of(facts: WorkFacts) -> list[str]:
    """Licensees of a work whose licence is in force."""

    today = clock.today().isoformat()
    return sorted(
        {
            str(one["licensee"])
            for one in facts.records
            if one["type"] == "licence" and one["state"] == "ACTIVE" and one["until"] >= today
        }
    )


def _save_certificate(view: WorkView, facts: WorkFacts) -> None:
    service, registration = view.service, facts.registration
    if registration is None:
        return
    path = save_file(view, tr("保存证书"), f"{registration.number}.pdf", "PDF (*.pdf)")

    def write() -> int:
        return write_whole(Path(path), service.certificate(registration))

    if path:
        view.page.read(write, lambda _: view.page.context.notice(tr("证书已保存")))


def _take_out(view: WorkView, work: Work) -> None:
    service = view.service
    path = save_file(view, tr("取出文件"), work.title)
    if not path:
        return

    def write(*, ctx: Any) -> int:
        ctx.step("read", Text("取出 {t}", "Take out {t}", t=work.title))
        done = 0
        with whole_file(Path(path)) as file:
            for piece in service.read_content(work):
                ctx.check_cancelled()
                done += file.write(piece)
                ctx.progress(done, work.size)
        return done

    view.page.context.job(
        write,
        title=Text("取出 {t}", "Take out {t}", t=work.title),
        done=lambda done: view.page.context.notice(tr("已取出 {s}，逐块核对过").format(s=size(done))),
        failed=view.page.banner.show_error,
    )


def _decrypt(view: WorkView, work: Work, signer: str) -> None:
    service = view.service
    path = save_file(view, tr("解密到文件"), work.title)
    if not path:
        return

    def write(*, ctx: Any) -> int:
        """Nothing is left at the target unless the whole content was authentic."""
        ctx.step("open", Text("解密 {t}", "Decrypt {t}", t=work.title))
        with whole_file(Path(path)) as file:
            return service.access.save(work.id, file, signer)

    view.page.context.job(
        write,
        title=Text("解密 {t}", "Decrypt {t}", t=work.title),
        done=lambda done: view.page.context.notice(tr("已解密 {s}").format(s=size(done))),
        failed=view.page.banner.show_error,
    )


def granting(page: CopyrightPage, work: Work, licensees: list[str]) -> ActDialog:
    """Hand the key of an encrypted work over to a licensee."""
    service = page.service
    form = Form(1)
    form.add("licensee", choice_field(label(Licence.licensee), [(one, one) for one in licensees]))
    return ActDialog(
        page,
        tr("把密钥交给被许可人"),
        tr(
            "密钥用对方的阅读密钥加密后写入账本，只有对方能解开。对方取走的副本不能收回；许可终止后，内容服务不再提供。"
        ),
        accept=tr("交出密钥"),
        run=lambda values, *, ctx: service.access.grant(work.id, values["licensee"]),
        said=tr("密钥已交给被许可人"),
        collect=form.values,
        signs=page.signed_by(page.kit.owner_of(dict(work.record))),
        form=form,
        job=Text("交出密钥 {t}", "Hand over the key of {t}", t=work.title),
    )


def _credentials(page: CopyrightPage, work: Work) -> None:
    from apps.copyright import credentials
    from apps.copyright.ui.credentials import credentials_panel

    service = page.service

    def read() -> Any:
        with tempfile.TemporaryDirectory(prefix="citychain-c2pa-") as folder:
            file = Path(folder) / "work"
            with file.open("wb") as out:
                for piece in service.read_content(work):
                    out.write(piece)
            return credentials.read(file)

    page.read(read, lambda store: page.inspect(credentials_panel(work.title, store)))


def _embed(view: WorkView, work: Work) -> None:
    from apps.copyright import credentials

    service = view.service
    media_type = work.media_type.partition(";")[0]
    suffix = {"image/jpeg": ".jpg", "audio/mpeg": ".mp3", "text/plain": ".txt"}.get(
        media_type, "." + media_type.partition("/")[2]
    )
    path = save_file(view, tr("写入内容凭证的副本存到"), f"{work.title}-c2pa{suffix}")
    if not path:
        return

    def write(*, ctx: Any) -> None:
        ctx.step("embed", Text("写入内容凭证", "Write Content Credentials"))
        with tempfile.TemporaryDirectory(prefix="citychain-c2pa-") as folder:
            file = Path(folder) / "work"
            with file.open("wb") as out:
                for piece in service.read_content(work):
                    ctx.check_cancelled()
                    out.write(piece)
            Path(path).unlink(missing_ok=True)
            credentials.embed(service, work, file, Path(path))

    view.page.context.job(
        write,
        title=Text("写入内容凭证 {t}", "Write Content Credentials of {t}", t=work.title),
        network=view.page.context.network,
        done=lambda _: view.page.context.notice(tr("已写入内容凭证：{f}").format(f=Path(path).name)),
        failed=view.page.banner.show_error,
    )
