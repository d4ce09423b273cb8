"""What 号源链 is to the platform."""

from __future__ import annotations

from apps.health_slots.cast import collections, endorsement_policy
from apps.health_slots.permissions import AUDIT, BOOK, CHANGE, DRAW, PORTALS, PUBLISH, READ, SERVE, SETTLE
from apps.health_slots.roles import AUTHORITY, CLERK, HOSPITAL_STAFF, PATIENTS, PLATFORM, PORTAL_ADMIN, SERVICE
from baas.applications import ApplicationManifest, ContractTemplate, DemoOption
from baas.errors import Text
from baas.roles import Role

MANIFEST = ApplicationManifest(
    id="health_slots",
    title=Text("号源链", "Appointment slots"),
    summary=Text(
        "号源链：医院号源上链，放号、预约、退号、摇号和对账都可核验。",
        "Appointment slots of hospitals: published, booked, returned, drawn and settled so that anyone can verify.",
    ),
    contract=ContractTemplate(
        name="health_slots",
        module="chaincode.health_slots",
        version="1.0.0",
        title=Text("号源链合约", "Appointment slots contract"),
        endorsement_policy=endorsement_policy,
        collections=collections,
    ),
    checks="apps.health_slots.checks:calendar",
    service="apps.health_slots.service:build_service",
    command="slots",
    commands="apps.health_slots.commands:slots",
    pages="apps.health_slots.ui:PAGES",
    demo="apps.health_slots.demo:run",
    demo_told="apps.health_slots.demo:told",
    demo_options=(
        DemoOption(
            "schedule",
            Text(
                "医院排班表，CSV 或 XLSX（默认用自带的样例）。",
                "A hospital's schedule, CSV or XLSX (default: a sample).",
            ),
        ),
    ),
    serving={"fhir": "apps.health_slots.serving.parts:FHIR", "board": "apps.health_slots.serving.parts:BOARD"},
    benches={
        "slots": "apps.health_slots.bench:command",
        "portals": "apps.health_slots.bench:portals",
        "schedules": "apps.health_slots.bench:schedules",
    },
    only_here="apps.health_slots.only_here:only_here",
    inbox="apps.health_slots.inbox:waiting",
    advises="apps.health_slots.advice:after_loss",
    start=Text("号源链：发布并预约一周号源", "Slots: a week published and booked"),
    icon="slots",
    cast="apps.health_slots.parts:people",
    roles=(HOSPITAL_STAFF, AUTHORITY, CLERK, PLATFORM, PATIENTS, PORTAL_ADMIN, SERVICE, Role.AUDITOR),
    grants={
        Role.PLATFORM_ADMIN: frozenset({READ, PUBLISH, BOOK, CHANGE, DRAW, SETTLE, AUDIT, PORTALS, SERVE}),
        Role.ORGANIZATION_ADMIN: frozenset({READ, AUDIT}),
        HOSPITAL_STAFF: frozenset({READ, PUBLISH, BOOK, CHANGE, DRAW, AUDIT}),
        AUTHORITY: frozenset({READ, CHANGE, DRAW, AUDIT, SERVE}),
        CLERK: frozenset({READ, SETTLE}),
        PLATFORM: frozenset({READ, DRAW, SETTLE, AUDIT}),
        PATIENTS: frozenset({READ, DRAW, AUDIT}),
        PORTAL_ADMIN: frozenset({READ, PORTALS}),
        SERVICE: frozenset({READ, BOOK, SERVE}),
        Role.AUDITOR: frozenset({READ, AUDIT}),
    },
    files=("slots/{network}",),
    permission_titles={
        READ: Text("查看号源", "see slots"),
        PUBLISH: Text("承诺和发布号源", "commit and publish slots"),
        BOOK: Text("预约和退号", "book and cancel"),
        CHANGE: Text("停诊、改诊、加号和更改规则", "stop, move and add slots, change rules"),
        DRAW: Text("参与摇号、分配退号", "take part in draws and hand returned slots on"),
        PORTALS: Text("登记和吊销预约门户", "admit and revoke booking portals"),
        SETTLE: Text("记账、结算和对账", "record payments, settle and reconcile"),
        AUDIT: Text("审计号源", "audit slots"),
        SERVE: Text("开启公开看板和 FHIR 接口", "serve the open board and the FHIR interface"),
    },
)
