"""Contracts as classes with typed functions, in the manner of the official contract API.

    class Registry(Contract):
        name, version, title = "registry", "1.0.0", "Copyright registry"

        @transaction
        def Register(self, ctx: Context, work_id: str, work: Work) -> Receipt: ...

        @query
        def ReadWork(self, ctx: Context, work_id: str) -> Work: ...

On the wire a function is its method's name, or `contract:method`. Parameters and results are converted by their types
(`values`). Contract objects are shared by all transactions and threads: keep no state in them.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, overload

from fabric_sdk.chaincode import values
from fabric_sdk.chaincode.context import Context
from fabric_sdk.chaincode.errors import ChaincodeError

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__fabric_function__"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a contract function."""

    name: str
    annotation: Any
    required: bool


@dataclass(frozen=True, slots=True)
class ContractFunction:
    """A function that clients can call: how it is named, typed and meant to be sent."""

    name: str
    submit: bool
    parameters: tuple[Parameter, ...]
    returns: Any
    doc: str
    call: Callable[..., Any]

    def decode(self, args: Sequence[bytes]) -> list[Any]:
        """Turn wire arguments into Python values; ChaincodeError `BAD_ARGUMENTS` (status 400) if they do not fit."""
        required = sum(p.required for p in self.parameters)
        if not required <= len(args) <= len(self.parameters):
            expected = str(required) if required == len(self.parameters) else f"{required} to {len(self.parameters)}"
            raise ChaincodeError(
                "BAD_ARGUMENTS", f"{self.name} expects {expected} arguments, not {len(args)}", status=400
            )
        decoded = []
        for parameter, raw in zip(self.parameters, args, strict=False):
            try:
                decoded.append(values.decode_argument(raw, parameter.annotation))
            except values.ValueFormatError as error:
                raise ChaincodeError(
                    "BAD_ARGUMENTS", f"{self.name}: argument {parameter.name}: {error}", status=400
                ) from error
        return decoded


@overload
def transaction(function: F) -> F: ...
@overload
def transaction(*, name: str) -> Callable[[F], F]: ...
def transaction(function: F | None = None, *, name: str = "") -> F | Callable[[F], F]:
    """Mark a method as a function to be submitted (it writes)."""
    return _marked(function, name, submit=True)


@overload
def query(function: F) -> F: ...
@overload
def query(*, name: str) -> Callable[[F], F]: ...
def query(function: F | None = None, *, name: str = "") -> F | Callable[[F], F]:
    """Mark a method as a function to be evaluated (it only reads; the mark is advice to clients)."""
    return _marked(function, name, submit=False)


class Contract:
    """Base of every contract. `name` is the contract's name inside its chaincode."""

    name: ClassVar[str] = ""
    version: ClassVar[str] = "0.0.0"
    title: ClassVar[str] = ""
    context_class: ClassVar[type[Context]] = Context
    functions: ClassVar[dict[str, ContractFunction]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = cls.__name__
        cls.functions = _functions_of(cls)

    @classmethod
    def queries(cls) -> frozenset[str]:
        """The functions that are to be evaluated only; a client's `get_contract` refuses to submit them."""
        return frozenset(name for name, function in cls.functions.items() if not function.submit)

    def before_transaction(self, ctx: Context) -> None:
        """Called before each function; raise to refuse the call."""

    def after_transaction(self, ctx: Context, result: Any) -> None:
        """Called after a function returned, before its result is sent; raise to refuse the call."""

    def unknown_transaction(self, ctx: Context) -> Any:
        """Called for a function name that the contract does not have."""
        name = ctx.stub.function.rpartition(":")[2]
        raise ChaincodeError("UNKNOWN_FUNCTION", f"contract {self.name} has no function {name[:128]}", status=404)

    def run(self, ctx: Context, function: str, args: Sequence[bytes]) -> bytes:
        """Decode, call with its hooks, encode. The error of whatever went wrong is passed on as it is."""
        self.before_transaction(ctx)
        known = self.functions.get(function)
        result = self.unknown_transaction(ctx) if known is None else known.call(self, ctx, *known.decode(args))
        self.after_transaction(ctx, result)
        return values.encode_result(result)


def _marked(function: F | None, name: str, *, submit: bool) -> F | Callable[[F], F]:
    def mark(target: F) -> F:
        setattr(target, _MARK, (name or target.__name__, submit))
        return target

    return mark if function is None else mark(function)


def _functions_of(cls: type[Contract]) -> dict[str, ContractFunction]:
    found: dict[str, ContractFunction] = {}
    for base in reversed(cls.__mro__):
        for attribute, member in vars(base).items():
            marked = getattr(member, _MARK, None)
            if marked is not None:
                effective = getattr(cls, attribute)
                found[marked[0]] = _describe(marked[0], marked[1], effective)
    return found


def _describe(name: str, submit: bool, method: Callable[..., Any]) -> ContractFunction:
    signature = inspect.signature(method)
    try:
        hints = typing.get_type_hints(method)
    except NameError as error:
        raise TypeError(f"{name}: annotations must be resolvable at module level: {error}") from error
    parameters = []
    for parameter in list(signature.parameters.values())[2:]:
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            raise TypeError(f"{name}: parameters of contract functions are positional")
        annotation = hints.get(parameter.name, str)
        parameters.append(Parameter(parameter.name, annotation, parameter.default is parameter.empty))
    return ContractFunction(
        name=name,
        submit=submit,
        parameters=tuple(parameters),
        returns=hints.get("return", Any),
        doc=inspect.getdoc(method) or "",
        call=method,
    )
