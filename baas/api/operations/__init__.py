"""Every operation of the interface; importing this package declares them, in the document's order."""

from baas.api.operations import access, networks, ledger, contracts, monitor, audit, jobs  # noqa: F401, I001
