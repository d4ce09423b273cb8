"""A web application of a part: where it listens, under which certificate, in a thread of its own until it is stopped.

Loopback needs no more. Beyond it a part speaks TLS, with a certificate of the network's own authority or a given one;
plain HTTP beyond loopback only for whoever says `--insecure`, because whoever listens on the way reads tokens.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from baas.errors import Text, Unavailable, UserError
from fabric_sdk import clock

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette

    from baas.platform import Platform
    from network.handle import NetworkHandle

LOOPBACK = "127.0.0.1"
START_S, STOP_S = 10.0, 5.0
TLS_DAYS, TLS_RENEW_DAYS = 397, 30


@dataclass(frozen=True)
class WebOptions:
    """How parts listen. `ports` by part, 0 picks a free one; `certificate` and `key` are PEM files."""

    host: str = LOOPBACK
    ports: Mapping[str, int] = field(default_factory=dict)
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False

    @property
    def beyond(self) -> bool:
        """Whether other machines reach it."""
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host != "localhost"

    @property
    def given(self) -> tuple[Path, Path] | None:
        """The given certificate and key; UserError for one without the other."""
        if self.certificate is None and self.key is None:
            return None
        if self.certificate is None or self.key is None:
            raise UserError(
                Text("证书和私钥要一起给出。", "A certificate and its key go together."), code="tls_incomplete"
            )
        return self.certificate, self.key


class WebServer:
    """Serves one application until `stop`; a context manager, and a `Running` part."""

    def __init__(
        self,
        app: Starlette,
        *,
        options: WebOptions | None = None,
        tls: tuple[Path, Path] | None = None,
        port: int = 0,
        path: str = "",
        name: str = "web",
    ) -> None:
        self._app = app
        self._options = options or WebOptions()
        self._tls = tls
        self._port = port
        self._path = path
        self._name = name
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._bound: socket.socket | None = None
        self.address = ""

    @property
    def port(self) -> int:
        """Where it listens, 0 while it does not."""
        return int(self._bound.getsockname()[1]) if self._bound is not None else 0

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, port: int | None = None) -> str:
        """Listen, and return the address; Unavailable when it cannot be listened on."""
        import uvicorn

        from baas.serving.patience import server_config
        from baas.serving.tls_first import tls_context

        host, wanted = self._options.host, self._port if port is None else port
        bound = self._bound = _bind(host, wanted)
        try:
            tls = tls_context(*self._tls) if self._tls else None
            config = server_config(self._app, tls=tls, log_config=None)
            config.load()
        except (OSError, ssl.SSLError) as error:
            bound.close()
            raise UserError(
                Text("TLS 证书或私钥不能使用。", "The TLS certificate or its key cannot be used."),
                Text("请检查 PEM 文件，两者要成对。", "Check the PEM files; they must belong together."),
                code="tls_unusable",
                details={"text": str(error)},
            ) from error
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [bound]}, name=f"{self._name}-server", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_S
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self.stop()
                raise Unavailable(Text("网页服务没有启动。", "The web server did not start."))
            time.sleep(0.02)
        scheme, shown = ("https" if self._tls else "http"), (f"[{host}]" if ":" in host else host)
        self.address = f"{scheme}://{shown}:{bound.getsockname()[1]}/{self._path}"
        return self.address

    def stop(self) -> None:
        """Stop listening; harmless when it is stopped already."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=STOP_S)
        if self._bound is not None:
            self._bound.close()
        self._server, self._thread, self._bound, self.address = None, None, None, ""

    def __enter__(self) -> WebServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _bind(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            Text("端口不能使用：{host}:{port}", "The port cannot be used: {host}:{port}", host=host, port=port),
            Text("请换一个端口，或填 0 任选一个。", "Choose another port, or 0 for a free one."),
            code="port_unusable",
            details={"text": str(error)},
        ) from error


@contextlib.contextmanager
def serving(
    platform: Platform, network: str, app: Starlette, part: str, options: WebOptions, path: str = ""
) -> Iterator[WebServer]:
    """Serve a part's web application as `options` say."""
    tls = secured(platform, network, options)
    with WebServer(app, options=options, tls=tls, port=options.ports.get(part, 0), path=path, name=part) as server:
        yield server


def secured(platform: Platform, network: str, options: WebOptions) -> tuple[Path, Path] | None:
    """The certificate and key to speak TLS with, None for plain HTTP; UserError where that would be unsafe."""
    if (given := options.given) is not None:
        return given
    if not options.beyond or options.insecure:
        return None
    name = platform.networks.resolve(network)
    made = _of_network(platform, name, options.host)
    if made is None:
        raise UserError(
            Text("要让其他机器连接，需要 TLS 证书。", "Reaching it from other machines takes a TLS certificate."),
            Text(
                "请给出 --tls-cert 和 --tls-key；明文 HTTP 只有加 --insecure 才行。",
                "Give --tls-cert and --tls-key; plain HTTP only with --insecure.",
            ),
            code="tls_needed",
        )
    return made


def pinned(platform: Platform, network: str, host: str, options: WebOptions) -> tuple[Path, Path]:
    """A certificate and key for a service whose certificate others know from the ledger: TLS on loopback, too.

    Given ones, else of an authority in this workspace, else one that stands for itself.
    """
    if (given := options.given) is not None:
        return given
    name = platform.networks.resolve(network)
    return _of_network(platform, name, options.host) or _of_itself(platform, name, host)


def _of_network(platform: Platform, network: str, host: str) -> tuple[Path, Path] | None:
    """A certificate of an authority in this workspace, made anew before it ends; None where there is none."""
    from cryptography import x509

    from baas.errors import NotFound
    from network.certificates import matches_key
    from network.listening import load, own_addresses
    from network.vault import write_private

    handle = platform.networks.handle(network)
    folder = platform.workspace.path("networks", network, "serving")
    certificate, key = folder / "tls.crt", folder / "tls.key"
    listening = load(handle.directory)
    wildcard = host in {"0.0.0.0", "::"}
    wanted = {host} - {"0.0.0.0", "::"} | {"localhost", LOOPBACK} | ({listening.name} if listening else set())
    wanted |= {socket.gethostname().lower(), *own_addresses()} if wildcard else set()
    with contextlib.suppress(OSError, ValueError):
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = {str(a) for a in names.get_values_for_type(x509.IPAddress)} | set(
            names.get_values_for_type(x509.DNSName)
        )
        left = found.not_valid_after_utc - clock.now()
        fits = matches_key(certificate.read_bytes(), key.read_bytes())
        current = found.issuer in _tls_authorities(handle)
        if wanted <= known and fits and current and left > dt.timedelta(days=TLS_RENEW_DAYS):
            return certificate, key
    for organization in handle.spec.organizations:
        authority = handle.authority(organization.msp_id)
        try:
            issued = authority.issue_tls(f"serve.{organization.domain}", sorted(wanted), days=TLS_DAYS)
        except NotFound:
            continue
        write_private(key, issued.private_key_pem)
        write_private(certificate, authority.tls_trust.shown(issued.certificate_pem))
        return certificate, key
    return None


def _tls_authorities(handle: NetworkHandle) -> list[object]:
    """What the network's present TLS authorities are called; one that was succeeded issues nothing any more."""
    from cryptography import x509

    from baas.errors import NotFound

    found: list[object] = []
    for organization in handle.spec.organizations:
        with contextlib.suppress(NotFound, ValueError):
            pem = handle.authority(organization.msp_id).tls_certificate_pem
            found.append(x509.load_pem_x509_certificate(pem).subject)
    return found


def _of_itself(platform: Platform, network: str, host: str) -> tuple[Path, Path]:
    """A certificate that nobody issued, made anew before it ends: only whoever pins it may trust it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from network.vault import write_private

    folder = platform.workspace.path("networks", network, "serving")
    certificate, key_file = folder / "pinned.crt", folder / "pinned.key"
    address: x509.GeneralName = x509.DNSName(host)
    with contextlib.suppress(ValueError):
        address = x509.IPAddress(ipaddress.ip_address(host))
    with contextlib.suppress(OSError, ValueError, x509.ExtensionNotFound):
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if address in names and found.not_valid_after_utc - clock.now() > dt.timedelta(days=TLS_RENEW_DAYS):
            return certificate, key_file
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host[:64])])
    begins = clock.now() - dt.timedelta(minutes=5)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + dt.timedelta(days=TLS_DAYS))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    write_private(key_file, key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    write_private(certificate, made.public_bytes(serialization.Encoding.PEM))
    return certificate, key_file
