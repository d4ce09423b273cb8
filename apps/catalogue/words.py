"""What people read of the catalogue, in both languages."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

from .kinds import GRADES, RESULTS, Assessment, Seal, Standard
from .life_words import LIFE_REFUSALS

RESULT_WORDS = {
    "met": Text("达到", "met"),
    "partly": Text("部分达到", "partly met"),
    "unmet": Text("未达到", "not met"),
    "unknown": Text("待查", "not seen"),
}
GRADE_WORDS = {one: Text("{g} 级", "grade {g}", g=one) for one in "ABCD"}


def _results(record: Mapping[str, Any]) -> tuple[Text, Text]:
    """How many clauses have each result."""
    found = Counter(one["result"] for one in record["results"])
    zh = "，".join(f"{RESULT_WORDS[one].zh} {found[one]}" for one in RESULTS if found[one])
    en = ", ".join(f"{found[one]} {RESULT_WORDS[one].en}" for one in RESULTS if found[one])
    return Text("各条结果", "Results"), Text("{z}", "{e}", z=zh, e=en)


WORDS = (
    KindWords(
        Seal,
        Text("审计封存", "Audit seal"),
        icon="shield",
        command="seal",
        named=Seal.line,
        gist=(Seal.chain, Seal.head),
        states={Seal.SEALED: Text("已封存", "sealed")},
        fields={
            Seal.chain: FieldWords(Text("记录", "Log"), hint=Text("首行的哈希", "the hash of its first line")),
            Seal.line: FieldWords(Text("行号", "Line")),
            Seal.head: FieldWords(Text("该行的哈希", "Hash of that line")),
            Seal.keeper: FieldWords(Text("封存人", "Sealed by")),
        },
        acts={
            Seal.seal: ActWords(
                Text("封存", "Seal"),
                Text(
                    "此后改动或删除该行及以前的记录都能查出。",
                    "Whatever is changed or removed up to that line is found.",
                ),
            )
        },
    ),
    KindWords(
        Standard,
        Text("标准版本", "Edition"),
        icon="list",
        command="standard",
        named=Standard.title,
        gist=(Standard.edition,),
        states={Standard.IN_FORCE: Text("有效", "in force"), Standard.WITHDRAWN: Text("已废止", "withdrawn")},
        fields={
            Standard.text: FieldWords(Text("全文", "Text"), told=lambda _: None),
            Standard.code: FieldWords(Text("代码", "Code")),
            Standard.number: FieldWords(Text("版次", "Edition")),
            Standard.title: FieldWords(Text("名称", "Title")),
            Standard.edition: FieldWords(Text("编号", "Number")),
            Standard.sha256: FieldWords(Text("全文的哈希", "Hash of the text")),
            Standard.keeper: FieldWords(Text("发布人", "Published by")),
            Standard.reason: FieldWords(Text("原因", "Reason")),
        },
        acts={
            Standard.publish: ActWords(
                Text("发布", "Publish"),
                Text("此后按这一版检查；旧版和旧结果保留。", "Checks follow it from now on; earlier editions remain."),
                command="-",
            ),
            Standard.withdraw: ActWords(
                Text("废止", "Withdraw"), Text("此后不能再按它检查。", "Nothing is checked against it any more.")
            ),
        },
    ),
    KindWords(
        Assessment,
        Text("检查", "Assessment"),
        icon="search",
        command="assessment",
        gist=(Assessment.grade, Assessment.score),
        states={Assessment.RECORDED: Text("已记录", "recorded")},
        fields={
            Assessment.results: FieldWords(Text("各条结果", "Results"), told=_results),
            Assessment.height: FieldWords(Text("检查时高度", "Height then")),
            Assessment.report: FieldWords(Text("报告的哈希", "Hash of the report")),
            Assessment.paper: FieldWords(Text("纸面报告的哈希", "Hash of the PDF")),
            Assessment.standard_sha256: FieldWords(Text("标准全文的哈希", "Hash of the standard")),
            Assessment.score: FieldWords(Text("得分", "Points")),
            Assessment.grade: FieldWords(
                Text("评级", "Grade"), codes={one: Text("{g}", "{g}", g=one) for one in GRADES}
            ),
            Assessment.assessor: FieldWords(Text("检查人", "Assessed by")),
        },
        acts={
            Assessment.record: ActWords(
                Text("记录检查", "Record"), Text("结果不能更改。", "Results cannot be changed."), command="-"
            )
        },
    ),
)
REFUSALS = {
    **LIFE_REFUSALS,
    "EDITION_ORDER": Text("版次不连续：请先取最新的一版。", "Editions follow each other: revise the newest one."),
    "NOT_ISSUER": Text("只有签发机构可以吊销。", "Only the organisation that issued it may revoke it."),
    "NOT_IN_FORCE": Text("这一版标准已废止，或已有新版。", "This edition is withdrawn, or there is a newer one."),
    "SEALED_FURTHER": Text(
        "账本上已封存这一行的另一内容，或更后的行：本机的记录与封存时不同。",
        "The ledger has a seal of another such line, or of a later one: the log here is not what it was.",
    ),
}
