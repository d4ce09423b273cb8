"""The ledger's pages say in people's words what is on the chain; the raw form is one click away."""

from __future__ import annotations

from typing import Any

import pytest

from baas.platform import Platform
from baas.services.explorer.configuration import configured
from console.i18n import use_language
from console.pages.ledger.configured import type_title
from console.widgets.basic import Label


def said(widget: Any) -> str:
    return " ".join(label.text() for label in widget.findChildren(Label) if label.isVisible())


@pytest.fixture
def changed(empty_desk: Any) -> tuple[Any, Platform, list[Any]]:
    """A network whose channel had another block size since; its configuration transactions, newest first."""
    from baas.services import growth

    desk, platform = empty_desk, empty_desk.platform
    spec = platform.networks.template("single", name="one")
    platform.jobs.run(platform.networks.up, spec)
    channel = spec.channels[0].name
    wanted = growth.set_batch(platform.networks.spec("one"), channel, max_messages=77)
    platform.jobs.run(platform.networks.bring_up, wanted)
    platform.explorer.sync("one")
    desk.window.context.choose_network("one")
    desk.settle()
    rows = [row for row in platform.explorer.transactions("one", limit=100) if row.type == "CONFIG"]
    return desk, platform, rows


def test_a_configuration_says_what_it_changed(changed: tuple[Any, Platform, list[Any]]) -> None:
    desk, platform, rows = changed
    newest, first = rows[0], rows[-1]
    assert (first.block, newest.block > 0) == (0, True)
    found = configured(platform, "one", newest)
    assert [change.title.zh for change in found.changes] == ["每块最多笔数"] and found.changes[0].after == "77"
    desk.go(f"ledger/tx/{newest.tx_id}")
    page = said(desk.window.page)
    assert "通道配置的改变" in page and "每块最多笔数" in page and "77" in page
    assert "CONFIG" not in page and "没有读写键" not in page

    began = configured(platform, "one", first)
    assert began.first and began.changes == ()
    desk.go(f"ledger/tx/{first.tx_id}") if first.tx_id else desk.go("ledger/block/0")
    page = said(desk.window.page)
    if first.tx_id:
        titles = [o.title.zh for o in platform.networks.spec("one").organizations]
        assert "通道的第一份配置" in page and all(title in page for title in titles)


def test_types_have_words_in_both_languages() -> None:
    assert (type_title("CONFIG"), type_title("x")) == ("通道配置", "其他交易")
    use_language("en")
    try:
        assert type_title("CONFIG") == "Channel configuration"
    finally:
        use_language("zh")


def test_a_key_and_its_history_are_in_words_and_the_raw_form_is_a_click_away(desk: Any) -> None:
    """A work of the city, whose application gives its entries their labels."""
    from apps.copyright.service import build_service

    platform, network = desk.platform, desk.window.context.network
    service = build_service(platform, network)
    service.ledger.configure()
    service.close()
    platform.explorer.sync(network)
    rows = platform.explorer.keys(network, "copyright", limit=200)
    while not (told := [one for one in rows if one.value.startswith(b"{")]):  # indexes first, of other tests' records
        rows = platform.explorer.keys(network, "copyright", after=rows[-1].key, limit=200)
    row = told[0]
    desk.go(f"ledger/key/copyright/{row.key}")
    keys = desk.window.page.keys
    assert keys.value.isVisible(), row.key
    words = keys.value.text.toPlainText()
    assert "{" not in words and '"' not in words, words
    desk.press("查看原文", keys)
    raw = keys.value.text.toPlainText()
    assert raw != words and raw.lstrip()[:1] in '{["'
    desk.press("改看文字说明", keys)
    assert keys.value.text.toPlainText() == words


def test_values_of_a_record_have_labels_states_and_names(desk: Any) -> None:
    import json

    from console.pages.ledger.words import event_words, value_words

    context = desk.window.context
    record = {"type": "licence", "id": "XK1", "state": "OFFERED", "licensee": "PublicMSP/li", "tx_id": "x", "when": ""}
    told = value_words(context, "copyright", json.dumps(record).encode())
    assert (
        told.splitlines()[0] == "授权许可"
        and "状态：待接受" in told
        and "PublicMSP" not in told
        and "tx_id" not in told
    )
    assert event_words(context, "copyright", "LicenceOffered").startswith("授权许可 · ")
    assert event_words(context, "copyright", "Unheard") == "Unheard"
    for data in (b"\xff\xfe\x00", b"\x00\x01", b"[" * 100_000):
        assert value_words(context, "copyright", data) or not data
    assert value_words(context, "elsewhere", b'{"n": 1234, "on": true}').splitlines() == ["n：1,234", "on：是"]
    use_language("en")
    try:
        assert value_words(context, "elsewhere", b'{"on": false}') == "on: no"
    finally:
        use_language("zh")


def test_a_transaction_tells_its_events_and_writes_in_words(desk: Any) -> None:
    platform, network = desk.platform, desk.window.context.network
    from apps.copyright.service import build_service

    service = build_service(platform, network)
    service.ledger.configure()
    service.close()
    platform.explorer.sync(network)
    row = next(r for r in platform.explorer.transactions(network, contract="copyright", limit=50) if r.valid)
    desk.go(f"ledger/tx/{row.tx_id}")
    desk.no_error()
    texts = [label.text() for label in desk.window.page.transaction.findChildren(Label) if label.isVisible()]
    assert not [text for text in texts if text.startswith(("{", "["))], texts
