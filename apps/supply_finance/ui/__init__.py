"""What of 供应链金融 is painted or filled in by hand; everything else follows from the kinds."""

from console.i18n import translator

tr = translator("supply_finance")
