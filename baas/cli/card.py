"""`citychain network card`: the channel card as a file and a QR code, to be published."""

from __future__ import annotations

from pathlib import Path

import click

from baas.cli.kit import Cli, command, network_option, option, pass_cli
from baas.errors import Text, UserError

_FILE = click.Path(dir_okay=False, path_type=Path)


@command(
    "card", help=Text("制作通道名片（文件和二维码），供公布。", "Make the channel card (file and QR code), to publish.")
)
@option("--output", "-o", "target", type=_FILE, help=Text("写到这个文件（JSON）。", "The file to write (JSON)."))
@option("--channel", default="", help=Text("通道。", "The channel."))
@option(
    "--name",
    "names",
    multiple=True,
    help=Text("机构的法定名称：MSP=名称，可多次给出。", "An institution's legal name: MSP=NAME; may be repeated."),
)
@option(
    "--witness",
    "witnesses",
    multiple=True,
    help=Text(
        "见证机构（MSP），可多次给出；默认其余有节点的机构。",
        "A witness (MSP); may be repeated; others with peers by default.",
    ),
)
@network_option()
@pass_cli
def card(
    cli: Cli, target: Path | None, channel: str, names: tuple[str, ...], witnesses: tuple[str, ...], network: str
) -> None:
    """Make the channel card."""
    pairs = dict(one.partition("=")[::2] for one in names)
    if not all(pairs.values()):
        raise UserError(Text("请写作 MSP=名称。", "Write MSP=NAME."))
    with cli.platform(write=False) as platform:
        name = platform.networks.resolve(network)
        made = platform.cards.make(name, channel=channel, names=pairs, witnesses=witnesses or None)
        written = platform.cards.write(made, target or Path(f"{made.channel}-card.json"))
        cli.show(
            {
                "file": str(written.path),
                "picture": str(written.picture),
                "fingerprint": written.fingerprint,
                "channel": made.channel,
                "organizations": [f"{one.msp} {one.name}" for one in made.organizations],
            }
        )
        cli.say(
            Text(
                "请把名片和指纹公布在别人信得过的地方（网站、公报、办事大厅）。",
                "Publish the card and its fingerprint where others trust it (website, gazette, front desk).",
            )
        )


def add_to(network: click.Group) -> None:
    """Hang the command below `citychain network`."""
    network.add_command(card)
