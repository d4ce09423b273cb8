"""Who sent the transaction: organisation, certificate and the attributes its CA wrote into it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from types import MappingProxyType

from cryptography import x509
from fabric_protos.msp import identities_pb2
from google.protobuf.message import DecodeError

from fabric_sdk.chaincode.errors import ChaincodeError

ATTRIBUTES_OID = x509.ObjectIdentifier("1.2.3.4.5.6.7.8.1")
"""Extension in which Fabric CA keeps a client's attributes, as JSON `{"attrs": {name: value}}`."""


class ClientIdentity:
    """The transaction's creator. Build it with `ClientIdentity.from_creator`, which caches by bytes."""

    __slots__ = ("attributes", "certificate", "id", "msp_id")

    def __init__(self, msp_id: str, certificate: x509.Certificate) -> None:
        self.msp_id = msp_id
        self.certificate = certificate
        self.id = f"x509::{certificate.subject.rfc4514_string()}::{certificate.issuer.rfc4514_string()}"
        self.attributes: Mapping[str, str] = MappingProxyType(read_attributes(certificate))

    @staticmethod
    def from_creator(creator: bytes) -> ClientIdentity:
        """Read a SerializedIdentity; ChaincodeError `BAD_CREATOR` if it is none or holds no X.509 certificate."""
        return _from_creator(creator)

    @property
    def common_name(self) -> str:
        """The certificate's CN, "" if it has none."""
        names = self.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return str(names[0].value) if names else ""

    def attribute(self, name: str) -> str | None:
        """Return the attribute's value, or None if the certificate does not carry it."""
        return self.attributes.get(name)

    def assert_attribute(self, name: str, value: str) -> None:
        """Raise ChaincodeError `FORBIDDEN` (status 403) unless the certificate carries `name` with `value`."""
        if self.attributes.get(name) != value:
            raise ChaincodeError("FORBIDDEN", f"attribute {name} must be {value}", status=403)

    def __repr__(self) -> str:
        return f"ClientIdentity({self.msp_id!r}, {self.common_name!r})"


def read_attributes(certificate: x509.Certificate) -> dict[str, str]:
    """Return the attributes that a Fabric CA put into `certificate`; empty if none or unreadable."""
    try:
        extension = certificate.extensions.get_extension_for_oid(ATTRIBUTES_OID).value
    except (x509.ExtensionNotFound, ValueError):
        return {}
    if not isinstance(extension, x509.UnrecognizedExtension):
        return {}
    try:
        found = json.loads(extension.value).get("attrs", {})
    except (ValueError, AttributeError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)}


@functools.lru_cache(maxsize=4096)
def _from_creator(creator: bytes) -> ClientIdentity:
    try:
        serialized = identities_pb2.SerializedIdentity.FromString(creator)
        certificate = x509.load_pem_x509_certificate(serialized.id_bytes)
        return ClientIdentity(serialized.mspid, certificate)
    except (DecodeError, ValueError) as error:
        raise ChaincodeError("BAD_CREATOR", "the creator is no readable X.509 identity", status=400) from error
