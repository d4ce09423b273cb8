"""What a person does with a record that waits or runs: each act's words, its form and the call that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.copyright.acting import ACTS, OpenAct, open_acts
from apps.copyright.inbox import Matter
from apps.copyright.manifest import MANIFEST
from apps.copyright.ui.matter_words import outcome_words, rights_words, territory_words
from apps.copyright.ui.words import terms, tr
from apps.kit.service import OpenAct as OpenDeclared
from chaincode.copyright.kinds import ORDINARY, Licence
from console.appkit.act_dialog import ActDialog
from console.appkit.acting import button_words, dialog_of
from console.appkit.editors import fen_of, file_field, path_of
from console.widgets.basic import Button
from console.widgets.forms import Field, Form, area_field, choice_field, text_field
from network.text import Text

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService
    from apps.copyright.ui.page import CopyrightPage

Call = Callable[["CopyrightService", Matter, Any, dict[str, Any]], Any]


@dataclass(frozen=True)
class ActSpec:
    """An act's button, what it means, its call with (service, matter, part, values), and its fields by key.

    The fields are made when the dialog opens: buttons need the words only.
    """

    words: str
    text: str
    call: Call
    fields: Callable[[], list[tuple[str, Field]]] = list
    danger: bool = False


def act_buttons(page: CopyrightPage, matter: Matter) -> list[Button]:
    """The buttons of everything that this desk may do with a matter now; the one that moves it on is filled."""
    desk = page.desk
    buttons: list[Button] = []
    filled = any(action.kind == "primary" for action in page.header_actions)  # one filled button on the whole screen
    for act in open_acts(matter.record, desk):
        danger = ACTS[act.name].danger if act.name in ACTS else act_spec(act.name, matter).danger
        kind = "danger" if danger else "primary" if act.main and not buttons and not filled else "plain"
        buttons.append(Button(act_words(act.name, matter), _opener(page, act, matter), kind=kind))
    return buttons


def _opener(page: CopyrightPage, act: OpenAct, matter: Matter) -> Callable[[], None]:
    return lambda: perform(page, act, matter)


def perform(page: CopyrightPage, act: OpenAct, matter: Matter) -> None:
    """Ask what the act needs and carry it out."""
    if act.name in ACTS:
        open_declared(page, act, matter)
        return
    if act.name == "correct_registration":
        from apps.copyright.ui.apply import CorrectDialog

        CorrectDialog(page, matter.work, matter.record).exec()
        return
    spec = act_spec(act.name, matter)
    fields = spec.fields()
    form = Form(2) if fields else None
    if form is not None:
        for key, one in fields:
            form.add(key, one, wide=key not in _NARROW)
    service = page.service
    if service is None:
        return
    title = spec.words.rstrip("…")

    def collect() -> dict[str, Any]:
        values = {}
        for key, one in fields:
            values[key] = path_of(one) if key == "file" else fen_of(one) if key.endswith("_fen") else one.value
        return values

    def run(values: dict[str, Any], *, ctx: Any) -> Any:
        ctx.step(act.name, Text(title, title))
        if act.name == "capture_page":
            return _capture(service, matter, act.part, values, ctx)
        return spec.call(service, matter, act.part, values)

    dialog = ActDialog(
        page,
        f"{title} · {matter.work.title}",
        spec.text,
        accept=title,
        run=run,
        said=tr("已完成：{what}").format(what=title),
        collect=collect,
        signer=page.desk.parts.get(act.part) or next(iter(page.desk.parties), ""),
        form=form,
        danger=spec.danger,
    )
    dialog.exec()


def act_words(name: str, matter: Matter) -> str:
    """The words of an act's button."""
    return button_words(MANIFEST.catalogue.act(ACTS[name])) if name in ACTS else act_spec(name, matter).words


def open_declared(page: CopyrightPage, act: OpenAct, matter: Matter) -> None:
    """The dialog of a declared act; a sublicence begins with what the licence allows."""
    service = page.service
    if service is None:
        return
    declared, record, more = ACTS[act.name], dict(matter.record), dict[str, Any]()
    if declared is Licence.sublicense:
        more = {
            "first": {name: record[name] for name in ("from", "until", "rights")},
            "also": {"parent": record["id"]},
            "limits": {"kind": ("ordinary",)} if record["kind"] == ORDINARY else {},
            "follows": tr("转授权不得超出原许可：{r}，{t}，至 {d}。").format(
                r=rights_words(record["rights"]), t=territory_words(record["territory"]), d=record["until"]
            ),
        }
        record = dict(matter.work.record)
    signed = OpenDeclared(declared, service.ledger.label(act.part), act.main)
    dialog_of(page, service.kit, signed, record, matter.work.title, **more).exec()


_NARROW = frozenset({"from", "until", "quantity", "unit", "revenue_fen"})


def _reason(label: str) -> list[tuple[str, Field]]:
    return [("reason", area_field(label, rows=3, required=True))]


def _capture(service: CopyrightService, matter: Matter, part: Any, values: dict[str, Any], ctx: Any) -> Any:
    from apps.copyright.capture import capture_page

    found = capture_page(values["url"], service.content, ctx=ctx)
    ctx.step("record", Text("写入账本", "Write to the ledger"))
    return service.rights.add_evidence(matter.id, [found.evidence()], part)


def _add_file(service: CopyrightService, matter: Matter, part: Any, values: dict[str, Any]) -> Any:
    from apps.copyright.ui.begin import kept_evidence

    kept = kept_evidence(service, {"file": values["file"]})["evidence"][0]
    return service.rights.add_evidence(matter.id, [kept | {"kind": values["kind"]}], part)


def act_spec(name: str, matter: Matter) -> ActSpec:
    """The words, fields and call of an act on a matter."""
    for group in (_office_acts, _case_acts):
        found = group(matter).get(name)
        if found is not None:
            return found()
    raise KeyError(name)


def _office_acts(matter: Matter) -> dict[str, Callable[[], ActSpec]]:
    return {
        "approve_change": lambda: ActSpec(
            tr("准予变更…"),
            tr("账本上的登记事项随之更改，原来的内容仍在历史中。"),
            lambda s, m, p, v: s.rights.decide_change(m.id, [v["reason"]], approve=True),
            lambda: _reason(tr("审查意见")),
        ),
        "refuse_change": lambda: ActSpec(
            tr("不予变更…"),
            tr("须写明理由，申请人会看到。"),
            lambda s, m, p, v: s.rights.decide_change(m.id, [v["reason"]], approve=False),
            lambda: _reason(tr("理由")),
            danger=True,
        ),
        "resolve_dispute": lambda: ActSpec(
            tr("处理异议…"),
            tr("记录结果后作品解除冻结。结果与理由写入账本，不能更改。"),
            lambda s, m, p, v: s.rights.resolve_dispute(m.id, v["outcome"], [v["reason"]]),
            lambda: [("outcome", _outcomes("dispute_outcomes")), *_reason(tr("理由"))],
        ),
        "cancel_registration": lambda: ActSpec(
            tr("撤销登记…"),
            tr("撤销后登记号和证书失效；存证仍在。理由写入账本并公开。"),
            lambda s, m, p, v: s.review(m.id, "cancel", v["ground"], [v["reason"]]),
            lambda: [("ground", choice_field(tr("事由"), terms("cancellation_grounds"))), *_reason(tr("理由"))],
            danger=True,
        ),
        "correct_registration": lambda: ActSpec(tr("补正申请…"), "", lambda s, m, p, v: None),
        "withdraw_registration": lambda: ActSpec(
            tr("撤回申请…"),
            tr("撤回后作品仍是存证，以后可以重新申请登记。"),
            lambda s, m, p, v: s.withdraw(m.id),
            danger=True,
        ),
    }


def _outcomes(table: str) -> Field:
    from chaincode.copyright.policy import load

    return choice_field(tr("结果"), [(code, outcome_words(code)) for code in load().data[table]])


def _case_acts(matter: Matter) -> dict[str, Callable[[], ActSpec]]:
    where = str(matter.record.get("where", ""))
    return {
        "withdraw_dispute": lambda: ActSpec(
            tr("撤回异议…"),
            tr("撤回后作品解除冻结。"),
            lambda s, m, p, v: s.rights.withdraw_dispute(m.id, v["reason"], p),
            lambda: _reason(tr("原因")),
        ),
        "capture_page": lambda: ActSpec(
            tr("网页取证…"),
            tr("取得网页、截图、响应头、TLS 证书和取证环境，打包求散列并立即写入账本。"),
            lambda s, m, p, v: None,  # needs the job's context: see `_capture`
            lambda: [("url", _url(where))],
        ),
        "add_evidence_file": lambda: ActSpec(
            tr("添加证据文件…"),
            tr("文件存入内容库，散列写入账本。"),
            _add_file,
            lambda: [
                ("kind", choice_field(tr("证据种类"), _evidence_kinds())),
                ("file", file_field(tr("文件"), required=True)),
            ],
        ),
        "close_infringement": lambda: ActSpec(
            tr("记录处理结果…"),
            tr("记录后案件办结，证据和经过都保留。"),
            lambda s, m, p, v: s.rights.close_infringement(m.id, v["outcome"], v["reason"], p),
            lambda: [("outcome", _outcomes("infringement_outcomes")), *_reason(tr("说明"))],
        ),
    }


def _url(where: str) -> Field:
    url = text_field(tr("网址"), placeholder="https://", required=True)
    if where.startswith(("http://", "https://")):
        url.set_value(where)
    return url


def _evidence_kinds() -> list[tuple[str, str]]:
    return [
        ("screenshot", tr("截图")),
        ("recording", tr("录屏或录音")),
        ("purchase", tr("购买凭证")),
        ("notarial", tr("公证文书")),
        ("file", tr("其他文件")),
    ]
