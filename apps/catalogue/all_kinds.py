"""Every kind of the catalogue with its words, as the platform reads them."""

from apps.catalogue.kinds import KINDS as STANDARD_KINDS
from apps.catalogue.life import LIFE_KINDS
from apps.catalogue.life_words import LIFE_WORDS
from apps.catalogue.talent import TALENT_KINDS
from apps.catalogue.talent_words import TALENT_WORDS
from apps.catalogue.words import WORDS as STANDARD_WORDS

KINDS = (*STANDARD_KINDS, *LIFE_KINDS, *TALENT_KINDS)
WORDS = (*STANDARD_WORDS, *LIFE_WORDS, *TALENT_WORDS)
