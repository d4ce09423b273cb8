"""Nothing untranslated: every sentence of the console and of the applications' pages exists in both languages."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from console.i18n import catalogue, formats, language, tr, translator, use_language

CATALOGUES = catalogue.catalogues()
CJK = re.compile(r"[\u3400-\u9fff]")
WIDE = re.compile("[“”‘’]")
FIELD = re.compile(r"\{(\w+)\}")
sources = functools.cache(catalogue.sources)


@pytest.mark.parametrize("context", sorted(CATALOGUES))
def test_every_sentence_is_translated(context: str) -> None:
    folder, where = CATALOGUES[context]
    have = catalogue.shared() | catalogue.translations(where / "en.ts")
    missing = [source for source in sources(folder) if not have.get(source)]
    assert not missing, f"run python -m console.i18n.catalogue and translate: {missing[:5]}"


@pytest.mark.parametrize("context", sorted(CATALOGUES))
def test_translations_keep_their_parameters_and_leave_no_chinese(context: str) -> None:
    folder, where = CATALOGUES[context]
    used = sources(folder)
    for source, english in catalogue.translations(where / "en.ts").items():
        assert source in used, f"no longer used: {source}"
        assert set(FIELD.findall(source)) == set(FIELD.findall(english)), source
        assert not CJK.search(english), english
        assert not WIDE.search(english), f"as wide as a Chinese character in the interface's font: {english}"


@pytest.mark.parametrize("context", sorted(CATALOGUES))
def test_the_compiled_catalogue_is_what_the_source_says(context: str) -> None:
    from PySide6.QtCore import QTranslator

    _, where = CATALOGUES[context]
    loaded = QTranslator()
    assert loaded.load(str(where / "en.qm"))
    for source, english in catalogue.translations(where / "en.ts").items():
        sentence, _, use = source.partition(catalogue.USE)
        assert loaded.translate(context, sentence, use or None) == english


@pytest.mark.parametrize("context", sorted(set(CATALOGUES) - {"console"}))
def test_an_application_says_as_the_console_does_what_it_has_no_other_words_for(qapp: object, context: str) -> None:
    folder, where = CATALOGUES[context]
    own, common = catalogue.translations(where / "en.ts"), catalogue.shared()
    twice = [source for source, english in own.items() if common.get(source) == english]
    assert not twice, f"run python -m console.i18n.catalogue: {twice[:5]}"
    use_language("en", (where,))
    said = translator(context)
    for source in sources(folder):
        sentence, _, use = source.partition(catalogue.USE)
        assert str(said(sentence, use)) == (own.get(source) or common[source])
    use_language("zh")


def _loose(tree: ast.AST) -> list[tuple[int, str]]:
    """Texts that are neither a docstring (a statement by itself) nor said in `tr` or `Text`: (line, text)."""
    fine: set[int] = set()
    texts: list[ast.Constant] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            fine.add(id(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"tr", "Text"}:
            fine |= {id(argument) for argument in node.args}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and CJK.search(node.value):
            texts.append(node)
    return [(text.lineno, str(text.value)) for text in texts if id(text) not in fine]


ALLOWED = {
    "、",
    "简体中文",
    "周一",
    "周二",
    "周三",
    "周四",
    "周五",
    "周六",
    "周日",
    "月",
    "年",
    "日",
    "日 ",
    "名称",
    "，",
}


@pytest.mark.parametrize("context", sorted(CATALOGUES))
def test_no_chinese_outside_tr_and_text(context: str) -> None:
    folder, _ = CATALOGUES[context]
    loose = []
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text("utf-8")
        if CJK.search(source):
            found = _loose(ast.parse(source))
            loose += [f"{path.name}:{line}: {text}" for line, text in found if text not in ALLOWED]
    assert not loose


def test_one_word_in_chinese_may_be_two_in_english() -> None:
    """Found on the page: the button that stops a network said "Stopped", the one that begins a lab "Began"."""
    use_language("en")
    assert (tr("停止"), tr("停止", "stop it")) == ("Stopped", "Stop")
    assert (tr("开始"), tr("开始", "begin")) == ("Began", "Begin")
    assert (tr("网络"), tr("网络", "one")) == ("Networks", "Network")
    use_language("zh")
    assert tr("停止", "stop it") == "停止"


@pytest.mark.parametrize(("n", "said"), [("1", "1 line"), (1, "1 line"), ("2", "2 lines"), ("1,001", "1,001 lines")])
def test_words_follow_their_figure(n: object, said: str) -> None:
    use_language("en")
    assert tr("{n} 行").format(n=n) == said
    use_language("zh")
    assert tr("{n} 行").format(n=n) == f"{n} 行"


def test_the_embedded_ledger_has_one_name() -> None:
    """The wizard offered 内置账本 and then listed steps of an 嵌入式账本."""
    other = re.compile("嵌入式|内嵌网络")
    root = Path(catalogue.ROOT)
    folders = ("apps", "baas", "chaincode", "console", "fabric_sdk", "network")
    found = [p for one in folders for p in (root / one).rglob("*.py") if other.search(p.read_text("utf-8"))]
    assert found == []


def test_english_is_spoken_after_switching() -> None:
    assert tr("总览") == "总览"
    use_language("en")
    assert language() == "en"
    assert tr("总览") == "Overview"
    assert formats.duration(0.25) == "250 ms"
    use_language("zh")
    assert formats.duration(75) == "1 分 15 秒"


def test_figures_and_hashes_in_short_form() -> None:
    assert formats.number(684213) == "684,213"
    assert formats.short_hash("9f3c07be52d8416ab3e1a1d4") == "9f3c…a1d4"
    assert formats.short_cid("bafybeih7q3aaaaaaaaaaaaaaaaaaaaaaaaaaaax4tuyq") == "bafybeih7q3a…x4tuyq"
    assert formats.size(186_200_000_000) == "186.2 GB"
    assert formats.fingerprint("5e910c00000000d73a") == "5e:91:0c…d7:3a"
    assert formats.version(631077, 9) == "631,077 : 9"


@pytest.mark.parametrize("folders", [False, True])
def test_qts_own_file_dialog_speaks_chinese(qapp: object, folders: bool) -> None:
    from PySide6.QtWidgets import QFileDialog, QLabel

    use_language("zh")
    dialog = QFileDialog()
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    if folders:
        dialog.setFileMode(QFileDialog.FileMode.Directory)
    said = [label.text() for label in dialog.findChildren(QLabel) if label.text()]
    dialog.deleteLater()
    assert len(said) == 3
    assert all(CJK.search(text) for text in said), said


def test_the_extractor_refuses_what_cannot_be_translated(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("tr(f'{x}')\n", "utf-8")
    with pytest.raises(ValueError, match="literal"):
        catalogue.sources(tmp_path)
