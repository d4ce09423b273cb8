"""What 食品抽检 is to the platform: who its people are, which organisations give their roles, what they may do."""

from apps.kit.application import People, application
from baas.errors import Text
from baas.roles import application_role

ACT, READ = "food.act", "food.read"

APPLICATION = application(
    __package__,
    id="food",
    title=Text("食品抽检", "Food samples"),
    summary=Text("食品抽检：抽样、检验、放行、召回。", "Food samples: taken, tested, released, recalled."),
    permissions={READ: Text("查看样品", "see samples"), ACT: Text("抽样和检验", "take and test samples")},
    people=(
        People(application_role("food_inspector", Text("食品检查员", "Food inspector")), "Health", {READ, ACT}),
        People(application_role("food_analyst", Text("食品检验员", "Food analyst")), "DataBureau", {READ, ACT}),
    ),
    steps=f"{__package__}.words:STEPS",
    icon="search",
)
