"""`citychain chaincode replay`, and `--record` of query and invoke: calls recorded as a test and made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from baas.cli.kit import Cli, TextGroup, argument, columns, network_option, option, pass_cli
from baas.errors import LedgerError, Text

if TYPE_CHECKING:
    from baas.platform import Platform
    from baas.services.lifecycle_model import InvokeResult

Call = tuple[Literal["query", "invoke"], str, Sequence[str], str]
_WORDS = {
    "same": Text("一致", "same"),
    "different": Text("不同", "different"),
    "skipped": Text("跳过", "skipped"),
}


@contextmanager
def recording(
    platform: Platform, target: Path | None, network: str, contract: str, call: Call, transient: Mapping[str, bytes]
) -> Iterator[Callable[[InvokeResult], None]]:
    """Add what is done inside to the recording in `target`; a refusal is recorded too. None records nothing."""
    from baas.services import recordings

    kind, function, arguments, identity = call
    made = recordings.RecordedCall(
        kind, function, tuple(arguments), identity, {k: v.decode("utf-8", "replace") for k, v in transient.items()}
    )

    def write(done: recordings.RecordedCall) -> None:
        if target is None:
            return
        name = platform.networks.resolve(network)
        definition = platform.contracts.committed(name, contract)
        version = definition.version if definition else ""
        recordings.append(target, recordings.begin(contract, version, name), done)

    def keep(result: InvokeResult) -> None:
        write(recordings.answered(made, result))

    try:
        yield keep
    except LedgerError as error:
        write(recordings.refused(made, error))
        raise


def add_to(chaincode: TextGroup) -> None:
    """Mount the command in the group `chaincode`."""

    @chaincode.command(
        "replay",
        help=Text(
            "重放录制的调用，报告返回有何不同。", "Make recorded calls again and say what is answered otherwise."
        ),
    )
    @argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @network_option()
    @option("--identity", default="", metavar="LABEL", help=Text("全部以此身份调用。", "Sign every call as this one."))
    @pass_cli
    def replay(cli: Cli, file: Path, network: str, identity: str) -> None:
        """Make recorded calls again and say what is answered otherwise."""
        from baas.services import recordings

        found = recordings.load(file)
        with cli.platform(write=False, create=False) as platform:
            result = cli.run(platform, platform.contracts.replay, found, network, identity=identity)
        if cli.json:
            cli.show(result)
        else:
            rows = [
                {
                    "number": r.number,
                    "function": r.call.function,
                    "verdict": _WORDS[r.verdict],
                    "what": r.reason or "; ".join(f"{d.path or '/'}: {d.before} → {d.after}" for d in r.differences),
                }
                for r in result.results
            ]
            cli.show(
                rows,
                columns(
                    number=("次序", "No."),
                    function=("方法", "Function"),
                    verdict=("结果", "Result"),
                    what=("说明", "Remark"),
                ),
            )
        if not result.passed:
            raise LedgerError(
                Text(
                    "{d} 次调用的返回与录制不同。",
                    "{d} calls are answered otherwise than recorded.",
                    d=result.count("different"),
                ),
                stage="evaluate",
                code="replay_differs",
            )
