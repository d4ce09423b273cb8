"""What the role of a new identity may do, and where it makes sense, said while it is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from baas.roles import PERMISSION_TITLES, Role, permissions_of
from baas.services.cast import Played, cast
from console.i18n import say, tr
from console.signing import organization
from console.widgets.states import Note

if TYPE_CHECKING:
    from baas.platform import Platform
    from console.pages.identities.page import IdentitiesPage
    from console.widgets.forms import Form


class RoleAdvice(Note):
    """Beside a form with `role`, `msp` and `attributes`; fills in the attributes that go with a role, as long as
    nobody wrote others."""

    def __init__(self, page: IdentitiesPage, form: Form) -> None:
        super().__init__("")
        self._platform, self._network, self._form = page.context.platform, page.context.network, form
        self.parts: list[Played] = []
        self._filled = ""
        form.fields["role"].edited.connect(self.explain)
        form.fields["msp"].edited.connect(self.explain)
        self.explain()
        platform, network = self._platform, self._network
        page.context.tasks.fetch(lambda: cast(platform, network), self._know, lambda error: None, owner=self)

    def _know(self, found: list[Played]) -> None:
        self.parts = found
        self.explain()

    def explain(self) -> None:
        """Say it for the role and the organisation that are chosen now."""
        form, role = self._form, self._form["role"]
        self.label.setText(role_advice(self._platform, self._network, role, form["msp"], self.parts))
        wanted = next((one for one in self.parts if one.role == role), None)
        attributes = "\n".join(f"{name}={value}" for name, value in wanted.attributes.items()) if wanted else ""
        if form["attributes"] == self._filled and attributes != self._filled:
            self._filled = attributes
            form.fields["attributes"].set_value(attributes)


def role_advice(platform: Platform, network: str, role: str, msp_id: str, parts: Sequence[Played] = ()) -> str:
    """What a role may do, and of whom else than `msp_id` its holders are by the applications' `parts`."""
    if role == "client":
        return tr("没有角色：可以进入网络，各项服务和合约按证书属性另行判断。")
    known = {**PERMISSION_TITLES, **platform.applications.permission_titles()}
    held = permissions_of([Role(role)], platform.applications.grants())
    may = tr("、").join(say(title) for word, title in known.items() if word in held)
    words = tr("可以：{may}。").format(may=may)
    usual = sorted({one.label.partition("/")[0] for one in parts if one.role == role})
    if usual and msp_id not in usual:
        titles = tr("、").join(organization(platform, network, one) for one in usual)
        words += tr("这个角色通常由 {o} 签发，其他组织签发的，合约可能不认。").format(o=titles)
    return words
