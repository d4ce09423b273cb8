"""A contract edited while its node runs: the new code counts, a broken one leaves the old in use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fabric_sdk.chaincode.loading import LoadError, load_chaincode
from fabric_sdk.chaincode.testing import ContractTester
from network.embedded.hot_reload import load_anew

SOURCE = """
from fabric_sdk.chaincode import Context, Contract, query
from edited_contract.words import WORD

class Greeting(Contract):
    name = "greeting"

    @query
    def Say(self, ctx: Context) -> str:
        return WORD

CONTRACTS = [Greeting()]
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "edited_contract"
    folder.mkdir()
    (folder / "__init__.py").write_text(SOURCE)
    (folder / "words.py").write_text("WORD = 'one'\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    import sys

    for name in [n for n in sys.modules if n.startswith("edited_contract")]:
        del sys.modules[name]


def said() -> str:
    import sys

    contract = sys.modules["edited_contract"].CONTRACTS[0]
    return str(ContractTester(contract).invoke("Say"))


def test_an_edit_of_any_module_of_the_package_counts(package: Path) -> None:
    load_chaincode("edited_contract")
    assert said() == "one"
    (package / "words.py").write_text("WORD = 'two'\n")
    load_anew("edited_contract")
    assert said() == "two"


@pytest.mark.parametrize("broken", ["WORD = = 'x'\n", "raise RuntimeError('no')\n", "import nothing_of_that_name\n"])
def test_what_cannot_be_loaded_leaves_the_old_in_use(package: Path, broken: str) -> None:
    load_chaincode("edited_contract")
    (package / "words.py").write_text(broken)
    with pytest.raises(LoadError):
        load_anew("edited_contract")
    assert said() == "one"
    (package / "words.py").write_text("WORD = 'mended'\n")
    load_anew("edited_contract")
    assert said() == "mended"
