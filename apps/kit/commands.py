"""`citychain NAME …` from kinds and words: a group a kind, a command an act, and list, show, history, waiting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apps.kit import papers
from apps.kit.formats import basis_points_of, fen_of, shown
from apps.kit.ledger import Committed
from apps.kit.words import ActWords, FieldWords, KindWords, said
from baas.cli.kit import Cli, TextGroup, argument, group, network_option, option, pass_cli
from baas.errors import LedgerError, NotFound, Text, UserError
from fabric_sdk import kinds
from fabric_sdk.kinds import Act, Field, Record, Who
from network.encodings import read_text

if TYPE_CHECKING:
    from apps.kit.application import KitManifest
    from apps.kit.service import Service

NOBODY = Who("")
Command = Callable[..., Any]


def group_of(manifest: KitManifest) -> click.Group:
    """The application's commands."""

    @group(manifest.command, help=manifest.summary)
    def application() -> None: ...

    for words in manifest.catalogue.words.values():
        _add_kind(application, manifest, words)

    @application.command("waiting", help=Text("等我办理的事。", "What waits for me."))
    @network_option()
    @pass_cli
    def waiting(cli: Cli, /, network: str) -> None:
        with opened(cli, manifest, network) as service:
            rows = [row(service, one) | {"asks": service.asks(one)} for one in service.waiting()]
            cli.show(rows, COLUMNS | {"asks": Text("要办的事", "To do")}, Text("没有等您办理的事。", "Nothing waits."))

    found: click.Group = application
    return found


@contextmanager
def opened(cli: Cli, manifest: KitManifest, network: str) -> Iterator[Service]:
    """The service of a network. An id that the ledger does not know is wrong use."""
    with cli.platform() as platform, manifest.build_service(platform, network) as service:
        try:
            yield service
        except LedgerError as error:
            if error.code != "not_found":
                raise
            raise NotFound(error.message, error.hint, details=error.details) from error


COLUMNS = {
    "id": Text("编号", "Id"),
    "title": Text("名称", "Title"),
    "state": Text("状态", "State"),
    "created": Text("建立", "Created"),
}


def row(service: Service, record: Record) -> dict[str, Any]:
    """A record in one line."""
    words = service.catalogue.of(record)
    named = service.called(record)
    return {
        "id": record["id"],
        "title": Text("{k} · {t}", "{k} · {t}", k=words.title, t=named) if named else words.title,
        "state": words.state(record)[0],
        "created": str(record["created"])[:19].replace("T", " "),
    }


def _add_kind(application: TextGroup, manifest: KitManifest, words: KindWords) -> None:
    kind = words.kind
    under = application.group(words.command or kind.id.replace("_", "-"), help=words.title)(_nothing())
    for act, act_words in words.acts.items():
        if act_words.command != "-":
            add_act(under, ways_of(manifest), act)

    @under.command("list", help=Text("列出{t}。", "List: {t}.", t=words.title))
    @option("--on", default="", help=Text("只列出此记录下的。", "Only those under this record."))
    @network_option()
    @pass_cli
    def listed(cli: Cli, /, on: str, network: str) -> None:
        with opened(cli, manifest, network) as service:
            found = service.under(on, kind) if on else service.all(kind)
            cli.show(found if cli.json else [row(service, one) for one in found], COLUMNS)

    @under.command("show", help=Text("显示一条记录。", "Show a record."))
    @argument("record_id")
    @network_option()
    @pass_cli
    def show(cli: Cli, /, record_id: str, network: str) -> None:
        with opened(cli, manifest, network) as service:
            record = service.read(record_id)
            cli.show(record if cli.json else facts(service, record))

    if any(isinstance(one, kinds.Sealed) for one in kind.fields.values()):
        _add_paper(under, manifest, words)

    @under.command("history", help=Text("一条记录的全部历史。", "Every version of a record."))
    @argument("record_id")
    @network_option()
    @pass_cli
    def history(cli: Cli, /, record_id: str, network: str) -> None:
        columns = {"at": Text("时间", "At"), "state": Text("状态", "State"), "tx_id": Text("交易", "Transaction")}
        with opened(cli, manifest, network) as service:
            found = service.history(record_id)
            rows = [{"at": one["at"], "tx_id": one["tx_id"], "state": _state(service, one["record"])} for one in found]
            cli.show(found if cli.json else rows, columns)


def _add_paper(under: click.Group, manifest: KitManifest, words: KindWords) -> None:
    names = [one.name for one in words.kind.fields.values() if isinstance(one, kinds.Sealed)]

    @under.command(
        "paper", help=Text("查看密件；每次查看都在账本上留痕。", "Look at a sealed paper; each look leaves a trace.")
    )
    @argument("record_id")
    @option("--field", type=click.Choice(names), default=names[0], help=Text("哪份密件。", "Which paper."))
    @network_option()
    @pass_cli
    def paper(cli: Cli, /, record_id: str, field: str, network: str) -> None:
        with opened(cli, manifest, network) as service:
            record = service.read(record_id)
            one = service.catalogue.of(record).kind.fields.get(field)
            if not isinstance(one, kinds.Sealed):
                raise UserError(Text("这条记录没有这份密件。", "The record has no such paper."), code="no_paper")
            found = papers.read(service, record, one)
            said = service.catalogue.field(words.kind, one).inner
            shown_ = {
                said[name].label.en: shown(inner, said[name], found.get(name)) for name, inner in one.fields.items()
            }
            cli.show(found if cli.json else shown_)


def _state(service: Service, record: Record | None) -> Any:
    return service.catalogue.of(record).state(record)[0] if record else ""


def _nothing() -> Callable[[], None]:
    return lambda: None


@dataclass(frozen=True)
class Ways:
    """How an application's commands open its service, name what an act is done on, and tell what was done."""

    manifest: KitManifest
    opened: Callable[[Cli, str], AbstractContextManager[Any]]
    tell: Callable[[Cli, Any, Committed[Any]], None]
    kit: Callable[[Any], Service] = lambda service: service
    resolve: Callable[[Any, str], str] = lambda service, record_id: record_id


def ways_of(manifest: KitManifest) -> Ways:
    """The ways of an application whose service is the kit's."""
    return Ways(manifest, lambda cli, network: opened(cli, manifest, network), tell)


def part_option(manifest: KitManifest) -> Callable[[Command], Command]:
    """`--part ROLE`: who signs when the workspace's owner acts for all."""
    return option(
        "--part",
        type=click.Choice([str(one.role) for one in manifest.people]),
        default=None,
        help=Text("以哪个角色办理（所有者代办时）。", "Which part acts, when the owner acts for all."),
    )


def add_act(
    under: click.Group,
    ways: Ways,
    act: Act,
    *,
    name: str = "",
    leave_out: Sequence[Field[Any]] = (),
    arguments: Sequence[Field[Any]] = (),
) -> None:
    """The command of an act: the record that it is done on, an option a field (`arguments` stand without a name)."""
    words = ways.manifest.catalogue.words[act.kind.id]
    act_words = words.acts[act]
    asked = dict(_asked(act, words, leave_out))
    named = {_option(one, said): (one, said) for one, said in asked.items()}
    on = act.on or ("" if act.makes else act.kind.id)

    def command(cli: Cli, /, network: str, part: str | None = None, record_id: str = "", **options: Any) -> None:
        with ways.opened(cli, network) as service:
            kit = ways.kit(service)
            kit.platform.session.require(kit.permission(act))
            filled = {one.name: _value(one, options.get(_variable(text)), said) for text, (one, said) in named.items()}
            given = _nested(act, filled)
            above = ways.resolve(service, record_id) if act.on else record_id
            done = kit.do(act, given, on=above, signer=kit.signer_for(part) if part else "")
            ways.tell(cli, service, done)
            for party in kit.strangers(act, given):
                cli.say(
                    Text(
                        "{p} 还没有在这个账本上签署过，请核对名称。",
                        "{p} has signed nothing on this ledger yet: check the name.",
                        p=party,
                    )
                )

    made: Command = pass_cli(command)
    made = network_option()(made)
    if len(ways.manifest.people) > 1:
        made = part_option(ways.manifest)(made)
    for text, (one, field_words) in reversed(list(named.items())):
        made = (_argument_of if one in arguments else _option_of)(text, one, field_words)(made)
    if on:
        made = argument("record_id", metavar=f"{on}_id".upper())(made)
    under.command(name or act_words.command or act.name.replace("_", "-"), help=act_words.help or _sentence(act_words))(
        made
    )


def _asked(act: Act, words: KindWords, leave_out: Sequence[Field[Any]]) -> Iterator[tuple[Field[Any], FieldWords]]:
    """The fields that a command asks for: those of a sealed paper one by one."""
    for one in act.asks:
        if isinstance(one, kinds.Sealed):
            yield from ((inner, words.fields[one].inner[name]) for name, inner in one.fields.items())
        elif one not in leave_out:
            yield one, words.fields[one]


def _nested(act: Act, filled: dict[str, Any]) -> dict[str, Any]:
    """What was filled in, with the fields of a sealed paper under its name."""
    sealed = [one for one in act.asks if isinstance(one, kinds.Sealed)]
    inside = {one.name: {name: filled.pop(name) for name in one.fields} for one in sealed}
    return filled | inside


def _sentence(words: ActWords) -> Text:
    follows = said(words.follows, {}, NOBODY) if isinstance(words.follows, Text) else Text("", "")
    return Text("{b}。{f}", "{b}. {f}", b=_plain(words.button), f=follows)


def _plain(text: Text) -> Text:
    return Text(text.zh.rstrip("…"), text.en.rstrip("…"))


def _option(one: Field[Any], words: FieldWords) -> str:
    return words.option or one.name.removesuffix("_fen").removesuffix("_bp").removesuffix("_sha256").replace("_", "-")


def _variable(text: str) -> str:
    return f"o_{text.replace('-', '_')}"


class CodeType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.4 only
    """A code of a table, or its Chinese title; others are wrong use before anything is done."""

    name = "code"

    def __init__(self, table: Callable[[], Mapping[str, Text]]) -> None:
        self.table = table

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        words = self.table()
        for code, title in words.items():
            if value in ("", code, title.zh) or value == title.zh.removesuffix("作品") != "":
                return value and code
        known = Text(
            "、".join(code if code == title.zh else f"{code} {title.zh}" for code, title in words.items()),
            ", ".join(code if code == title.en else f"{code} ({title.en})" for code, title in words.items()),
        )
        raise UserError(
            Text("不认识“{v}”。", "{v} is not known.", v=str(value)[:60]),
            Text("可用：{k}", "Known: {k}", k=known),
            code="unknown_code",
        )


def _argument_of(text: str, one: Field[Any], words: FieldWords) -> Callable[[Command], Command]:
    kind = CodeType(words.code_words) if isinstance(one, kinds.Code) else None
    return argument(_variable(text), metavar=text.upper().replace("-", "_"), type=kind)


def _option_of(text: str, one: Field[Any], words: FieldWords) -> Callable[[Command], Command]:
    kind: dict[str, Any] = {}
    if isinstance(one, kinds.Flag):
        kind = {"is_flag": True}
    elif isinstance(one, kinds.Fen | kinds.Share) and not words.raw:
        kind = {}
    elif isinstance(one, kinds.Whole):
        kind = {"type": int}
    elif isinstance(one, kinds.Reasons):
        kind = {"multiple": True}
    elif isinstance(one, kinds.Code) and not isinstance(one, kinds.Codes) and one.codes:
        kind = {"type": click.Choice(list(one.codes))}
    elif isinstance(one, kinds.Code) and not isinstance(one, kinds.Codes):
        kind = {"type": CodeType(words.code_words)}
    elif isinstance(one, kinds.Sha256 | kinds.Cid):
        kind = {"metavar": "HEX|FILE"} if isinstance(one, kinds.Sha256) else {}
    needed = one.required and words.given is None
    return option(f"--{text}", _variable(text), required=needed, default=words.given, help=_help(one, words), **kind)


def _help(one: Field[Any], words: FieldWords) -> Text:
    hint = words.help or (words.hint if isinstance(words.hint, Text) else None)
    unit = _unit(one, raw=words.raw) if words.help is None else None
    unit = Text("可重复", "may be repeated") if isinstance(one, kinds.Reasons) else unit
    more = [part for part in (unit, hint) if part is not None]
    zh = words.label.zh + (f"（{'，'.join(part.zh for part in more)}）" if more else "") + "。"
    en = words.label.en + (f" ({', '.join(part.en for part in more)})" if more else "") + "."
    return Text(zh, en)


def _unit(one: Field[Any], *, raw: bool) -> Text | None:
    if isinstance(one, kinds.Fen):
        return Text("分", "fen") if raw else Text("元", "yuan")
    if isinstance(one, kinds.Share):
        return Text("万分之", "basis points") if raw else Text("%", "%")
    return None


def _value(one: Field[Any], text: Any, words: FieldWords) -> Any:  # noqa: PLR0911 - one a type
    """What a person wrote, as the contract takes it."""
    if text in (None, "", ()):
        return None
    if words.raw:
        return text
    try:
        if isinstance(one, kinds.Fen):
            return fen_of(str(text))
        if isinstance(one, kinds.Share):
            return basis_points_of(str(text))
    except ValueError as error:
        raise UserError(
            Text("{f}应为数字，最多两位小数。", "{f} must be a number with two decimals at most.", f=words.label),
            code="bad_number",
        ) from error
    if isinstance(one, kinds.Codes):
        return "all" if text == "all" else [part.strip() for part in str(text).split(",") if part.strip()]
    if isinstance(one, kinds.Reasons):
        return list(text)
    if isinstance(one, kinds.Sha256) and Path(str(text)).is_file():
        with Path(str(text)).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if isinstance(one, kinds.Items | kinds.Data):
        return _json(str(text), one, words)
    return text


def _json(text: str, one: Field[Any], words: FieldWords) -> Any:
    """A JSON value given directly or as @FILE."""
    try:
        return json.loads(read_text(Path(text[1:])) if text.startswith("@") else text)
    except OSError as error:
        raise UserError(Text("读不了 {f}。", "{f} cannot be read.", f=text[1:]), code="file_unreadable") from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            Text("{f}不是可读的 JSON。", "{f} is no readable JSON.", f=words.label),
            Text("请写成 JSON 或 @文件。", "Write JSON or @FILE."),
            code="not_json",
        ) from error


def facts(service: Service, record: Record) -> dict[str, Any]:
    """A record for a reader: every field in words, empty ones left out."""
    words = service.catalogue.of(record)
    told: dict[str, Any] = {"id": record["id"], "state": words.state(record)[0]}
    for one, field_words in words.fields.items():
        if not one.logged and record.get(one.name) not in (None, "", [], ()):
            told[field_words.label.en] = Text("{v}", "{v}", v=shown(one, field_words, record[one.name]))
    return told


def tell(cli: Cli, service: Service, done: Committed[Any]) -> None:
    """Print a committed act: all of it as JSON, the essentials for people."""
    value = done.value if isinstance(done.value, Mapping) else {"result": done.value}
    full = {"tx_id": done.tx_id, "block": done.block, **value}
    if cli.json:
        cli.show(full)
        return
    brief = row(service, dict(done.value)) if isinstance(done.value, Mapping) and "type" in done.value else {}
    brief.pop("created", None)
    cli.show(brief | {"block": done.block, "tx_id": done.tx_id})
