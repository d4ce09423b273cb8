"""Values and events of the ledger in people's words: fields by their labels, people and organisations by name.

The words are those of the application whose contract wrote them; of other contracts the entries keep their own names.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from console.i18n import say, tr
from console.i18n.formats import in_words, number, size

if TYPE_CHECKING:
    from console.context import Context

MOST = 60
"""Entries of a value that are told at most; the raw form has them all."""
LONG = 400
QUIET = frozenset({"tx_id", "log", "policy", "type"})
"""Bookkeeping of records that says nothing to people."""


def value_words(context: Context, contract: str, data: bytes) -> str:
    """What bytes of the ledger say, an entry a line; "" where only their raw form says anything."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return _text(data)
    if not isinstance(found, dict):
        return _said(context, found)
    words = _words_of(context, contract).get(str(found.get("type", "")))
    lines = [] if words is None else [say(words.title)]
    for name, value in list(found.items())[:MOST]:
        if name not in QUIET and value not in (None, "", [], {}):
            told = _entry(context, words, name, value)
            lines.append(tr("{what}：{value}").format(what=_label(words, name), value=told))
    if len(found) > MOST:
        lines.append(tr("另有 {n} 项").format(n=number(len(found) - MOST)))
    return "\n".join(lines)


def value_line(context: Context, contract: str, data: bytes, most: int = 160) -> str:
    """The beginning of what `value_words` says, on one line."""
    return tr("；").join(value_words(context, contract, data).splitlines())[:most]


def event_words(context: Context, contract: str, name: str) -> str:
    """What an event of a contract is called: the act of which it tells, else its own name."""
    for words in _words_of(context, contract).values():
        for act, said in words.acts.items():
            if act.event == name:
                return f"{say(words.title)} · {say(said.button)}"
    return name


def _words_of(context: Context, contract: str) -> dict[str, Any]:
    """The words of the kinds of a contract's application, by kind."""
    for manifest in context.platform.applications.all():
        if manifest.contract.name == contract:
            catalogue = getattr(manifest, "catalogue", None)
            return dict(catalogue.words) if catalogue is not None else {}
    return {}


def _label(words: Any, name: str) -> str:
    if name == "state":
        return tr("状态")
    if words is not None:
        for one, said in words.fields.items():
            if one.name == name:
                return say(said.label)
    return {"id": tr("编号"), "created": tr("时间"), "updated": tr("最近改动")}.get(name, name)


def _entry(context: Context, words: Any, name: str, value: Any) -> str:
    if words is not None and name == "state":
        state = words.kind.states.get(str(value))
        if state is not None:
            return say(words.states[state])
    return _said(context, value)


def _said(context: Context, value: Any) -> str:
    """A value by itself: instants by the local clock, people by name, lists one after another."""
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, int | float):
        return number(value) if isinstance(value, int) else str(value)
    if isinstance(value, list):
        return tr("、").join(_said(context, one) for one in value)[:LONG] or tr("空")
    if isinstance(value, dict):
        parts = [f"{name} {_said(context, one)}" for name, one in value.items() if one not in (None, "", [], {})]
        return tr("；").join(parts)[:LONG]
    return context.named(in_words(str(value)))[:LONG]


def _text(data: bytes) -> str:
    """A text as it is; of other bytes how many there are."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text.replace("\n", "").isprintable() and (text or not data):
        return text[:LONG]
    return tr("不是文字的内容，{size}").format(size=size(len(data)))
