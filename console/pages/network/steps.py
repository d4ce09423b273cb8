"""The wizard's steps up to the review."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QRadioButton, QSpinBox, QVBoxLayout, QWidget

from console.context import Context
from console.i18n import say, tr
from console.pages.network.draft import Draft
from console.pages.network.key_place import KeyPlaceCard, tokens_usable
from console.pages.network.view import planned
from console.theme import tokens
from console.titles import consensus_title, organization_icon, runtime_title
from console.widgets.basic import Button, Chip, Icon, IconButton, Label, hbox, line, set_surface, vbox
from console.widgets.card import Card, ClickCard, Scroll
from console.widgets.facts import Facts
from console.widgets.forms import Form, number_field, text_field
from console.widgets.topology import TopologyView
from network.errors import CityChainError
from network.tokens.address import TokenAddress

_NAME, _COUNT = 98, 72
"""Pixels of an organisation's name at least, and of a number of nodes."""


class WizardStep(QWidget):
    """One step. Signals: `changed` after any choice."""

    changed = Signal()

    def __init__(self, draft: Draft, title: str, text: str) -> None:
        super().__init__()
        self.draft = draft
        outer = vbox(self)
        self._scroll = Scroll((0, 0, 0, 24), 12)
        outer.addWidget(self._scroll)
        self.column: QVBoxLayout = self._scroll.column
        self.column.addWidget(Label(title, "section"))
        self.subtitle = Label(text, "body", "text2", wrap=True)
        self.column.addWidget(self.subtitle)

    def enter(self) -> None:
        """The step is shown."""

    def check(self) -> None:
        """Raise `UserError` when what was chosen here cannot be."""

    def note(self) -> str:
        """What was chosen, for the list of steps."""
        return ""

    def focus_first(self) -> None:
        """Put the keyboard on the first control."""
        for child in self.findChildren(QWidget):
            if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisibleTo(self):
                child.setFocus(Qt.FocusReason.OtherFocusReason)
                return


class Option(ClickCard):
    """A card that is one of several choices, with a radio button."""

    def __init__(self, title: str, text: str, icon: str = "", chip: str = "") -> None:
        super().__init__(title)
        self.column = vbox(self, margins=(18, 14, 16, 14), spacing=6)
        self.column.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = hbox(spacing=10)
        self.radio = QRadioButton()
        self.radio.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.radio.setAccessibleName(title)
        self.radio.clicked.connect(self.chosen)
        head.addWidget(self.radio)
        if icon:
            head.addWidget(Icon(icon, "accent", 17))
        head.addWidget(Label(title, "card", wrap=True), 1)
        if chip:
            head.addWidget(Chip(chip, "accent", outline=True))
        self.column.addLayout(head)
        words = Label(text, "caption", "text2", wrap=True)
        words.setContentsMargins(26, 0, 0, 0)
        self.column.addWidget(words)

    def set_chosen(self, chosen: bool) -> None:
        set_surface(self, "chosen" if chosen else "card")
        self.radio.setChecked(chosen)


class TemplateStep(WizardStep):
    """Which kind of network, and what it is called."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            tr("从哪种网络开始"),
            tr("模板只是起点，下一步可以增减组织和节点。"),
        )
        self.options: dict[str, Option] = {}
        grid = QGridLayout()
        grid.setSpacing(tokens.CARD_GAP)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        texts = {
            "single": ("building", tr("一个组织，用来熟悉操作。")),
            "city": ("bureau", tr("政务数据局、版权登记中心、卫健委和医院共用一条通道。")),
            "ha": ("network", tr("三个 Raft 排序节点，停一个不影响业务。")),
            "bft": ("shield", tr("四个排序节点，可容一个作恶或故障。")),
        }
        from network.topology import TEMPLATE_NAMES

        for number, which in enumerate(TEMPLATE_NAMES):
            spec = draft._platform.networks.template(which)
            icon, text = texts.get(which, ("network", ""))
            option = Option(say(spec.title), text, icon)
            facts = tr("{o} 个组织 · {n} 个节点 · {c}")
            label = Label(
                facts.format(
                    o=len(spec.organizations),
                    n=sum(1 for _ in spec.nodes()),
                    c=consensus_title(spec.consensus),
                ),
                "caption",
                "text",
                wrap=True,
            )
            label.setContentsMargins(26, 0, 0, 0)
            option.column.addWidget(label)
            option.chosen.connect(partial(self.choose, which))
            self.options[which] = option
            grid.addWidget(option, number // 2, number % 2)
        self.column.addLayout(grid)
        card = Card()
        self.form = Form(2)
        self.form.add("name", text_field(tr("网络名"), hint=tr("小写字母、数字和短横，之后不能更改"), required=True))
        self.form.add("title", text_field(tr("显示名称")))
        self.form.fields["name"].set_value(draft.name)
        self.form.fields["title"].set_value(draft.title)
        self.form.edited.connect(self._on_form)
        card.add(self.form)
        self.column.addWidget(card)
        self.column.addStretch(1)
        self.choose(draft.template)

    def choose(self, which: str) -> None:
        if which != self.draft.template:
            self.draft.use_template(which)
            self.form.fields["title"].set_value(self.draft.title)
        for name, option in self.options.items():
            option.set_chosen(name == which)
        self.changed.emit()

    def _on_form(self) -> None:
        self.draft.name = self.form["name"]
        self.draft.title = self.form["title"]
        self.changed.emit()

    def check(self) -> None:
        self.draft.spec()

    def note(self) -> str:
        return self.draft.title


class OrganizationsStep(WizardStep):
    """Who takes part, with how many nodes."""

    def __init__(self, draft: Draft, context: Context) -> None:
        super().__init__(
            draft,
            tr("哪些组织参加"),
            tr("每个组织有自己的 CA、管理员和节点。没有记账节点的组织不能背书。"),
        )
        self.card = Card(flush=True)
        self.column.addWidget(self.card)
        add = Card(tr("添加组织"))
        self.form = Form(4)
        self.form.add("title", text_field(tr("名称"), placeholder=tr("例如 第二人民医院")))
        self.form.add("msp", text_field(tr("MSP 标识"), placeholder="HospitalBMSP"))
        self.form.add("peers", number_field(tr("记账节点数"), 1, 0, 20))
        self.form.add("orderers", number_field(tr("排序节点数"), 0, 0, 20))
        add.add(self.form)
        row = hbox()
        self.add_button = Button(tr("添加"), self._add, icon="plus", small=True)
        row.addWidget(self.add_button)
        row.addStretch(1)
        add.add(row)
        self.column.addWidget(add)
        self.keys = KeyPlaceCard(draft, context) if tokens_usable() else None
        if self.keys is not None:
            self.keys.changed.connect(self.changed)
            self.column.addWidget(self.keys)
        self.column.addStretch(1)

    def enter(self) -> None:
        body = self.card.reset()
        head = QWidget()
        head.setFixedHeight(tokens.TABLE_HEAD)
        layout = hbox(head, margins=(16, 0, 16, 0), spacing=12)
        layout.addWidget(Label(tr("组织"), "caption", "text2"), 5)
        layout.addWidget(Label(tr("MSP 标识"), "caption", "text2"), 4)
        for text in (tr("记账节点数"), tr("排序节点数")):
            label = Label(text, "caption", "text2")
            label.setFixedWidth(_COUNT)
            layout.addWidget(label)
        layout.addSpacing(26)
        body.addWidget(head)
        for index, organization in enumerate(self.draft.organizations):
            body.addWidget(line())
            row = QWidget()
            row.setFixedHeight(48)
            layout = hbox(row, margins=(16, 0, 16, 0), spacing=12)
            name = QLineEdit(organization.title_zh if tr("名称") == "名称" else organization.title_en)
            name.setFixedHeight(30)
            name.setMinimumWidth(_NAME)
            name.setCursorPosition(0)
            name.setAccessibleName(tr("{msp} 的名称").format(msp=organization.msp_id))
            name.textEdited.connect(partial(self._rename, index))
            first = hbox(spacing=8)
            first.addWidget(Icon(organization_icon(organization.msp_id), "text2"))
            first.addWidget(name, 1)
            layout.addLayout(first, 5)
            layout.addWidget(Label(organization.msp_id, "body", "text2"), 4)
            for key, value in (("peers", organization.peers), ("orderers", organization.orderers)):
                box = QSpinBox()
                box.lineEdit().setTextMargins(7, 0, 0, 0)
                box.setRange(0, 20)
                box.setValue(value)
                box.setFixedSize(_COUNT, 30)
                what = tr("记账节点数") if key == "peers" else tr("排序节点数")
                box.setAccessibleName(f"{organization.msp_id} {what}")
                box.valueChanged.connect(partial(self._count, index, key))
                layout.addWidget(box)
            remove = IconButton("close", tr("移除 {msp}").format(msp=organization.msp_id), partial(self._remove, index))
            remove.setEnabled(len(self.draft.organizations) > 1)
            layout.addWidget(remove)
            body.addWidget(row)

    def _rename(self, index: int, text: str) -> None:
        self.draft.change_organization(index, title_zh=text, title_en=text)
        self.changed.emit()

    def _count(self, index: int, key: str, value: int) -> None:
        self.draft.change_organization(index, **{key: value})
        self.changed.emit()

    def _remove(self, index: int) -> None:
        self.draft.remove_organization(index)
        self.enter()
        self.changed.emit()

    def _add(self) -> None:
        try:
            self.draft.add_organization(self.form["title"], self.form["msp"], self.form["peers"], self.form["orderers"])
        except CityChainError as error:
            self.form.fields["msp"].set_error(say(error.message))
            return
        for key in ("title", "msp"):
            self.form.fields[key].set_value("")
        self.enter()
        self.changed.emit()

    def check(self) -> None:
        self.draft.spec()
        if self.keys is not None:
            self.keys.check()

    def note(self) -> str:
        return tr("{n} 个组织 · {m} 个节点").format(n=len(self.draft.organizations), m=self.draft.nodes)


class ReviewStep(WizardStep):
    """Everything once more."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(
            draft,
            tr("核对"),
            tr("右侧是将要执行的步骤。确认后开始建立。"),
        )
        self.card = Card()
        self.column.addWidget(self.card)
        self.preview = Card(tr("建成后的拓扑"))
        self.pictures: list[TopologyView] = []
        self.column.addWidget(self.preview)
        self.column.addStretch(1)

    def _draw(self) -> None:
        """A picture of every channel, as the network's page will show it."""
        body = self.preview.reset()
        self.pictures = []
        try:
            spec = self.draft.spec()
        except CityChainError:
            self.preview.hide()  # the plan beside it says what is wrong
            return
        for channel in spec.channels:
            picture = TopologyView(narrowest=320)
            picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # to look at: nothing on it can be opened yet
            picture.set_topology(planned(spec, channel.name))
            self.pictures.append(picture)
            body.addWidget(picture)
        self.preview.show()

    def enter(self) -> None:
        body = self.card.reset()
        self._draw()
        facts = Facts(110)
        draft = self.draft
        facts.add(tr("网络名"), draft.name)
        facts.add(tr("显示名称"), draft.title)
        facts.add(tr("运行方式"), runtime_title(draft.runtime, draft.version))
        facts.add(tr("共识"), consensus_title(draft.consensus))
        facts.add(tr("出块等待"), tr("{n} 毫秒").format(n=draft.batch_timeout_ms))
        if draft.keys:
            facts.add(tr("私钥"), tr("在令牌“{t}”里").format(t=TokenAddress.parse(draft.keys).token))
        body.addWidget(facts)
        body.addWidget(line())
        table = Facts(110)
        for o in draft.organizations:
            words = tr("{p} 个记账节点，{s} 个排序节点").format(p=o.peers, s=o.orderers)
            table.add(o.msp_id, f"{o.title_zh if tr('名称') == '名称' else o.title_en} · {words}")
        body.addWidget(table)

    def note(self) -> str:
        return ""
