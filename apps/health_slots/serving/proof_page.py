"""A slot's proof for people: what was promised, the way to the committed root, and how to check it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from apps.health_slots.serving import board_html as html
from baas.errors import Lang, Text
from chaincode.health_slots import merkle


def proof_body(proof: Mapping[str, Any], lang: Lang) -> str:
    """The page's body: the verdict, the facts, the path, and the rule by which the path is computed."""
    leaf = merkle.leaf_hash(proof["line"], bytes.fromhex(proof["salt"]))
    path = [(side, bytes.fromhex(value)) for side, value in proof["path"]]
    good = bool(merkle.verify_proof(leaf, path, bytes.fromhex(proof["root"])))
    verdict = (
        Text("这个号在放号前的承诺里，与承诺相符。", "This slot was promised before the release, and agrees with it.")
        if good
        else Text("算出的根与承诺不符。", "The recomputed root differs from the promise.")
    )
    facts = html.facts(
        [
            (Text("承诺内容", "Promise"), f"<code>{escape(proof['line'])}</code>"),
            (Text("盐", "Salt"), f"<code>{escape(proof['salt'])}</code>"),
            (Text("承诺根", "Root"), f"<code>{escape(proof['root'])}</code>"),
            (Text("承诺于", "Promised at"), html.moment(proof["committed_at"])),
            (Text("签名人", "Signer"), f"<code>{escape(proof['committed_by'])}</code>"),
        ],
        lang,
    )
    sides = {
        "L": Text("左", "left"),
        "R": Text("右", "right"),
        "left": Text("左", "left"),
        "right": Text("右", "right"),
    }
    rows = [
        (str(n), escape(sides.get(side, Text(side, side)).render(lang)), f"<code>{escape(value)}</code>")
        for n, (side, value) in enumerate(proof["path"], 1)
    ]
    heads = (Text("步", "Step"), Text("相邻在", "Sibling on the"), Text("相邻的值", "Sibling"))
    way = html.table(heads, rows, lang, caption=Text("到承诺根的路径", "The path to the root").render(lang))
    rule = Text(
        "自己核对：由内容和盐算出叶子，逐步与相邻的值相接取 SHA-256，最后应等于承诺根；承诺根在放号前已写入区块，"
        "可在任何一个节点上看到。供程序读取的证明：",
        "Check it yourself: content and salt give the leaf; join it with each sibling in turn by SHA-256; the end must "
        "be the root, which was in a block before the release and can be read at every node. The proof for programs:",
    ).render(lang)
    target = f"/proof/{proof['slot']}"
    tone = "note" if good else "note warn"
    return (
        f'<p class="{tone}"><b>{escape(verdict.render(lang))}</b></p>{facts}{way}'
        f'<p class="muted">{escape(rule)} <a href="{escape(target)}"><code>{escape(target)}</code></a></p>'
    )
