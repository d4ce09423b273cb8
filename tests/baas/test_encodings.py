"""Machines that are not UTF-8: names, output and input stay what people meant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from network.encodings import decoded, read_text, shows_chinese, spoken_encoding, understood

posix = pytest.mark.skipif(os.name == "nt", reason="Windows' file names and arguments are Unicode")


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({}, "utf-8"),
        ({"LANG": "C"}, "utf-8"),
        ({"LC_ALL": "POSIX", "LANG": "zh_CN.GBK"}, "utf-8"),
        ({"LANG": "zh_CN.GBK"}, "gb18030"),
        ({"LC_ALL": "zh_CN.gb2312"}, "gb18030"),
        ({"LC_CTYPE": "de_DE.ISO-8859-1@euro"}, "iso8859-1"),
        ({"LANG": "zh_TW.Big5"}, "big5"),
        ({"LANG": "zh_CN.nonsense-9"}, "utf-8"),
    ],
)
def test_what_a_machine_speaks(environment: dict[str, str], encoding: str) -> None:
    assert spoken_encoding(environment) == encoding


@pytest.mark.parametrize(
    ("environment", "console", "encoding"),
    [
        ({}, "cp936", "gb18030"),
        ({}, "cp65001", "utf-8"),
        ({}, "cp437", "cp437"),
        ({}, "cp99999", "utf-8"),
        ({"LANG": "zh_CN.UTF-8"}, "cp936", "utf-8"),
        ({"LANG": "C"}, "cp936", "gb18030"),
    ],
)
def test_what_windows_pipes_and_files_hold(environment: dict[str, str], console: str, encoding: str) -> None:
    """cmd and PowerShell 5.1 read a program's output by the console's code page, unless a shell has said another."""
    assert spoken_encoding(environment, console) == encoding


def test_chinese_is_shown_where_it_can_be() -> None:
    assert shows_chinese("gb18030") and shows_chinese("utf-8")
    assert not shows_chinese("iso8859-1") and not shows_chinese("ascii") and not shows_chinese("nonsense")


def test_what_cannot_be_shown_stays_findable() -> None:
    assert "“一杯” → ─…".encode("ascii", "citychain-readable") == b'"\\u4e00\\u676f" -> -...'


@posix
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk"])
def test_arguments_in_another_encoding_are_understood(encoding: str) -> None:
    raw = "心血管内科".encode(encoding)
    assert understood([os.fsdecode(raw), "plain"], "gb18030") == ["心血管内科", "plain"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_files_in_another_encoding_are_understood(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "person.json"
    path.write_bytes('{"name": "司马终端"}'.encode(encoding))
    assert json.loads(read_text(path)) == {"name": "司马终端"}


def test_a_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(b"\xff\xff\x80\x00\xff")
    with pytest.raises(ValueError):
        read_text(path)
    path.write_bytes(b"x" * 11)
    with pytest.raises(ValueError, match="over 10 bytes"):
        read_text(path, 10)
    assert decoded(b"\xff\xff\x80") == "\udcff\udcff\udc80"


@posix
@pytest.mark.parametrize(
    ("environment", "language", "encoding"),
    [
        ({"LC_ALL": "C"}, "en", "utf-8"),
        ({"LC_ALL": "zh_CN.GBK"}, "zh", "gb18030"),
        ({"LANG": "zh_CN.ISO-8859-1"}, "en", "iso8859-1"),
        ({"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, "en", "ascii"),
    ],
)
def test_a_command_on_such_a_machine(environment: dict[str, str], language: str, encoding: str, tmp_path: Path) -> None:
    """The whole program without Python's UTF-8 mode, with a Chinese folder and a Chinese argument."""
    folder = tmp_path / "工作区 一"
    environment = {**environment, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": os.environ["PATH"]}
    environment["HOME"] = str(tmp_path)
    code = "from baas.cli import main; main()"
    command = [sys.executable, "-c", code, "--workspace", str(folder), "network", "status"]
    words = [word.encode(encoding if encoding == "gb18030" else "utf-8") for word in command]
    done = subprocess.run(words, env=environment, cwd=Path(__file__).parents[2], capture_output=True, check=False)
    assert done.returncode == 2, done.stderr
    said = done.stderr.decode(encoding)
    assert "Traceback" not in said
    assert ("工作区 一" if shows_chinese(encoding) else "\\u5de5\\u4f5c\\u533a \\u4e00") in said
    assert ("工作区：" in said or "没有工作区" in said) == (language == "zh"), said
