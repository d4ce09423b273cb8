"""Words of the copyright pages: their translations, and the policy's terms in the language in use."""

from __future__ import annotations

from console.i18n import language, translator

tr = translator("copyright")


def terms(table: str) -> list[tuple[str, str]]:
    """Return (code, title) of one of the policy's tables, such as `categories`, in its order."""
    # Here, because the contract's modules take long to import and the rail needs only this module's titles.
    from chaincode.copyright.policy import load

    lang = language()
    return [(code, str(row.get(lang) or row["zh"])) for code, row in load().data[table].items()]


def term(table: str, code: str) -> str:
    """Return the title of one code; the code itself when the policy does not know it."""
    return dict(terms(table)).get(code, code)


def state_words(state: str) -> tuple[str, str]:
    """Return a registration's state in words with its sign."""
    return {
        "": (tr("已存证"), "info"),
        "SUBMITTED": (tr("已提交，待核查"), "wait"),
        "VERIFYING": (tr("核查中"), "busy"),
        "CORRECTION": (tr("待补正"), "warn"),
        "ACCEPTED": (tr("已受理"), "wait"),
        "EXAMINING": (tr("审查中"), "busy"),
        "APPROVED": (tr("审查通过，待发证"), "ok"),
        "CERTIFIED": (tr("登记有效"), "ok"),
        "PUBLISHED": (tr("登记有效，已公告"), "ok"),
        "REFUSED": (tr("不予登记"), "bad"),
        "WITHDRAWN": (tr("已撤回"), "none"),
        "LAPSED": (tr("逾期未补正"), "none"),
        "CANCELLED": (tr("登记已撤销"), "bad"),
    }.get(state, (state, "info"))


def work_icon(media_type: str) -> str:
    """The drawing for a kind of media."""
    kind = media_type.partition("/")[0]
    return {"image": "image", "audio": "sound", "video": "video", "text": "text"}.get(kind, "file")
