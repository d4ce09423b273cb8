"""Which pages the rail shows to whom, in which order."""

from __future__ import annotations

from console.context import Context
from console.i18n import tr
from console.page import PageSpec


def allowed_pages(pages: list[PageSpec], context: Context) -> list[PageSpec]:
    """Return the pages the acting role may use; before the workspace is open, all that stand in the rail."""
    return [page for page in pages if not context.ready or page.allowed(context)]


def sections(pages: list[PageSpec], context: Context) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Return the rail's sections with their pages: (section, title, [(id, title, icon)]); empty ones are left out."""
    result = []
    for section, title in (("", ""), ("apps", tr("应用")), ("platform", tr("平台")), ("foot", "")):
        entries = [(p.id, p.title(), p.icon) for p in allowed_pages(pages, context) if p.section == section]
        if entries:
            result.append((section, title, entries))
    return result
