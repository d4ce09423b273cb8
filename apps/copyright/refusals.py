"""The contract's refusals in words for people: codes, fields, and why a field was refused."""

from __future__ import annotations

from collections.abc import Mapping

from apps.kit.refusals import REFUSALS
from baas.errors import Text

WORDS: Mapping[str, Text] = {
    **REFUSALS,
    "NOT_CONFIGURED": Text("登记机构还没有设置。", "The registration office is not set up yet."),
    "CONFLICT_OF_INTEREST": Text("登记员不能办理自己的案件。", "Registrars do not decide cases of their own."),
    "NOT_PAYER": Text("这笔款项不由您支付。", "This is not yours to pay."),
    "NOT_PAYEE": Text("您不是收款人。", "You are not its payee."),
    "WRONG_AMOUNT": Text("超过尚未支付的金额。", "That is more than is still open."),
    "DUPLICATE_PAYMENT": Text("这个交易号已登记过。", "This reference is recorded already."),
    "DUPLICATE_DEPOSIT": Text("您已存证过同一份内容。", "You deposited this content already."),
    "COLLISION": Text(
        "他人已存证同一份内容，请说明两件作品的关系。",
        "Somebody else deposited the same content; say what yours is to theirs.",
    ),
    "NOT_COMPARED": Text("还没有与全网作品比对，或比对不完整。", "The work was not compared, or not wholly."),
    "NEW_MATCH": Text("比对之后又有同一内容的存证，请重新比对。", "The same was deposited since; compare again."),
    "OPINION_MISSING": Text("查到的作品还没有写意见。", "A work that was found has no opinion yet."),
    "FOUND_COPY": Text("比对意见认定系复制，不能通过。", "The opinion calls it a copy; it cannot pass."),
    "SAME_PERSON": Text("初审与复审不能是同一人。", "First examination and review are two people's."),
    "NOT_ASKED": Text("登记机构没有要求更改这一项。", "The office did not ask for this field."),
    "NOT_CORRECTED": Text("有要求补正的项目没有更改。", "A field that the office asked for stands as before."),
    "APPLICATION_NEEDED": Text("须由全体权利人申请注销。", "All owners must apply for it."),
    "EVIDENCE_MISSING": Text("提出异议须附证据。", "A dispute needs evidence."),
    "EVIDENCE_USED": Text("同样的证据已被认定没有依据。", "A dispute with this evidence was lifted before."),
    "PROOF_MISSING": Text("缺少必须附上的证明文件。", "A proof that must be attached is missing."),
    "DOCUMENTS_MISSING": Text("请先提交权利人身份证件。", "Hand in the owners' identity documents first."),
    "KEY_MISSING": Text("请先把加密作品的密钥交给登记机构。", "Hand the sealed work's key to the office first."),
    "KEY_WRONG": Text("这不是这件作品的密钥。", "This is not the work's key."),
    "NOT_OPENED": Text("加密作品要先打开看过，才能通过。", "A sealed work is opened before it is approved."),
    "CERTIFICATE_STANDS": Text("另一张证书已经记入账本。", "Another certificate stands on the ledger already."),
    "BACKDATED": Text(
        "账本上已有同一内容更晚的存证，时间不能在它之前。", "The same content was deposited later than this one claims."
    ),
    "WORK_INCOMPLETE": Text("作品信息不全，不能登记。", "The work's entries are incomplete; it cannot be registered."),
    "WORK_BOUND": Text(
        "作品已登记、质押、许可或有异议，不能撤销。", "The work is registered, pledged, licensed or disputed."
    ),
    "ALREADY_FILED": Text("已经提交过，不能重复提交。", "It was filed already."),
    "DEADLINE_PASSED": Text("期限已过。", "The deadline has passed."),
    "DEADLINE_RUNNING": Text("期限还没有到。", "The deadline has not passed yet."),
    "DISPUTED": Text("作品有未决异议，已冻结。", "The work is frozen by an open dispute."),
    "PLEDGED": Text("作品已质押。", "The work is pledged."),
    "NOT_REGISTERED": Text("作品还没有登记。", "The work is not registered."),
    "RIGHT_EXPIRED": Text("著作财产权保护期已满。", "The right has expired."),
    "RIGHT_EXPIRES": Text("期限超过著作财产权保护期。", "The period goes beyond the right's end."),
    "NOT_OWNER": Text("只有权利人可以办理。", "Only an owner may do this."),
    "NOT_SOLE_OWNER": Text("须全体权利人共同办理。", "All owners must do this together."),
    "NOT_APPLICANT": Text("只有申请人可以办理。", "Only the applicant may do this."),
    "NOT_LICENSEE": Text("只有被许可人可以办理。", "Only the licensee may do this."),
    "NOT_LICENSOR": Text("只有许可人可以办理。", "Only the licensor may do this."),
    "NOT_BUYER": Text("只有受让人可以办理。", "Only the buyer may do this."),
    "NOT_SELLER": Text("只有转让人可以办理。", "Only the seller may do this."),
    "NOT_PLEDGEE": Text("只有质权人可以办理。", "Only the pledgee may do this."),
    "NOT_CLAIMANT": Text("只有异议人可以办理。", "Only the claimant may do this."),
    "NOT_REPORTER": Text("只有报告人可以办理。", "Only the reporter may do this."),
    "SAME_PARTY": Text("双方不能是同一人。", "Both sides are the same."),
    "CONSENT_MISSING": Text("还缺其他权利人或质权人的同意。", "A co-owner's or pledgee's consent is missing."),
    "OWNERS_CHANGED": Text("权利人已变化，请重新提出。", "The owners have changed; propose it again."),
    "TOO_MANY_OWNERS": Text("权利人太多。", "There would be too many owners."),
    "LICENCE_CONFLICT": Text("与现有的专有或排他许可冲突。", "It conflicts with a licence in force."),
    "NO_SUBLICENSING": Text("该许可不允许转授权。", "The licence does not allow sublicences."),
    "BEYOND_LICENCE": Text("转授权超出许可范围。", "The sublicence goes beyond the licence."),
    "NO_LICENCE": Text("对方不是权利人，也没有有效许可。", "They neither own the work nor have a licence in force."),
    "NO_KEY": Text("没有给您这件作品的密钥。", "No key of this work was given to you."),
    "NOT_ENCRYPTED": Text("作品没有加密。", "The work is not encrypted."),
    "USAGE_COUNTED": Text("这段时间的使用已经报过。", "Use in this period was reported already."),
    "NUMBER_TAKEN": Text("登记号重复，请再试一次。", "The number is taken; try again."),
    "TOO_MUCH": Text("超过数量上限。", "That is more than is allowed."),
    "UNKNOWN_POLICY": Text("没有这个版本的规则。", "There is no such policy version."),
}

NEXT_STEPS: Mapping[str, Text] = {
    "DISPUTED": Text("登记机构处理异议后再办。", "Go on when the office has decided the dispute."),
    "PLEDGED": Text("请先由质权人解除质押。", "Let the pledgee discharge the pledge first."),
    "NOT_REGISTERED": Text("请先申请登记。", "Apply for registration first."),
    "WORK_INCOMPLETE": Text("请先补全：citychain copyright amend。", "Complete it first: citychain copyright amend."),
    "ALREADY_FILED": Text("已提交的那一份列在作品的页面上。", "The one that was filed is listed on the work's page."),
    "SAME_PARTY": Text("请换一位。", "Name somebody else."),
    "COLLISION": Text(
        "说明关系后再存证；若您才是作者，存证后对在先存证提出异议。",
        "Say what yours is to it; if you are the author, deposit and then contest the earlier deposit.",
    ),
    "NOT_COMPARED": Text(
        "请先“全网查重”。取不到作品文件时，请开启内容服务，或请申请人送交文件后存入内容库。",
        "Compare first. Where the work's file cannot be fetched, start the content service, or have the file brought "
        "and put it into the store.",
    ),
    "NOT_ASKED": Text("只更改登记机构列出的项目。", "Change the fields that the office named."),
    "NOT_CORRECTED": Text("请逐项更改，或写明不改的理由。", "Change each of them, or explain why not."),
    "APPLICATION_NEEDED": Text("请权利人“申请注销登记”。", "Let the owners ask to cancel the registration."),
    "EVIDENCE_MISSING": Text(
        "请附上证据文件，或写明自己更早的存证。", "Attach a file, or name your own earlier deposit of the work."
    ),
    "EVIDENCE_USED": Text("请提供新的证据。", "Bring other evidence."),
    "NEW_MATCH": Text("请退回初审，重新查重。", "Send it back and compare again."),
    "OPINION_MISSING": Text("请逐件写明意见。", "Write an opinion about each."),
    "FOUND_COPY": Text("请不予登记，或更正意见。", "Refuse the registration, or correct the opinion."),
    "SAME_PERSON": Text("请另一位登记员办理。", "Another registrar does it."),
    "DOCUMENTS_MISSING": Text("请在“申请登记”里填写证件。", "Fill the documents in with the application."),
    "NOT_OPENED": Text(
        "请在案件中打开作品，或运行 citychain copyright open。",
        "Open the work in its case, or with citychain copyright open.",
    ),
    "CERTIFICATE_STANDS": Text(
        "请取用那一张：citychain copyright certificate。", "Take that one: citychain copyright certificate."
    ),
    "LICENCE_CONFLICT": Text(
        "请改许可的种类、权利、地域或期间，或先终止现有的许可。",
        "Change kind, rights, territory or period, or end the licence in force first.",
    ),
    "OWNERS_CHANGED": Text("请按现在的权利人重新提出。", "Propose it anew with the present owners."),
    "DEADLINE_PASSED": Text("请重新提出。", "Begin it anew."),
}
"""What a person does next after a refusal."""

AT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "SAME_PARTY": ("licensee", "to", "pledgee"),
    "LICENCE_CONFLICT": ("kind",),
    "RIGHT_EXPIRES": ("until", "debt_until"),
    "USAGE_COUNTED": ("from",),
    "NOT_PAYER": ("for",),
    "WRONG_AMOUNT": ("amount_fen",),
    "DUPLICATE_PAYMENT": ("reference",),
    "NO_LICENCE": ("licensee",),
    "NOT_FOUND": ("earlier", "sources"),
    "TOO_MUCH": ("evidence",),
    "DOCUMENTS_MISSING": ("document_number",),
    "PROOF_MISSING": ("proofs",),
    "NOT_CORRECTED": ("explanation",),
    "APPLICATION_NEEDED": ("ground",),
}
"""Fields at which refusals stand, of each form the first that it has; all others are about the record or the person."""

FIELD_TITLES: Mapping[str, Text] = {
    "title": Text("作品名称", "title"),
    "category": Text("作品类别", "category"),
    "creation_kind": Text("创作性质", "creation kind"),
    "sources": Text("在先作品", "earlier works"),
    "authors": Text("作者", "authors"),
    "completed": Text("创作完成", "completion"),
    "published": Text("首次发表", "publication"),
    "prints": Text("检索指纹", "prints"),
    "relations": Text("与在先作品的关系", "relations to earlier works"),
    "content": Text("作品内容", "content"),
    "owners": Text("权利人", "owners"),
    "rights": Text("权利种类", "rights"),
    "statement": Text("创作说明", "statement"),
    "document_number": Text("证件号码", "document number"),
    "until": Text("截止日期", "end"),
    "territory": Text("地域", "territory"),
}

REASONS = (
    (
        r"has a letter or digit that is neither Latin nor Chinese: (.)",
        "含有易混淆的字符“{0}”，只能用拉丁字母、数字和汉字",
    ),
    (r"has nothing to read", "没有可读的内容"),
    (r"is a licence, a transfer or a reported use", "须是许可、转让或使用报告"),
    (r"hangs on another work", "属于另一件作品"),
    (r"is one of (.+)", "须是：{0}"),
    (r"is given for two owners", "两位权利人用了同一证件号码"),
    (r"does not change any more: .*", "写在登记号里，不能再变更"),
    (r"is software's: .*", "软件信息已填，类别不能改"),
    (r"is for works of the category software", "只用于计算机软件"),
    (r"a work is not its own source", "作品不能以自己为来源"),
    (r"change nothing", "没有更改任何内容"),
    (r"must be at most .* by their names", "种类太多，或没有按名称给出"),
    (r"must be names with a version and base64", "应为带版本的名称和 base64"),
    (r"have more than .* characters together", "合计太长"),
    (r"would tell what is in a sealed work", "加密作品不能公开指纹"),
    (r"must be cid, .*", "应为 cid、sha256、iscc、number 或 certificate"),
    (r"must be at least 32 hexadecimal digits", "应为至少 32 位十六进制数"),
    (r"must be exactly the work's owners", "应恰好是作品的全部权利人"),
    (r".* holds the year .*", "年份与日历内容不符"),
    (r"must be at most .* years by their numbers", "年份太多，或没有按年份编号"),
    (r"[0-9]+: .*", "这一年的日历不完整或自相矛盾"),
    (r"is the newest block's .*", "应为最新区块的序号和散列"),
    (r"is not what the CID says", "与 CID 不符"),
    (r"are more than 16", "超过 16 项"),
    (r"is no compressed point of P-256 in base64", "不是 P-256 公钥"),
    (r"is no valid resident identity number", "不是有效的居民身份证号码"),
    (r"is no valid unified social credit code", "不是有效的统一社会信用代码"),
    (r"is no certificate \(PEM\)", "不是 PEM 证书"),
    (r"is no certificate request .*", "不是由自身密钥签名的证书请求（PEM）"),
    (r"is for another key .*", "证书的密钥与所请求的不同"),
    (r"does not stand under this root", "不在这个印章根之下"),
    (r"moral rights cannot be pledged", "人身权不能质押"),
    (r"a joint work has at least two authors", "合作作品至少有两位作者"),
    (r"the period does not lie within the licence", "超出许可的期限"),
    (r"name nothing that may change", "没有可以变更的项目"),
    (r"an original work has none; .*", "原创作品没有在先作品，请另选创作性质"),
    (r"each names an earlier work .*", "请写明在先作品的登记号、编号或说明"),
    (r"open content names its sha256, .*", "公开内容应写 SHA-256，加密内容应写加盐散列"),
)
