"""Nothing travels unnamed: every shared library of every pinned wheel has a name and a licence."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "packaging"


@pytest.fixture
def sbom(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("sbom")


def files_of_the_pins() -> list[str]:
    """All files of the wheels that packages bring, less what they leave out."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==", (FOLDER.parent / "requirements/runtime.txt").read_text("utf-8"), re.M)
    files = []
    for name in pins:
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        files += [str(path) for path in found.files or ()]
    # Qt's development programs and plugins that nobody loads stay behind (payload.py)
    return [path for path in files if not path.startswith(("PySide6/Qt/qml/", "PySide6/Qt/plugins/"))]


def test_every_library_in_the_wheels_has_a_name_and_a_licence(sbom: ModuleType) -> None:
    parts = sbom.shared_libraries(files_of_the_pins())
    assert {"FFmpeg", "x264", "x265", "Qt", "OpenBLAS", "c2pa-rs"} <= {part.name for part in parts}
    assert all(part.licence and part.places for part in parts)
    gpl = {part.name for part in parts if part.licence.startswith("GPL") and "WITH" not in part.licence}
    assert gpl == {"FFmpeg", "x264", "x265"}


def test_a_wheel_that_brings_a_new_library_is_noticed(sbom: ModuleType) -> None:
    with pytest.raises(sbom.Unlisted, match=r"av\.libs/libsecret-1234\.so\.1"):
        sbom.shared_libraries(["av.libs/libsecret-1234.so.1", "av.libs/libx264-d6.so.165", "a/b.cpython-311-x.so"])
    assert sbom.shared_libraries(["numpy/core.cpython-311-x86_64-linux-gnu.so", "a.abi3.so", "b.pyd"]) == []


def test_a_font_that_nobody_named(sbom: ModuleType) -> None:
    with pytest.raises(sbom.Unlisted, match=r"Arial\.ttf"):
        sbom.fonts(["apps/Arial.ttf"])
    assert sbom.fonts(["apps/documents/fonts/CityChainSerifSC.otf"])[0].licence == "OFL-1.1"


def test_the_document_is_cyclonedx_and_the_same_each_time(sbom: ModuleType) -> None:
    parts = [
        sbom.Part("library", "x264", "165", "GPL-2.0-or-later", places=("av.libs/libx264.so",)),
        sbom.Part("library", "Nettle", "8.11", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
        sbom.Part("library", "odd", "1", "Whatever 1.0", "pkg:pypi/odd@1"),
        sbom.Part("library", "odd", "1", "Whatever 1.0", "pkg:pypi/odd@1"),
    ]
    text = sbom.document("0.1.0", parts, "2026-01-01T00:00:00Z")
    assert text == sbom.document("0.1.0", list(reversed(parts)), "2026-01-01T00:00:00Z")
    told = json.loads(text)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    references = [one["bom-ref"] for one in told["components"]]
    assert len(set(references)) == len(references) == 4
    licences = {one["name"]: one["licenses"][0] for one in told["components"]}
    assert licences["x264"] == {"license": {"id": "GPL-2.0-or-later"}}
    assert licences["Nettle"] == {"expression": "LGPL-3.0-or-later OR GPL-2.0-or-later"}
    assert licences["odd"] == {"license": {"name": "Whatever 1.0"}}
    assert "x264 165: GPL-2.0-or-later" in sbom.third_parties(parts)


def test_the_list_of_this_environment_holds_to_the_schema(sbom: ModuleType) -> None:
    """The real packages, by CycloneDX's own schema; the validator is no dependency of the tests."""
    reason = "pip install 'cyclonedx-python-lib[json-validation]' brings the validator"
    validation = pytest.importorskip("cyclonedx.validation.json", reason=reason)
    schema = importlib.import_module("cyclonedx.schema")
    site = Path(str(importlib.metadata.distribution("pip").locate_file("")))
    parts = [*sbom.packages(site), *sbom.shared_libraries(files_of_the_pins())]
    text = sbom.document("0.1.0", parts, "2026-01-01T00:00:00Z")
    check = validation.JsonStrictValidator(schema.SchemaVersion.V1_6)
    assert check.validate_str(text) is None
    broken = text.replace('"type": "library"', '"type": "thing"', 1)
    assert check.validate_str(broken) is not None


def test_what_a_wheels_own_list_names_without_a_licence_gets_it_from_ours(sbom: ModuleType, tmp_path: Path) -> None:
    """auditwheel lists libraries with no licence at all; one that nobody knows ends the build."""
    folder = tmp_path / "packages" / "odd-1.0.dist-info"
    (folder / "sboms").mkdir(parents=True)
    (folder / "METADATA").write_text("Name: odd\nVersion: 1.0\nLicense-Expression: MIT-0\n", encoding="utf-8")
    listed = folder / "sboms" / "auditwheel.cdx.json"
    names = ("odd", "libXau", "openssl", "libgomp")
    listed.write_text(json.dumps({"components": [{"name": name} for name in names]}), encoding="utf-8")
    found = {part.name: part.licence for part in sbom.parts_of(tmp_path, tmp_path / "packages")}
    assert (found["odd"], found["libXau"], found["openssl"]) == ("MIT-0", "MIT", "Apache-2.0")
    assert found["libgomp"].startswith("GPL-3.0-or-later WITH")
    listed.write_text(json.dumps({"components": [{"name": "libstranger"}]}), encoding="utf-8")
    with pytest.raises(SystemExit, match="libstranger"):
        sbom.parts_of(tmp_path, tmp_path / "packages")
