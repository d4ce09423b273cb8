"""The translations of these pages."""

from console.i18n import translator

tr = translator("traceability")
