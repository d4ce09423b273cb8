"""The verifiers' sentences about copyright, as (Chinese, English), and the names of the contract's acts."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "format-old": (
        "第 1 版证据包：机构、法定签名数和行为名称都由包自己说，请向出具方索取第 2 版",
        "Format 1: the package itself names organisations, quorum and acts; ask its issuer for format 2",
    ),
    "record": ("记录 {work} 是链上交易写入的", "Record {work} is what the transaction wrote"),
    "record-missing": ("没有交易写入记录 {work}", "No transaction wrote record {work}"),
    "record-other": ("记录 {work} 与写入它的交易不符", "Record {work} does not fit the transaction that wrote it"),
    "content": (
        "作品文件的内容标识是 {cid}，与记录一致",
        "The work's file has the content identifier {cid}, the record's",
    ),
    "content-other": (
        "作品文件的内容标识是 {cid}，不是记录里的",
        "The work's file has the content identifier {cid}, not the record's",
    ),
    "content-absent": (
        "包内没有作品文件，其内容标识是 {cid}",
        "The work's file is not inside; its content identifier is {cid}",
    ),
    "certificate": (
        "登记证书的 SHA-256 由登记机构记入账本，截至所查区块是最新的一份：{sha256}",
        "The certificate's SHA-256 was put on the ledger by the office and is the newest as of the block checked: {sha256}",
    ),
    "certificate-replaced": (
        "这份登记证书已被更新的一份取代：{sha256}",
        "This certificate was replaced by a newer one: {sha256}",
    ),
    "certificate-unrecorded": (
        "这份登记证书没有记入账本，不算数",
        "This certificate does not stand on the ledger and does not count",
    ),
    "certificate-absent": (
        "包内没有登记证书，账本上的 SHA-256 是 {sha256}",
        "The certificate is not inside; its SHA-256 on the ledger is {sha256}",
    ),
    "capture": (
        "网页取证的 SHA-256 已记入账本：{sha256}",
        "The SHA-256 of the captured page stands on the ledger: {sha256}",
    ),
    "capture-unrecorded": (
        "这份网页取证没有记入账本，不算数",
        "This captured page does not stand on the ledger and does not count",
    ),
    "shown-work": (
        "《{title}》（{work}）存证在账本上，内容标识 {cid}",
        "{title} ({work}) was deposited on the ledger, content identifier {cid}",
    ),
    "shown-file": ("随附文件就是存证的文件", "The file inside is the one deposited"),
    "shown-act": ("{time} {act}：{person}", "{time} {act}: {person}"),
    "shown-certificate": (
        "登记机构发证，账本上的 SHA-256 {sha256}",
        "The office issued a certificate; SHA-256 on the ledger {sha256}",
    ),
    "not-original": (
        "存证人是否作者、作品是否独创：存证不作审查；登记机构审查了什么，本核验不作评判",
        "That the depositor is the author, or the work original: a deposit is not examined, and what the office examined is not judged here",
    ),
    "not-infringing": (
        "别的作品是否侵权；申请、报告和要约只表明提出过，不表明内容属实",
        "That another work infringes it; applications, reports and offers are shown as made, not as true",
    ),
    "not-later": ("第 {block} 区块以后发生的事", "What happened after block {block}"),
    "not-names": (
        "电子身份的名称对应哪个自然人：须向签发它的机构查证",
        "Which natural person an electronic identity's name stands for: ask the organisation that issued it",
    ),
    "not-anything": ("凡由来源未证实引起的一切", "Everything that hangs on an origin that is not confirmed"),
    "compare-file": (
        "您手中作品文件（不是本压缩包）的 SHA-256 应为 {sha256}",
        "The SHA-256 of the work's file in your hands (not of this zip) should be {sha256}",
    ),
    "compare-cid": (
        "您手中文件的内容标识应为 {cid}",
        "The content identifier of the file in your hands should be {cid}",
    ),
}

ACTS: dict[str, tuple[str, str]] = {
    "Deposit": ("存证", "deposit"),
    "DepositMany": ("批量存证", "deposit of several works"),
    "RevokeDeposit": ("撤回存证", "withdrawal of the deposit"),
    "SubmitRegistration": ("申请登记", "application for registration"),
    "BeginVerification": ("开始核查", "verification begun"),
    "RequestCorrection": ("要求补正", "correction requested"),
    "SubmitCorrection": ("补正", "correction submitted"),
    "LapseRegistration": ("逾期未补正，申请失效", "application lapsed"),
    "WithdrawRegistration": ("撤回登记申请", "application withdrawn"),
    "AcceptRegistration": ("受理登记申请", "application accepted"),
    "BeginExamination": ("开始审查", "examination begun"),
    "CompareWork": ("全网查重", "compared with all works"),
    "GiveOpinion": ("比对意见", "opinion of a work found"),
    "PassExamination": ("初审通过", "first examination passed"),
    "ReturnExamination": ("退回初审", "sent back to the first examination"),
    "ApproveRegistration": ("复审通过", "examination passed"),
    "RefuseRegistration": ("不予登记", "registration refused"),
    "IssueCertificate": ("发证", "certificate issued"),
    "RecordCertificate": ("登记证书记入账本", "certificate put on the ledger"),
    "PublishRegistration": ("登记公告", "registration published"),
    "CancelRegistration": ("撤销登记", "registration cancelled"),
    "RequestChange": ("申请变更", "change requested"),
    "DecideChange": ("变更决定", "change decided"),
    "OfferLicence": ("提出授权许可", "licence offered"),
    "ConsentLicence": ("同意授权许可", "consent to the licence"),
    "AcceptLicence": ("接受授权许可", "licence accepted"),
    "RejectLicence": ("拒绝授权许可", "licence rejected"),
    "WithdrawLicence": ("撤回授权许可", "licence offer withdrawn"),
    "TerminateLicence": ("终止授权许可", "licence ended"),
    "RecordUsage": ("申报使用", "use reported"),
    "SettleUsage": ("使用结算", "use settled"),
    "ProposeTransfer": ("提出转让", "transfer proposed"),
    "ConsentTransfer": ("同意转让", "consent to the transfer"),
    "AcceptTransfer": ("接受转让", "transfer accepted"),
    "RejectTransfer": ("拒绝转让", "transfer rejected"),
    "WithdrawTransfer": ("撤回转让", "transfer withdrawn"),
    "ProposePledge": ("提出质押", "pledge proposed"),
    "ConsentPledge": ("同意质押", "consent to the pledge"),
    "AcceptPledge": ("接受质押", "pledge accepted"),
    "RegisterPledge": ("质押登记", "pledge registered"),
    "RefusePledge": ("不予质押登记", "pledge refused"),
    "RejectPledge": ("退出质押", "pledge rejected"),
    "DischargePledge": ("解除质押", "pledge discharged"),
    "OpenDispute": ("提出异议", "dispute opened"),
    "ResolveDispute": ("异议处理", "dispute resolved"),
    "WithdrawDispute": ("撤回异议", "dispute withdrawn"),
    "ReportInfringement": ("记录疑似侵权", "suspected infringement reported"),
    "AddEvidence": ("补充取证", "evidence added"),
    "CloseInfringement": ("侵权线索结案", "infringement case closed"),
}

ROLES: dict[str, tuple[str, str]] = {
    "creator": ("创作者", "creator"),
    "registrar": ("登记员", "registrar"),
    "licensee": ("使用方", "licensee"),
    "auditor": ("审计员", "auditor"),
    "client": ("成员", "member"),
    "admin": ("管理员", "administrator"),
}
