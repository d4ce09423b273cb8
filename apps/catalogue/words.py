"""What people read of the catalogue, in both languages."""

from apps.kit.words import ActWords, FieldWords, KindWords
from baas.errors import Text

from .kinds import Seal

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
)
REFUSALS = {
    "SEALED_FURTHER": Text(
        "账本上已封存这一行的另一内容，或更后的行：本机的记录与封存时不同。",
        "The ledger has a seal of another such line, or of a later one: the log here is not what it was.",
    ),
}
