"""`citychain copyright`: deposits, registration, rights, evidence."""

from apps.copyright.commands import cases, evidence, files, money, review, rights, works
from apps.copyright.commands.root import copyright_group

__all__ = ["cases", "copyright_group", "evidence", "files", "money", "review", "rights", "works"]
