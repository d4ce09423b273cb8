"""An assessment on paper: a PDF/A that a stranger can follow, in both languages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.catalogue.editions import canonical
from apps.catalogue.words import RESULT_WORDS
from apps.documents import pdfa
from apps.documents.pdfa import A4, BLACK, Colour, Page
from apps.documents.typeface import Faces

WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 56.0, WIDTH - 56, HEIGHT - 64, 60.0
GRAY: Colour = (0.42, 0.42, 0.42)
COLOURS: Mapping[str, Colour] = {
    "met": (0.10, 0.48, 0.24),
    "partly": (0.62, 0.40, 0.02),
    "unmet": (0.70, 0.10, 0.10),
    "unknown": GRAY,
}
GRADES: Mapping[str, Colour] = {
    "A": COLOURS["met"],
    "B": COLOURS["partly"],
    "C": COLOURS["partly"],
    "D": COLOURS["unmet"],
}
MOST_AGAINST = 6


def paper_of(report: Mapping[str, Any]) -> bytes:
    """The PDF of a report."""
    drawn = _Drawn(Faces(system=False))
    drawn.head(report)
    results = {one["clause"]: one for one in report["results"]}
    for part in report["standard"]["parts"]:
        drawn.part(part["title"])
        for clause in part["clauses"]:
            drawn.clause(clause, results[clause["clause"]])
    drawn.foot(report)
    at = datetime.fromisoformat(report["at"].replace("Z", "+00:00"))
    standard = report["standard"]
    title = f"{standard['title']['zh']} {standard['code']}/{standard['number']} {report['network']}"
    return pdfa.document(drawn.finished(), title=title, author=report["by"] or report["network"], created=at)


class _Drawn:
    """Pages that grow downwards."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.pages: list[Page] = []
        self.y = 0.0

    def room(self, points: float) -> None:
        """Begin a page where there is less room than that."""
        if not self.pages or self.y - points < BOTTOM:
            self.pages.append(Page(self.faces))
            self.y = TOP

    def text(
        self, words: str, size: float, *, x: float = LEFT, colour: Colour = BLACK, width: float = RIGHT - LEFT
    ) -> None:
        for line in self.faces.wrap(words, size, width):
            self.room(size * 1.5)
            self.pages[-1].text(x, self.y - size, line, size, colour=colour)
            self.y -= size * 1.45

    def head(self, report: Mapping[str, Any]) -> None:
        standard = report["standard"]
        self.room(200)
        page, y = self.pages[-1], self.y
        page.frame(RIGHT - 70, y - 70, 70, 70, 1.2, GRADES[report["grade"]])
        page.text(RIGHT - 35, y - 47, report["grade"], 38, colour=GRADES[report["grade"]], align="center")
        page.text(RIGHT - 35, y - 63, f"{report['score']} / 100", 9, colour=GRAY, align="center")
        self.text(f"{standard['title']['zh']}检查报告", 20, width=RIGHT - LEFT - 90)
        self.text(f"{standard['title']['en']}: assessment", 12, colour=GRAY, width=RIGHT - LEFT - 90)
        self.text(f"{standard['about']['zh']}。{standard['about']['en']}.", 8, colour=GRAY, width=RIGHT - LEFT - 90)
        self.y = min(self.y, y - 84)
        for zh, en, value in (
            ("标准", "Standard", f"{standard['code']}/{standard['number']}  SHA-256 {report['standard_sha256']}"),
            ("网络", "Network", f"{report['network']} / {report['channel']}"),
            ("创世区块", "Block 0", report["genesis"]),
            ("检查时高度", "Height", f"{report['height']}  {report['head']}"),
            ("时间", "At", report["at"].replace("T", " ").replace("Z", " UTC")),
            ("检查人", "By", report["by"] or "—"),
        ):
            self.room(14)
            self.pages[-1].text(LEFT, self.y - 8, f"{zh} {en}", 8, colour=GRAY)
            self.pages[-1].text(LEFT + 96, self.y - 8, value, 8)
            self.y -= 13
        counts = {one: sum(row["result"] == one for row in report["results"]) for one in RESULT_WORDS}
        told = "    ".join(f"{said.zh} {said.en}: {counts[one]}" for one, said in RESULT_WORDS.items())
        self.y -= 4
        self.text(told, 9)

    def part(self, title: Mapping[str, str]) -> None:
        self.room(60)
        self.y -= 10
        self.pages[-1].line(LEFT, self.y, RIGHT, self.y, 0.8)
        self.y -= 4
        self.text(f"{title['zh']}  {title['en']}", 11)
        self.y -= 2

    def clause(self, clause: Mapping[str, Any], row: Mapping[str, Any]) -> None:
        self.room(46)
        page, y, colour = self.pages[-1], self.y, COLOURS[row["result"]]
        page.text(LEFT, y - 9, clause["clause"], 9, colour=GRAY)
        page.text(RIGHT, y - 9, RESULT_WORDS[row["result"]].zh, 9, colour=colour, align="right")
        page.text(RIGHT, y - 20, RESULT_WORDS[row["result"]].en, 7, colour=colour, align="right")
        wide = RIGHT - LEFT - 110
        must = "（必备 obligatory）" if clause["must"] else ""
        self.text(f"{clause['zh']}{must}", 9.5, x=LEFT + 34, width=wide)
        self.text(clause["en"], 7.5, x=LEFT + 34, colour=GRAY, width=wide)
        how = clause["check"] or "由人说明 shown by people"
        measured = f"{row['measured']['zh']}  {row['measured']['en']}"
        self.text(f"{measured}  [{how}; {clause['points']}]", 7.5, x=LEFT + 34, width=wide)
        if row.get("file"):
            self.text(f"SHA-256 {row['file']}", 7, x=LEFT + 34, width=wide)
        for one in row["against"][:MOST_AGAINST]:
            self.text(f"× {one}", 7.5, x=LEFT + 42, colour=colour, width=wide)
        if clause.get("basis"):
            self.text(clause["basis"], 7, x=LEFT + 34, colour=GRAY, width=wide)
        self.y -= 5

    def foot(self, report: Mapping[str, Any]) -> None:
        digest = hashlib.sha256(canonical(report)).hexdigest()
        self.room(150)
        self.y -= 8
        self.pages[-1].line(LEFT, self.y, RIGHT, self.y, 0.8)
        self.y -= 6
        self.text("怎样核验  How to verify this", 11)
        for words in (
            "1. 向出具方索取证据包（zip），并另行向机构取得通道名片；名片指纹须与机构公布的一致。",
            "   Ask its issuer for the package (zip); get the card from the institution, compare its fingerprint.",
            "2. 运行 python verify.py 包.zip --card 名片.json：只需 Python 3.9 以上和 cryptography，不联网。",
            "   Run python verify.py PACKAGE.zip --card CARD.json: Python 3.9+ and cryptography.",
            "3. 它核对区块、签名和背书，重新计分，并核对本 PDF 和报告的 SHA-256 是否记在账本上；退出码 0 表示一致。",
            "   It checks blocks, signatures, score, and that the SHA-256 of this PDF is the ledger's. 0: agrees.",
            "4. 任何人也可以在自己的网络上按同一标准再查一遍：citychain catalogue check --dry-run",
            "   Anybody may measure again by the same standard: citychain catalogue check --dry-run",
        ):
            self.text(words, 8, colour=GRAY if words.startswith(" ") else BLACK)
        self.text(f"报告 report.json SHA-256 {digest}", 8)
        self.text("待查的条款不得分；部分达到计一半；必备条款未达到时最高评 B。", 8, colour=GRAY)
        self.text(
            "What was not seen counts nothing, partly met half; with an obligatory clause not met B is the best.",
            8,
            colour=GRAY,
        )

    def finished(self) -> list[Page]:
        for number, page in enumerate(self.pages, 1):
            page.text(WIDTH / 2, 34, f"{number} / {len(self.pages)}", 8, colour=GRAY, align="center")
        return self.pages
