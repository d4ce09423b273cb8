"""The open board's look: the console's colours in light and dark, one column on a phone, nothing fetched from anywhere.

Every state of a slot is a shape and a word; the colour only helps. Tables become cards on narrow screens and keep
their roles for screen readers.
"""

from __future__ import annotations

STYLE = """
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--sunken:#f0f2f5;--line:#dde1e7;--text:#1a212c;--text2:#465163;
--text3:#5e687a;--accent:#1f5ab4;--asoft:#e6eefa;--ok:#17713e;--warn:#855300;--warnsoft:#fcf1da;--bad:#b0251e;
--violet:#6246a8;--plot:#1f5ab4;--idle:#7f8896;--track:#e4e8ed}
@media(prefers-color-scheme:dark){:root{--bg:#15181d;--card:#1c2026;--sunken:#171a1f;--line:#2e343d;--text:#e8ebf0;
--text2:#b6beca;--text3:#97a1af;--accent:#86b3f6;--asoft:#1d2c44;--ok:#68c990;--warn:#e6b455;--warnsoft:#33290f;
--bad:#f4918a;--violet:#b9a5f1;--plot:#5f95ea;--idle:#727c8b;--track:#2b3038}}
*{box-sizing:border-box}
body{font:15px/1.6 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei UI",sans-serif;margin:0;background:var(--bg);
color:var(--text);-webkit-text-size-adjust:100%}
a{color:var(--accent);text-underline-offset:.18em}a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-100vw;top:0;background:var(--card);padding:.6rem 1rem;z-index:1}.skip:focus{left:.5rem}
header,main,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.4rem 1.25rem;align-items:center;padding-top:.9rem;padding-bottom:.9rem}
header .home{font-weight:700;color:var(--text);text-decoration:none;margin-right:auto}
.top{background:var(--card);border-bottom:1px solid var(--line)}
h1{font-size:1.5rem;line-height:1.35;margin:1.4rem 0 .2rem}h2{font-size:1.05rem;margin:1.6rem 0 .5rem}
p{margin:.3rem 0}.muted{color:var(--text2)}.small{font-size:.87rem}
nav.trail{color:var(--text3);font-size:.9rem;margin-top:1rem}nav.trail span{margin:0 .4rem}
nav.days{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:1rem 0}
.btn{display:inline-block;min-height:2.4rem;padding:.35rem .9rem;border:1px solid var(--line);border-radius:6px;
background:var(--card);color:var(--text);text-decoration:none}.btn:hover{border-color:var(--accent)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.8rem;margin:1rem 0;padding:0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem}
.figures dt{color:var(--text2);font-size:.87rem}.figures dd{margin:0;font-size:1.35rem;font-weight:700;
font-variant-numeric:tabular-nums}
.note{background:var(--asoft);border-radius:8px;padding:.7rem .9rem;margin:1rem 0}
.note.warn{background:var(--warnsoft)}
.wrap{background:var(--card);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:.5rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.7rem .9rem;font-weight:700}
th,td{text-align:left;padding:.5rem .9rem;border-top:1px solid var(--line);vertical-align:top}
thead th{background:var(--sunken);color:var(--text2);font-size:.87rem;font-weight:400;border-top:0}
caption+thead th{border-top:1px solid var(--line)}
td.n,th.n{text-align:right}tbody tr:hover{background:var(--sunken)}tbody th{font-weight:700}
.state{display:inline-flex;gap:.45rem;align-items:center;white-space:nowrap}.state svg{flex:none}
.bar{display:inline-block;width:4.5rem;height:.45rem;border-radius:4px;background:var(--track);overflow:hidden;
vertical-align:middle;margin-right:.5rem}.bar i{display:block;height:100%;background:var(--plot)}
.grid{display:flex;flex-wrap:wrap;gap:1px;list-style:none;margin:.6rem 0;padding:0}.grid a,.grid span{display:block;
line-height:0;padding:4px;border-radius:4px}.grid a:hover{background:var(--asoft)}.share{white-space:nowrap}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;margin:.4rem 0 1rem;padding:0;color:var(--text2);
font-size:.87rem}
code{font:.87em "Noto Sans Mono CJK SC","Cascadia Mono",Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--sunken);border:1px solid var(--line);border-radius:8px;padding:.8rem;overflow-x:auto}
pre code{overflow-wrap:normal}
dl.facts{display:grid;grid-template-columns:minmax(6rem,max-content) 1fr;gap:.4rem 1.2rem;margin:.8rem 0}
dl.facts dt{color:var(--text2)}dl.facts dd{margin:0;min-width:0}
footer{padding-top:1rem;padding-bottom:2rem;color:var(--text3);font-size:.87rem}
@media(max-width:44rem){h1{font-size:1.3rem}header,main,footer{padding-left:1rem;padding-right:1rem}
table.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.cards,table.cards caption,table.cards tbody{display:block}.figures{grid-template-columns:1fr 1fr}
table.cards tr{display:block;padding:.55rem 0;border-top:1px solid
var(--line)}table.cards tbody tr:first-child{border-top:0}
table.cards th,table.cards td{display:flex;gap:1rem;justify-content:space-between;border:0;padding:.18rem .9rem;
text-align:right}
table.cards td::before{content:attr(data-label);color:var(--text2);text-align:left;flex:none}
table.cards tbody th{text-align:left;font-size:1.02rem}}
@media print{.top,nav.days,.skip{display:none}body{background:#fff;color:#000}}
"""

_BOX = 'x="1.5" y="1.5" width="11" height="11" rx="2"'
_SHAPES = {
    "committed": '<circle cx="7" cy="7" r="5" fill="none" stroke="var(--idle)" stroke-width="1.6"/>',
    "free": f'<rect {_BOX} fill="none" stroke="var(--plot)" stroke-width="1.6"/>',
    "held": f'<rect {_BOX} fill="none" stroke="var(--plot)" stroke-width="1.6"/>'
    '<path d="M2 2v10h10z" fill="var(--plot)"/>',
    "booked": f'<rect {_BOX} fill="var(--plot)"/>',
    "returned": f'<rect {_BOX} fill="none" stroke="var(--plot)" stroke-width="1.6"/>'
    '<path d="M3 11L11 3" stroke="var(--warn)" stroke-width="1.8"/>',
    "drawn": f'<rect {_BOX} fill="none" stroke="var(--plot)" stroke-width="1.6"/>'
    '<circle cx="7" cy="7" r="2" fill="var(--plot)"/>',
    "closed": f'<rect {_BOX} fill="var(--track)" stroke="var(--idle)"/>'
    '<path d="M4 7h6" stroke="var(--idle)" stroke-width="1.6"/>',
    "stopped": '<path d="M2.5 2.5l9 9M11.5 2.5l-9 9" stroke="var(--bad)" stroke-width="2"/>',
    "added": f'<rect {_BOX} fill="none" stroke="var(--violet)" stroke-width="1.6"/>'
    '<path d="M7 4v6M4 7h6" stroke="var(--violet)" stroke-width="1.6"/>',
}


def shape(state: str, *, added: bool = False, size: int = 14) -> str:
    """The drawing of a slot's state as SVG; it says nothing by itself, a word stands beside it."""
    drawing = _SHAPES["added" if added and state in {"free", "booked", "held"} else state]
    return f'<svg width="{size}" height="{size}" viewBox="0 0 14 14" aria-hidden="true">{drawing}</svg>'
