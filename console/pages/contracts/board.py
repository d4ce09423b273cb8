"""The lifecycle board's words: what every organisation has installed and approved, and what the commit lacks."""

from __future__ import annotations

from baas.services.lifecycle_model import BoardRow, Definition, LifecycleBoard
from console.i18n import say, tr
from console.titles import organization_icon
from console.widgets.board import Board, BoardCell, BoardLine


def board_of(board: LifecycleBoard) -> Board:
    """Return the picture of a board."""
    lines = [
        BoardLine(row.msp_id, say(row.title), organization_icon(row.msp_id), _install_cell(row), _approve_cell(row))
        for row in board.rows
    ]
    done = sum(1 for row in board.rows if row.installed and all(row.installed.values()))
    commit: list[tuple[str, str, bool]] = []
    if board.pending is not None:
        missing = max(0, board.needed - board.approvals)
        if missing:
            commit.append((tr("还差 {n} 个批准").format(n=missing), "text", True))
            commit.append((tr("达到后任一组织即可提交。"), "text2", False))
        else:
            commit.append((tr("可以提交"), "text", True))
    if board.committed is not None:
        commit.append((tr("当前生效"), "text2", False))
        commit.append((_version(board.committed), "text", board.pending is None))
    return Board(
        tuple(lines),
        f"{done} / {len(board.rows)}",
        tr("{a} / {n}，需要 {k}").format(a=board.approvals, n=len(board.rows), k=board.needed),
        tr("等待批准") if board.pending is not None and not board.can_commit else "",
        tuple(commit),
    )


def _install_cell(row: BoardRow) -> BoardCell:
    installed = list(row.installed.values())
    short = tr("、").join(p.partition(".")[0] for p, ok in row.installed.items() if ok)
    if not row.held:
        return BoardCell(tr("由对方管理"), "info")
    if installed and all(installed):
        return BoardCell(tr("已安装"), "ok", short)
    if any(value is None for value in installed):
        return BoardCell(tr("节点没有应答"), "warn", short)
    if any(installed):
        return BoardCell(tr("部分安装"), "warn", short)
    return BoardCell(tr("未安装"), "off")


def _approve_cell(row: BoardRow) -> BoardCell:
    if row.approved:
        return BoardCell(tr("已批准"), "ok", _version(row.approval))
    if not row.held and row.approved is None:
        return BoardCell(tr("由对方管理"), "info")
    if row.differences:
        return BoardCell(tr("批准的定义不同"), "bad", tr("、").join(row.differences))
    return BoardCell(tr("等待批准"), "wait")


def _version(definition: Definition | None) -> str:
    if definition is None:
        return ""
    return tr("{v} · 序号 {s}").format(v=definition.version, s=definition.sequence)
