"""The page of the catalogue stands with the platform's own, for it is about all applications."""

from __future__ import annotations

from dataclasses import replace

from apps.catalogue.application import APPLICATION
from console.appkit.specs import specs_of

PAGES = tuple(replace(one, section="platform") for one in specs_of(APPLICATION))
