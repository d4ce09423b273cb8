"""Forms from fields and words: an editor for each type, its first value, and what it says for the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apps.kit.files import GivenFile, holds_files
from apps.kit.words import FieldWords, said
from console.appkit.editors import (
    CodesBox,
    Invalid,
    day_field,
    digest_of,
    fen_of,
    file_field,
    money_field,
    party_field,
    party_of,
    path_of,
    percent_of,
    territory_field,
    territory_of,
)
from console.i18n import say, tr
from console.widgets.forms import Field as Editor
from console.widgets.forms import Form, area_field, check_field, choice_field, number_field, text_field
from fabric_sdk import kinds
from fabric_sdk.kinds import Act, Field, KindError, Record, Who

if TYPE_CHECKING:
    from pathlib import Path

BIGGEST = 2**31 - 1
Keep = Callable[["Path"], str]


@dataclass(frozen=True)
class Beside:
    """Further editors of an act's dialog that are no fields of the act; `above` them or below.

    `read` takes them (`Invalid` marks one), `given` makes what the act is given of everything that was read, as part of
    the job: `(values, ctx)`. `places` are their keys by what the ledger calls what is made of them.
    """

    fields: Mapping[str, Editor]
    read: Callable[[Form], dict[str, Any]]
    given: Callable[[dict[str, Any], Any], dict[str, Any]]
    above: bool = False
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass
class FormOf:
    """The form of an act on a record: `form` with an editor a field, `boxes` for those that take a place of their own.

    `parties` are offered where somebody is named, `keep` puts a file into the content store and returns its CID;
    `first` are values that the form begins with, `limits` the codes that it offers of some fields.
    """

    act: Act
    words: Mapping[Field[Any], FieldWords]
    record: Record
    who: Who
    parties: list[str] = field(default_factory=list)
    keep: Keep | None = None
    first: Mapping[str, Any] = field(default_factory=dict)
    leave_out: tuple[Field[Any], ...] = ()
    limits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    beside: Beside | None = None

    def __post_init__(self) -> None:
        self.boxes: dict[str, CodesBox] = {}
        self.form: Form | None = None
        asked, beside = self._asked(), self.beside
        if not asked and beside is None:
            return
        self.form = Form(2 if len(asked) + len(beside.fields if beside else ()) > 1 else 1)
        if beside is not None and beside.above:
            self._add_beside(self.form, beside)
        self._add_asked(self.form, asked)
        if beside is not None and not beside.above:
            self._add_beside(self.form, beside)

    def _add_beside(self, form: Form, beside: Beside) -> None:
        form.places |= beside.places
        for name, editor in beside.fields.items():
            form.add(name, editor, wide=True)

    def _add_asked(self, form: Form, asked: Sequence[Field[Any]]) -> None:
        for one in asked:
            if isinstance(one, kinds.Codes):
                self.boxes[one.name] = self._box(one)
                if one.name in self.first:
                    self.boxes[one.name].set_value(self.first[one.name])
                continue
            editor = self._editor(one)
            form.add(one.name, editor, wide=not isinstance(one, _NARROW))
            first = self._said(one).first
            value = self.first.get(one.name, first(self.record, self.who) if callable(first) else first)
            if value is not None:
                editor.set_value(say(value))

    def _asked(self) -> list[Field[Any]]:
        found: list[Field[Any]] = []
        for one in self.act.asks:
            if isinstance(one, kinds.Sealed):
                found += one.fields.values()
            elif one not in self.leave_out:
                found.append(one)
        return found

    def _said(self, one: Field[Any]) -> FieldWords:
        """A field's words; those of a sealed paper's stand inside the paper's."""
        if one in self.words:
            return self.words[one]
        sealed = (outer for outer in self.act.asks if isinstance(outer, kinds.Sealed))
        return next(self.words[outer].inner[one.name] for outer in sealed if one in outer.fields.values())

    def values(self) -> dict[str, Any]:
        """What is filled in, as the contract takes it; `Invalid` for what cannot be taken."""
        found: dict[str, Any] = {name: box.value for name, box in self.boxes.items()}
        if empty := next((box for box in self.boxes.values() if not box.value), None):
            raise Invalid(empty, tr("请至少选择一项"))
        for one in self._asked():
            if one.name in self.boxes or self.form is None:
                continue
            editor = self.form.fields[one.name]
            found[one.name] = None if _left_out(one, editor) else _value(one, editor)
        for outer in self.act.asks:
            if isinstance(outer, kinds.Sealed):
                found[outer.name] = {name: found.pop(name) for name in outer.fields}
        if self.beside is not None and self.form is not None:
            found |= self.beside.read(self.form)
        return found

    def kept(self, values: dict[str, Any], ctx: Any) -> dict[str, Any]:
        """The values as the act is given them, files in the content store; for a job, not for the window's thread."""
        if self.beside is not None:
            values = self.beside.given(values, ctx)
        for one in self.act.asks:
            if isinstance(one, kinds.Cid) and values.get(one.name) is not None and self.keep is not None:
                values = values | {one.name: self.keep(values[one.name])}
        return values

    def _label(self, one: Field[Any]) -> str:
        words = self._said(one)
        asked = words.asked
        if asked is not None:
            return say(asked)
        unit = tr("（元）") if isinstance(one, kinds.Fen) else tr("（%）") if isinstance(one, kinds.Share) else ""
        return say(words.label) + unit

    def _box(self, one: kinds.Codes) -> CodesBox:
        words = self.words[one]
        offered = list(words.offered()) if words.offered is not None else list(words.code_words())
        codes = [(str(code), say(words.code_words()[code])) for code in offered]
        everything = words.everything
        return CodesBox(self._label(one), tr("全部") if everything is None else say(everything), codes, name=one.name)

    def _editor(self, one: Field[Any]) -> Editor:  # noqa: PLR0911 - one a type
        words, label, needed = self._said(one), self._label(one), one.required
        hint, beside = (
            "" if one is None else say(said(one, self.record, self.who)) for one in (words.hint, words.placeholder)
        )
        if isinstance(one, kinds.Text):
            if one.area:
                return area_field(label, rows=3, hint=hint, required=needed)
            return text_field(label, hint=hint, required=needed, placeholder=beside)
        if isinstance(one, kinds.Code):
            codes = self.limits.get(one.name) or list(words.code_words())
            options = [(code, say(words.code_words().get(code, code))) for code in codes]
            return choice_field(label, options, hint=hint, required=needed, empty="" if needed else tr("不填"))
        if isinstance(one, kinds.Fen):
            return money_field(label, hint=hint, required=needed)
        if isinstance(one, kinds.Share):
            return text_field(label, hint=hint, required=needed, placeholder=beside)
        if isinstance(one, kinds.Whole):
            low, high, unit = max(one.low, -BIGGEST), min(one.high, BIGGEST), say(words.unit) if words.unit else ""
            return number_field(label, max(0, one.low), low, high, hint=hint, unit=unit)
        if isinstance(one, kinds.Flag):
            return check_field(label, hint=hint)
        if isinstance(one, kinds.Day):
            return day_field(label)
        if isinstance(one, kinds.Party):
            return party_field(label, self.parties, hint=hint)
        if isinstance(one, kinds.Territory):
            return territory_field(label, [(str(code), say(text)) for code, text in words.code_words().items()])
        if isinstance(one, kinds.Sha256 | kinds.Cid) or holds_files(one):
            told = words.hint is not None or not isinstance(one, kinds.Sha256)
            hint = hint if told else tr("文件留在本机，只把散列写入账本")
            return file_field(label, hint=hint, required=needed)
        if isinstance(one, kinds.Id):
            return text_field(label, hint=hint, required=needed)
        raise KindError(f"{self.act.id}: {one!r} has no editor; name a dialog of its own in its words")


_NARROW = (kinds.Fen, kinds.Share, kinds.Whole, kinds.Day, kinds.Code, kinds.Territory)


def _left_out(one: Field[Any], editor: Editor) -> bool:
    return not one.required and editor.value in ("", None)


def _value(one: Field[Any], editor: Editor) -> Any:  # noqa: PLR0911 - one a type
    if isinstance(one, kinds.Fen):
        fen = fen_of(editor)
        if fen < one.low:
            raise Invalid(editor, tr("金额应大于 0"))
        return fen
    if isinstance(one, kinds.Share):
        return percent_of(editor)
    if isinstance(one, kinds.Party):
        return party_of(editor)
    if isinstance(one, kinds.Territory):
        return territory_of(editor)
    if isinstance(one, kinds.Sha256):
        return digest_of(path_of(editor))
    if isinstance(one, kinds.Cid):
        return path_of(editor)
    if holds_files(one):
        return [GivenFile("file", path_of(editor))] if editor.value else []
    if isinstance(one, kinds.Reasons):
        return [editor.value]
    if isinstance(one, kinds.Text) and len(editor.value) > _most(one):
        raise Invalid(editor, tr("最多 {n} 个字").format(n=_most(one)))
    return editor.value


def _most(one: kinds.Text) -> int:
    return one.limit if isinstance(one.limit, int) else 2000
