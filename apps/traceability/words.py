"""What people read of traceability, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.kit.formats import joined
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text
from chaincode.traceability.kinds import Enterprise, Event, Notice, Readings, Recall
from fabric_sdk.kinds import Record

OVERSEE = "trace.oversee"
STEPS = {
    "": Text("—", "—"),
    "accepting": Text("验收", "accepting"),
    "arriving": Text("到达", "arriving"),
    "assembling": Text("装配", "assembling"),
    "commissioning": Text("赋码", "commissioning"),
    "creating_class_instance": Text("投产批次", "creating a lot"),
    "decommissioning": Text("注销", "decommissioning"),
    "departing": Text("发车", "departing"),
    "destroying": Text("销毁", "destroying"),
    "disassembling": Text("拆解", "disassembling"),
    "inspecting": Text("检验", "inspecting"),
    "installing": Text("安装", "installing"),
    "loading": Text("装车", "loading"),
    "packing": Text("装箱", "packing"),
    "receiving": Text("收货", "receiving"),
    "repairing": Text("维修", "repairing"),
    "replacing": Text("更换", "replacing"),
    "retail_selling": Text("零售", "retail selling"),
    "sensor_reporting": Text("传感上报", "sensor reporting"),
    "shipping": Text("发货", "shipping"),
    "storing": Text("入库", "storing"),
    "transporting": Text("运输", "transporting"),
    "unloading": Text("卸车", "unloading"),
    "unpacking": Text("拆箱", "unpacking"),
    "void_shipping": Text("撤销发货", "void shipping"),
}
ACTIONS = {"ADD": Text("新增", "add"), "OBSERVE": Text("观察", "observe"), "DELETE": Text("移除", "delete")}
DISPOSITIONS = {
    "active": Text("在用", "active"),
    "available": Text("可用", "available"),
    "conformant": Text("合格", "conformant"),
    "non_conformant": Text("不合格", "non-conformant"),
    "damaged": Text("损坏", "damaged"),
    "destroyed": Text("已销毁", "destroyed"),
    "expired": Text("过期", "expired"),
    "in_progress": Text("处理中", "in progress"),
    "in_transit": Text("在途", "in transit"),
    "recalled": Text("已召回", "recalled"),
    "retail_sold": Text("已售出", "retail sold"),
    "returned": Text("已退回", "returned"),
    "sellable_accessible": Text("在售", "on sale"),
    "stolen": Text("失窃", "stolen"),
}
WHAT = {
    "ObjectEvent": Text("货物事件", "object event"),
    "AggregationEvent": Text("装箱事件", "aggregation"),
    "AssociationEvent": Text("关联事件", "association"),
    "TransactionEvent": Text("交易事件", "transaction"),
    "TransformationEvent": Text("加工事件", "transformation"),
}
_NAMES = {"01": "GTIN", "00": "SSCC", "414": "GLN", "417": "GLN", "8003": "GRAI", "8004": "GIAI", "8006": "ITIP"}


def short(name: str) -> str:
    """Goods in few letters: the serial number, lot or last part of their URI."""
    parts = name.removeprefix("https://id.gs1.org/").split("/")
    if len(parts) >= 4 and parts[2] in ("21", "10", "235"):
        return parts[3]
    return f"{_NAMES[parts[0]]} …{parts[1][-6:]}" if len(parts) == 2 and parts[0] in _NAMES else name[-24:]


def kind_of(name: str) -> Text:
    """What sort of thing a name is for."""
    rest = name.removeprefix("https://id.gs1.org/")
    if "/10/" in rest:
        return Text("批次", "Lot")
    if rest.startswith("00/"):
        return Text("物流单元", "Container")
    if "/21/" in rest:
        return Text("单品", "Item")
    return Text("货物", "Goods")


def step_of(record: Record) -> Text:
    """A step in words; a company's own as it is."""
    step = str(record.get("step", ""))
    return STEPS.get(step) or Text(step, step)


def _gist(record: Record) -> Text:
    goods = dict(record["goods"])
    goods.pop("parent", None)
    names = [name for part in goods.values() for name in part]
    first = short(names[0]) if names else short(str(record["goods"].get("parent", "")))
    return Text(
        "{s} · {g} 等 {n} 件" if len(names) > 1 else "{s} · {g}",
        "{s} · {g} and {m} more" if len(names) > 1 else "{s} · {g}",
        s=step_of(record) if record.get("step") else WHAT[record["what"]],
        g=first,
        n=len(names),
        m=len(names) - 1,
    )


def _event_facts(record: Record) -> Iterable[tuple[Text, Any]]:
    titles = {
        "epcs": Text("货物", "Goods"),
        "inputs": Text("投入", "Inputs"),
        "inside": Text("随容器投入", "Used inside containers"),
        "outputs": Text("产出", "Outputs"),
        "children": Text("装入", "Contents"),
    }
    for part, title in titles.items():
        found = record["goods"].get(part) or {}
        shown: list[Text | str] = [f"{short(name)} {amount}".strip() for name, amount in list(found.items())[:12]]
        if len(found) > len(shown):
            shown.append(f"+{len(found) - len(shown)}")
        if shown:
            yield title, joined(shown)
    if record["goods"].get("parent"):
        yield Text("容器", "Container"), short(record["goods"]["parent"])


def _notice(record: Record) -> Text:
    one, holder = short(record["sample"]), str(record["holder"]).partition("/")[2]
    if record["count"] == 1:
        return Text("{h} · {g}", "{h} · {g}", h=holder, g=one)
    more = record["count"] - 1
    return Text("{h} · {g} 等 {n} 件", "{h} · {g} and {m} more", h=holder, g=one, n=record["count"], m=more)


def _failed(record: Record) -> tuple[Text, str] | None:
    if record["state"] == "RECORDED" and record["result"] == "failed":
        return Text("不合格", "Failed"), "bad"
    return None


REASON = FieldWords(Text("原因", "Reason"))
PARTY = FieldWords(Text("采集方", "Captured by"))
WORDS = (
    KindWords(
        Event,
        Text("事件", "Event"),
        icon="list",
        command="event",
        gist=_gist,
        facts=_event_facts,
        states={Event.RECORDED: Text("已上链", "Recorded"), Event.DECLARED: Text("已声明有误", "Declared wrong")},
        fields={
            Event.what: FieldWords(Text("类型", "Type"), codes=WHAT),
            Event.action: FieldWords(Text("动作", "Action"), codes=ACTIONS),
            Event.step: FieldWords(Text("业务步骤", "Business step"), codes=STEPS),
            Event.disposition: FieldWords(Text("货物状态", "Disposition"), codes=DISPOSITIONS),
            Event.at: FieldWords(Text("发生时间", "Happened")),
            Event.zone: FieldWords(Text("当地时区", "Time zone")),
            Event.place: FieldWords(Text("地点", "Place")),
            Event.party: PARTY,
            Event.receiver: FieldWords(Text("收货方", "Receiver")),
            Event.process: FieldWords(Text("加工过程", "Process")),
            Event.late: FieldWords(Text("迟报天数", "Days late")),
            Event.place_in_call: FieldWords(Text("同批次序", "Place in its batch")),
            Event.hash: FieldWords(Text("事件哈希", "Event hash ID")),
            Event.sha256: FieldWords(Text("内容哈希", "Hash of the content")),
            Event.goods: FieldWords(Text("货物", "Goods")),
            Event.reason: REASON,
        },
        acts={
            Event.capture: ActWords(
                Text("采集事件", "Capture events"),
                Text("选择 EPCIS 2.0 的 JSON 文档。", "Choose an EPCIS 2.0 document in JSON."),
                command="-",
                dialog="apps.traceability.ui.capture:dialog",
            ),
            Event.declare: ActWords(
                Text("声明有误", "Declare wrong"),
                Text(
                    "事件仍留在账本和召回范围内，只标明有误；更正另行采集。",
                    "The event stays, in recalls too, and is shown as wrong; capture the correction as well.",
                ),
            ),
        },
    ),
    KindWords(
        Recall,
        Text("召回", "Recall"),
        icon="warn",
        command="recall",
        gist=lambda one: Text("{g} · {c}", "{g} · {c}", g=short(one["goods"]), c=one["cause"]),
        panel="apps.traceability.ui.recalls:more",
        states={
            Recall.OPEN: Text("召回中", "Open"),
            Recall.CLOSED: Text("已结束", "Closed"),
            Recall.WITHDRAWN: Text("已撤销", "Withdrawn"),
        },
        fields={
            Recall.goods: FieldWords(
                Text("召回的货物", "Recalled goods"),
                hint=Text("批次、单品或容器的 URI", "URI of a lot, an item or a container"),
            ),
            Recall.level: FieldWords(
                Text("级别", "Level"),
                codes={"1": Text("一级", "level 1"), "2": Text("二级", "level 2"), "3": Text("三级", "level 3")},
                first="1",
            ),
            Recall.cause: FieldWords(Text("缘由", "Cause")),
            Recall.party: FieldWords(Text("发起方", "Begun by")),
            Recall.begun: FieldWords(Text("开始", "Begun")),
            Recall.marked: FieldWords(Text("已停止流通", "Stopped"), unit=Text("件", "goods")),
            Recall.open_notices: FieldWords(Text("待回报的持有方", "Holders yet to report")),
            Recall.steps: FieldWords(Text("证明", "Proof"), help=Text("JSON", "JSON")),
            Recall.reason: REASON,
        },
        acts={
            Recall.begin: ActWords(
                Text("发起召回", "Begin a recall"),
                Text("货物立即停止流通。", "The goods are stopped at once."),
                done=Text("召回已开始", "The recall has begun"),
            ),
            Recall.mark: ActWords(
                Text("停止受影响的货物", "Stop what is affected"),
                Text(
                    "由它制成的一切都停止流通，逐件附上证明。",
                    "All that was made of it is stopped, each with its proof.",
                ),
                command="-",
                dialog="apps.traceability.ui.recalls:stop",
            ),
            Recall.close: ActWords(
                Text("结束召回", "Close the recall"),
                Text("所有持有方都已回报；货物仍停止流通。", "Every holder has reported; the goods stay stopped."),
                permission=OVERSEE,
            ),
            Recall.withdraw: ActWords(
                Text("撤销召回", "Withdraw the recall"),
                Text("货物可以重新流通。", "The goods may move again."),
                permission=OVERSEE,
            ),
        },
    ),
    KindWords(
        Notice,
        Text("召回通知", "Recall notice"),
        icon="bell",
        command="notice",
        named=Notice.holder,
        gist=_notice,
        states={Notice.SENT: Text("待回报", "To be reported"), Notice.REPORTED: Text("已回报", "Reported")},
        fields={
            Notice.holder: FieldWords(Text("持有方", "Holder")),
            Notice.sample: FieldWords(Text("其中一件", "One of them")),
            Notice.count: FieldWords(Text("件数", "How many")),
            Notice.recovered: FieldWords(Text("已追回", "Recovered"), hint=Text("件数", "how many")),
            Notice.remark: FieldWords(Text("说明", "Remark")),
        },
        acts={
            Notice.send: ActWords(
                Text("通知持有方", "Tell a holder"),
                Text("持有方须回报追回的件数。", "The holder reports what is taken back."),
            ),
            Notice.report: ActWords(
                Text("回报", "Report"),
                Text("写明追回了多少件。", "Say how many were taken back."),
                asks=Text("请回报追回情况", "Report what was taken back"),
            ),
        },
    ),
    KindWords(
        Readings,
        Text("检测记录", "Readings"),
        icon="search",
        command="readings",
        named=Readings.quantity,
        gist=lambda one: Text("{g}", "{g}", g=short(one["goods"])),
        state_words=_failed,
        states={Readings.RECORDED: Text("合格", "Passed"), Readings.WITHDRAWN: Text("已撤回", "Withdrawn")},
        fields={
            Readings.goods: FieldWords(Text("货物", "Goods"), hint=Text("URI", "URI")),
            Readings.sort: FieldWords(
                Text("种类", "Kind"),
                codes={"inspection": Text("检验", "inspection"), "sensor": Text("传感", "sensor")},
            ),
            Readings.quantity: FieldWords(Text("项目", "What was measured")),
            Readings.unit: FieldWords(Text("单位", "Unit")),
            Readings.readings: FieldWords(Text("读数", "Readings"), unit=Text("个", "values")),
            Readings.lowest: FieldWords(Text("最低", "Lowest")),
            Readings.highest: FieldWords(Text("最高", "Highest")),
            Readings.first: FieldWords(
                Text("开始", "From"), hint=Text("带时区，如 2026-01-31T08:00:00+08:00", "with its zone")
            ),
            Readings.last: FieldWords(Text("结束", "Until"), hint=Text("带时区", "with its zone")),
            Readings.result: FieldWords(
                Text("结论", "Result"), codes={"passed": Text("合格", "passed"), "failed": Text("不合格", "failed")}
            ),
            Readings.sha256: FieldWords(Text("数据文件", "File of data"), hint=Text("只上链哈希", "its hash is kept")),
            Readings.party: FieldWords(Text("记录方", "Recorded by")),
            Readings.reason: REASON,
        },
        acts={
            Readings.record: ActWords(
                Text("记录检测", "Record readings"),
                Text("数据留在本地，哈希和结论上链。", "The data stay here, their hash and verdict are kept."),
            ),
            Readings.withdraw: ActWords(Text("撤回", "Withdraw"), Text("记录仍可见。", "The record stays visible.")),
        },
    ),
    KindWords(
        Enterprise,
        Text("企业", "Enterprise"),
        icon="building",
        command="enterprise",
        named=Enterprise.name,
        gist=(Enterprise.company,),
        states={
            Enterprise.APPLIED: Text("待准入", "To be admitted"),
            Enterprise.ADMITTED: Text("已准入", "Admitted"),
            Enterprise.REFUSED: Text("未准入", "Refused"),
            Enterprise.SUSPENDED: Text("已暂停", "Suspended"),
        },
        fields={
            Enterprise.name: FieldWords(Text("企业名称", "Name")),
            Enterprise.company: FieldWords(
                Text("GS1 厂商识别代码", "GS1 company prefix"), hint=Text("4 至 12 位数字", "4 to 12 digits")
            ),
            Enterprise.party: FieldWords(Text("申请人", "Applied by")),
            Enterprise.reason: REASON,
        },
        acts={
            Enterprise.apply: ActWords(
                Text("申请准入", "Apply"),
                Text("市场监管准入后，才能采集事件。", "Events can be captured once market supervision admits it."),
            ),
            Enterprise.admit: ActWords(
                Text("准入", "Admit"),
                Text("此代码开头的货物由它赋码。", "It alone names goods that begin with this prefix."),
                asks=Text("请决定是否准入", "Decide about the admission"),
                permission=OVERSEE,
            ),
            Enterprise.refuse: ActWords(
                Text("不予准入", "Refuse"), Text("企业可以重新申请。", "It may apply again."), permission=OVERSEE
            ),
            Enterprise.suspend: ActWords(
                Text("暂停", "Suspend"), Text("不能再采集事件。", "It captures no more events."), permission=OVERSEE
            ),
            Enterprise.restore: ActWords(
                Text("恢复", "Restore"), Text("可以继续采集事件。", "It captures events again."), permission=OVERSEE
            ),
        },
    ),
)
REFUSALS = {
    "NOT_ADMITTED": Text("企业还没有准入，或已暂停。", "The enterprise is not admitted, or suspended."),
    "OWN_CASE": Text("不能准入自己的企业。", "Nobody admits their own enterprise."),
    "NOT_CAPTURER": Text("只有记录方可以办理。", "Only who recorded it may do this."),
    "NOT_HOLDER": Text("只有持有方可以回报。", "Only the holder reports."),
    "NOT_HELD": Text("货物不在您手中。", "You do not hold these goods."),
    "NOT_YOURS": Text("这属于另一家企业。", "This is another enterprise's."),
    "NOT_INSIDE": Text("货物不在这个容器里。", "The goods are not in this container."),
    "NOT_EMPTY": Text("容器里还有货物。", "The container still has goods inside."),
    "NOT_AFFECTED": Text("没有证明这件货物受召回影响。", "It is not shown that the recall concerns these goods."),
    "NOT_OPEN": Text("召回已经结束。", "The recall is over."),
    "NOT_REPORTED": Text("还有持有方没有回报。", "Some holders have not reported yet."),
    "FOREIGN_PREFIX": Text("编码不以您的厂商识别代码开头。", "The name does not begin with your company prefix."),
    "EXISTS": Text("货物已经存在。", "The goods exist already."),
    "GONE": Text("货物已经用掉或注销。", "The goods were used or ended already."),
    "TOO_MUCH": Text("数量超过所持有的。", "That is more than there is."),
    "TOO_MANY": Text("一次涉及的货物太多。", "Too many goods at once."),
    "TOO_EARLY": Text("时间早于货物已有的事件。", "It lies before an event that the goods have already."),
    "LOOP": Text("货物不能由自己制成或装进自己。", "Nothing is made of itself or packed into itself."),
    "PACKED": Text("货物在容器里。", "The goods are in a container."),
    "STOPPED": Text("货物因召回停止流通。", "A recall stops these goods."),
    "DECLARES_ERROR": Text("有误声明须对着原事件提出。", "An error is declared on the event that is wrong."),
}
NEXT_STEPS = {
    "NOT_ADMITTED": Text("请先申请准入，由市场监管办理。", "Apply first; market supervision admits enterprises."),
    "NOT_HELD": Text("请持有方发货给您，再记录收货。", "Let the holder ship it to you, then record the receipt."),
    "FOREIGN_PREFIX": Text("请核对编码，或申请这个代码。", "Check the identifier, or apply for this prefix."),
    "STOPPED": Text("可以发回召回方，或销毁。", "It may be shipped back to whoever recalls it, or destroyed."),
    "PACKED": Text("请先拆箱，或直接写容器。", "Unpack it first, or name the container."),
    "NOT_EMPTY": Text("请先拆箱。", "Unpack it first."),
    "TOO_EARLY": Text("请按发生的先后采集。", "Capture events in the order in which they happened."),
    "NOT_REPORTED": Text("请持有方先回报。", "Let the holders report first."),
}
REASONS = (
    (r"must be the 4 to 12 digits of a GS1 company prefix", "应为 4 至 12 位数字的 GS1 厂商识别代码"),
    (r"is not the hash of an event that was sent with it", "与送来的事件不符"),
    (r"is more than (\d+) days ago", "已超过 {0} 天"),
    (r"must be a time with its zone such as (\S+)", "应为带时区的时间，如 {0}"),
    (r"must be an offset such as (\S+)", "应为时区，如 {0}"),
    (r"each is goods, made or held, by what, from what", "每一步应写明货物、made 或 held、经由、来自"),
    (r"must be a URI", "应为 URI"),
    (r"must be a list of URIs", "应为 URI 的列表"),
    (r"must be prefixes with URIs", "应为前缀和 URI"),
    (r"must be an object with namespaces and event", "应为含 namespaces 和 event 的对象"),
    (r"must be an object with the URI of a place as id", "应为以地点的 URI 为 id 的对象"),
    (r"is larger than (\d+) bytes", "超过 {0} 字节"),
    (r"says one name twice", "同一个名称出现了两次"),
    (r"inputs and outputs are needed, or a transformationID", "须有投入和产出，或 transformationID"),
    (r"(\S+) is made of itself", "{0} 不能由自己制成"),
    (r"a container is not in itself", "容器不能装进自己"),
    (r"an event names at most (\d+) goods", "一个事件最多涉及 {0} 件货物"),
    (r"each needs a type and the URI of a \w+", "每一项须有 type 和 URI"),
    (r"each needs the URI of an epcClass", "每一项须有 epcClass 的 URI"),
    (r"(\S+) stands there twice", "{0} 出现了两次"),
    (r"uom must be a code of UN/CEFACT Recommendation 20", "uom 应为 UN/CEFACT 第 20 号建议书的代码"),
    (r"quantity must be a number above 0 with six decimals at most", "quantity 应为大于 0 的数，最多六位小数"),
)
"""What the contract says against a field, as a pattern, and the same in Chinese."""
