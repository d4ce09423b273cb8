"""`citychain NAME …` from kinds and words: a group a kind, a command an act, and list, show, history, waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import click

from apps.kit import papers
from apps.kit.formats import shown
from apps.kit.ledger import Committed
from apps.kit.options import argument_of, option_name, option_of, value_of, variable
from apps.kit.words import ActWords, FieldWords, KindWords, said
from baas.cli.kit import Cli, TextGroup, argument, group, network_option, option, pass_cli
from baas.errors import LedgerError, NotFound, Text, UserError
from fabric_sdk import kinds
from fabric_sdk.kinds import Act, Field, Record, Who

if TYPE_CHECKING:
    from apps.kit.application import KitManifest, People
    from apps.kit.service import Service
    from apps.kit.words import Catalogue

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


class Declares(Protocol):
    """What acts' commands need of a manifest: kinds with words, and the people who act."""

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def people(self) -> Sequence[People]: ...


@dataclass(frozen=True)
class Ways:
    """How an application's commands open its service, name what an act is done on, and tell what was done."""

    manifest: Declares
    opened: Callable[[Cli, str], AbstractContextManager[Any]]
    tell: Callable[[Cli, Any, Committed[Any]], None]
    kit: Callable[[Any], Service] = lambda service: service
    resolve: Callable[[Any, str], str] = lambda service, record_id: record_id


def ways_of(manifest: KitManifest) -> Ways:
    """The ways of an application whose service is the kit's."""
    return Ways(manifest, lambda cli, network: opened(cli, manifest, network), tell)


def part_option(manifest: Declares) -> Callable[[Command], Command]:
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
    tell: Callable[[Cli, Any, Committed[Any]], None] | None = None,
) -> None:
    """The command of an act: the record that it is done on, an option a field (`arguments` stand without a name).

    `tell` shows what was done in another way than the application's own.
    """
    words = ways.manifest.catalogue.words[act.kind.id]
    act_words = words.acts[act]
    asked = dict(_asked(act, words, leave_out))
    named = {option_name(one, said): (one, said) for one, said in asked.items()}
    on = act.on or ("" if act.makes else act.kind.id)

    def command(
        cli: Cli, /, network: str, part: str | None = None, record_id: str = "", yes: bool = True, **options: Any
    ) -> None:
        if act_words.loss is not None:
            first = next((options[variable(text)] for text, (one, _) in named.items() if one in arguments), act.kind.id)
            which = record_id or str(first)
            cli.confirm_by_name(which, said(act_words.loss, {"id": which}, NOBODY), yes=yes)
        with ways.opened(cli, network) as service:
            kit = ways.kit(service)
            kit.require(act)
            filled = {one.name: value_of(one, options.get(variable(text)), said) for text, (one, said) in named.items()}
            given = _nested(act, filled)
            above = ways.resolve(service, record_id) if act.on else record_id
            done = kit.do(act, given, on=above, signer=kit.signer_for(part) if part else "")
            (tell or ways.tell)(cli, service, done)
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
    if act_words.loss is not None:
        made = option("--yes", is_flag=True, help=Text("不再询问。", "Do not ask."))(made)
    for text, (one, field_words) in reversed(list(named.items())):
        made = (argument_of if one in arguments else option_of)(text, one, field_words)(made)
    if on:
        made = argument("record_id", metavar=words.argument or f"{on}_id".upper())(made)
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
