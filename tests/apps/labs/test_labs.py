"""Each lab as a learner does it: nothing done, one thing done wrong, then the solution; the check says which."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.labs.lab import course
from tests.apps.labs.bench import Bench, Learner
from tests.apps.labs.cases import CASES, QUICK


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Learner:
    return Learner(tmp_path_factory.mktemp("labs") / "workspace")


@pytest.fixture(
    scope="module",
    params=[pytest.param(one, marks=() if one in QUICK else pytest.mark.slow) for one in course()],
)
def bench(request: pytest.FixtureRequest, learner: Learner) -> Iterator[Bench]:
    """A lab that was started; its network is gone afterwards."""
    made = learner.start(request.param)
    yield made
    done = learner.lab("reset", request.param)
    assert done.code == 0 and done.json["removed"], done.err
    assert not made.desk.parent.exists()


def test_nothing_done_is_not_passed(bench: Bench) -> None:
    found = bench.check()
    assert not found["passed"] and len(found["checks"]) == len(bench.lab.checks)
    told = [one for one in found["checks"] if not one["right"]]
    assert told and all(one["wrong"] and one["hint"] for one in told)


def test_a_wrong_solution_is_told_what_is_wrong(bench: Bench) -> None:
    case = CASES[bench.lab.id]
    case.wrong(bench)
    found = bench.wrong()
    assert case.says in found[case.by]["wrong"], found
    for one in found.values():
        assert "citychain chaincode invoke" not in one["hint"], "a hint gives no solution away"


def test_the_solution_passes_and_is_kept(bench: Bench, learner: Learner) -> None:
    CASES[bench.lab.id].right(bench)
    found = bench.check()
    assert found["passed"], [one for one in found["checks"] if not one["right"]]
    listed = {one["id"]: one for one in learner.lab("list").json}
    assert listed[bench.lab.id]["passed"]


def test_there_is_a_case_for_every_lab() -> None:
    assert set(CASES) == set(course()) and len(CASES) >= 12
