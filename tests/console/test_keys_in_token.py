"""The wizard puts organisations' keys into a hardware token (SoftHSM here): found, opened and used by clicks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from console.pages.network.key_place import TOKEN
from tests.console.test_pages_network import said
from tests.hsm import PIN, SoftHsm, private_keys, softhsm


@pytest.fixture
def hsm(tmp_path: Any) -> Iterator[SoftHsm]:
    with softhsm(tmp_path / "hsm") as made:
        yield made


def test_a_network_whose_keys_are_in_a_token_is_set_up_by_clicks(empty_desk: Any, hsm: SoftHsm) -> None:
    hsm.make("city-ca")
    desk = empty_desk
    desk.go("networks/new")
    desk.settle()
    wizard = desk.window.page.wizard
    wizard.step(0).choose("single")
    wizard.step(0).form.fields["name"].set_value("sealed")
    wizard.next()
    card = wizard.step(1).keys
    card.choice.fields["place"].set_value(TOKEN)
    wizard.next()
    assert wizard.at == 1 and card.library.fields["library"].error
    card.look()
    assert card.library.fields["library"].error
    card.library.fields["library"].set_value(str(hsm.folder / "nothing.so"))
    card.look()
    desk.settle()
    assert card.library.fields["library"].error
    card.library.fields["library"].set_value(hsm.library)
    card.look()
    desk.settle()
    assert not card.library.fields["library"].error
    wizard.next()
    assert wizard.at == 1 and card.token.fields["pin"].error
    card.token.fields["pin"].set_value("0000")
    for expected in (2, 3, 4):
        wizard.next()
        desk.settle()
        assert wizard.at == expected, wizard.banner.message.text()
    assert "city-ca" in said(wizard)
    wizard.start()
    desk.settle()
    assert wizard.build is None and wizard.banner.isVisible(), "a wrong PIN begins nothing"
    assert "sealed" not in desk.platform.networks.names()
    card.token.fields["pin"].set_value(PIN)
    wizard.start()
    desk.settle(60_000)
    assert desk.window.address == "networks/sealed"
    places = desk.platform.token_keys.places("sealed")
    assert places and all("city-ca" in one.place for one in places)
    files = [path for path, _ in private_keys(desk.platform.workspace.folder)]
    assert files and not [path for path in files if "nodes" not in path.parts]
