"""Tokens in software for tests: Debian's SoftHSM, in a folder of the test's own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from network.tokens import device
from network.tokens.address import TokenAddress
from network.tokens.pins import PIN_FILE, PINS

LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
PIN, OFFICER = "2580-gz", "officer-11"


@dataclass(frozen=True)
class SoftHsm:
    """A folder of tokens; every one opens with `PIN`, which `pin_file` holds."""

    folder: Path
    library: str
    pin_file: Path

    def make(self, label: str) -> TokenAddress:
        """Set up a token; its address carries library and file of the PIN."""
        words = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", OFFICER]
        subprocess.run(words, check=True, capture_output=True, timeout=60)
        forget()
        text = f"pkcs11:token={quote(label)}?module-path={self.library}&pin-source=file:{quote(str(self.pin_file))}"
        return TokenAddress.parse(text)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Every token is pulled out, and comes back."""
        tokens, aside = self.folder / "tokens", self.folder / "aside"
        tokens.rename(aside)
        try:
            yield
        finally:
            aside.rename(tokens)


def forget() -> None:
    """Begin anew with the library and without PINs, as another process would."""
    device.leave()
    device._DEVICES.begin_anew()
    PINS.forget()
    PINS._refused.clear()
    PINS.ask = None


@contextmanager
def softhsm(folder: Path) -> Iterator[SoftHsm]:
    """SoftHSM with its tokens below `folder`; a test is skipped, with the reason, where a part is not installed."""
    library = next((one for one in LIBRARIES if Path(one).exists()), "")
    if not library or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed (apt install softhsm2)")
    if importlib.util.find_spec("pkcs11") is None:
        pytest.skip("python-pkcs11 is not installed (pip install 'citychain[pkcs11]')")
    (folder / "tokens").mkdir(parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    pin_file = folder / "pin"
    pin_file.touch(mode=0o600)
    pin_file.write_text(PIN + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        patch.delenv(PIN_FILE, raising=False)
        forget()
        yield SoftHsm(folder, library, pin_file)
        forget()


def private_keys(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every private key in PEM armour that lies open anywhere below a folder."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            data = path.read_bytes().replace(b"\\n", b"\n") if path.is_file() else b""  # in JSON, too
            for part in data.split(b"-----BEGIN ")[1:]:
                head, _, rest = part.partition(b"-----")
                if head.endswith(b"PRIVATE KEY"):
                    armour = b"-----END " + head + b"-----"
                    yield path, b"-----BEGIN " + head + b"-----" + rest.partition(armour)[0] + armour + b"\n"
