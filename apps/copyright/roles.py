"""Who people are in 数字版权."""

from __future__ import annotations

from baas.errors import Text
from baas.roles import CONTENT_READ, CONTENT_WRITE, EVERYONE, LEDGER_READ, NETWORK_READ, application_role

_WORKS = frozenset({LEDGER_READ, NETWORK_READ, CONTENT_READ, CONTENT_WRITE})

REGISTRAR = application_role("registrar", Text("登记员", "Registrar"), EVERYONE | {CONTENT_WRITE})
CREATOR = application_role("creator", Text("创作者", "Creator"), _WORKS)
LICENSEE = application_role("licensee", Text("被许可人", "Licensee"), _WORKS)
CONTENT_SERVICE = application_role("content_service", Text("内容服务", "Content service"), _WORKS)
