"""Contracts of one's own: a Python folder, a package, or a service at an address, deployed like any other.

Below a network's folder, `own-contracts/` keeps what was packaged: `own.json` (what each contract is made from),
`NAME_VERSION.tar.gz` (the package as it was installed) and for Python `NAME_VERSION/` (the sources that run). Python
sources travel inside the package, so its id is theirs; a contract in another language is a service (CCaaS) that
registers with the package's id.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from baas.applications import Applications, ContractTemplate
from baas.errors import Conflict, NotFound, Text, UserError, translating
from baas.services.definitions import DEFAULT_POLICY
from fabric_sdk.files import replace_file
from network.addresses import LOOPBACK

if TYPE_CHECKING:
    from baas.services.networks import NetworkService

Kind = Literal["python", "package", "address"]
FOLDER = "own-contracts"
MAX_SOURCE_BYTES = 8 * 1024 * 1024
MAX_SOURCE_FILES = 2000
LOOK_SECONDS = 30.0
_LEFT_OUT = {"__pycache__", ".git", ".venv", "venv", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


@dataclass(frozen=True)
class OwnContract:
    """What a contract of one's own is made from.

    `source`: the folder or file that is edited (python), or the package file that was given. `address`: host:port of
    the service (address), or what the given package says.
    """

    name: str
    version: str
    kind: Kind
    source: str = ""
    address: str = ""

    @property
    def label(self) -> str:
        return f"{self.name}_{self.version}"


@dataclass(frozen=True)
class SourceLook:
    """What sources say of themselves, read in a process of its own: the contract's metadata and what it is called."""

    name: str
    version: str
    metadata: Mapping[str, Any]

    @property
    def functions(self) -> tuple[str, ...]:
        """The names of the functions that clients can call."""
        found = self.metadata.get("contracts", {})
        return tuple(
            str(one.get("name", ""))
            for name, contract in found.items()
            if name != "org.hyperledger.fabric"
            for one in contract.get("transactions", ())
        )


def look_at(source: Path) -> SourceLook:
    """Load a folder's or file's contracts in a process of their own and return what they say of themselves.

    `UserError` with the reason when they cannot be loaded, or do not end within 30 seconds.
    """
    import baas
    from network.processes import NO_WINDOW

    command = [sys.executable, "-B", "-m", "fabric_sdk.chaincode.loading", str(source.absolute())]
    root = str(Path(baas.__file__).parent.parent)
    try:
        done = subprocess.run(
            command,
            cwd=root,
            capture_output=True,
            timeout=LOOK_SECONDS,
            check=False,
            creationflags=NO_WINDOW,
            stdin=subprocess.DEVNULL,
        )
        answer = json.loads(done.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
    except subprocess.TimeoutExpired as error:
        raise _unloadable(source, f"> {LOOK_SECONDS:.0f} s") from error
    except (IndexError, ValueError) as error:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _unloadable(source, said[-1][:300] if said else f"exit {done.returncode}") from error
    if "error" in answer:
        raise _unloadable(source, str(answer["error"]))
    metadata = answer["metadata"]
    contracts = metadata.get("contracts", {})
    # Fabric's own contract, which describes the others, stands among them and has a version, too.
    names = [n for n in contracts if n != "org.hyperledger.fabric"]
    info: Mapping[str, Any] = contracts[names[0]].get("info", {}) if names else {}
    version = str(info.get("version", ""))
    return SourceLook(names[0] if names else source.stem, version if version != "0.0.0" else "1.0.0", metadata)


def _unloadable(source: Path, reason: str) -> UserError:
    return UserError(
        Text("{f} 不能作为合约载入：{e}", "{f} cannot be loaded as a contract: {e}", f=source.name, e=reason),
        Text(
            "文件夹里要有 contract.py（或 __init__.py、main.py），定义 Contract 的子类；可从模板开始。",
            "The folder needs a contract.py (or __init__.py, main.py) with a Contract class; begin with the template.",
        ),
        code="contract_unloadable",
    )


class OwnContracts:
    """The contracts of their own of a workspace's networks."""

    def __init__(self, networks: NetworkService, applications: Applications) -> None:
        self._networks = networks
        self._applications = applications

    def all(self, network: str) -> dict[str, OwnContract]:
        """What was last packaged here, by contract name."""
        path = self._folder(network) / "own.json"
        try:
            listed = json.loads(path.read_text("utf-8"))["contracts"]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError) as error:
            raise UserError(
                Text("{f} 已损坏。", "{f} is damaged.", f=path.name), code="damaged_file", details={"file": str(path)}
            ) from error
        return {one["name"]: OwnContract(**one) for one in listed}

    def record(self, network: str, own: OwnContract, committed_version: str) -> OwnContract:
        """Package what `own` names and keep it; `Conflict` for a shipped contract's name.

        `committed_version`: the version in force, whose package may not change any more ("" when there is none).
        """
        for manifest in self._applications.all():
            if manifest.contract.name == own.name:
                raise Conflict(
                    Text("{n} 是应用自带合约的名字。", "{n} is the name of an application's contract.", n=own.name),
                    Text("请换一个合约名。", "Choose another name."),
                    code="name_taken",
                )
        folder = self._folder(network)
        folder.mkdir(parents=True, exist_ok=True)
        package = self.made(network, own)
        kept = folder / f"{own.label}.tar.gz"
        if own.version == committed_version and kept.is_file() and kept.read_bytes() != package:
            raise Conflict(
                Text(
                    "{n} {v} 已经生效，内容不能再变。",
                    "{n} {v} is in force: it cannot change.",
                    n=own.name,
                    v=own.version,
                ),
                Text(
                    "请改版本号；开发时可用“随源码重载”。",
                    "Give it another version; while developing, reload its sources instead.",
                ),
                code="same_version",
            )
        with translating():
            if own.kind == "python":
                self._unpack(folder / own.label, _files_of(Path(own.source)))
            _write(kept, package)
        if own.kind == "package":
            own = replace(own, address=_read(package).address)
        self._save(network, {**self.all(network), own.name: own})
        return own

    def forget(self, network: str, name: str) -> None:
        """Forget a contract that was never put in force."""
        known = self.all(network)
        if known.pop(name, None) is not None:
            self._save(network, known)

    def template(self, network: str, name: str, version: str = "") -> ContractTemplate:
        """A contract of one's own as deploying takes it; `NotFound` naming what there is."""
        own = self.all(network).get(name)
        if own is None:
            return self._applications.contract(name)
        own = replace(own, version=version or own.version)
        module = f"{FOLDER}/{own.label}" if own.kind == "python" else ""
        return ContractTemplate(
            name=name,
            module=module,
            version=own.version,
            title=Text("{n}", "{n}", n=name),
            endorsement_policy=lambda _spec: DEFAULT_POLICY,
        )

    def package(self, network: str, name: str, version: str) -> bytes | None:
        """The package of one's own contract at `version`, made from its source when there is none yet.

        None for an application's contract.
        """
        own = self.all(network).get(name)
        if own is None:
            return None
        kept = self._folder(network) / f"{name}_{version}.tar.gz"
        if not kept.is_file():
            self.record(network, replace(own, version=version), "")
        with translating():
            return kept.read_bytes()

    def refresh(self, network: str, name: str) -> str | None:
        """Take the sources as they are now into what runs (development); the label, None for other contracts."""
        own = self.all(network).get(name)
        if own is None:
            return None
        if own.kind != "python":
            raise UserError(
                Text("{n} 由它自己的服务运行。", "{n} is run by a service of its own.", n=name),
                Text("请重新启动那个服务。", "Restart that service."),
                code="not_embedded",
            )
        with translating():
            self._unpack(self._folder(network) / own.label, _files_of(Path(own.source)))
        return own.label

    def adopt(self, network: str, name: str, version: str, package: bytes) -> ContractTemplate | None:
        """Unpack the sources of a package made elsewhere, so that they can be served; None when it has none."""
        from fabric_sdk.chaincode.package import SOURCE_PATH

        files = {path[4:]: data for path, data in _read(package).files.items() if SOURCE_PATH.fullmatch(path)}
        if not files:
            return None
        own = OwnContract(name, version, "python")
        folder = self._folder(network)
        folder.mkdir(parents=True, exist_ok=True)
        with translating():
            self._unpack(folder / own.label, files)
            _write(folder / f"{own.label}.tar.gz", package)
        self._save(network, {**self.all(network), name: own})
        return self.template(network, name)

    def made(self, network: str, own: OwnContract) -> bytes:
        """The package of what `own` names, without keeping anything; `UserError` when it cannot be one."""
        from fabric_sdk.chaincode.package import PackageError, build_package

        if own.kind == "package":
            package = _given(Path(own.source))
            self._require_in_reach(network, _read(package).address)
            return package
        try:
            if own.kind == "address":
                address = checked_address(own.address)
                self._require_in_reach(network, address)
                return build_package(own.label, address)
            source = Path(own.source)
            look_at(source)
            driver = self._networks.driver(network)
            address = driver.contract_address(own.name, own.version)
            files = {f"src/{path}": data for path, data in _files_of(source).items()}
            return build_package(own.label, address, tls=driver.contract_tls(own.name, own.version), files=files)
        except PackageError as error:
            raise UserError(
                Text("不能打包：{t}", "Cannot be packaged: {t}", t=str(error)), code="bad_package"
            ) from error

    def seen_from_nodes(self, network: str) -> str:
        """The host by which a network's nodes reach a contract that somebody serves on this machine."""
        with translating():
            return self._networks.driver(network).seen_from_nodes()

    # -- inside ------------------------------------------------------------------------------------
    def _require_in_reach(self, network: str, address: str) -> None:
        """`UserError` for an address of this machine alone where the nodes run in containers: it would be their own."""
        host, _, port = address.rpartition(":")
        if not _means_itself(host) or (seen := self.seen_from_nodes(network)) in {"", LOOPBACK}:
            return
        raise UserError(
            Text(
                "节点在容器里，“{a}”对它们来说是容器自己。",
                "The nodes run in containers: to them {a} is the container itself.",
                a=address,
            ),
            Text(
                "请填 {s}:{p}，并让合约服务监听节点能到的地址。",
                "Give {s}:{p}, and let the service listen where the nodes reach it.",
                s=seen,
                p=port,
            ),
            code="address_of_container",
        )

    def _folder(self, network: str) -> Path:
        return self._networks.folder(network) / FOLDER

    def _save(self, network: str, known: Mapping[str, OwnContract]) -> None:
        document = {"version": 1, "contracts": [asdict(one) for one in known.values()]}
        with translating():
            _write(self._folder(network) / "own.json", json.dumps(document, ensure_ascii=False, indent=1).encode())

    @staticmethod
    def _unpack(target: Path, files: Mapping[str, bytes]) -> None:
        """Put `files` in place of what `target` holds; a running contract's next load sees all of them or none."""
        made = target.with_name(f".{target.name}.new")
        shutil.rmtree(made, ignore_errors=True)
        for path, data in files.items():
            place = made / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        shutil.rmtree(target, ignore_errors=True)
        replace_file(made, target)


def checked_address(address: str) -> str:
    """host:port of a contract's service; `UserError` with the rule otherwise. Fabric's templates stay."""
    host, _, port = address.strip().rpartition(":")
    whole = "{{" in address or (port.isascii() and port.isdigit() and 0 < int(port) < 65536)
    if not host or not whole or "://" in address or any(c.isspace() for c in address.strip()):
        raise UserError(
            Text("“{a}”不是服务地址。", "{a} is not a service's address.", a=address[:80] or "—"),
            Text(
                "写成 主机:端口，例如 127.0.0.1:9999，前面不带 http://。",
                "Write host:port, for example 127.0.0.1:9999.",
            ),
            code="bad_address",
        )
    return address.strip()


def _means_itself(host: str) -> bool:
    host = host.strip("[]").lower()
    return host in {"localhost", "0.0.0.0", "::", "::1"} or host.startswith("127.")


def _given(path: Path) -> bytes:
    """A package file as it is; `UserError` for one that is none, or of a kind that peers build themselves."""
    from fabric_sdk.chaincode.package import MAX_PACKAGE_BYTES

    with translating():
        if path.stat().st_size > MAX_PACKAGE_BYTES:
            raise UserError(Text("{f} 太大。", "{f} is too large.", f=path.name), code="bad_package")
        data = path.read_bytes()
    found = _read(data, path.name)
    if found.type != "ccaas":
        raise UserError(
            Text("{f} 是 {t} 类型的合约包。", "{f} is a package of type {t}.", f=path.name, t=found.type[:40]),
            Text(
                "请把合约作为服务运行（CCaaS），再填它的地址；源码不用改。",
                "Run the contract as a service (CCaaS) and give its address; its sources need no change.",
            ),
            code="bad_package",
        )
    return data


def _read(data: bytes, name: str = "") -> Any:
    from fabric_sdk.chaincode.package import PackageError, read_package

    try:
        return read_package(data)
    except PackageError as error:
        raise UserError(
            Text("{f} 不是合约包：{t}", "{f} is not a chaincode package: {t}", f=name, t=str(error)), code="bad_package"
        ) from error


def _files_of(source: Path) -> dict[str, bytes]:
    """The files of a contract's folder (or the one file), by their path in it; what tools leave there is left out."""
    with translating():
        if source.is_file():
            return {source.name: source.read_bytes()}
        if not source.is_dir():
            raise NotFound(Text("没有 {f}。", "There is no {f}.", f=str(source)), code="no_source")
        found: dict[str, bytes] = {}
        total = 0
        for path in sorted(source.rglob("*")):
            parts = path.relative_to(source).parts
            if _LEFT_OUT & set(parts) or path.is_symlink() or not path.is_file() or path.suffix == ".pyc":
                continue
            total += path.stat().st_size
            if total > MAX_SOURCE_BYTES or len(found) >= MAX_SOURCE_FILES:
                raise UserError(
                    Text("{f} 里的文件太多或太大。", "{f} holds too many or too large files.", f=source.name),
                    Text(
                        "合约文件夹最多 {n} 个文件、{m} MB；请只留合约的源码。",
                        "At most {n} files and {m} MB; keep the contract's sources only.",
                        n=MAX_SOURCE_FILES,
                        m=MAX_SOURCE_BYTES >> 20,
                    ),
                    code="source_too_large",
                )
            found["/".join(parts)] = path.read_bytes()
        return found


def _write(path: Path, data: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    replace_file(fresh, path)
