"""What records say: fields and their types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from fabric_sdk.kinds.roles import Role

Record = dict[str, Any]
T = TypeVar("T")

KEPT = frozenset(
    {"id", "type", "state", "created", "updated", "tx_id", "policy", "log", "waiting", "consents", "version"}
)
"""What the kit itself keeps in every record: no field may have such a name."""


class KindError(TypeError):
    """A declaration that contradicts itself; the message names the kind and what stands against it."""


class Field(Generic[T]):
    """Something that a record says. `Licence.until[record]` is its value.

    What is left out is None, or `default` where an application has always written something else. `made` fields are
    filled in by a rule and asked of nobody; `logged` ones are kept in the log of the act that asks for them, `passing`
    ones are for the act's rule alone. `name` is its name in records and on the wire where it is not its attribute's.
    """

    def __init__(
        self,
        *,
        optional: bool = False,
        default: T | None = None,
        made: bool = False,
        logged: bool = False,
        passing: bool = False,
        name: str = "",
    ) -> None:
        self.default = default
        self.made, self.logged, self.passing = made, logged or passing, passing
        self.required = not (optional or made or default is not None)
        self.name = name

    def __set_name__(self, owner: type, name: str) -> None:
        # `from` and other words of Python are declared with an underscore after them.
        self.name = self.name or name.rstrip("_")

    def __getitem__(self, record: Mapping[str, Any]) -> T:
        value: T = record.get(self.name, self.default)
        return value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Text(Field[str]):
    """Words, trimmed, at most `limit` characters: a number, or the name of one of the policy's limits."""

    def __init__(self, limit: int | str = 200, *, area: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.limit, self.area = limit, area


class Reason(Text):
    """Why something is done; kept in the log as the act's reason, not in the record."""

    def __init__(self, limit: int | str = "text_characters", **more: Any) -> None:
        super().__init__(limit, area=True, logged=True, **more)


class Reasons(Reason):
    """One to twenty sentences, kept like a reason."""


class Code(Field[str]):
    """One of the codes given here, or of a `table` of the policy."""

    def __init__(self, *codes: str, table: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.codes, self.table = codes, table


class Codes(Code):
    """Some of the codes, sorted, or ["all"]."""


class Whole(Field[int]):
    """A whole number."""

    def __init__(self, low: int = 0, high: int = 10**12, **more: Any) -> None:
        super().__init__(**more)
        self.low, self.high = low, high


class Fen(Whole):
    """Money in fen; people read and write yuan."""

    def __init__(self, low: int = 0, high: int = 10**15, **more: Any) -> None:
        super().__init__(low, high, **more)


class Share(Whole):
    """A part of a whole in basis points; people read and write per cent."""

    def __init__(self, low: int = 0, high: int = 10_000, **more: Any) -> None:
        super().__init__(low, high, **more)


class Flag(Field[bool]):
    """Allowed or not, never a decision: a decision left out must not mean "no"."""


class Day(Field[str]):
    """A calendar day, ISO. `past` days are not after today."""

    def __init__(self, *, past: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.past = past


class Sha256(Field[str]):
    """A digest; people name the file, which stays with them."""


class Cid(Field[str]):
    """A file of the content store by its CID."""


class Party(Field[str]):
    """Somebody as `MSP/name`."""


class Actor(Party):
    """Whoever began the record; nobody is asked."""

    def __init__(self) -> None:
        super().__init__(made=True)


class Territory(Field[str]):
    """WORLD, a country (ISO 3166-1) or a part of it (ISO 3166-2)."""


class Id(Field[str]):
    """Another record, by its id; it must exist."""

    def __init__(self, kind: str, **more: Any) -> None:
        super().__init__(**more)
        self.kind = kind


class Items(Field[list[Record]]):
    """A list of objects, each read by `fields`."""

    def __init__(self, most: int | str = 100, fields: Mapping[str, Field[Any]] | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.most = most
        self.fields = dict(fields or {})
        for name, one in self.fields.items():
            one.name = name


class Data(Field[Any]):
    """Anything else that JSON says: read or made by a rule, which knows its shape."""


class Sealed(Field[Record]):
    """A paper that stays secret: people fill in `fields`, the contract keeps them as ciphertext, and the record says
    `{"commitment", "tags"}` (`chaincode.kit.papers`).

    No two records are made with the same value of one of the `tags`, and yet nobody learns the value. `shown` fields of
    the same form are bound to the paper: it was handed in for these values and no others. `readers` may look at it,
    each look with a trace.
    """

    def __init__(
        self,
        fields: Mapping[str, Field[Any]],
        readers: Role,
        *,
        tags: tuple[str, ...] = (),
        shown: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.fields, self.readers, self.tags, self.shown = dict(fields), readers, tags, shown
        for name, one in self.fields.items():
            one.name = name
