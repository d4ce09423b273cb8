"""What the kit's contracts refuse with, in words; and what they say against a field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from baas.errors import LedgerError, Text

REFUSALS: Mapping[str, Text] = {
    "NOT_CONFIGURED": Text("合约还没有设置。", "The contract is not set up yet."),
    "FORBIDDEN": Text("当前身份没有办理此事的角色。", "This identity does not have the role for this."),
    "BAD_CREATOR": Text("证书中的姓名不能使用。", "The name in the certificate cannot be used."),
    "NOT_FOUND": Text("账本上没有这条记录。", "There is no such record on the ledger."),
    "BAD_BOOKMARK": Text("页码不属于这份清单。", "This bookmark is not of this list."),
    "WRONG_STATE": Text("当前状态不能办理此步骤。", "This step does not fit the present state."),
    "NOT_ASKED": Text("不需要您的同意。", "Your consent is not needed."),
    "TAKEN": Text("已被占用，不能重复。", "It is taken already."),
    "TRACE_MISSING": Text("查看前须先留痕。", "A look needs its trace first."),
    "PAPER_MISSING": Text("没有为这些内容交过密件。", "No paper was handed in for these values."),
    "NOT_READER": Text("您不能查看这份密件。", "This paper is not for you."),
    "KEY_FILE_MISSING": Text("合约服务没有密钥文件。", "The contract server has no key file."),
    "NOT_SEALED": Text("请先把已存的内容加密。", "Seal what is stored first."),
    "CLOCK_DIFFERS": Text(
        "本机时间与账本节点相差太多，请校准时间。", "This machine's clock differs from the peers'; set it right."
    ),
    "CLOCK_BACKWARDS": Text("本机时间早于账本上的记录。", "This machine's clock is behind the ledger's record."),
}
_LOOK = Text("请看它现在的状态，下面列出能办的事。", "Look at its state: what can be done now stands under it.")
NEXT_STEPS: Mapping[str, Text] = {
    "WRONG_STATE": _LOOK,
    "NOT_ASKED": Text("您不用办理。", "There is nothing for you to do."),
    "CONSENT_MISSING": Text(
        "缺的人会在“待我办理”里看到这件事；同意后再办。",
        "Whoever is missing finds it under 'To do'; go on when they consented.",
    ),
    "CONFLICT_OF_INTEREST": Text("请同一机构的另一位办理。", "Let a colleague of the same office do it."),
    "FORBIDDEN": Text(
        "请由有此角色的人办理；角色写在证书里，由其机构签发。",
        "Let somebody with this role do it; roles stand in certificates, which organisations issue.",
    ),
    "TAKEN": Text("请换一个再试。", "Choose another one."),
    "NOT_FOUND": Text("请核对编号。", "Check the number."),
}
"""What a person does next after a refusal."""
_OTHERS_TURN = Text(
    "这一步由别人办理：它列在那个人的“待我办理”里。", "This is for somebody else: it stands under their 'To do'."
)
RETRY_CODES = frozenset({"mvcc_read_conflict", "phantom_read_conflict", "number_taken"})
"""Refusals after which the same call may succeed: another transaction was faster."""

REASONS = (
    (r"is no sealed field of this kind", "不是这种记录的密件"),
    (r"must be all or a list of (.+)", "应为 all，或其中若干项：{0}"),
    (r"must be one of (.+)", "应为其中一项：{0}"),
    (r"must be a list of (\d+) to (\d+) objects", "应为 {0} 至 {1} 项的列表"),
    (r"must be a list of 1 to 20 sentences", "请填写 1 至 20 条理由"),
    (r"must be a whole number from (\S+) to (\S+)", "应为 {0} 至 {1} 的整数"),
    (r"must be a date such as (\S+)", "应为日期，如 {0}"),
    (r"must be 64 lower-case hexadecimal digits", "应为 64 位小写十六进制数"),
    (r"must be a CIDv1 .*", "应为 CIDv1（SHA-256，base32）"),
    (r"must be MSP/name", "应写作 MSP/名称"),
    (r"must be WORLD, .*", "应为 WORLD、国家（如 CN）或地区（如 CN-GD）"),
    (r"must be true or false", "应为是或否"),
    (r"must be text", "应为文字"),
    (r"must be an object", "应为一组字段"),
    (r"must be (\d+) to (\d+)", "应为 {0} 至 {1}"),
    (r"contains control characters", "含有控制字符"),
    (r"contains the invisible character (\S+)", "含有不可见的字符 {0}"),
    (r"mixes the letters of two alphabets in one word: (.+)", "一个词里混用了两种字母：{0}"),
    (r"is missing", "没有填写"),
    (r"is longer than (\d+) characters", "超过 {0} 个字符"),
    (r"is nested deeper than (\d+) levels", "嵌套超过 {0} 层"),
    (r"is too long ago", "年代过早"),
    (r"lies in the future", "不能晚于今天"),
    (r"lies in the past", "已经过去"),
    (r"lies before (\S+)", "早于 {0}"),
    (r"is not known", "不是可填的项目"),
    (r"is not JSON", "不是 JSON"),
    (r"must be (\d+) to (\d+) hexadecimal digits", "应为 {0} 至 {1} 位十六进制数"),
    (r"must be a list of (\d+) to (\d+) tags", "应为 {0} 至 {1} 个标记的列表"),
    (r"fit none of the acts of this function", "与这个步骤的写法不符"),
    (r"is no queue of this kind", "没有这个队列"),
    (r"hangs on nothing that lists it", "不在任何记录之下列出"),
    (r"is no unique field of this kind", "不是唯一的项目"),
    (r"names the organisation whose service is asked", "应为所询问的内容服务所属机构"),
    (r"is no address", "不是地址"),
    (r"is written https://name:port", "应写作 https://名称:端口"),
    (r"is written /dns4/NAME/tcp/PORT/p2p/ID.*", "应写作 /dns4/名称/tcp/端口/p2p/编号，也可以用 ip4 或 ip6"),
    (r"is one certificate in PEM", "应为一张 PEM 证书"),
    (r"must be a list of organisations .*", "应为可授予此角色的组织（MSP）列表"),
)


def said(english: str, table: Iterable[tuple[str, str]] = REASONS, titles: Mapping[str, Text] | None = None) -> Text:
    """A sentence made in English by a contract, in both languages where it is known; fields in it by their titles."""
    for pattern, chinese in table:
        if found := re.fullmatch(pattern, english):
            words = [(titles or {}).get(one) or Text(one, one) for one in found.groups()]
            for one, word in zip(found.groups(), words, strict=True):
                english = english.replace(one, word.en)
            return Text(chinese.format(*(word.zh for word in words)), english)
    return Text(english, english)


def next_step(code: str, steps: Mapping[str, Text] | None = None) -> Text:
    """What a person does after the contract refused with a code: as somebody said, else whoever's turn it is does it
    (roles refuse with NOT_…), else a look at the record, under which stands what may be done."""
    known = {**NEXT_STEPS, **(steps or {})}
    return known.get(code) or (_OTHERS_TURN if code.startswith("NOT_") and code not in REFUSALS else _LOOK)


def pointed(
    error: LedgerError,
    titles: Mapping[str, Text] | None = None,
    reasons: Iterable[tuple[str, str]] = REASONS,
    steps: Mapping[str, Text] | None = None,
    at: Mapping[str, Sequence[str]] | None = None,
) -> LedgerError:
    """Add what the contract said beyond its code: at which field it stands and why, or the next step and its sentence.

    `details["place"]` is the field of a form as the ledger says it (`owners[0].name`), `details["field"]` its name; of
    any other refusal `details["places"]` are the fields about which it may be, of which a form takes the first that it
    has: the one that the contract's sentence begins with (`until: …`), then those that `at` says of its code.
    """
    told = str(error.details.get("contract_message") or "")
    if error.code == "invalid_field":
        place, _, why = told.partition(": ")
        name = place.partition(".")[0].partition("[")[0]
        reason = said(why, reasons, titles)
        title: Text | str = (titles or {}).get(name) or name
        error.details = {**error.details, "field": name, "place": place, "reason": reason}
        error.message = Text("“{f}”填写不正确：{r}", "{f}: {r}", f=title, r=reason)
        return error
    name, code = told.partition(": ")[0], str(error.details.get("contract_code") or "")
    if told and error.hint is None:
        said_so = Text("账本的说明：{s}", "The ledger says: {s}", s=told)
        error.hint = Text("{n}{s}", "{n} {s}", n=next_step(code, steps), s=said_so)
    if places := (*([name] if name in (titles or {}) else []), *(at or {}).get(code, ())):
        reason = Text("{m}{n}", "{m} {n}", m=error.message, n=error.hint or next_step(code, steps))
        error.details = {**error.details, "places": places, "reason": reason}
    return error
