"""What of traceability's page is made by hand: the goods' graph, capture, the reach of a recall."""

from console.i18n import translator

tr = translator("traceability")
