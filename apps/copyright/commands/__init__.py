"""`citychain copyright`: deposits, registration, rights, evidence."""

from apps.copyright.commands import cases, evidence, review, rights, works
from apps.copyright.commands.root import copyright_group

__all__ = ["cases", "copyright_group", "evidence", "review", "rights", "works"]
