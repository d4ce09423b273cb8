"""Every sentence of the verifiers that knows no application, as (Chinese, English). The page is given the same table."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # verdicts
    "agrees": ("与通道名片一致", "Agrees with the channel card"),
    "agrees-low": ("与通道名片一致，但有保留", "Agrees with the channel card, with reservations"),
    "consistent": ("仅自身一致，未证实来自所称机构", "Consistent in itself only; its origin is NOT confirmed"),
    "invalid": ("不成立", "Does not hold"),
    "unreadable": ("无法核验", "Cannot be checked"),
    "agrees-text": (
        "{speakers}的节点签名确认：截至第 {block} 区块，账本接受的、与这件作品有关的交易全部列在下面，没有遗漏。前提是名片为真：请先对照名片指纹（见“还要对照什么”）。",
        "Peers of {speakers} signed that, as of block {block}, the transactions below are all that the ledger accepted about this work. This stands on the card being genuine: compare its fingerprint first (see What to compare).",
    ),
    "agrees-low-text": (
        "{speakers}的节点签名确认了截至第 {block} 区块的交易；保留之处见下文“!”各项。",
        "Peers of {speakers} signed for the transactions as of block {block}; the reservations are marked ! below.",
    ),
    "consistent-text": (
        "包内各部分互相吻合，但凭它自己不能知道是谁做的；伪造者也能做出自身一致的包。原因见下文“?”各项。",
        "Its parts fit each other, but from inside nobody can know who made it: a forger can make a consistent package too. The reasons are marked ? below.",
    ),
    "invalid-text": (
        "至少有一处不成立，整个包不能作为证据。",
        "At least one thing does not hold; the package is no evidence.",
    ),
    "unreadable-text": ("这不是可以核验的证据包。", "This is not an evidence package that can be checked."),
    # the five questions
    "what": ("证明了什么", "What is shown"),
    "who": ("由谁作出、由谁证实", "Who did it, and who says so"),
    "when": ("什么时间", "When"),
    "not": ("没有证明什么", "What is not shown"),
    "compare": ("还要对照什么", "What to compare"),
    "checks": ("核验明细", "The checks one by one"),
    "claims": ("以下为包内记载，来源未证实：", "What follows is what the package says; its origin is not confirmed:"),
    "by": ("{name}（{role}，{organization}）", "{name} ({role}, {organization})"),
    "endorsed": ("背书机构：{names}", "Endorsed by: {names}"),
    "attested": (
        "证实有效与完整的机构：{names}（截至第 {block} 区块）",
        "Who confirms validity and completeness: {names} (as of block {block})",
    ),
    "attested-none": (
        "没有机构签名证实这些交易有效、完整",
        "No organisation signed that these transactions are valid and complete",
    ),
    "clock-author": ("① 行为人自己填报：{time}", "1. As entered by whoever acted: {time}"),
    "clock-between": (
        "② 账本前后他人的交易（时间由他们填报）：{before} 与 {after} 之间",
        "2. Others' transactions before and after it in the ledger (times as they entered them): between {before} and {after}",
    ),
    "clock-unknown": ("（包内没有）", "(none inside)"),
    "clock-stamp": (
        "③ 可信时间戳：不晚于 {time}，{authority}（第 {block} 区块）",
        "3. Time-stamp: not later than {time}, {authority} (block {block})",
    ),
    "clock-stamp-unknown": (
        "③ 时间戳：{time}，{authority}，机构未经核对",
        "3. Time-stamp: {time}, {authority}, authority not checked",
    ),
    "clock-stamp-none": ("③ 没有时间戳，时间只有账本为证", "3. No time-stamp; only the ledger speaks for the time"),
    "compare-card": (
        "通道名片指纹 {fingerprint}：与机构在别处公布的逐组对照",
        "The channel card's fingerprint {fingerprint}: compare it, group by group, with the one that the institution publishes elsewhere",
    ),
    "compare-none": (
        "请向机构另行取得通道名片再核验：verify.py 包.zip --card 名片.json",
        "Get the channel card from the institution itself and check again: verify.py PACKAGE.zip --card CARD.json",
    ),
    "compare-genesis": (
        "通道 {channel} 的创世区块 {hash}，名片上也有",
        "Block 0 of channel {channel}, which stands on the card, too: {hash}",
    ),
    # findings that hold
    "container": ("{count} 个部分齐全，字节未变", "All {count} parts are here and unchanged"),
    "configuration": (
        "从第 0 区块起 {count} 个配置区块逐个由前一个认可的排序节点签名",
        "{count} configuration blocks from block 0 on, each signed by the ordering nodes that the one before names",
    ),
    "card": (
        "创世区块和配置区块与通道 {channel} 的名片一致",
        "Block 0 and the configuration block are those on the card of channel {channel}",
    ),
    "block": ("第 {block} 区块由排序节点签名：{names}", "Block {block} is signed by ordering nodes: {names}"),
    "definition": (
        "背书策略取自链上的合约定义 {contract}（第 {sequence} 版），各交易均满足",
        "The endorsement policy is that of the committed definition of {contract} (sequence {sequence}); the transactions satisfy it",
    ),
    "view": (
        "{msp} 的节点 {peer} 签名：截至第 {block} 区块共 {count} 笔交易，均有效",
        "{peer} of {msp} signed: {count} transactions as of block {block}, all accepted",
    ),
    "stamp": (
        "第 {block} 区块在 {seconds} 已经存在，{authority}",
        "Block {block} existed at {seconds}, says {authority}",
    ),
    # worth knowing
    "stamp-unknown": (
        "时间戳 {seconds} 的机构 {authority} 未经核对（用 --tsa-roots 指定根证书）",
        "The authority {authority} of the time-stamp of {seconds} is not checked (give its root with --tsa-roots)",
    ),
    "stamp-none": ("包内没有时间戳", "There is no time-stamp inside"),
    # lower the sentence
    "view-no-office": ("没有登记机构（{msps}）的节点签名", "No peer of the office ({msps}) signed"),
    "view-no-witness": ("没有名片所列见证机构（{msps}）的节点签名", "No peer of a witness on the card ({msps}) signed"),
    "view-incomplete": (
        "{msp} 没有对每一笔交易签名，不计入",
        "{msp} did not sign for every transaction and is not counted",
    ),
    "clock-outside": (
        "交易 {tx} 的填报时间与账本前后的交易相差超过十分钟",
        "The time that transaction {tx} states is more than ten minutes off its neighbours in the ledger",
    ),
    # no more than consistent
    "card-none": ("没有给出通道名片", "No channel card was given"),
    "card-newer": (
        "包内只到第 {last} 区块，早于名片所载的第 {block} 配置区块：请用当时的名片，或请机构重新出具证据包",
        "The package ends at block {last}, before configuration block {block} of the card: take the card of that time, "
        "or ask the institution for a new package",
    ),
    "view-none": (
        "没有登记机构或见证机构的节点签名，交易是否有效、是否有遗漏无从知道",
        "No peer of the office or a witness signed: whether the transactions were accepted, or some are left out, is unknown",
    ),
    "roles-untold": (
        "{msps} 的证书不区分节点与其他成员，任何成员都可能冒充节点",
        "The certificates of {msps} do not tell nodes from other members; any member might pass for a node",
    ),
    "transaction-missing": (
        "交易 {tx} {function} 属于这件作品，但其区块不在包内",
        "Transaction {tx} {function} belongs to this work, but its block is not inside",
    ),
    "definition-missing": (
        "交易 {tx} 所依据的合约定义不在包内",
        "The contract's definition that transaction {tx} went by is not inside",
    ),
    "policy-foreign": (
        "交易 {tx} 还写入了别的合约，其策略未核对",
        "Transaction {tx} also wrote under another contract, whose policy is not checked",
    ),
    # do not hold
    "card-other": ("这不是名片上的通道", "This is not the channel on the card"),
    "card-configuration": (
        "第 {block} 配置区块不是名片上的那一个",
        "Configuration block {block} is not the one on the card",
    ),
    "card-unreadable": ("名片无法读取", "The card cannot be read"),
    "container-damaged": ("压缩包结构被改动", "The zip's structure was changed"),
    "part-missing": ("缺少这一部分", "This part is missing"),
    "part-changed": ("字节被改动", "Its bytes were changed"),
    "part-unnamed": ("不应有这一部分", "This part should not be here"),
    "part-too-large": ("这一部分过大", "This part is too large"),
    "bytes-damaged": ("内容损坏或不合规范", "Damaged, or not in the one form that is accepted"),
    "format-unknown": ("不认识的包格式", "An unknown format"),
    "configuration-unreadable": ("配置区块无法读取", "The configuration block cannot be read"),
    "configuration-begins-late": ("配置不是从第 0 区块开始", "The configuration does not begin with block 0"),
    "configuration-gap": (
        "第 {block} 配置区块不紧接前一个",
        "Configuration block {block} does not follow the one before",
    ),
    "configuration-other": (
        "第 {block} 区块依据的是另一个配置区块",
        "Block {block} was made under another configuration block",
    ),
    "block-changed": ("第 {block} 区块的内容与区块头不符", "Block {block} does not fit its header"),
    "block-not-signed": ("排序节点的签名不够或不成立", "The ordering nodes' signatures do not hold or are too few"),
    "organization-unreadable": ("机构 {msp} 的定义无法使用", "The definition of organisation {msp} cannot be used"),
    "certificate-unreadable": ("证书无法读取", "A certificate cannot be read"),
    "identity-unknown": (
        "通道上没有机构 {msp} 为这张证书担保",
        "No organisation {msp} of the channel vouches for a certificate",
    ),
    "identity-revoked": ("{msp} 已吊销 {name} 的证书", "{msp} has revoked the certificate of {name}"),
    "identity-role": ("{msp} 的 {name} 没有唯一的角色", "{name} of {msp} does not have exactly one role"),
    "policy-unreadable": ("策略无法读取", "A policy cannot be read"),
    "transaction-id": (
        "交易标识与作者、随机数不符",
        "The transaction's identifier does not follow from its author and nonce",
    ),
    "transaction-unreadable": ("交易无法读取", "The transaction cannot be read"),
    "proposal-other": ("背书的结果不属于这个提案", "The endorsed result does not belong to this proposal"),
    "author-signature": ("交易 {tx} 的作者签名不成立", "The author's signature of transaction {tx} does not hold"),
    "author-expired": (
        "{name} 的证书在交易时间不在有效期内",
        "The certificate of {name} was not in date at the transaction's time",
    ),
    "endorsement-none": ("交易 {tx} 没有成立的节点背书", "Transaction {tx} has no endorsement of a peer that holds"),
    "policy-not-satisfied": (
        "交易 {tx} 的背书不满足合约 {contract} 的策略",
        "The endorsements of transaction {tx} do not satisfy the policy of {contract}",
    ),
    "definition-other": (
        "交易 {tx} 指向的不是这个合约的定义",
        "Transaction {tx} does not point at this contract's definition",
    ),
    "definition-policy": (
        "合约 {contract} 的定义没有得到通道认可",
        "The definition of {contract} was not agreed on by the channel",
    ),
    "code-refused": (
        "{msp} 的节点签名：账本拒绝了交易 {tx}（代码 {number}）",
        "A peer of {msp} signed that the ledger refused transaction {tx} (code {number})",
    ),
    "code-block": (
        "交易 {tx} 在区块中标记为被拒绝（代码 {number}）",
        "Transaction {tx} is marked as refused in its block (code {number})",
    ),
    "views-differ": (
        "各机构的说法或区块对交易 {tx} 不一致",
        "The organisations, or the blocks, do not say the same about transaction {tx}",
    ),
    "view-signature": ("节点答复的签名不成立", "The signature of a peer's answer does not hold"),
    "view-mixed": ("一份答复里混有不同机构", "Answers of different organisations are mixed"),
    "view-other": ("节点答复的是别的问题", "A peer's answer is to another question"),
    "view-incomplete-part": ("节点答复不完整", "A peer's answers are incomplete"),
    "view-head": ("{msp} 所说的第 {block} 区块不在这条链上", "Block {block} that {msp} speaks of is not on this chain"),
    "stamp-unreadable": ("时间戳无法读取", "The time-stamp cannot be read"),
    "stamp-other": ("时间戳针对的是别的内容", "The time-stamp is over something else"),
    "stamp-usage": ("{authority} 的证书不是时间戳证书", "The certificate of {authority} is not one for time-stamping"),
    "stamp-expired": (
        "{authority} 的证书在时间戳的时间不在有效期内",
        "The certificate of {authority} was not in date at the time-stamp's time",
    ),
    "stamp-certificate": ("时间戳中没有签名者的证书", "The signer's certificate is not in the time-stamp"),
    "stamp-signature": ("时间戳的签名不成立", "The time-stamp's signature does not hold"),
    "no-package": ("这不是证据包（zip）", "This is no evidence package (zip)"),
    "too-much": ("超出一次核验的上限", "More than one check takes on"),
}
