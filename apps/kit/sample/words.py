"""What people read of food samples, in both languages."""

from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

from .kinds import Sample

WORDS = (
    KindWords(
        Sample,
        Text("样品", "Sample"),
        icon="search",
        command="sample",
        named=Sample.product,
        gist=(Sample.number, Sample.producer),
        states={
            Sample.TAKEN: Text("待检验", "to be tested"),
            Sample.TESTED: Text("已检验，待放行", "tested, to be released"),
            Sample.RELEASED: Text("已放行", "released"),
            Sample.RECALLED: Text("已召回", "recalled"),
        },
        fields={
            Sample.number: FieldWords(Text("样品编号", "Sample number")),
            Sample.product: FieldWords(Text("产品", "Product")),
            Sample.producer: FieldWords(Text("生产者", "Producer")),
            Sample.taken_on: FieldWords(Text("抽样日期", "Taken on")),
            Sample.inspector: FieldWords(Text("抽样人", "Taken by")),
            Sample.result: FieldWords(
                Text("结论", "Result"), codes={"passed": Text("合格", "passed"), "failed": Text("不合格", "failed")}
            ),
            Sample.germs: FieldWords(Text("菌落总数", "Germs"), hint=Text("每克 CFU", "CFU a gram")),
            Sample.analyst: FieldWords(Text("检验人", "Tested by")),
            Sample.reason: FieldWords(Text("原因", "Reason")),
        },
        acts={
            Sample.take: ActWords(
                Text("抽样", "Take a sample"), Text("抽样后由实验室检验。", "A laboratory tests it.")
            ),
            Sample.test: ActWords(
                Text("记录检验", "Record the test"),
                Text("结论写入账本，不能更改。", "The result cannot be changed."),
                asks=Text("请检验", "Test"),
            ),
            Sample.release: ActWords(
                Text("放行", "Release"),
                Text("由抽样人以外的检查员放行。", "Another inspector than who took it."),
                asks=Text("请决定是否放行", "Decide about the release"),
            ),
            Sample.recall: ActWords(Text("召回", "Recall"), Text("召回后不能撤销。", "This cannot be undone.")),
        },
    ),
)
REFUSALS = {
    "NOT_PASSED": Text("检验不合格，不能放行。", "The sample did not pass; it cannot be released."),
    "FOUR_EYES": Text("抽样人不能自己放行。", "Whoever took a sample does not release it."),
}
STEPS = {
    "NOT_PASSED": Text("请召回这件样品。", "Recall the sample."),
    "FOUR_EYES": Text("请另一位检查员放行。", "Let another inspector release it."),
}
