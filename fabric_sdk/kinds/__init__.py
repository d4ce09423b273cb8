"""What an application's records are, as data: kinds, fields, states, acts, who may, what must hold.

    class Sample(Kind, prefix="YP"):
        number, laboratory = Text(40), Party()
        TAKEN, TESTED = State("wait"), State("ok", final=True)

        take = Act(TAKEN, INSPECTOR, "TakeSample", "SampleTaken", begins=True, form=(number, laboratory))
        test = Act(TAKEN >> TESTED, LABORATORY, "TestSample", "SampleTested", waits=True)

Contract, service, commands and pages read the same declarations (`chaincode.kit`, `apps.kit`, `console.appkit`). A
declaration that contradicts itself is a `KindError` when its module is imported; the message names the place. This
package imports nothing else of ours, so that whoever only wants to know pays nothing.
"""

from fabric_sdk.kinds.acts import Act, Kind, acts_by_function
from fabric_sdk.kinds.fields import (
    KEPT,
    Actor,
    Cid,
    Code,
    Codes,
    Data,
    Day,
    Fen,
    Field,
    Flag,
    Id,
    Items,
    KindError,
    Party,
    Reason,
    Reasons,
    Record,
    Sealed,
    Sha256,
    Share,
    Territory,
    Text,
    Whole,
)
from fabric_sdk.kinds.roles import ANYBODY, Need, Role, Who
from fabric_sdk.kinds.states import State, States, Step

__all__ = [
    "ANYBODY",
    "KEPT",
    "Act",
    "Actor",
    "Cid",
    "Code",
    "Codes",
    "Data",
    "Day",
    "Fen",
    "Field",
    "Flag",
    "Id",
    "Items",
    "Kind",
    "KindError",
    "Need",
    "Party",
    "Reason",
    "Reasons",
    "Record",
    "Role",
    "Sealed",
    "Sha256",
    "Share",
    "State",
    "States",
    "Step",
    "Territory",
    "Text",
    "Who",
    "Whole",
    "acts_by_function",
]
