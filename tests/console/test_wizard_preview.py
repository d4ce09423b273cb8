"""The wizard's last step shows the network that will be made, as its own page draws it afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.i18n import use_language
from console.pages.network.view import planned, read_view, topology
from network.topology import templates


def shape(picture: Any) -> tuple[Any, ...]:
    """Who and what stands on a picture, without its live notes."""
    boxes = [(o.id, o.title, o.icon, [(n.id, n.name) for n in o.peers]) for o in picture.organizations]
    return picture.channel, picture.note, picture.consensus, boxes, [(n.id, n.name) for n in picture.orderers]


@pytest.mark.parametrize("spec", templates(), ids=lambda spec: spec.name)
def test_every_organisation_and_node_of_a_channel_is_drawn(spec: Any) -> None:
    for channel in spec.channels:
        picture = planned(spec, channel.name)
        peers = {n.id for o in picture.organizations for n in o.peers}
        members = [o for o in spec.organizations if o.name in channel.organizations]
        assert [o.id for o in picture.organizations] == [o.msp_id for o in members]
        assert peers == {o.node_name(peer) for o in members for peer in o.peers}
        assert [n.id for n in picture.orderers] == [ref.name for ref in spec.orderers()]
        assert picture.contracts == ()


def test_it_is_the_page_that_the_network_gets(city: Any) -> None:
    view = read_view(city.platform, city.network)
    for channel in view.spec.channels:
        assert shape(planned(view.spec, channel.name)) == shape(topology(view, channel.name))


def test_the_review_draws_what_was_chosen(empty_desk: Any) -> None:
    """By clicks to the last step; back, another number of peers, and the picture follows."""
    desk = empty_desk
    desk.go("networks/new")
    wizard = desk.window.page.wizard
    for _ in range(4):
        desk.press_header("next")
        desk.settle()
    review = wizard.steps[-1]
    (picture,) = review.pictures
    assert picture.isVisible() and picture.height() >= picture.minimumSizeHint().height()
    peers = [spot for spot in picture.spots if spot.id.startswith("node/")]
    assert len(peers) == sum(1 for _ in wizard.draft.spec().nodes())
    first = wizard.draft.organizations[0]
    wizard.draft.organizations[0] = replace(first, peers=first.peers + 1)
    desk.press_header("back")
    desk.settle()
    desk.press_header("next")
    desk.settle()
    (picture,) = wizard.steps[-1].pictures
    assert len([spot for spot in picture.spots if spot.id.startswith("node/")]) == len(peers) + 1
    assert not desk.platform.networks.names(), "a picture makes nothing"


def test_in_english_too() -> None:
    use_language("en")
    try:
        spec = templates()[0]
        picture = planned(spec, spec.channels[0].name)
        assert all("a" <= word[0].lower() <= "z" for word in (picture.quorum, picture.note[2:]))
        assert {n.note for o in picture.organizations for n in o.peers} == {"to be made"}
    finally:
        use_language("zh")
