"""Who may do what, as Markdown made from the code: `python -m baas.cli.rights [zh|en]`.

`docs/rights.md` and `docs/rights.zh-CN.md` are its output; a test fails when they are not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from baas.applications import Applications
from baas.errors import Lang, Text
from baas.roles import GRANTS, PERMISSION_TITLES, ROLE_TITLES, Role

_TITLE = Text("# 谁可以做什么", "# Who may do what")
_INTRO = Text(
    "[English](rights.md) · 角色写在证书的 `role` 属性里：`citychain identity issue MSP/姓名 --role 角色`，或由对方 "
    "`identity request`、本处 `identity issue --request`。账本另按证书所属组织核对，例如医院收费员只记本院的账。"
    "本页由 `python -m baas.cli.rights` 从代码生成。",
    "[中文](rights.zh-CN.md) · A role stands in a certificate's attribute `role`: `citychain identity issue MSP/NAME "
    "--role ROLE`, or `identity request` there and `identity issue --request` here. The ledger checks the "
    "certificate's organisation besides: a hospital's clerk keeps that hospital's books alone. "
    "Made by `python -m baas.cli.rights`.",
)
_PLATFORM = Text("平台", "The platform")
_HEAD = Text("| 角色 | `--role` | 可以 |", "| role | `--role` | may |")


def rights(lang: Lang) -> str:
    """The tables of the platform and of every application that is installed, in one language."""
    manifests = Applications().all()  # which bring their roles, also for the platform's own table
    lines = [_TITLE.render(lang), "", _INTRO.render(lang), ""]
    own = (Role.PLATFORM_ADMIN, Role.ORGANIZATION_ADMIN, Role.AUDITOR)
    others = sorted(role for manifest in manifests for role in manifest.grants if role not in own)
    lines += _table(_PLATFORM, {role: GRANTS[role] for role in (*own, *others)}, PERMISSION_TITLES, lang)
    for manifest in manifests:
        lines += _table(manifest.title, manifest.grants, manifest.permission_titles, lang)
    return "\n".join(lines).rstrip() + "\n"


def _table(title: Text, grants: Mapping[Role, frozenset[str]], titles: Mapping[str, Text], lang: Lang) -> list[str]:
    between = "、" if lang == "zh" else "; "
    lines = [f"## {title.render(lang)}", "", _HEAD.render(lang), "| --- | --- | --- |"]
    order = list(titles)
    for role, words in grants.items():
        may = [titles[word].render(lang) for word in sorted(words & set(order), key=order.index)]
        lines.append(f"| {ROLE_TITLES[role].render(lang)} | `{role.value}` | {between.join(may) or '—'} |")
    return [*lines, ""]


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "en"
    sys.stdout.write(rights("zh" if chosen == "zh" else "en"))
