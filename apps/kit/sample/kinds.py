"""Food samples: taken by an inspector, tested by a laboratory, released by another inspector, or recalled."""

from fabric_sdk.kinds import Act, Actor, Code, Day, Kind, Need, Party, Reason, Role, State, Text, Whole

INSPECTOR = Role(held="food_inspector")
ANALYST = Role(held="food_analyst")
PASSED = Need("NOT_PASSED", "the sample did not pass its test", lambda sample, who: sample["result"] == "passed")
FOUR_EYES = Need("FOUR_EYES", "whoever took a sample does not release it", lambda s, who: s["inspector"] != who.party)


class Sample(Kind, prefix="YP", unique=["number"]):
    number, product, producer = Text(40), Text(100), Text(100)
    taken_on, inspector = Day(past=True), Actor()
    result, germs, analyst = Code("passed", "failed"), Whole(0, 10**9), Party(made=True)
    reason = Reason()

    TAKEN, TESTED = State("wait"), State("busy")
    RELEASED, RECALLED = State("ok"), State("bad", final=True)

    take = Act(TAKEN, INSPECTOR, "TakeSample", "SampleTaken", begins=True, form=(number, product, producer, taken_on))
    test = Act(TAKEN >> TESTED, ANALYST, "TestSample", "SampleTested", form=(result, germs), waits=True)
    release = Act(
        TESTED >> RELEASED, INSPECTOR, "ReleaseSample", "SampleReleased", needs=(PASSED, FOUR_EYES), waits=True
    )
    recall = Act(
        (TESTED | RELEASED) >> RECALLED, INSPECTOR, "RecallSample", "SampleRecalled", form=(reason,), danger=True
    )


KINDS = (Sample,)
