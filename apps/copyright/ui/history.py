"""What versions of a work, and of what hangs on it, mean."""

from __future__ import annotations

from apps.copyright.office_words import REGISTRATION
from apps.copyright.ui.matter_words import outcome_words
from apps.copyright.ui.terms import tr
from chaincode.copyright.kinds import Registration
from console.appkit.acting import Host
from console.appkit.history import Version, what_happened
from console.i18n import say


def meaning(page: Host, version: Version) -> str:  # noqa: PLR0911 - one a happening
    """What a version means, in words."""
    record, before = version.record, version.before
    if version.kind != "work":
        if version.kind == Registration.id and record.get("certificate") and not before.get("certificate"):
            return f"{say(REGISTRATION.title)} · {tr('证书散列已记录')}"
        said = what_happened(page, version)
        return f"{said} · {outcome_words(record['outcome'])}" if record.get("outcome") else said
    if not before:
        return tr("存证")
    if record.get("state") == "REVOKED":
        return tr("撤销存证")
    if record.get("owners") != before.get("owners"):
        return tr("权利人变更")
    if record.get("number") and not before.get("number"):
        return tr("取得登记号 {n}").format(n=record["number"])
    if record.get("pledge") != before.get("pledge"):
        return tr("设立质押") if record.get("pledge") else tr("解除质押")
    if record.get("disputes") != before.get("disputes"):
        more = len(record.get("disputes", ())) > len(before.get("disputes", ()))
        return tr("因异议冻结") if more else tr("异议结束，解除冻结")
    if record.get("registration") and not before.get("registration"):
        return tr("申请登记")
    return tr("登记结束") if before.get("registration") and not record.get("registration") else tr("登记事项变更")
