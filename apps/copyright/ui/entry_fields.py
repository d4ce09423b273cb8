"""Editors of a work's entries, with what stands there now: for corrections and changes, which send what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apps.copyright.ui.terms import terms, tr
from console.widgets.forms import Field, Form, area_field, choice_field, text_field

_EDITORS: Mapping[str, Callable[[], Field]] = {
    "title": lambda: text_field(tr("作品名称"), required=True),
    "category": lambda: choice_field(tr("作品类别"), terms("categories")),
    "authors": lambda: text_field(tr("作者，用顿号分开"), required=True),
    "completed": lambda: text_field(tr("创作完成"), placeholder="2026-01-31"),
    "place": lambda: text_field(tr("完成地点")),
    "published": lambda: text_field(tr("首次发表日期"), placeholder="2026-01-31"),
    "note": lambda: area_field(tr("备注"), rows=2),
}
WIDE = ("title", "authors", "note")


class EntryFields:
    """Editors by the names of entries; `place` is where the work was completed."""

    def __init__(self, work: Mapping[str, Any], names: Iterable[str]) -> None:
        self._work = work
        self._before = {
            "title": str(work["title"]),
            "category": str(work["category"]),
            "authors": "、".join(str(one.get("name", "")) for one in work.get("authors", ())),
            "completed": self._said("completed", "date"),
            "place": self._said("completed", "place"),
            "published": self._said("published", "date"),
            "note": str(work.get("note", "")),
        }
        self.fields = {name: _EDITORS[name]() for name in _EDITORS if name in {*names}}
        for name, field in self.fields.items():
            field.set_value(self._before[name])

    def _said(self, entry: str, part: str) -> str:
        return str((self._work.get(entry) or {}).get(part, ""))

    def changed(self, form: Form) -> dict[str, Any]:
        """The entries that differ from what stands there, as the contract takes them."""
        new = {name: str(form[name]) for name in self.fields if str(form[name]) != self._before[name]}
        found: dict[str, Any] = {name: new[name] for name in ("title", "category", "note") if name in new}
        if "authors" in new:
            known = {str(one.get("name", "")): one for one in self._work.get("authors", ())}
            names = [part.strip() for part in new["authors"].replace("，", "、").replace(",", "、").split("、")]
            found["authors"] = [dict(known.get(part, {"name": part})) for part in names if part]
        if "completed" in new or ("place" in new and self._before["completed"]):
            parts = {"date": "completed", "place": "place"}
            found["completed"] = {part: new.get(name, self._before[name]) for part, name in parts.items()}
        if "published" in new:
            found["published"] = {"date": new["published"], "place": self._said("published", "place")}
        return found
