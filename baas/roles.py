"""Who may do what: roles, permissions and the one place where a service asks.

Permissions are plain words (`"network.change"`). The platform grants its own here; an application brings its roles and
adds grants for its words in its manifest, so that another application needs no change in this file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar

from baas import audit
from baas.errors import PermissionDenied, Text

ROLE_ATTRIBUTE = "role"
"""The certificate attribute (Fabric CA's `hf`-style attributes) that names a person's roles, comma-separated."""


class Role(str):
    """What a person is to the platform; the value is what the certificate attribute `role` holds.

    The platform has three of its own; applications bring theirs with `application_role`.
    """

    __slots__ = ()
    PLATFORM_ADMIN: ClassVar[Role]
    ORGANIZATION_ADMIN: ClassVar[Role]
    AUDITOR: ClassVar[Role]

    @property
    def value(self) -> str:
        return str(self)


Role.PLATFORM_ADMIN = Role("platform_admin")
Role.ORGANIZATION_ADMIN = Role("organization_admin")
Role.AUDITOR = Role("auditor")

ROLE_TITLES: dict[Role, Text] = {
    Role.PLATFORM_ADMIN: Text("平台管理员", "Platform administrator"),
    Role.ORGANIZATION_ADMIN: Text("组织管理员", "Organisation administrator"),
    Role.AUDITOR: Text("审计员", "Auditor"),
}
"""Every role that there is, with its title; those of the applications come with their manifests."""

NETWORK_READ = "network.read"
NETWORK_ATTACH = "network.attach"
NETWORK_CHANGE = "network.change"
NETWORK_PROPOSE = "network.propose"
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
AUDIT_READ = "audit.read"
API_MANAGE = "api.manage"
WORKSPACE_BACKUP = "workspace.backup"
WORKSPACE_CHANGE = "workspace.change"
GRANT_PLATFORM_ADMIN = "identity.grant_platform_admin"

PERMISSION_TITLES: Mapping[str, Text] = {
    NETWORK_READ: Text("查看网络", "see networks"),
    NETWORK_ATTACH: Text("接入和移除他人的网络", "enter and leave networks of others"),
    NETWORK_CHANGE: Text("建立和更改网络", "create and change networks"),
    NETWORK_PROPOSE: Text("提出和签署通道更改", "propose and sign changes of channels"),
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
    AUDIT_READ: Text("查看审计记录", "read the audit log"),
    API_MANAGE: Text("管理服务接口的令牌和公示页", "manage the service API's tokens and public page"),
    WORKSPACE_BACKUP: Text("备份工作区", "back up the workspace"),
    WORKSPACE_CHANGE: Text("更改设置", "change settings"),
    GRANT_PLATFORM_ADMIN: Text("授予平台管理员角色", "make somebody a platform administrator"),
}

EVERYONE = frozenset({NETWORK_READ, CONTRACT_READ, IDENTITY_READ, LEDGER_READ, CONTENT_READ})
"""What everybody with a role may see."""
_ROLE = re.compile(r"[a-z][a-z0-9_]{1,40}")
_ALL = frozenset(PERMISSION_TITLES)

GRANTS: dict[Role, frozenset[str]] = {
    Role.PLATFORM_ADMIN: _ALL,
    Role.ORGANIZATION_ADMIN: EVERYONE
    | {
        NETWORK_PROPOSE,
        CONTRACT_CHANGE,
        CONTRACT_INVOKE,
        IDENTITY_ISSUE,
        IDENTITY_REVOKE,
        IDENTITY_EXPORT,
        LEDGER_EXPORT,
        CONTENT_WRITE,
        CONTENT_CHANGE,
    },
    Role.AUDITOR: EVERYONE | {LEDGER_EXPORT, AUDIT_READ},
}
_FOR_APPLICATIONS = EVERYONE | {LEDGER_EXPORT, CONTENT_WRITE}
"""What an application may let its roles do of the platform's own: look and add, never change."""


def application_role(value: str, title: Text, grants: frozenset[str] = EVERYONE) -> Role:
    """Bring a role of an application: its word in certificates, its title, what it may do of the platform's own.

    Two applications may share a role if they say the same of it; ValueError otherwise, and for the platform's roles.
    """
    role = Role(value)
    if not _ROLE.fullmatch(value) or value in {"client", "admin", "peer", "orderer"}:
        raise ValueError(f"{value!r} cannot be a role")
    if not grants <= _FOR_APPLICATIONS:
        raise ValueError(f"the role {value} may not be given {', '.join(sorted(grants - _FOR_APPLICATIONS))}")
    if role in ROLE_TITLES and (ROLE_TITLES[role] != title or GRANTS[role] != grants):
        raise ValueError(f"the role {value} is {ROLE_TITLES[role].en} already")
    ROLE_TITLES[role] = title
    GRANTS[role] = grants
    return role


DESK = frozenset(
    {
        NETWORK_READ,
        NETWORK_ATTACH,
        CONTRACT_READ,
        IDENTITY_READ,
        IDENTITY_EXPORT,
        KEYSTORE_CHANGE,
        LEDGER_READ,
        LEDGER_EXPORT,
        CONTENT_READ,
        CONTENT_WRITE,
        CONTENT_CHANGE,
        AUDIT_READ,
        API_MANAGE,
        WORKSPACE_BACKUP,
        WORKSPACE_CHANGE,
    }
)
"""What somebody may do at their own desk beside what their roles allow: keep the workspace and what is in it."""


def at_desk(roles: Iterable[Role]) -> frozenset[str]:
    """What the roles add at one's own desk; an organisation's administrator also changes networks from there.

    The network's own rules decide on a change: here it is proposed and signed only.
    """
    return DESK | {NETWORK_CHANGE} if Role.ORGANIZATION_ADMIN in roles else DESK


def parse_roles(attribute: str) -> frozenset[Role]:
    """Read the certificate attribute `role`; words that are no role of ours are left out."""
    return frozenset(Role(word) for part in attribute.split(",") if (word := part.strip()) in ROLE_TITLES)


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

    def allows(self, permission: str, msp_id: str = "") -> bool:
        """Whether they have `permission`; nobody hears of the question."""

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
    permission: str, *, quietly: bool = False
) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Let a service's method run only for somebody with `permission`; `self.session` decides.

    With `quietly` only a refusal is written down: for what changes something seldom, by a method that asks itself.
    """

    def wrap(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        if quietly:

            @functools.wraps(method)
            def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
                if not self.session.allows(permission):
                    self.session.require(permission)
                return method(self, *args, **kwargs)

        elif permission.endswith(audit.READING):

            @functools.wraps(method)
            def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
                self.session.require(permission)
                return method(self, *args, **kwargs)

        else:

            @functools.wraps(method)
            def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
                with audit.operation(method.__qualname__, on=audit.named(method, (self, *args), kwargs)):
                    self.session.require(permission)
                    return method(self, *args, **kwargs)

        mark: Any = guarded
        mark.permission = permission
        return guarded

    return wrap
