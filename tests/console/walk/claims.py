"""What every page says in numbers and states, beside what the ledger says: each difference is one line.

Only what is on the screen is read: the header's words, figures, badges, rows of tables. Numbers that a role may not
see must be shown as unknown ("—"), never as 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from console.home import ROWS
from tests.console.walk import panels
from tests.console.walk.ledger import Ledger

UNKNOWN = "—"


def numbers(text: str) -> list[int]:
    """The whole numbers of a text, without their separators."""
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def badges(window: Any) -> dict[str, int]:
    return {page: item._badge for page, item in window.rail.items.items()}


def overview(desk: Any, ledger: Ledger) -> Iterator[str]:
    """Figures, what needs doing and the badges beside it."""
    window = desk.window
    desk.go("overview")
    page = window.page
    session = desk.platform.session
    found = [figure._value.text() for figure in page.board.figures]
    if session.allows("ledger.read"):
        if found[1] != UNKNOWN and numbers(found[1]) != [ledger.height]:
            yield f"overview: height {found[1]}, the ledger has {ledger.height}"
        if numbers(found[2]) != [ledger.invalid]:
            yield f"overview: invalid {found[2]}, the ledger has {ledger.invalid}"
        unit = page.board.figures[2]._unit.text()
        if numbers(unit) != [ledger.transactions]:
            yield f"overview: transactions {unit}, the ledger has {ledger.transactions}"
    elif any(value != UNKNOWN for value in found[:3]):
        yield f"overview: shows {found[:3]} to somebody who may not read the ledger"
    wanted = str(len(ledger.contracts)) if session.allows("contract.read") else UNKNOWN
    if found[3] != wanted:
        yield f"overview: {found[3]} contracts in force, the ledger has {wanted}"
    listed = Counter()
    for item in page.board._shown.get("attention", []):
        listed[item.page] += item.count
    shown = {page: count for page, count in badges(window).items() if count}
    in_rail = {page: count for page, count in listed.items() if page in window.rail.items and count}
    if in_rail != shown:
        yield f"overview: needs doing {in_rail}, badges {shown}"
    for section in page.board.home.sections:
        waits = section.title.startswith("待我办理")
        if waits != bool(section.waits):
            yield f"overview: {section.title} belongs to the badge of {section.waits!r}"
        if waits and section.count != badges(window)[section.waits]:
            yield f"overview: {section.title} {section.count}, the badge says {badges(window)[section.waits]}"
        if len(section.rows) != min(section.count, ROWS):
            yield f"overview: {section.title} shows {len(section.rows)} of {section.count}"
    status = window.status.block.text()
    if session.allows("ledger.read") and status and numbers(status)[:1] != [ledger.height]:
        yield f"status bar: {status}, the ledger has {ledger.height} blocks"


def contracts(desk: Any, ledger: Ledger) -> Iterator[str]:
    """How many are in force, versions, sequences, transactions."""
    if "contracts" not in desk.window.rail.items:
        return
    desk.go("contracts")
    page = desk.window.page
    if numbers(page.facts) != [len(ledger.contracts)]:
        yield f"contracts: {page.facts}, the ledger has {len(ledger.contracts)}"
    for line in page.model.rows:
        d = line.definition
        if (d is not None) != (line.name in ledger.contracts):
            yield f"contracts: {line.name} in force is {d is not None}"
        elif d is not None and (d.version, d.sequence) != ledger.contracts[line.name]:
            yield f"contracts: {line.name} {d.version}/{d.sequence}, the ledger has {ledger.contracts[line.name]}"
        if d is not None and line.transactions != ledger.by_contract[line.name]:
            yield f"contracts: {line.name} {line.transactions} transactions, {ledger.by_contract[line.name]} in blocks"


def blocks(desk: Any, ledger: Ledger) -> Iterator[str]:
    """The ledger page's own header."""
    if "ledger" not in desk.window.rail.items:
        return
    desk.go("ledger")
    said = numbers(desk.window.page.facts)
    if said != [ledger.height, ledger.transactions, ledger.invalid]:
        yield f"ledger: {desk.window.page.facts}, the chain has {ledger.height, ledger.transactions, ledger.invalid}"


def identities(desk: Any, ledger: Ledger) -> Iterator[str]:
    """Whose certificate is revoked on the channel is shown as revoked, in the list and counted; others are not."""
    if "identities" not in desk.window.rail.items:
        return
    desk.go("identities")
    page = desk.window.page
    if page.view is None:
        return
    for record in page.model.rows:
        on_ledger = int(record.serial, 16) in ledger.revoked if record.kind == "person" else False
        if (record.state == "revoked") != on_ledger:
            yield f"identities: {record.label} is {record.state}, on the channel revoked is {on_ledger}"
    if numbers(page.tab_notes["revoked"]) != [len(ledger.revoked)]:
        yield f"identities: {page.tab_notes['revoked']} revoked, the channel lists {len(ledger.revoked)}"
    if numbers(page.tab_notes["certificates"]) != [len(page.model.rows)]:
        yield f"identities: {page.tab_notes['certificates']} certificates, {len(page.model.rows)} rows"


def copyright(desk: Any, ledger: Ledger) -> Iterator[str]:
    """Works and the state of their registrations."""
    if "copyright" not in desk.window.rail.items:
        return
    desk.go("copyright/works")
    page = desk.window.page
    works = {work["id"]: work for work in ledger.records("copyright", "work")}
    states = {one["id"]: one["state"] for one in ledger.records("copyright", "registration")}
    view = page.works
    if {line.work.id for line in view.lines} != set(works):
        yield f"copyright: {len(view.lines)} works, the ledger has {len(works)}"
    for line in view.lines:
        if line.work.registration and line.state != states.get(line.work.registration):
            yield f"copyright: {line.work.id} {line.state}, the ledger has {states.get(line.work.registration)}"
    if desk.platform.session.allows("copyright.review"):
        desk.go("copyright/queue")
        open_states = {"SUBMITTED", "VERIFYING", "ACCEPTED", "EXAMINING"}
        there = {one for one, state in states.items() if state in open_states}
        listed = {row.id for row in page.queue.model.rows if getattr(row, "state", "") in open_states}
        if not there >= listed:
            yield f"copyright: the queue lists {sorted(listed - there)}"
    if "inbox" in dict(page.tabs):
        desk.go("copyright/inbox")
        desk.window.counting.count()
        desk.settle()
        note = numbers(page.tab_notes.get("inbox", "")) or [0]
        if note[0] != badges(desk.window)["copyright"]:
            yield f"copyright: {note[0]} wait on the tab, {badges(desk.window)['copyright']} on the badge"


def slots(desk: Any, ledger: Ledger) -> Iterator[str]:
    """Header, board and panel of every hospital's sessions: one free count, and the ledger's."""
    if "health_slots" not in desk.window.rail.items:
        return
    desk.go("health_slots")
    page = desk.window.page
    for hospital in [h.id for h in page.hospitals]:
        page.choose_hospital(hospital)
        desk.settle()
        truth = slots_of(ledger, hospital)
        said = numbers(page.facts.partition(hospital)[2])[:3]
        if said != [truth["sessions"], truth["slots"], truth["free"]]:
            yield f"slots {hospital}: {page.facts}; the ledger has {truth}"
        board = page.views.get("board")
        if board is None or page.tab != "board":
            continue
        of_week = list(board.sessions)
        week = {item.session.id for item in of_week}
        wanted = [truth["by_session"][one] for one in week]
        facts = numbers(board.facts.text())
        sums = [sum(one[name] for one in wanted) for name in ("slots", "booked", "free")]
        if facts != sums:
            yield f"slots {hospital}: the board says {board.facts.text()}, the ledger has {sums}"
        painted = sum(
            slot.state == "free" for item in of_week if item.session.state == "published" for slot in item.slots
        )
        if painted != facts[2]:
            yield f"slots {hospital}: the board paints {painted} free slots and says {facts[2]}"
        yield from panels.of_sessions(desk, ledger, hospital, truth["by_session"])


def oversight(desk: Any, ledger: Ledger) -> Iterator[str]:
    """The authority's table and panel of every hospital."""
    if "health_slots" not in desk.window.rail.items:
        return
    desk.go("health_slots/authority/observe")
    page = desk.window.page
    if page.tab != "authority":
        return
    view = page.view("authority")
    for row, one in enumerate(view.model.rows):
        truth = slots_of(ledger, one.id)
        there = truth["by_session"].values()
        wanted = [truth[name] for name in ("sessions", "released", "slots", "booked", "added")]
        if [one.committed, one.released, one.slots, one.booked, one.added] != wanted:
            yield f"oversight: {one}, the ledger has {wanted} of {len(there)} sessions"
        view.table.choose(row)
        view.table.clicked.emit(view.table.currentIndex())
        desk.settle()
        words = panels.said(desk.window.inspector)
        if f"{truth['slots']:,} 个，已约 {truth['booked']:,}" not in words:
            yield f"oversight: the panel of {one.id} says {words[:8]}, the ledger has {wanted}"
    desk.window.context.inspect(None)


def slots_of(ledger: Ledger, hospital: str) -> dict[str, Any]:
    """Sessions, slots and free slots of a hospital, from its records alone."""
    touched: dict[str, list[dict[str, Any]]] = {}
    sessions: dict[str, dict[str, Any]] = {}
    for key, value in ledger.state.get("health_slots", {}).items():
        parts = key.strip("\0").split("\0")
        if parts[0] == "slot" and parts[1] == hospital:
            touched.setdefault(parts[2], []).append(value)
        elif parts[0] == "session" and parts[1] == hospital:
            sessions[parts[2]] = value
    by_session = {}
    for name, record in sessions.items():
        mine = touched.get(name, [])
        added = sum(bool(slot.get("added")) for slot in mine)
        taken = sum(slot["state"] not in ("free", "returned") for slot in mine)
        held_back = sum(slot["state"] == "returned" for slot in mine)
        count = record["count"] + added
        published = record["state"] == "published"
        by_session[f"{hospital}.{name}"] = {
            "slots": count,
            "free": count - taken - held_back if published else 0,
            "booked": sum(slot["state"] == "booked" for slot in mine),
            "added": added,
        }
    return {
        "sessions": len(sessions),
        "slots": sum(one["slots"] for one in by_session.values()),
        "released": sum(record.get("published_at") is not None for record in sessions.values()),
        **{name: sum(one[name] for one in by_session.values()) for name in ("free", "booked", "added")},
        "by_session": by_session,
    }


def kit(desk: Any, ledger: Ledger) -> Iterator[str]:
    """The kit's applications: what waits is one number on tab, badge and list."""
    for page_id in ("supply_finance", "traceability"):
        if page_id not in desk.window.rail.items:
            continue
        desk.go(page_id)
        page = desk.window.page
        if "inbox" not in dict(getattr(page, "tabs", [])):
            continue
        desk.go(f"{page_id}/inbox")
        desk.window.counting.count()
        desk.settle()
        note = numbers(page.tab_notes.get("inbox", "")) or [0]
        if note[0] != badges(desk.window)[page_id]:
            yield f"{page_id}: {note[0]} wait on the tab, {badges(desk.window)[page_id]} on the badge"


def networks(desk: Any, ledger: Ledger) -> Iterator[str]:
    """How many organisations there are, and that no running peer is shown behind the chain."""
    if "networks" not in desk.window.rail.items or not desk.window.context.network:
        return
    desk.go(f"networks/{desk.window.context.network}")
    page = desk.window.page
    if page.view is None:
        return
    told = numbers(page.tab_notes["organizations"])
    if told != [len(ledger.organizations)]:
        yield f"networks: {told} organisations, the channel's configuration has {sorted(ledger.organizations)}"
    for node in page.view.status.nodes:
        if node.kind == "peer" and node.state == "running" and node.height not in (None, ledger.height):
            yield f"networks: {node.name} at {node.height}, the chain has {ledger.height}"


def lists(desk: Any, ledger: Ledger) -> Iterator[str]:
    """Every list of records: each is on the ledger and is called there what its row says."""
    from console.appkit.page import AppPage
    from console.appkit.views import ListView
    from console.i18n import say

    for item in list(desk.window.rail.items):
        desk.go(item)
        page = desk.window.page
        if not isinstance(page, AppPage) or page._service is None:
            continue
        contract = page.manifest.contract.name
        for tab, _ in list(page.tabs):
            desk.go(f"{item}/{tab}")
            view = page.stack.currentWidget()
            if not isinstance(view, ListView):
                continue
            truth = {one["id"]: one for kind in view.kinds for one in ledger.records(contract, kind)}
            for record in view.records:
                there = truth.get(record["id"])
                if there is None:
                    yield f"{item}/{tab}: {record['id']} is not on the ledger"
                    continue
                said = say(page.kit.catalogue.of(there).state(there)[0])
                shown = [cell.text for cell in view.table._cells(record)]
                if record["state"] != there["state"] or not any(said in text for text in shown):
                    yield f"{item}/{tab}: {record['id']} shown {shown}, on the ledger {there['state']} ({said})"
            yield from panels.of_list(desk, f"{item}/{tab}", view, truth, ledger.touched.get(contract, set()))
            if view.whose.current == "all" and {one["id"] for one in view.records} != set(truth):
                yield f"{item}/{tab}: {len(view.records)} records, the ledger has {len(truth)}"


def audit(desk: Any, ledger: Ledger) -> Iterator[str]:
    """The log's own lines, and that it is whole."""
    if "audit" not in desk.window.rail.items:
        return
    desk.go("audit")
    page = desk.window.page
    page.filter.clear()  # somebody may have looked for something here before
    if not page.found.whole or any(one.outcome == "torn" for one in page.entries):
        yield f"audit: {page.facts}"
    if {one.line for one in page.model.rows} != {one.line for one in page.entries}:
        yield f"audit: {len(page.model.rows)} rows of {len(page.entries)}"


CLAIMS = (overview, networks, contracts, blocks, identities, copyright, slots, oversight, kit, lists, audit)


def differences(desk: Any, ledger: Ledger) -> list[str]:
    """Walk every page as whoever acts, and compare."""
    actor = desk.platform.session.actor.label
    return [f"{actor}: {line}" for claim in CLAIMS for line in claim(desk, ledger)]
