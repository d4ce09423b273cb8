"""The life of an application, from proposal to retirement, between its owner and the platform's keeper; and what it
did, counted from the blocks by both."""

from fabric_sdk.kinds import Act, Actor, Day, Flag, Id, Kind, Need, Reason, Role, Share, State, Text, Whole

from .kinds import KEEPER, by_hand

OWNER_ROLE = "catalogue_owner"
PROPOSES = Role(held=OWNER_ROLE)
OWNER = Role("NOT_OWNER", "only the application's owner may do this", field="owner", held=OWNER_ROLE)
MOST_BLOCKS, MOST_MS = 10**12, 3_600_000


LIVE = Need(
    "NOT_LIVE",
    lambda one: f"the application is {one['state']}",
    lambda one, who: one["state"] in ("TRIAL", "TRIED", "SERVING", "SUSPENDED", "RETIRING"),
)


class Application(Kind, prefix="FY"):
    """An application on the ledger: the contract that it calls and what it promises. `least_valid` is the least share
    of valid transactions, `within_ms` the most that nineteen of twenty wait in the ordering service."""

    name, purpose, contract = Text(80), Text(1000, area=True), Text(64)
    least_valid, within_ms = Share(5_000, 10_000), Whole(1, MOST_MS)
    owner = Actor()
    trial_until, assessment = Day(optional=True), Id("assessment", optional=True)
    last_day, successor = Day(optional=True), Text(200, optional=True)
    metered = Whole(0, MOST_BLOCKS, made=True, default=0)
    reason = Reason(1000)

    PROPOSED, RETURNED, TRIAL, TRIED = State("wait"), State("warn"), State("busy"), State("wait")
    SERVING, SUSPENDED, RETIRING = State("ok"), State("warn"), State("warn")
    REFUSED, WITHDRAWN, RETIRED = State("bad", final=True), State("none", final=True), State("none", final=True)

    propose = Act(
        PROPOSED,
        PROPOSES,
        "ProposeApplication",
        "ApplicationProposed",
        begins=True,
        form=(name, purpose, contract, least_valid, within_ms),
    )
    revise = Act(
        RETURNED >> PROPOSED,
        OWNER,
        "ReviseApplication",
        "ApplicationRevised",
        form=(purpose, least_valid, within_ms),
        waits=True,
    )
    withdraw = Act(
        (PROPOSED | RETURNED) >> WITHDRAWN, OWNER, "WithdrawApplication", "ApplicationWithdrawn", danger=True
    )
    admit = Act(
        PROPOSED >> TRIAL,
        KEEPER,
        "AdmitApplication",
        "ApplicationAdmitted",
        form=(trial_until,),
        waits=True,
        main=True,
    )
    send_back = Act(PROPOSED >> RETURNED, KEEPER, "ReturnApplication", "ApplicationReturned", form=(reason,))
    refuse = Act(
        PROPOSED >> REFUSED,
        KEEPER,
        "RefuseApplication",
        "ApplicationRefused",
        form=(reason,),
        danger=True,
    )
    finish = Act(TRIAL >> TRIED, OWNER, "FinishTrial", "TrialFinished", form=(assessment,), waits=True)
    approve = Act(TRIED >> SERVING, KEEPER, "ApproveApplication", "ApplicationApproved", waits=True, main=True)
    stop_trial = Act(
        (TRIAL | TRIED) >> REFUSED,
        KEEPER,
        "StopTrial",
        "TrialStopped",
        form=(reason,),
        danger=True,
    )
    suspend = Act(
        SERVING >> SUSPENDED,
        KEEPER,
        "SuspendApplication",
        "ApplicationSuspended",
        form=(reason,),
        danger=True,
    )
    resume = Act(
        SUSPENDED >> SERVING,
        KEEPER,
        "ResumeApplication",
        "ApplicationResumed",
        form=(reason,),
    )
    announce = Act(
        (SERVING | SUSPENDED) >> RETIRING,
        OWNER,
        "AnnounceRetirement",
        "RetirementAnnounced",
        form=(last_day, successor),
        danger=True,
    )
    retire = Act(RETIRING >> RETIRED, KEEPER, "RetireApplication", "ApplicationRetired", waits=True, danger=True)


class Period(Kind, prefix="FZ", under="application", listed="periods"):
    """What an application did in the blocks `first` to `last`, as its owner counted it and the keeper counted again."""

    first, last = Whole(1, MOST_BLOCKS), Whole(1, MOST_BLOCKS)
    transactions, valid, authors = Whole(0, MOST_BLOCKS), Whole(0, MOST_BLOCKS), Whole(0, MOST_BLOCKS)
    p95_ms = Whole(0, 10**9)
    kept = Flag(made=True)
    provider = Actor()
    reason = Reason(1000)

    REPORTED = State("wait")
    CONFIRMED, DISPUTED = State("ok", final=True), State("bad", final=True)

    report = Act(
        REPORTED,
        OWNER,
        "ReportPeriod",
        "PeriodReported",
        on="application",
        form=(first, last, transactions, valid, authors, p95_ms),
        offered=by_hand,
        needs=(LIVE,),
    )
    confirm = Act(
        REPORTED >> CONFIRMED,
        KEEPER,
        "ConfirmPeriod",
        "PeriodConfirmed",
        form=(transactions, valid, authors, p95_ms),
        waits=True,
        main=True,
    )
    dispute = Act(REPORTED >> DISPUTED, KEEPER, "DisputePeriod", "PeriodDisputed", form=(reason,), danger=True)


LIFE_KINDS = (Application, Period)
