"""Owners' identity documents from before there were key files: written anew as ciphertext, the clear ones erased."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from apps.copyright import permissions
from baas.errors import Text
from baas.jobs import NULL_CONTEXT, JobContext

if TYPE_CHECKING:
    from apps.copyright.service import CopyrightService


def seal_owner_documents(service: CopyrightService, *, ctx: JobContext = NULL_CONTEXT) -> int:
    """Seal every work's documents that lie in clear and purge the clear form; returns how many works had such.

    For registrars, at the office's own peers. Two transactions a work, for a purge takes whole write sets with it; a
    run that was stopped between them is gone on with by the next.
    """
    service.platform.session.require(permissions.REVIEW)
    office, found = service.ledger.cast.office, 0
    ctx.step("seal", Text("把证件资料改存为密文", "Write identity documents as ciphertext"))
    for work in service.works(limit=sys.maxsize):
        ctx.check_cancelled()
        if service.ledger.evaluate("registrar", "SealOwnerDocuments", work.id):
            service.ledger.submit("registrar", "SealOwnerDocuments", work.id, only=office)
            service.ledger.submit("registrar", "PurgeClearDocuments", work.id, only=office)
            found += 1
    return found
