"""Identities of programs: a certificate like a person's, and a key in a file that the program's account alone reads.

A person's keystore does not hold it: locking a desk must not stop a service, and the service must not open a desk.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from baas.errors import Conflict, NotFound, PermissionDenied, Text, UserError

MAX_KEY_BYTES = 16 * 1024


def check_service(unit: str, key_file: Path) -> None:
    """Refuse an administrator for a program, and a file that is there already."""
    if unit != "client":
        raise UserError(
            Text("服务身份不能是管理员。", "A service cannot be an administrator."),
            Text("请用 client 或应用的服务角色。", "Use client, or an application's role for services."),
            code="service_role",
        )
    if key_file.exists():
        raise Conflict(
            Text("文件已存在：{f}", "The file exists: {f}", f=str(key_file)),
            Text("请换一个文件名。", "Choose another file."),
            code="file_exists",
        )


def read_service_key(path: Path, certificate_pem: bytes) -> bytes:
    """The key of a service's certificate; refused when others may read the file, or when it is another's key."""
    from network.certificates import matches_key

    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        raise NotFound(
            Text("没有私钥文件 {f}。", "There is no key file {f}.", f=str(path)),
            Text("请签发服务身份：citychain identity service", "Issue one: citychain identity service"),
            code="no_key_file",
        ) from None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(file.fileno())
        if sys.platform != "win32" and (stat.S_IMODE(found.st_mode) & 0o077 or found.st_uid not in {os.getuid(), 0}):
            raise PermissionDenied(
                Text("别人也能读私钥文件 {f}。", "Others may read the key file {f}.", f=str(path)),
                Text("请执行 chmod 600，并由服务的账户拥有。", "Run chmod 600; the service's account must own it."),
                code="key_file_open",
            )
        key = file.read(MAX_KEY_BYTES + 1)
    if len(key) > MAX_KEY_BYTES or not matches_key(certificate_pem, key):
        raise UserError(
            Text("{f} 不是这个服务身份的私钥。", "{f} is not this service identity's key.", f=path.name),
            Text("请用签发时写下的文件。", "Use the file that was written when it was issued."),
            code="key_file_foreign",
        )
    return key
