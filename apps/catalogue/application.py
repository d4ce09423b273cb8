"""What 服务目录 is to the platform: who its people are, which organisations give their roles, what they may do."""

from __future__ import annotations

from apps.kit.application import People, application
from baas.errors import Text
from baas.roles import application_role

READ, KEEP = "catalogue.read", "catalogue.keep"
KEEPER = application_role("catalogue_keeper", Text("平台运营员", "Platform operator"))
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
    },
    people=(People(KEEPER, "DataBureau", {READ, KEEP}), People(WITNESS, "Hospital", {READ}, counts=False)),
    commands="apps.catalogue.commands:catalogue",
    pages="apps.catalogue.ui.pages:PAGES",
    views={"standards": "apps.catalogue.ui.standards:StandardsView"},
    anchors="apps.catalogue.anchors",
    icon="list",
)
