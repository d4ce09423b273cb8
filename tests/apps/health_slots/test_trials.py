"""What rules would have done last month, tried on what happened."""

from __future__ import annotations

import pytest

from baas.cli.root import run
from baas.errors import UserError


def by_name(trial):
    return {one.name: one for one in trial.effects}


@pytest.fixture
def month(town):
    """H1: two departments and one person with two of a department, one cancelled late, one early, one seen."""
    town.service.rules.set_policy(
        "CITY", {"per_department_day": 3, "per_day": 5, "cancel_working_days": 0, "cancel_minute": 1439}
    )
    heart, bone, later = town.publish(
        town.row(),
        town.row(科室编号="BONE", 科室="骨科", 医生编号="D2", 医生="专家二"),
        town.row(日期="2026-12-04"),
    )
    booked = town.service.bookings
    one, two = town.resident(1), town.resident(2)
    made = {
        "first": booked.book(f"{heart}.001", one).id,
        "second": booked.book(f"{heart}.002", one).id,
        "third": booked.book(f"{bone}.001", one).id,
        "early": booked.book(f"{later}.001", two).id,
    }
    booked.cancel(made["early"])
    made["again"] = booked.book(f"{later}.002", two).id
    town.ledger.pass_time(days=9, hours=20)  # Thursday the third of December, six in the morning
    booked.cancel(made["third"])
    town.ledger.pass_time(days=2)
    town.service.refresh()
    return made


def test_a_rule_is_tried_on_what_happened_and_nothing_is_written(town, month):
    height = town.ledger.height()
    trial = town.service.trials.run(
        "CITY", {"per_department_day": 1, "cancel_working_days": 1, "cancel_minute": 960, "hold_s": 300}
    )
    assert town.ledger.height() == height
    found = by_name(trial)
    assert (trial.appointments, trial.hospitals, trial.last) == (5, 2, "2026-12-05")
    assert (found["too_many"].now, found["too_many"].tried) == (0, 1)
    assert found["too_many"].examples == (month["second"],)
    # The one of the fourth was cancelled ten days before, and booked again: no limit of one was touched by it.
    assert (found["too_late"].now, found["too_late"].tried) == (0, 1)
    assert found["too_late"].examples == (month["third"],)
    assert trial.not_told == ("hold_s",), "what cannot be seen is named, not guessed"


def test_release_and_points_are_tried(town, month):
    late = {"release_mode": "daily", "window_days": 3, "release_minute": 900}
    trial = by_name(town.service.trials.run("CITY", late))
    assert (trial["too_early"].now, trial["too_early"].tried) == (0, 5)
    wide = {"release_mode": "daily", "window_days": 14, "release_minute": 0}
    assert by_name(town.service.trials.run("CITY", wide))["too_early"].tried == 0
    assert by_name(town.service.trials.run("CITY", {"points_fulfilled": 50}))["points"].tried == 0  # nobody was seen


def test_a_hospital_with_rules_of_its_own_is_not_the_citys(town, month):
    town.service.rules.set_policy("H1", {"per_day": 9})
    assert town.service.trials.run("CITY", {"per_department_day": 1}).appointments == 0
    own = town.service.trials.run("H1", {"per_department_day": 1})
    assert by_name(own)["too_many"].tried == 1
    assert town.service.trials.run("H1", {}, days=1).appointments == 2  # of the fourth


@pytest.mark.parametrize("changes", [{"per_day": 0}, {"nonsense": 1}, {"holidays": ["soon"]}])
def test_what_the_ledger_would_not_take_is_not_tried(town, changes):
    with pytest.raises(UserError) as refused:
        town.service.trials.run("CITY", changes)
    assert refused.value.code == "bad_policy"


def test_the_command_says_it_and_writes_nothing(city, capsys):
    from apps.health_slots.service import build_service

    service = build_service(city.platform, city.network)
    service.set_up({"TRY1": "试算医院"})
    service.close()
    folder = str(city.platform.workspace.folder)
    words = [
        "--workspace",
        folder,
        "slots",
        "policy",
        "per_day=2",
        "cancel_minute=900",
        "--try",
        "--network",
        city.network,
    ]
    assert run(["--lang", "en", *words]) == 0
    said = capsys.readouterr().out
    assert "Cancellations past the deadline" in said and "nothing was written" in said
    assert run(["--lang", "zh", *words, "hold_s=60"]) == 0
    said = capsys.readouterr().out
    assert "过了时限的退号" in said and "hold_s" in said
