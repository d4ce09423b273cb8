"""The manual page and the shells' completion files, made from the commands themselves.

Run with the checkout's interpreter: `python packaging/manual.py FOLDER` writes below FOLDER what belongs below
/usr/share: man/man1, man/zh_CN/man1, bash-completion/completions, zsh/vendor-completions, fish/vendor_completions.d.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import click  # noqa: E402
from click.shell_completion import BashComplete, FishComplete, ZshComplete  # noqa: E402

from baas.cli.kit import TextCommand, TextOption, common_options  # noqa: E402
from baas.cli.root import COMMANDS, root  # noqa: E402
from baas.errors import Lang, Text, render  # noqa: E402

SECTIONS = {
    "name": Text("名称", "NAME"),
    "synopsis": Text("概要", "SYNOPSIS"),
    "description": Text("描述", "DESCRIPTION"),
    "options": Text("选项", "OPTIONS"),
    "commands": Text("命令", "COMMANDS"),
    "status": Text("退出状态", "EXIT STATUS"),
    "environment": Text("环境变量", "ENVIRONMENT"),
    "files": Text("文件", "FILES"),
}
WHAT = Text("城市区块链服务平台", "a city's blockchain service platform")
DESCRIPTION = Text(
    "城链在一台机器上建立 Hyperledger Fabric 网络、部署合约，并运行数字版权与号源链两个应用。"
    "不带网络也能用：内置账本的行为与 Fabric 通道一致。控制台中的每个操作都有对应的命令。",
    "CityChain sets up Hyperledger Fabric networks on one machine, deploys contracts and runs two applications: "
    "copyright and hospital appointment slots. It works offline: its embedded ledger behaves as a Fabric channel does. "
    "Every action of the console is also a command.",
)
STATUS = (
    ("0", Text("成功", "success")),
    ("2", Text("用法错误或无权操作", "wrong use, or not allowed")),
    ("3", Text("暂不可用：节点未运行、磁盘已满等", "unavailable: a node is down, the disk is full")),
    ("4", Text("账本拒绝了交易", "the ledger refused the transaction")),
    ("70", Text("程序缺陷", "a defect of CityChain")),
    ("130", Text("已取消", "cancelled")),
)
ENVIRONMENT = (
    ("CITYCHAIN_WORKSPACE", Text("默认的工作区文件夹", "the workspace's folder, when none is named")),
    ("CITYCHAIN_LANG", Text("zh 或 en", "zh or en")),
    ("CITYCHAIN_FABRIC_BIN", Text("官方 Fabric 程序所在文件夹", "the folder of Fabric's official programs")),
)


def main() -> int:
    share = Path(sys.argv[1])
    for lang, folder in (("en", share / "man" / "man1"), ("zh", share / "man" / "zh_CN" / "man1")):
        folder.mkdir(parents=True, exist_ok=True)
        text = manual("zh" if lang == "zh" else "en")
        (folder / "citychain.1.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
        page = ".so man1/citychain.1\n"
        (folder / "citychain-console.1.gz").write_bytes(gzip.compress(page.encode(), mtime=0))
    for kind, folder, name in (
        (BashComplete, share / "bash-completion" / "completions", "citychain"),
        (ZshComplete, share / "zsh" / "vendor-completions", "_citychain"),
        (FishComplete, share / "fish" / "vendor_completions.d", "citychain.fish"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        shell = kind(root, {}, "citychain", "_CITYCHAIN_COMPLETE")
        script = shell.source_template % shell.source_vars()
        (folder / name).write_text(script.strip() + "\n", encoding="utf-8")
    return 0


def manual(lang: Lang) -> str:
    """The page in roff (man macros), one language."""
    version = _version()
    lines = [
        f'.TH CITYCHAIN 1 "" "citychain {version}" "CityChain"',
        *_section("name", lang),
        f"citychain, citychain\\-console \\- {_escaped(render(WHAT, lang))}",
        *_section("synopsis", lang),
        ".B citychain",
        "[\\fIoptions\\fR] \\fIcommand\\fR …",
        ".br",
        ".B citychain\\-console",
        *_section("description", lang),
        _escaped(render(DESCRIPTION, lang)),
        *_section("options", lang),
    ]
    for option in (*common_parameters(), *root.params):
        if isinstance(option, click.Option):
            lines += list(_option(option, lang))
    lines += _section("commands", lang)
    context = click.Context(root, info_name="citychain")
    for name in root.list_commands(context):
        found = root.get_command(context, name)
        if found is not None:
            entry = COMMANDS.get(name)
            summary = entry.words if entry else getattr(found, "words", "") or found.help or ""
            lines += [f".SS {name}", _escaped(render(summary, lang)), *_commands(found, name, lang)]
    for section, rows in (("status", STATUS), ("environment", ENVIRONMENT)):
        lines += _section(section, lang)
        for term, words in rows:
            lines += [".TP", f".B {_escaped(term)}", _escaped(render(words, lang))]
    lines += [
        *_section("files", lang),
        ".TP",
        ".I ~/.local/share/citychain",
        _escaped(render(Text("默认工作区", "the workspace, when none is named"), lang)),
    ]
    return "\n".join(lines) + "\n"


def common_parameters() -> list[click.Parameter]:
    """The options that every command takes."""
    return list(common_options())


def _commands(found: click.Command, path: str, lang: Lang) -> Iterator[str]:
    if isinstance(found, click.Group):
        context = click.Context(found)
        for name in sorted(found.list_commands(context)):
            inner = found.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _commands(inner, f"{path} {name}", lang)
        return
    words = found.words if isinstance(found, TextCommand) else found.help
    arguments = [p for p in found.params if isinstance(p, click.Argument)]
    usage = " ".join(f"\\fI{_escaped((a.metavar or a.name or '').upper())}\\fR" for a in arguments)
    yield from (".TP", f"\\fB{_escaped(path)}\\fR {usage}".rstrip(), _escaped(render(words or "", lang)))
    for option in found.params:
        if isinstance(option, click.Option) and option.expose_value:
            yield from (".RS", *_option(option, lang), ".RE")


def _option(option: click.Option, lang: Lang) -> Iterator[str]:
    words = option.words if isinstance(option, TextOption) else option.help
    names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in option.opts)
    value = "" if option.is_flag else f" \\fI{_escaped(option.metavar or option.type.name.upper())}\\fR"
    yield from (".TP", names + value, _escaped(render(words or "", lang)) or "\\&")


def _section(name: str, lang: Lang) -> list[str]:
    return [f".SH {render(SECTIONS[name], lang)}"]


def _escaped(text: str) -> str:
    flat = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    # groff 1.22 (Debian 12) never ends where Chinese punctuation joins Latin words into one that is longer than a line
    flat = re.sub(r"([、，。；：）」』”])(?=[!-~])", r"\1 ", flat)
    return f"\\&{flat}" if flat[:1] in {".", "'"} else flat


def _version() -> str:
    import tomllib

    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


if __name__ == "__main__":
    sys.exit(main())
