"""What it takes to agree on a definition: approve, commit, ask an organisation elsewhere by a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from baas import roles
from baas.services.approvals import ApprovalRequest, read_request
from baas.services.lifecycle_model import BoardRow, LifecycleBoard
from console.i18n import say, tr
from console.pages.contracts.difference import definition_rows, diff_row
from console.widgets.basic import Button
from console.widgets.dialogs import Dialog
from console.widgets.forms import Form, choice_field, pick_files, save_file
from network.text import Text

if TYPE_CHECKING:
    from console.pages.contracts.page import ContractsPage

PATTERN = "CityChain (*.ccapprove.json);;JSON (*.json)"


class Agreement:
    """The steps of the board that a person takes."""

    def __init__(self, page: ContractsPage) -> None:
        self._page = page

    def _may(self, msp_id: str = "") -> bool:
        return bool(self._page.context.platform.session.allows(roles.CONTRACT_CHANGE, msp_id))

    def buttons(self, board: LifecycleBoard) -> list[Button]:
        """What can be done about the pending definition as a whole."""
        if board.pending is None or not self._may():
            return []
        found = []
        if board.can_commit:
            found.append(Button(tr("提交定义"), lambda: self.commit(board), icon="check", small=True))
        if any(not row.held and not row.approved for row in board.rows):
            found.append(Button(tr("导出批准请求…"), lambda: self.export(board), icon="upload", small=True))
        return found

    def approve_button(self, board: LifecycleBoard | None, row: BoardRow) -> Button | None:
        """The button that approves the pending definition for an organisation of this workspace."""
        if board is None or board.pending is None or not row.held or row.approved or not self._may(row.msp_id):
            return None
        return Button(tr("批准这个定义"), lambda: self.approve(board, row), icon="check")

    def approve(self, board: LifecycleBoard, row: BoardRow) -> None:
        """Approve the pending definition for one organisation, with the package the others approved it with."""
        pending = board.pending
        if pending is None:
            return
        page, contracts = self._page, self._page.context.platform.contracts
        package = next((r.package_id for r in board.rows if r.approved and r.package_id), "")
        page.read(
            lambda: contracts.approve(board.network, pending, msp_id=row.msp_id, package_id=package),
            lambda _: self._done(tr("{who} 已批准").format(who=say(row.title))),
        )

    def commit(self, board: LifecycleBoard) -> None:
        """Put the pending definition in force."""
        page = self._page
        page.context.job(
            page.context.platform.contracts.commit,
            board.network,
            board.pending,
            title=Text("提交 {c} 的定义", "Commit {c}", c=board.contract),
            network=board.network,
            done=lambda _: self._done(tr("定义已生效")),
            failed=lambda error: page.banner.show_error(error, page.refresh),
        )

    def _done(self, words: str) -> None:
        self._page.context.notice(words)
        self._page.inspect(None)
        self._page.refresh()

    def export(self, board: LifecycleBoard) -> None:
        """Write the approval request."""
        page, contracts = self._page, self._page.context.platform.contracts
        sequence = board.pending.sequence if board.pending else 0
        path = save_file(page, tr("导出批准请求"), f"{board.contract}-{sequence}.ccapprove.json", PATTERN)
        if path:
            page.read(
                lambda: contracts.approval_request(board.network, board.contract, Path(path)),
                lambda _: page.context.notice(tr("批准请求已导出，请交给对方")),
            )

    def take(self) -> None:
        """Ask for a request file."""
        files = pick_files(self._page, tr("导入批准请求"), PATTERN)
        if files:
            self.review(Path(files[0]))

    def review(self, source: Path) -> None:
        """Read a request, show what it asks for and, when the person agrees, approve it."""
        page = self._page
        contracts, network = page.context.platform.contracts, page.context.network

        def ask(found: ApprovalRequest) -> None:
            line = next((one for one in page.lines if one.name == found.definition.name), None)
            before = line.definition if line is not None else None
            dialog = Dialog(
                page,
                tr("批准 {name} {v}").format(name=found.definition.name, v=found.definition.version),
                tr("会在您组织的节点上安装合约包，并在账本上批准下面的定义。请先核对。"),
                accept=tr("批准"),
                width=680,
            )
            form = Form()
            spec = page.context.platform.networks.spec(network)
            own = [(m, f"{page.titles.get(m, m)} · {m}") for m in _held(page, network) if self._may(m)]
            form.add("msp", choice_field(tr("组织"), own))
            dialog.body.addWidget(form)
            for sign, title, value, tone in definition_rows(before, found.definition):
                dialog.body.addWidget(diff_row(sign, title, value, tone))
            dialog.accept_button.setEnabled(bool(own) and bool(spec.channels))
            if dialog.exec():
                page.context.job(
                    contracts.approve_request,
                    network,
                    source,
                    msp_id=form["msp"],
                    title=Text("批准 {c}", "Approve {c}", c=found.definition.name),
                    network=network,
                    done=lambda _: self._done(tr("已批准 {name}").format(name=found.definition.name)),
                    failed=page.banner.show_error,
                )

        page.read(lambda: read_request(source), ask)


def _held(page: ContractsPage, network: str) -> list[str]:
    people = page.context.platform.identities.list(network, kind="person")
    return list(dict.fromkeys(r.msp_id for r in people if r.ou == "admin" and r.has_key))
