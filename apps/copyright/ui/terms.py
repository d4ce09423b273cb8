"""Words of the copyright pages: their translations, and the policy's terms in the language in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console.i18n import language, say, translator

if TYPE_CHECKING:
    from fabric_sdk.kinds import Field

tr = translator("copyright")


def label(field: Field[Any]) -> str:
    """What a field of a kind is called, as in its panels and forms."""
    from apps.copyright.kind_words import WORDS

    return next(say(one.fields[field].label) for one in WORDS if field in one.fields)


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
    """Return a registration's state in words with its sign; "" for a work that is deposited only."""
    if not state:
        return tr("已存证"), "info"
    from apps.copyright.office_words import REGISTRATION

    words, sign = REGISTRATION.state({"state": state})
    return say(words), sign


def work_icon(media_type: str) -> str:
    """The drawing for a kind of media."""
    kind = media_type.partition("/")[0]
    return {"image": "image", "audio": "sound", "video": "video", "text": "text"}.get(kind, "file")
