"""The open board shows every slot and nobody."""

from __future__ import annotations

from starlette.testclient import TestClient

from apps.health_slots.serving.board import board_app


def test_board_shows_slots_and_no_residents(town):
    (session,) = town.publish()
    resident = town.service.bookings.deposit("H1", town.identity(7))
    town.service.bookings.book(f"{session}.003", resident)
    added = town.service.schedules.add(session, 600, 10, "online", "revisit").result
    with TestClient(board_app(town.service)) as client:
        pages = [
            client.get(p)
            for p in ("/", "/h/H1?from=2026-12-01", f"/s/{session}", f"/s/{session}?lang=en", f"/proof/{session}.003")
        ]
    assert [p.status_code for p in pages] == [200] * 5
    text = "".join(p.text for p in pages)
    assert "市第一人民医院" in text
    assert "已约" in text and "booked" in text and "加号" in text
    for secret in (resident, "欧阳测试7", town.identity(7).document, town.identity(7).phone):
        assert secret not in text
    assert pages[0].headers["content-security-policy"].startswith("default-src 'none'")
    with TestClient(board_app(town.service)) as client:
        assert client.get(f"/proof/{added}").status_code == 404


def test_board_is_read_only_and_escapes(town):
    town.publish()
    with TestClient(board_app(town.service)) as client:
        assert client.post("/").status_code == 405
        assert client.get("/h/%3Cscript%3E").status_code == 404
        assert "<script>" not in client.get("/s/%3Cscript%3E.x").text
        assert client.get("/h/H1?from=nonsense").status_code == 400


def test_pages_can_be_walked_without_eyes_or_mouse(town):
    """Landmarks, one heading, captions, row headings, names for pictures; the language stays with every link."""
    (session,) = town.publish()
    town.service.bookings.book(f"{session}.002", town.resident(1))
    with TestClient(board_app(town.service), headers={"accept-language": "en-GB"}) as client:
        for path in (
            "/?lang=zh",
            "/h/H1?from=2026-12-01&lang=zh",
            f"/s/{session}?lang=zh",
            f"/p/{session}.002?lang=zh",
        ):
            text = client.get(path).text
            assert '<html lang="zh-CN">' in text
            assert text.count("<h1>") == text.count('<main id="content"') == 1
            assert 'href="#content"' in text
            assert "<script" not in text
            tables = text.count("<table")
            assert tables == text.count("<caption>") >= 1
            assert text.count('scope="row"') >= tables
            links = [part.split('"')[0] for part in text.split('href="')[1:]]
            assert all("lang=" in link for link in links if not link.startswith(("#", "/proof/")))
        text = client.get(f"/s/{session}?lang=zh").text
        assert text.count('aria-label="002 ') == 1
        assert 'aria-current="page"' in text
        proof = client.get(f"/p/{session}.002?lang=en").text
        assert "agrees with it" in proof
        assert "Proof of slot 002" in proof
        assert client.get(f"/p/{session}.099").status_code == 404
