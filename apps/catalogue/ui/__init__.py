"""What of 服务目录 is laid out by hand: the standards with their clauses; everything else follows from the kinds."""

from console.i18n import translator

tr = translator("catalogue")
