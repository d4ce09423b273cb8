"""Words: Chinese in the source, English from Qt Linguist catalogues, figures and times in local form.

`tr("…")` takes the Chinese sentence as written in the code and returns it in the language in use. Where English has two
words for one in Chinese ("停止" a state, and a button), the second use says which: `tr("停止", "the button")`. A
translation may choose between two words by a figure: `{n} {n:line|lines}`. Sentences from below the console are
`network.text.Text` and carry both languages themselves: `say()` renders either. Catalogues are `en.ts` (kept by
`python -m console.i18n.catalogue`) and the compiled `en.qm`; each application brings its own beside its pages, with
what the console does not say as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from network.text import COUNTING, Lang, Text, render

CONSOLE = "console"
"""The console's own catalogue; what it says is said alike in every application whose own says nothing else."""
_LANGUAGE, _WORDS = "citychainLanguage", "citychainWords"
_TRANSLATORS: list[QTranslator] = []


class _Sentence(str):
    """A sentence with words that follow a figure."""

    __slots__ = ()

    def format(self, *args: object, **words: object) -> str:
        return COUNTING.vformat(str(self), args, words)


class Translate(Protocol):
    """`tr` of a catalogue."""

    def __call__(self, source: str, use: str = "") -> str:
        """Return the Chinese sentence `source` in the language in use; `use` says which of two English words."""


def translator(context: str) -> Translate:
    """Return a `tr` for the catalogue context `context`, one per package of pages."""

    def tr(source: str, use: str = "") -> str:
        said = QCoreApplication.translate(context, source, use or None)
        if said == source and context != CONSOLE:
            said = QCoreApplication.translate(CONSOLE, source, use or None)
        return _Sentence(said) if "|" in said else said

    return tr


tr = translator(CONSOLE)


def language() -> Lang:
    """Return the language in use."""
    app = QCoreApplication.instance()
    return cast(Lang, (app.property(_LANGUAGE) if app is not None else None) or "zh")


def use_language(lang: Lang, catalogues: tuple[Path, ...] = ()) -> None:
    """Switch the application to `lang`. Windows made afterwards speak it.

    `catalogues` are folders with a compiled `en.qm` besides the console's own. Words in use already are left as they
    are: Qt asks every widget of every window to read its own anew.
    """
    app = QCoreApplication.instance()
    if app is None:
        raise RuntimeError("there is no application yet")
    QLocale.setDefault(QLocale("zh_CN" if lang == "zh" else "en_GB"))
    if lang == "zh":
        # Qt's own words: the buttons of file dialogs, the menu of a field. What it lacks comes from a file of ours, in
        # which is looked last.
        own = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)) / "qtbase_zh_CN.qm"
        files = [Path(__file__).with_name("qt_zh.qm"), own]
    else:
        files = [folder / f"{lang}.qm" for folder in (Path(__file__).parent, *catalogues)]
    if app.property(_LANGUAGE) == lang and app.property(_WORDS) == [str(file) for file in files]:
        return
    while _TRANSLATORS:
        app.removeTranslator(_TRANSLATORS.pop())
    app.setProperty(_LANGUAGE, lang)
    app.setProperty(_WORDS, [str(file) for file in files])
    for file in files:
        loaded = QTranslator()
        if loaded.load(str(file)):
            app.installTranslator(loaded)
            _TRANSLATORS.append(loaded)


def system_language() -> Lang:
    """Return Chinese for a Chinese system and English for every other."""
    return "zh" if QLocale.system().language() == QLocale.Language.Chinese else "en"


def say(value: Text | str) -> str:
    """Return a sentence of a service in the language in use; plain strings pass through."""
    return render(value, language())
