"""What 服务目录 is to the platform: who its people are, which organisations give their roles, what they may do."""

from __future__ import annotations

from apps.catalogue.life import OWNER_ROLE
from apps.kit.application import People, application
from baas.errors import Text
from baas.roles import application_role

READ, KEEP, OWN = "catalogue.read", "catalogue.keep", "catalogue.own"
KEEPER = application_role("catalogue_keeper", Text("平台运营员", "Platform operator"))
OWNER = application_role(OWNER_ROLE, Text("应用方", "Application owner"))
WITNESS = application_role("catalogue_witness", Text("见证单位", "Witness"))

APPLICATION = application(
    __package__,
    id="catalogue",
    version="1.1.0",
    title=Text("服务目录", "Service catalogue"),
    summary=Text(
        "服务目录：网络按标准检查，结果和审计封存写入账本。",
        "Service catalogue: networks are checked against standards; results and audit seals stand on the ledger.",
    ),
    permissions={
        READ: Text("查看服务目录", "see the service catalogue"),
        KEEP: Text("按标准检查、封存审计记录", "check against standards and seal audit logs"),
        OWN: Text("申报自己的应用", "propose and report applications of one's own"),
    },
    people=(
        People(KEEPER, "DataBureau", {READ, KEEP}),
        People(OWNER, "Hospital", {READ, OWN}),
        People(WITNESS, "Hospital", {READ}, counts=False),
    ),
    kinds="apps.catalogue.all_kinds:KINDS",
    words="apps.catalogue.all_kinds:WORDS",
    commands="apps.catalogue.commands:catalogue",
    pages="apps.catalogue.ui.pages:PAGES",
    views={"standards": "apps.catalogue.ui.standards:StandardsView"},
    anchors="apps.catalogue.anchors",
    icon="list",
)
