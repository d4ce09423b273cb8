"""Lines by kind, after `ruff format`: rules, declarations, words, painting, glue; of each application and of the kit.

Of the glue it is said besides how much is made by a program (verifiers bundled into one file) and how much is the
application's own domain, which the kit never takes: schedules, interfaces, indexes, recounting, fingerprints, evidence.

Licences, their use and transfers are counted besides, with both languages: what they are said with before the kit is
872 lines and 415 of `en.ts`.

python -m tests.kit.lines            # the tree as it is
python -m tests.kit.lines 3b99fed    # a commit, beside it
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = ("rules", "declarations", "words", "painting", "glue")
_DECLARED = ("kinds.py", "office_kinds.py", "manifest.py", "application.py", "cast.py", "roles.py", "permissions.py")
_WORDS = ("words.py", "wording.py", "refusals.py", "terms.py", "phrases.py", "sentences.py", "part_titles.py", "en.ts")
_MADE = ("/recount/audit.py", "/evidence/verify.py")
_DOMAIN = ("/schedule/", "/serving/", "/recount/", "/index/", "/bench/", "/evidence/", "/fingerprints/", "/samples/")
PARTS = {
    "copyright": ("apps/copyright/", "chaincode/copyright/"),
    "health_slots": ("apps/health_slots/", "chaincode/health_slots/"),
    "supply_finance": ("apps/supply_finance/", "chaincode/supply_finance/"),
    "traceability": ("apps/traceability/", "chaincode/traceability/"),
    "kit": ("fabric_sdk/kinds/", "chaincode/kit/", "apps/kit/", "console/appkit/"),
    "sample": ("apps/kit/sample/",),
}
"""The sample stands in the kit's folder and is an application, so it is no line of the kit."""

RIGHTS = {
    "rules": {
        "chaincode/copyright/licences.py": (),
        "chaincode/copyright/conveyances.py": ("_share", "_proposed", "_transferred"),
    },
    "declarations": {"chaincode/copyright/kinds.py": ("Licence", "Usage", "Transfer")},
    "words": {"apps/copyright/rights_words.py": (), "apps/copyright/transfer_words.py": ()},
    "glue": {
        "apps/copyright/commands/rights.py": (
            "license_group",
            "settle",
            "transfer_group",
            "Licence.",
            "Transfer.",
            "Usage.",
        ),
        "apps/copyright/ui/case_dialogs.py": ("accept", "sublicense"),
        "apps/copyright/ui/matter_parts.py": ("split",),
    },
}
"""Where licences, their use and transfers are said: whole files, or what of them (a loop by what it goes through)."""


def lines_of(text: str, names: tuple[str, ...]) -> int:
    """The lines of a source, or of the definitions in it that are named and the statements that begin with one."""
    if not names:
        return len(text.splitlines())
    found, tree = 0, ast.parse(text)
    for node in ast.walk(tree):
        named = getattr(node, "name", "") in names
        if node in tree.body and isinstance(node, ast.For | ast.Expr):
            named = any(one.endswith(".") and one in ast.unparse(node) for one in names)
        if named and isinstance(node, ast.stmt):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
            found += (node.end_lineno or first) - first + 1
    return found


def rights(files: dict[str, str]) -> dict[str, int]:
    """Lines of licences, use and transfers by kind."""
    return {
        kind: sum(lines_of(files.get(path, ""), names) for path, names in places.items())
        for kind, places in RIGHTS.items()
    }


def kind_of(path: str) -> str:
    """What a file's lines are."""
    name = path.rpartition("/")[2]
    if path == "apps/kit/words.py":
        return "glue"  # what words are, not what anything is called
    if name in _WORDS or name.endswith("_words.py"):
        return "words"
    if name in _DECLARED:
        return "declarations"
    if path.startswith("chaincode/"):
        return "rules"
    return "painting" if "/ui/" in path or path.startswith("console/") else "glue"


def _owns(path: str) -> bool:
    return any(folder in path for folder in _DOMAIN)


def read(commit: str) -> dict[str, str]:
    """Every source below the parts: path → text; "" for the tree as it is."""
    folders = [folder for folders in PARTS.values() for folder in folders]
    if not commit:
        found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".ts")]
        return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}
    git = ["git", "-C", str(ROOT)]
    listed = subprocess.run([*git, "ls-tree", "-r", "--name-only", commit, *folders], capture_output=True, check=True)
    names = [one for one in listed.stdout.decode().splitlines() if one.endswith((".py", ".ts"))]
    show = lambda name: subprocess.run([*git, "show", f"{commit}:{name}"], capture_output=True, check=True)  # noqa: E731
    return {name: show(name).stdout.decode() for name in names}


def count(files: dict[str, str]) -> dict[str, Counter[str]]:
    """Lines by part and kind; those of catalogues (`en.ts`) beside."""
    found: dict[str, Counter[str]] = {}
    for part, folders in PARTS.items():
        counted: Counter[str] = Counter()
        for path, text in files.items():
            if path.startswith(folders) and not (part == "kit" and path.startswith(PARTS["sample"])):
                kind = "en.ts" if path.endswith(".ts") else kind_of(path)
                counted[kind] += len(text.splitlines())
                counted["Python"] += len(text.splitlines()) if kind != "en.ts" else 0
                if kind == "glue" and (more := "made" if path.endswith(_MADE) else "domain" if _owns(path) else ""):
                    counted[more] += len(text.splitlines())
                if path.startswith(f"apps/{part}") and path.endswith(".py"):
                    counted["Python under apps/"] += len(text.splitlines())
        found[part] = counted
    return found


def main() -> None:
    commits = ["", *sys.argv[1:]]
    for commit in reversed(commits):
        print(commit or "now")
        files = read(commit)
        for part, counted in count(files).items():
            shown = (*KINDS, "en.ts", "Python", "Python under apps/")
            kinds = "  ".join(f"{kind} {counted[kind]:>6,}" for kind in shown)
            print(f"  {part:14} {kinds}  (of the glue: made {counted['made']:,}, domain {counted['domain']:,})")
        if not commit:
            said = rights(files)
            kinds = ", ".join(f"{kind} {lines}" for kind, lines in said.items())
            print(f"  licences, use and transfers: {sum(said.values())} ({kinds})")


if __name__ == "__main__":
    main()
