"""The page 审计: who did what, and whether the record of it is whole."""

from console.pages.audit.page import AuditPage

__all__ = ["AuditPage"]
