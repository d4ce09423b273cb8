"""The README's examples: those with answers are run, the others must at least name things that exist."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
from pathlib import Path

import pytest

import fabric_sdk
import fabric_sdk.blocks

README = Path(fabric_sdk.__file__).parent / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)


def test_examples_with_answers() -> None:
    assert doctest.testfile(str(README), module_relative=False).failed == 0
    assert doctest.testmod(fabric_sdk.blocks).failed == 0
    assert doctest.testmod(fabric_sdk.blocks).attempted > 0


@pytest.mark.parametrize("code", [b for b in BLOCKS if ">>>" not in b])
def test_examples_import_what_exists(code: str) -> None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("fabric_sdk"):
            module = importlib.import_module(node.module)
            for name in node.names:
                assert hasattr(module, name.name) or importlib.import_module(f"{node.module}.{name.name}")
