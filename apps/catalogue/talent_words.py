"""What people read of credentials, in both languages."""

from apps.catalogue.talent import Credential
from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

TALENT_WORDS = (
    KindWords(
        Credential,
        Text("人才凭证", "Credential"),
        icon="identity",
        command="credential",
        due=lambda one: str(one["until"]) if one["state"] == "VALID" else "",
        states={Credential.VALID: Text("有效", "valid"), Credential.REVOKED: Text("已吊销", "revoked")},
        fields={
            Credential.claims: FieldWords(
                Text("内容", "Content"),
                told=lambda one: (
                    Text("内容", "Content"),
                    Text("{n} 项，账本只有加盐散列", "{n} claims; the ledger has salted hashes", n=len(one["claims"])),
                ),
            ),
            Credential.until: FieldWords(Text("有效期至", "Until")),
            Credential.issuer: FieldWords(Text("签发人", "Issued by")),
            Credential.reason: FieldWords(
                Text("原因", "Reason"), hint=Text("写在账本上，不要写姓名", "it stands on the ledger: name nobody")
            ),
        },
        acts={
            Credential.issue: ActWords(
                Text("签发", "Issue"), Text("交给本人保管。", "Its holder keeps it."), command="-"
            ),
            Credential.revoke: ActWords(
                Text("吊销…", "Revoke…"),
                Text("不能恢复；新的证明都会写明已吊销。", "This is final; every new proof says so."),
            ),
        },
    ),
)
