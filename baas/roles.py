"""Who may do what: roles, permissions and the one place where a service asks.

Permissions are plain words (`"network.change"`). The platform grants its own here; an application adds grants for its
words in its manifest, so that a third application needs no change in this file.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from baas.errors import PermissionDenied, Text

ROLE_ATTRIBUTE = "role"
"""The certificate attribute (Fabric CA's `hf`-style attributes) that names a person's roles, comma-separated."""


class Role(StrEnum):
    """What a person is to the platform; the value is what the certificate attribute `role` holds."""

    PLATFORM_ADMIN = "platform_admin"
    ORGANIZATION_ADMIN = "organization_admin"
    REGISTRAR = "registrar"
    CREATOR = "creator"
    LICENSEE = "licensee"
    HOSPITAL_STAFF = "hospital_staff"
    AUTHORITY = "authority"
    AUDITOR = "auditor"


ROLE_TITLES: Mapping[Role, Text] = {
    Role.PLATFORM_ADMIN: Text("平台管理员", "Platform administrator"),
    Role.ORGANIZATION_ADMIN: Text("组织管理员", "Organisation administrator"),
    Role.REGISTRAR: Text("登记员", "Registrar"),
    Role.CREATOR: Text("创作者", "Creator"),
    Role.LICENSEE: Text("被许可人", "Licensee"),
    Role.HOSPITAL_STAFF: Text("医院职员", "Hospital staff"),
    Role.AUTHORITY: Text("主管部门", "Authority"),
    Role.AUDITOR: Text("审计员", "Auditor"),
}

NETWORK_READ = "network.read"
NETWORK_CHANGE = "network.change"
CONTRACT_READ = "contract.read"
CONTRACT_CHANGE = "contract.change"
CONTRACT_INVOKE = "contract.invoke"
IDENTITY_READ = "identity.read"
IDENTITY_ISSUE = "identity.issue"
IDENTITY_REVOKE = "identity.revoke"
IDENTITY_EXPORT = "identity.export"
KEYSTORE_CHANGE = "keystore.change"
LEDGER_READ = "ledger.read"
LEDGER_EXPORT = "ledger.export"
CONTENT_READ = "content.read"
CONTENT_WRITE = "content.write"
CONTENT_CHANGE = "content.change"
WORKSPACE_BACKUP = "workspace.backup"
WORKSPACE_CHANGE = "workspace.change"
GRANT_PLATFORM_ADMIN = "identity.grant_platform_admin"

PERMISSION_TITLES: Mapping[str, Text] = {
    NETWORK_READ: Text("查看网络", "see networks"),
    NETWORK_CHANGE: Text("建立和更改网络", "create and change networks"),
    CONTRACT_READ: Text("查看合约", "see contracts"),
    CONTRACT_CHANGE: Text("部署和升级合约", "deploy and upgrade contracts"),
    CONTRACT_INVOKE: Text("直接调用合约", "call contracts directly"),
    IDENTITY_READ: Text("查看身份", "see identities"),
    IDENTITY_ISSUE: Text("签发和续期身份", "issue and renew identities"),
    IDENTITY_REVOKE: Text("吊销身份", "revoke identities"),
    IDENTITY_EXPORT: Text("导出和导入身份", "export and import identities"),
    KEYSTORE_CHANGE: Text("更改密钥库口令", "change the keystore's passphrase"),
    LEDGER_READ: Text("查看账本", "read the ledger"),
    LEDGER_EXPORT: Text("导出账本", "export the ledger"),
    CONTENT_READ: Text("查看内容库", "read the content store"),
    CONTENT_WRITE: Text("添加内容", "add content"),
    CONTENT_CHANGE: Text("固定、取消固定和清理内容", "pin, unpin and collect content"),
    WORKSPACE_BACKUP: Text("备份工作区", "back up the workspace"),
    WORKSPACE_CHANGE: Text("更改设置", "change settings"),
    GRANT_PLATFORM_ADMIN: Text("授予平台管理员角色", "make somebody a platform administrator"),
}

_EVERYONE = frozenset({NETWORK_READ, CONTRACT_READ, IDENTITY_READ, LEDGER_READ, CONTENT_READ})
_ALL = frozenset(PERMISSION_TITLES)

GRANTS: Mapping[Role, frozenset[str]] = {
    Role.PLATFORM_ADMIN: _ALL,
    Role.ORGANIZATION_ADMIN: _EVERYONE
    | {
        CONTRACT_CHANGE,
        CONTRACT_INVOKE,
        IDENTITY_ISSUE,
        IDENTITY_REVOKE,
        IDENTITY_EXPORT,
        LEDGER_EXPORT,
        CONTENT_WRITE,
        CONTENT_CHANGE,
    },
    Role.REGISTRAR: _EVERYONE | {CONTENT_WRITE},
    Role.CREATOR: frozenset({LEDGER_READ, NETWORK_READ, CONTENT_READ, CONTENT_WRITE}),
    Role.LICENSEE: frozenset({LEDGER_READ, NETWORK_READ, CONTENT_READ, CONTENT_WRITE}),
    Role.HOSPITAL_STAFF: frozenset({LEDGER_READ, NETWORK_READ}),
    Role.AUTHORITY: _EVERYONE | {LEDGER_EXPORT},
    Role.AUDITOR: _EVERYONE | {LEDGER_EXPORT},
}


def parse_roles(attribute: str) -> frozenset[Role]:
    """Read the certificate attribute `role`; words that are no role of ours are left out."""
    known = {role.value for role in Role}
    return frozenset(Role(word) for part in attribute.split(",") if (word := part.strip()) in known)


def permissions_of(roles: Iterable[Role], extra: Mapping[Role, frozenset[str]] | None = None) -> frozenset[str]:
    """Everything that somebody with `roles` may do; `extra` are the applications' grants."""
    granted: set[str] = set()
    for role in roles:
        granted |= GRANTS[role]
        granted |= (extra or {}).get(role, frozenset())
    return frozenset(granted)


def denied(
    permission: str, actor: str, roles: Iterable[Role], titles: Mapping[str, Text] | None = None
) -> PermissionDenied:
    """The refusal that console and command line show alike; `titles` are the applications' words."""
    roles = frozenset(roles)
    wanted: Text | str = PERMISSION_TITLES.get(permission) or (titles or {}).get(permission) or permission
    names = sorted(ROLE_TITLES[role].zh for role in roles)
    english = sorted(ROLE_TITLES[role].en for role in roles)
    return PermissionDenied(
        Text(
            "当前身份 {actor} 无权{what}。",
            "{actor} may not {what}.",
            actor=actor,
            what=wanted,
        ),
        Text(
            "当前角色：{chinese}。请换用有权限的身份。",
            "Roles: {english}. Act as an identity that may.",
            chinese="、".join(names) or "无",
            english=", ".join(english) or "none",
        ),
        details={"permission": permission, "actor": actor, "roles": sorted(role.value for role in roles)},
    )


class Authority(Protocol):
    """Whoever knows what the acting person may do: the platform's session."""

    def require(self, permission: str, msp_id: str = "") -> None:
        """Raise `PermissionDenied` unless the acting person has `permission` (in organisation `msp_id`)."""


class Guarded(Protocol):
    """A service with a session to ask."""

    @property
    def session(self) -> Authority: ...


S = TypeVar("S", bound=Guarded)
P = ParamSpec("P")
R = TypeVar("R")


def requires(
    permission: str,
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Let a service's method run only for somebody with `permission`; `self.session` decides."""

    def wrap(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @functools.wraps(method)
        def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            self.session.require(permission)
            return method(self, *args, **kwargs)

        mark: Any = guarded
        mark.permission = permission
        return guarded

    return wrap
