"""The index page of an evidence package: what is in it and how to check it, without a network and without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from apps.copyright.evidence.tell import Teller
from fabric_sdk.proof.report import Report

_STYLE = """body{margin:0;background:#F5F6F8;color:#1A212C;font:15px/1.7 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei UI",sans-serif}
main{max-width:820px;margin:32px auto;padding:0 20px}h1{font-size:24px;margin:0}h2{font-size:17px;margin:28px 0 6px}
section{background:#fff;border:1px solid #DDE1E7;border-radius:8px;padding:4px 24px 20px;margin:20px 0}
.note{background:#FFF6E5;border:1px solid #E6C88A;border-radius:8px;padding:12px 16px}li{overflow-wrap:anywhere}
a{color:#1F5AB4}code{font-family:Consolas,"Noto Sans Mono CJK SC",monospace;font-size:13px}"""
_TEXTS = {
    "zh": (
        "证据包",
        "本页只是目录，它自己不证明任何事：谁都能写一页这样的话。证明来自核验。",
        "怎样核验",
        "在浏览器中打开 {page}，选择本证据包（zip）和您<b>另行取得</b>的通道名片；不联网，不上传。",
        "或运行 <code>python verify.py 证据包.zip --card 名片.json</code>（Python 3.9 以上，需要 cryptography 包）。核验程序最好也从您信任的地方取得。",
        "包内文件",
        "没有答复的机构",
        "证据包记载（请以核验结果为准）",
    ),
    "en": (
        "Evidence package",
        "This page is only an index and proves nothing by itself: anybody can write such a page. The proof is in the check.",
        "How to check",
        "Open {page} in a browser, choose this package (zip) and the channel card that you got <b>from elsewhere</b>; nothing is sent anywhere.",
        "Or run <code>python verify.py PACKAGE.zip --card CARD.json</code> (Python 3.9 or newer with the cryptography package). Take the verifier, too, from a source that you trust.",
        "Files inside",
        "Organisations that did not answer",
        "What the package says (the check's outcome counts)",
    ),
}


def index_page(report: Report, missing: Mapping[str, str], content: str) -> bytes:
    """The page, in Chinese and English."""
    links = [name for name in (content,) if name]
    for one in report.findings:
        if one.code in ("certificate", "certificate-replaced", "capture"):
            links.append(one.part)
    sections = "".join(_section(language, report, missing, links) for language in ("zh", "en"))
    title = escape(str(report.facts.get("work", {}).get("title", "")))
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title} · 证据包 Evidence package</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{title}</h1>{sections}</main></body></html>\n"
    ).encode()


def _section(language: str, report: Report, missing: Mapping[str, str], links: list[str]) -> str:
    title, note, how, browser, python, files, silent, says = _TEXTS[language]
    teller = Teller(language)
    page = '<a href="verify.html">verify.html</a>'
    out = [f'<section lang="{"zh-CN" if language == "zh" else "en"}"><h2>{title}</h2><p class="note">{note}</p>']
    out.append(f"<h2>{how}</h2><ul><li>{browser.format(page=page)}</li><li>{python}</li></ul>")
    out.append(f"<h2>{says}</h2>")
    for section in teller.sections(report)[:4]:
        out.append(f"<b>{escape(section.heading)}</b>{_list(escape(one) for one in section.lines)}")
    if missing:
        out.append(f"<h2>{silent}</h2>{_list(escape(f'{msp}: {why[:200]}') for msp, why in missing.items())}")
    shown = [f'<a href="{quote(name)}">{escape(name)}</a>' for name in [*links, "verify.py", "verify.html"]]
    out.append(f"<h2>{files}</h2>{_list(shown)}</section>")
    return "".join(out)


def _list(lines: object) -> str:
    assert hasattr(lines, "__iter__")
    return "<ul>" + "".join(f"<li>{one}</li>" for one in lines) + "</ul>"
