"""What states of records are called at the command line."""

from __future__ import annotations

from collections.abc import Mapping

from baas.errors import Text

STATES: Mapping[str, Text] = {
    "ACTIVE": Text("有效", "active"),
    "REVOKED": Text("已撤销", "revoked"),
    "SUBMITTED": Text("已提交", "submitted"),
    "VERIFYING": Text("核查中", "being verified"),
    "CORRECTION": Text("待补正", "to be corrected"),
    "ACCEPTED": Text("已受理", "accepted"),
    "EXAMINING": Text("审查中", "being examined"),
    "EXAMINED": Text("初审通过，待复审", "passed once"),
    "APPROVED": Text("已通过", "approved"),
    "CERTIFIED": Text("已发证", "certified"),
    "PUBLISHED": Text("已公告", "published"),
    "REFUSED": Text("不予登记", "refused"),
    "LAPSED": Text("逾期失效", "lapsed"),
    "WITHDRAWN": Text("已撤回", "withdrawn"),
    "CANCELLED": Text("已撤销登记", "cancelled"),
    "OFFERED": Text("待接受", "offered"),
    "REJECTED": Text("已拒绝", "rejected"),
    "TERMINATED": Text("已终止", "ended"),
    "PROPOSED": Text("待同意", "proposed"),
    "COMPLETED": Text("已完成", "completed"),
    "AGREED": Text("待登记", "agreed"),
    "REGISTERED": Text("已登记", "registered"),
    "DISCHARGED": Text("已解除", "discharged"),
    "REQUESTED": Text("待决定", "requested"),
    "OPEN": Text("未决", "open"),
    "ADMITTED": Text("已受理", "admitted"),
    "LIFTED": Text("不予受理", "lifted"),
    "DECIDED": Text("已处理", "decided"),
    "REPORTED": Text("已报告", "reported"),
    "EVIDENCED": Text("已取证", "evidenced"),
    "CLOSED": Text("已结案", "closed"),
    "SETTLED": Text("已确认", "settled"),
    "DISPUTED": Text("有争议", "disputed"),
}
"""States of the ledger's records, for readers."""
