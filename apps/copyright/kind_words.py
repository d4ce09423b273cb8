"""The words of every declared kind, for the kit."""

from __future__ import annotations

from apps.copyright.case_words import DISPUTE, INFRINGEMENT
from apps.copyright.money_words import PAYMENT, RECONCILIATION
from apps.copyright.office_words import CANCELLATION, CHANGE, REGISTRATION
from apps.copyright.pledge_words import PLEDGE
from apps.copyright.rights_words import LICENCE, USAGE
from apps.copyright.transfer_words import TRANSFER

WORDS = (
    LICENCE,
    USAGE,
    TRANSFER,
    PLEDGE,
    REGISTRATION,
    CHANGE,
    CANCELLATION,
    DISPUTE,
    INFRINGEMENT,
    PAYMENT,
    RECONCILIATION,
)
