"""`citychain application`: what is installed, and a new application to begin with."""

from __future__ import annotations

import keyword
import re
import shutil
import tempfile
from importlib import resources
from pathlib import Path

import click

from baas.applications import Applications
from baas.cli.kit import Cli, argument, columns, group, option, pass_cli
from baas.errors import Conflict, Text, UserError
from fabric_sdk.files import replace_file

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}\Z")
_PARTS = ("__init__.py", "application.py", "contract.py", "kinds.py", "words.py")
_PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "1.0.0"
dependencies = ["citychain"]

[project.entry-points."citychain.applications"]
{name} = "{name}.application:APPLICATION"

[tool.setuptools]
packages = ["{name}"]
"""


@group("application", help=Text("应用：列出已安装的，建立新的。", "Applications: those installed, and a new one."))
def application() -> None:
    """Applications."""


@application.command("list", help=Text("列出已安装的应用。", "List the installed applications."))
@pass_cli
def listed(cli: Cli) -> None:
    """List the installed applications."""
    found = Applications()
    found.examine()
    rows = [
        {"id": one.id, "title": one.title, "command": one.command, "contract": one.contract.name, "state": "ok"}
        for one in found.all()
    ]
    rows += [
        {"id": name, "title": "", "command": "", "contract": "", "state": why} for name, why in found.broken.items()
    ]
    titles = columns(
        id=("编号", "Id"),
        title=("名称", "Title"),
        command=("命令", "Command"),
        contract=("合约", "Contract"),
        state=("状态", "State"),
    )
    cli.show(rows, titles)


@application.command(
    "new",
    help=Text("生成一个可以安装的应用，以示例为起点。", "Write an application to begin with; it can be installed."),
)
@argument("name")
@option(
    "--folder",
    type=click.Path(path_type=Path),
    default=None,
    help=Text("写到哪个文件夹（默认以名称为名）。", "The folder to write (named like the application by default)."),
)
@pass_cli
def new(cli: Cli, /, name: str, folder: Path | None) -> None:
    """Write an application to begin with."""
    target = write_application(name, folder or Path(name))
    steps = Text(
        "接下来：pip install -e {f}，然后 citychain chaincode deploy {n}"
        "（还没有网络时，先执行 citychain network up --template city）。",
        "Next: pip install -e {f}, then citychain chaincode deploy {n} (first citychain network up --template city, "
        "where there is no network yet).",
        f=str(target),
        n=name,
    )
    if cli.json:
        cli.show({"name": name, "folder": str(target), "next": steps})
    else:
        cli.say(steps)


def write_application(name: str, folder: Path) -> Path:
    """Write the application `name` into `folder`, all of it or nothing; returns the folder.

    `UserError` for a name that cannot be a package, `Conflict` for a folder that holds something or a name in use.
    """
    if not _NAME.match(name) or keyword.iskeyword(name):
        raise UserError(
            Text("“{n}”不能作为应用的名称。", "{n} cannot name an application.", n=name[:60]),
            Text(
                "用小写字母开头，2 到 31 个小写字母、数字或下划线。",
                "2 to 31 lower-case letters, digits or underscores.",
            ),
            code="bad_name",
        )
    if name in {one.id for one in Applications().all()}:
        raise Conflict(
            Text("已经安装了应用 {n}。", "An application {n} is installed already.", n=name), code="name_taken"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(
            Text("{f} 已经存在，没有改动。", "{f} exists already; nothing was changed.", f=str(folder)),
            code="folder_taken",
        )
    sample = resources.files("apps.kit.sample")
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
    try:
        (made / name).mkdir()
        (made / "pyproject.toml").write_text(_PROJECT.format(name=name), encoding="utf-8")
        for part in _PARTS:
            text = renamed((sample / part).read_text(encoding="utf-8"), name)
            (made / name / part).write_text(text, encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        made.chmod(0o755)
        replace_file(made, folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return folder


def renamed(text: str, name: str) -> str:
    """The sample's text under another name: its id, permissions, roles, contract."""
    camel = "".join(part.capitalize() for part in name.split("_"))
    text = re.sub(r'"food([_."])', rf'"{name}\1', text)
    return text.replace("FoodContract", f"{camel}Contract").replace("`food`", f"`{name}`")
