"""How slots look on the open board: every state is a shape and a word, the colour only helps."""

from __future__ import annotations

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
