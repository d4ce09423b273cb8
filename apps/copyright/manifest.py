"""What 数字版权 is to the platform."""

from __future__ import annotations

from apps.copyright.cast import cast_of, collections, endorsement_policy, first_call
from apps.copyright.permissions import DEPOSIT, EVIDENCE, LICENSE, READ, REVIEW, SERVE
from apps.copyright.roles import CONTENT_SERVICE, CREATOR, LICENSEE, REGISTRAR
from apps.kit.application import KitManifest, People
from baas.applications import ContractTemplate, DemoOption
from baas.errors import Text
from baas.roles import Role

MANIFEST = KitManifest(
    id="copyright",
    title=Text("数字版权", "Copyright"),
    summary=Text(
        "数字版权：作品存证、登记、许可、转让、质押和维权，文件存入内容仓库，证据可离线核验。",
        "Copyright: deposit, registration, licences, transfers, pledges, cases; evidence checkable offline.",
    ),
    contract=ContractTemplate(
        name="copyright",
        module="chaincode.copyright",
        version="1.0.0",
        title=Text("数字版权合约", "Copyright contract"),
        endorsement_policy=endorsement_policy,
        collections=collections,
        first_call=first_call,
    ),
    checks="apps.copyright.checks:everything",
    service="apps.copyright.service:build_service",
    command="copyright",
    commands="apps.copyright.commands:copyright_group",
    pages="apps.copyright.ui:PAGES",
    demo="apps.copyright.demo:run",
    demo_told="apps.copyright.demo:told",
    demo_options=(
        DemoOption(
            "works",
            Text(
                "登记这个文件夹里的每个文件（默认用自带的样例）。",
                "Register every file of this folder (default: samples).",
            ),
            folder=True,
        ),
    ),
    benches={"similarity": "apps.copyright.bench:command"},
    only_here="apps.copyright.only_here:only_here",
    inbox="apps.copyright.inbox:waiting",
    advises="apps.copyright.advice:after_loss",
    survey="apps.copyright.files:survey",
    keeps="apps.copyright.store_rights:keeps",
    takes="apps.copyright.store_rights:takes",
    recovery="apps.copyright.only_here:prepare",
    opens="copyright/verify/{file}",
    start=Text("数字版权：登记样例作品并出具证书", "Copyright: sample works and a certificate"),
    icon="copyright",
    roles=(CREATOR, REGISTRAR, LICENSEE, CONTENT_SERVICE, Role.AUDITOR),
    grants={
        Role.PLATFORM_ADMIN: frozenset({READ, DEPOSIT, REVIEW, LICENSE, EVIDENCE, SERVE}),
        Role.ORGANIZATION_ADMIN: frozenset({READ, EVIDENCE, SERVE}),
        CONTENT_SERVICE: frozenset({READ, SERVE}),
        CREATOR: frozenset({READ, DEPOSIT, LICENSE, EVIDENCE}),
        REGISTRAR: frozenset({READ, REVIEW, EVIDENCE}),
        LICENSEE: frozenset({READ, LICENSE, EVIDENCE}),
        Role.AUDITOR: frozenset({READ, EVIDENCE}),
    },
    kinds="chaincode.copyright.kinds:KINDS",
    words="apps.copyright.kind_words:WORDS",
    refusals="apps.copyright.refusals:WORDS",
    steps="apps.copyright.refusals:NEXT_STEPS",
    reasons="apps.copyright.refusals:REASONS",
    titles="apps.copyright.refusals:FIELD_TITLES",
    at="apps.copyright.refusals:AT_FIELDS",
    people=(
        People(CREATOR, lambda spec: cast_of(spec).msp_of("creator"), {READ, DEPOSIT, LICENSE, EVIDENCE}),
        People(REGISTRAR, lambda spec: cast_of(spec).office, {READ, REVIEW, EVIDENCE}),
        People(LICENSEE, lambda spec: cast_of(spec).msp_of("licensee"), {READ, LICENSE, EVIDENCE}),
        People(Role.AUDITOR, lambda spec: cast_of(spec).second, {READ, EVIDENCE}),
    ),
    read=READ,
    act=LICENSE,
    serving={
        "stamps": "apps.copyright.serving:STAMPS",
        "content": "apps.copyright.serving:CONTENT",
        "watch": "apps.copyright.serving:WATCH",
    },
    files=(
        "copyright/{network}.db*",
        "copyright/{network}.works.db*",
        "copyright/{network}-files.db*",
        "copyright/{network}-watch.db*",
        "copyright/{network}-seal.pem",
        "copyright/{network}-stamps/*",
        "seals/{network}-*.pem",
    ),
    permission_titles={
        READ: Text("查看作品", "see works"),
        DEPOSIT: Text("存证和申请登记", "deposit works and apply for registration"),
        REVIEW: Text("审查登记", "review registrations"),
        LICENSE: Text("许可、转让和质押", "license, transfer and pledge"),
        EVIDENCE: Text("导出和核验证据", "export and verify evidence"),
        SERVE: Text("向各工作台提供文件", "serve files to desks"),
    },
)
