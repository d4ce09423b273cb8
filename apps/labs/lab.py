"""A lab as data: what it is about, its steps, its questions and what is looked at, from one YAML file of `course/`.

What a file says reaches no path: names are held to narrow alphabets, and files that a lab lays out lie in the learner's
own folder.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from baas.errors import NotFound, Text, UserError
from fabric_sdk import clock
from network.spec_reader import SpecReader, parse_document

LAB_ID = r"[a-z][a-z0-9]{1,19}(-[a-z0-9]{1,19}){0,3}"
FILE_NAME = r"([a-z][a-z0-9_]{0,30}/)?[a-z][a-z0-9_]{0,30}\.(py|json|txt)"
Topology = Literal["none", "single", "pair", "city"]
TOPOLOGIES: tuple[Topology, ...] = ("none", "single", "pair", "city")
CODE, DAY = "CODE", "DAY"
"""Words in steps: the learner's own code of a lab, and a day about ten months ahead."""
AHEAD_DAYS = 300
_COMMAND = r"citychain [a-z][^\r\n]{1,300}"
_WORD = r"[a-z][a-z0-9_]{0,30}"


@dataclass(frozen=True)
class Step:
    """What to do next: a sentence, the commands that do it, and the console's page where it can be clicked ("" where
    none does)."""

    words: Text
    commands: tuple[str, ...] = ()
    page: str = ""


@dataclass(frozen=True)
class Named:
    """A question or a check of a lab: its name and its sentence."""

    id: str
    words: Text


@dataclass(frozen=True)
class Lab:
    """A lab. `minutes` is how long it takes, `after` the labs that come before it, `story` what its maker lets happen
    in the network beforehand, `network` the name of the network that is looked at."""

    id: str
    title: Text
    goal: Text
    minutes: int
    after: tuple[str, ...]
    topology: Topology
    contracts: tuple[str, ...]
    story: str
    network: str
    files: Mapping[str, str]
    steps: tuple[Step, ...]
    questions: tuple[Named, ...]
    checks: tuple[Named, ...]
    edition: str


@dataclass(frozen=True)
class CoursePath:
    """Labs that lead to one credential: `skill` and `level` are what it says of its holder."""

    id: str
    title: Text
    skill: Text
    level: Text
    labs: tuple[str, ...]


def read_lab(raw: bytes, name: str) -> Lab:
    """Read one lab; `UserError` names the first place that is not as it must be."""
    reader = SpecReader(
        parse_document(raw, Text("实训 {n}", "Lab {n}", n=name)), "", Text("实训 {n}", "Lab {n}", n=name)
    )
    reader.only_keys(
        "id",
        "title",
        "goal",
        "minutes",
        "after",
        "topology",
        "contracts",
        "story",
        "network",
        "files",
        "steps",
        "questions",
        "checks",
    )
    words = Text("小写英文字母、数字和连字符", "lower-case letters, digits and hyphens")
    made = Lab(
        id=reader.word("id", LAB_ID, words),
        title=_text(reader, "title"),
        goal=_text(reader, "goal"),
        minutes=reader.integer("minutes", 5, 60, 15),
        after=_words(reader, "after", LAB_ID),
        topology=reader.choice("topology", TOPOLOGIES, "single"),
        contracts=_words(reader, "contracts", _WORD),
        story=reader.word("story", rf"|{_WORD}", words, ""),
        network=reader.word("network", rf"[a-z][a-z0-9-]{{0,20}}({CODE})?", words, "lab"),
        files=dict(map(_file, reader.items("files", 0, 10))),
        steps=tuple(map(_step, reader.items("steps", 1, 20))),
        questions=tuple(map(_named, reader.items("questions", 0, 8))),
        checks=tuple(map(_named, reader.items("checks", 1, 8))),
        edition=hashlib.sha256(raw).hexdigest(),
    )
    if made.id != name:
        raise reader.error("id", Text("应与文件名 {n} 相同", "must be the file's name {n}", n=name))
    return made


def _text(reader: SpecReader, key: str) -> Text:
    found = reader.text(key, "")
    if not found.zh.strip() or found.zh == found.en:
        raise reader.error(key, Text("中文和英文都要有", "Chinese and English are both needed"))
    return found


def _words(reader: SpecReader, key: str, pattern: str) -> tuple[str, ...]:
    found = tuple(reader.words(key, ()))
    for one in found:
        if not re.fullmatch(pattern, one):
            raise reader.error(key, Text("“{v}”不可用", "{v} cannot be used", v=one[:60]))
    return found


def _file(reader: SpecReader) -> tuple[str, str]:
    reader.only_keys("file", "text")
    name = Text("文件名，最多在一层文件夹中，不能指向别处", "a file's name, in one folder at most, and nowhere else")
    return reader.word("file", FILE_NAME, name), reader.word("text", r"(?s).+", Text("文件内容", "what it holds"))


def _step(reader: SpecReader) -> Step:
    reader.only_keys("zh", "en", "run", "page")
    words = _named_words(reader)
    page = Text("控制台页面地址", "an address of the console")
    return Step(words, _words(reader, "run", _COMMAND), reader.word("page", r"|[a-z][a-z_/-]{1,60}", page, ""))


def _named(reader: SpecReader) -> Named:
    reader.only_keys("id", "zh", "en")
    rule = Text("小写英文字母、数字和连字符", "lower-case letters, digits and hyphens")
    return Named(reader.word("id", LAB_ID, rule), _named_words(reader))


def _named_words(reader: SpecReader) -> Text:
    rule = Text("一句话", "a sentence")
    zh, en = reader.word("zh", r".{2,400}", rule), reader.word("en", r".{2,400}", rule)
    return Text("{chinese}", "{english}", chinese=zh, english=en)


@functools.cache
def course() -> Mapping[str, Lab]:
    """Every lab, in the order in which they are best done."""
    order = [one for path in paths() for one in path.labs]
    found = {}
    for one in dict.fromkeys(order):
        found[one] = read_lab(resources.files(__package__).joinpath("course", f"{one}.yaml").read_bytes(), one)
    for lab in found.values():
        if unknown := set(lab.after) - set(found):
            raise UserError(
                Text(
                    "实训 {l} 的前置 {u} 不存在。",
                    "Lab {l} comes after {u}, which is no lab.",
                    l=lab.id,
                    u=", ".join(unknown),
                )
            )
    return found


@functools.cache
def paths() -> tuple[CoursePath, ...]:
    """The paths that lead to credentials."""
    origin = Text("学习路径", "The paths")
    raw = resources.files(__package__).joinpath("course", "paths.yaml").read_bytes()
    reader = SpecReader(parse_document(raw, origin), "", origin)
    rule = Text("小写英文字母、数字和连字符", "lower-case letters, digits and hyphens")
    return tuple(
        CoursePath(
            one.word("id", LAB_ID, rule),
            _text(one, "title"),
            _text(one, "skill"),
            _text(one, "level"),
            _words(one, "labs", LAB_ID),
        )
        for one in reader.items("paths", 1, 8)
    )


def lab_of(id: str) -> Lab:
    """The lab `id`; `NotFound` with the list of labs otherwise, whatever the word holds."""
    found = course().get(id)
    if found is None:
        raise NotFound(
            Text("没有实训“{n}”。", "There is no lab {n}.", n=_shown(id)),
            Text("列出：citychain lab list", "List them: citychain lab list"),
            code="no_lab",
        )
    return found


def path_of(id: str) -> CoursePath:
    """The path `id`; `NotFound` otherwise."""
    found = next((one for one in paths() if one.id == id), None)
    if found is None:
        known = ", ".join(one.id for one in paths())
        raise NotFound(
            Text("没有学习路径“{n}”。", "There is no path {n}.", n=_shown(id)),
            Text("有：{k}", "There are: {k}", k=known),
            code="no_path",
        )
    return found


def filled(command: str, code: str) -> str:
    """A command with the learner's own code, and a day, in the places that are kept for them."""
    day = (clock.today() + dt.timedelta(days=AHEAD_DAYS)).isoformat()
    return re.sub(rf"\b{DAY}\b", day, re.sub(rf"\b{CODE}\b", code, command))


def _shown(word: str) -> str:
    return "".join(one if one.isprintable() else "�" for one in word[:40])
