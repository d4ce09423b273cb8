"""The verifier's sentences about the catalogue, as (Chinese, English)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "agrees-text": (
        "{speakers}的节点签名确认：截至第 {block} 区块，这条记录的全部交易都在这里。前提是名片为真：请先对照名片指纹。",
        "Peers of {speakers} signed that, as of block {block}, all transactions of this record are here. This stands on the card being genuine: compare its fingerprint first.",
    ),
    "agrees-low-text": (
        "{speakers}的节点签名确认了截至第 {block} 区块的交易；保留之处见“!”各项。",
        "Peers of {speakers} signed for the transactions as of block {block}; the reservations are marked ! below.",
    ),
    "aid-unread": (
        "只是随包的说明或程序，没有核对是谁写的",
        "Only comes along to help; nobody checked who wrote it",
    ),
    "record": ("记录 {record} 是链上交易写入的", "Record {record} is what the transactions wrote"),
    "record-missing": ("没有交易写入记录 {record}", "No transaction wrote record {record}"),
    "record-other": ("记录 {record} 与写入它的交易不符", "Record {record} does not fit the transaction that wrote it"),
    "report": ("报告 SHA-256 与账本一致：{sha256}", "The report's SHA-256 is the ledger's: {sha256}"),
    "report-other": ("报告不是账本所记的那一份", "This is not the report that the ledger names"),
    "report-genesis": ("报告说的是另一条账本", "The report is about another ledger"),
    "report-height": (
        "报告所称高度 {height} 在它自己的交易之后，不可能看到",
        "The report claims height {height}, which its own transaction had not reached",
    ),
    "report-shape": ("报告缺少应有的文字，无法显示", "The report lacks sentences that belong in it"),
    "assessor-word": (
        "测得的内容由检查人 {by} 负责；PDF 的文字没有与结果比对，请以本程序列出的结果为准",
        "What was measured is the word of {by}; the PDF's words were not compared: go by the results listed here",
    ),
    "paper": ("PDF 的 SHA-256 与账本一致：{sha256}", "The PDF's SHA-256 is the ledger's: {sha256}"),
    "paper-other": ("PDF 不是账本所记的那一份", "This is not the PDF that the ledger names"),
    "standard": ("所用标准的全文与账本所记一致", "The standard's text is the one that the ledger names"),
    "standard-other": (
        "报告里的标准不是账本所记的那一版",
        "The report's standard is not the edition that the ledger names",
    ),
    "results": ("{count} 条结果与账本逐条一致", "All {count} results are the ledger's, one by one"),
    "results-other": ("报告的结果与账本不一致", "The report's results are not the ledger's"),
    "grade": (
        "按条款重新计分：{score} 分，{grade} 级",
        "Counted again from the clauses: {score} points, grade {grade}",
    ),
    "grade-other": ("重新计分与账本不符", "Counting again gives another score than the ledger's"),
    "claims-shown": (
        "出示的 {count} 项与账本所记的加盐散列一致",
        "The {count} claims shown fit the salted hashes on the ledger",
    ),
    "claims-other": ("出示的内容与账本不符", "What is shown does not fit the ledger"),
    "credential-valid": ("凭证有效", "The credential is valid"),
    "credential-unsure": (
        "包内记载凭证未被吊销；没有与名片对上，不足采信",
        "The package says that the credential was not revoked; nothing outside it bears that out",
    ),
    "credential-revoked": ("凭证已被吊销，不得采信", "The credential was revoked; do not accept it"),
    "credential-ended": ("凭证已于 {until} 到期", "The credential ended on {until}"),
    "state-old": (
        "这份证明是 {days} 天前取得的，此后是否吊销无从得知；请索取新的证明",
        "This proof is {days} days old; whether it was revoked since is unknown. Ask for a new one",
    ),
    "state-future": ("这份证明的时间在本机时钟之后", "This proof is of a time after this machine's clock"),
    "as-of": ("节点答复的时间：{seconds}", "When the peers answered: {seconds}"),
}
