"""身份: organisations' authorities, certificates by expiry, issuing, renewing, revoking, the keystore."""

from console.pages.identities.page import IdentitiesPage

__all__ = ["IdentitiesPage"]
