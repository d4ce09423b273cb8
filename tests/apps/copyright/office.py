"""What the office does in tests that are about something else."""

from __future__ import annotations

from apps.copyright.model import Registration
from apps.copyright.service import CopyrightService


def pass_first(service: CopyrightService, case_id: str) -> None:
    """Compare a case's work, call whatever is found not alike, and pass it."""
    case = service.examination.compare(case_id).value
    for one in case.record["comparison"]["found"]:
        if not one["own"] and not one["decision"]:
            service.examination.opine(case_id, one["work_id"], "different", "已对照，并不相近")
    service.review(case_id, "pass", "符合登记要求")


def pass_examination(service: CopyrightService, case_id: str) -> Registration:
    """The owner of the workspace lets both of its registrars pass a case."""
    pass_first(service, case_id)
    return service.review(case_id, "approve", "同意").value
