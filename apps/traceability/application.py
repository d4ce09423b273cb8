"""What 制造溯源 is to the platform: who its people are, which organisations give their roles, what they may do."""

from __future__ import annotations

from apps.kit.application import People, application
from baas.errors import Text
from baas.roles import application_role

READ, CAPTURE, OVERSEE, SERVE = "trace.read", "trace.capture", "trace.oversee", "trace.serve"
ENTERPRISE = application_role("trace_enterprise", Text("制造企业", "Manufacturer"))
AUTHORITY = application_role("trace_authority", Text("市场监管", "Market supervision"))
INSPECTOR = application_role("trace_inspector", Text("质检机构", "Inspection body"))

APPLICATION = application(
    __package__,
    id="traceability",
    title=Text("制造溯源", "Traceability"),
    summary=Text(
        "制造溯源：从供应商到消费者，事件上链，召回不漏一件。",
        "Traceability: goods from supplier to consumer by EPCIS events, and recalls that miss nothing.",
    ),
    permissions={
        READ: Text("查看货物和事件", "see goods and events"),
        CAPTURE: Text("采集事件、记录检测、召回", "capture events, record readings, recall"),
        OVERSEE: Text("准入企业、结束召回", "admit enterprises, end recalls"),
        SERVE: Text("开启 EPCIS 接口和消费者页面", "serve the EPCIS interface and the consumer's page"),
    },
    people=(
        People(AUTHORITY, "Health", {READ, CAPTURE, OVERSEE, SERVE}),
        People(ENTERPRISE, "DataBureau", {READ, CAPTURE, SERVE}),
        People(INSPECTOR, "Health", {READ, CAPTURE}),
    ),
    contract="chaincode.traceability",
    office="Health",
    kinds="chaincode.traceability.kinds:KINDS",
    service="apps.traceability.service:build_service",
    command="trace",
    commands="apps.traceability.commands:group",
    steps="apps.traceability.words:NEXT_STEPS",
    reasons="apps.traceability.words:REASONS",
    icon="route",
    checks="apps.traceability.checks:recalls",
    demo="apps.traceability.demo:run",
    demo_told="apps.traceability.demo:told",
    start=Text("制造溯源：一批钢材的召回", "Traceability: the recall of a heat of steel"),
    benches={"trace": "apps.traceability.bench:command"},
    serving={"trace": "apps.traceability.serving:TRACE"},
    views={"graph": "apps.traceability.ui.view:GraphView"},
    files=("traceability/{network}",),
)
