"""The published generator library of event hash IDs as a judge, where it is installed (`pip install
epcis-event-hash-generator "PyLD<3"`; it needs neither Flask nor the network)."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from typing import Any

import pytest


def theirs(document: Mapping[str, Any]) -> list[str]:
    """The hash IDs of a document's events by the library."""
    json_to_py = pytest.importorskip(
        "epcis_event_hash_generator.json_to_py", reason="epcis-event-hash-generator is not installed"
    )
    from epcis_event_hash_generator import hash_generator  # type: ignore[import-not-found, unused-ignore]

    logging.getLogger().setLevel(logging.CRITICAL)
    json_to_py._namespaces.clear()  # it keeps the prefixes of every document it has seen
    events = json_to_py.event_list_from_epcis_document_json(copy.deepcopy(dict(document)))
    found: list[str] = hash_generator.epcis_hashes_from_events(events)
    return found


def their_name(uri: str) -> str:
    """A URI's canonical form by the library."""
    module = pytest.importorskip(
        "epcis_event_hash_generator.dl_normaliser", reason="epcis-event-hash-generator is not installed"
    )
    return str(module.normaliser(uri) or uri)
