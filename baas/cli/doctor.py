"""`citychain doctor`: is everything as it should be, and if not, what to do."""

from __future__ import annotations

from baas.cli.kit import Cli, columns, command, pass_cli
from baas.errors import Text, Unavailable


@command(
    "doctor", help=Text("检查本机和工作区，说明下一步。", "Check this machine and the workspace, and say what to do.")
)
@pass_cli
def doctor(cli: Cli) -> None:
    """Check this machine and the workspace."""
    from baas.services.doctor import examine
    from baas.workspace import default_folder

    checks = examine(cli.workspace or default_folder())
    if cli.json:
        cli.show(checks)
    else:
        words = {
            "ok": Text("正常", "ok"),
            "info": Text("说明", "note"),
            "warn": Text("注意", "warning"),
            "bad": Text("有问题", "problem"),
        }
        rows = [{"state": words[c.state], "title": c.title, "detail": c.detail, "hint": c.hint or ""} for c in checks]
        cli.show(
            rows,
            columns(
                state=("结果", "Result"),
                title=("检查", "Check"),
                detail=("情况", "Finding"),
                hint=("下一步", "Next step"),
            ),
        )
    bad = [c for c in checks if c.state == "bad"]
    if bad:
        raise Unavailable(
            Text("有问题的检查：{n} 项。", "Checks that found a problem: {n}.", n=len(bad)), bad[0].hint, code="doctor"
        )
