"""Tokens for programs: who may have them made, for what, and for whom they act."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from baas import roles
from baas.api.scopes import SCOPES
from baas.api.tokens import Token, TokenStore
from baas.errors import NotFound, PermissionDenied, Text, UserError
from baas.roles import requires
from baas.session import OWNER, OWNER_ACTOR, Actor, Session
from fabric_sdk import clock

if TYPE_CHECKING:
    from baas.platform import Platform

DAY_S = 86_400.0
MOST_DAYS = 397
DEFAULT_DAYS, DEFAULT_RATE, MOST_RATE = 90, 20.0, 1_000.0
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
_CONTRACT = re.compile(r"[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*")
PAGE = "api.page."
"""The setting that says of a network that everybody who reaches the interface may see its page."""


class TokenService:
    """Makes, lists and ends the tokens of a workspace."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._store = TokenStore(platform.workspace.folder)

    @property
    def session(self) -> Session:
        return self._platform.session

    @property
    def store(self) -> TokenStore:
        """What the server asks at each request."""
        return self._store

    @requires(roles.API_MANAGE)
    def create(
        self,
        name: str,
        scopes: Sequence[str],
        *,
        network: str = "",
        identity: str = "",
        contracts: Sequence[str] = (),
        days: int = DEFAULT_DAYS,
        per_second: float = DEFAULT_RATE,
    ) -> tuple[Token, str]:
        """Make a token for `scopes`, good for `days`; returns it and its secret, which is shown this once.

        It acts as `identity` on `network`, else as whoever acts now. Nobody makes one that can do more than they can:
        only a platform administrator makes one for somebody else, and no scope may need a right that its identity has
        not.
        """
        self._check(name, scopes, contracts, days, per_second)
        actor = self._actor(identity, network)
        if actor.network:
            network = actor.network
        elif network:
            network = self._platform.networks.resolve(network)
        for word in dict.fromkeys(scopes):
            self._check_scope(word, actor)
        return self._store.add(
            name,
            set(scopes),
            network=network,
            identity=actor.label,
            party=actor.party,
            contracts=contracts,
            per_second=per_second,
            expires=clock.seconds() + days * DAY_S,
        )

    def list(self) -> tuple[Token, ...]:
        """Every token, the newest first, for whoever may make some; nobody sees more of one than its id."""
        if not self.session.allows(roles.API_MANAGE):
            self.session.require(roles.API_MANAGE)  # a look stands in the audit log only where it was refused
        return self._store.all()

    @requires(roles.API_MANAGE)
    def revoke(self, token: str) -> Token:
        """End the token with this id at once, and with it every answer that is still being sent to it."""
        return self._store.revoke(token)

    def actor_of(self, token: Token) -> Actor:
        """Who a token acts as, as their certificate stands now; refused when it was revoked or has ended."""
        if token.identity == OWNER:
            if self._platform.networks.visiting():
                raise PermissionDenied(
                    Text("这个令牌的身份已不在这里。", "Whom this token acts as is not here any more."),
                    code="identity_gone",
                )
            return OWNER_ACTOR
        actor = self._platform.identities.actor(token.identity, token.network, signs=False)
        if actor.party != token.party:
            raise PermissionDenied(
                Text("这个令牌的身份已不在这里。", "Whom this token acts as is not here any more."),
                code="identity_gone",
            )
        return actor

    def network_gone(self, network: str) -> None:
        """End what was for a network that was removed: another one of its name is not what anybody meant."""
        for token in self._store.all():
            if token.network == network and token.revoked is None:
                self._store.revoke(token.id)
        if self._platform.workspace.setting(PAGE + network):
            self._platform.workspace.set_setting(PAGE + network, "")

    # -- the page for everybody ----------------------------------------------------------------------
    @requires(roles.API_MANAGE)
    def publish(self, network: str = "", *, on: bool = True) -> str:
        """Show a network on the page for everybody, or no more; returns its name."""
        network = self._platform.networks.resolve(network)
        if on:
            self._platform.networks.require_origin(network, Text("不对外公示", "it is not shown to the public"))
        self._platform.workspace.set_setting(PAGE + network, "1" if on else "")
        return network

    def published(self) -> tuple[str, ...]:
        """The networks that the page for everybody shows, by name."""
        names = self._platform.networks.names()
        return tuple(name for name in names if self._platform.workspace.setting(PAGE + name) == "1")

    # -- inside ------------------------------------------------------------------------------------
    def _check(self, name: str, scopes: Sequence[str], contracts: Sequence[str], days: int, per_second: float) -> None:
        if not _NAME.fullmatch(name.strip()):
            raise UserError(
                Text("令牌的名称为 1 到 60 个字符。", "A token's name is 1 to 60 characters."), code="bad_name"
            )
        if unknown := [word for word in scopes if word not in SCOPES]:
            raise NotFound(
                Text("没有这种范围：{s}", "There is no such scope: {s}", s=unknown[0][:80]),
                Text("可用：{a}", "There are: {a}", a=", ".join(SCOPES)),
                code="no_scope",
            )
        if not scopes:
            raise UserError(
                Text("令牌至少要有一个范围。", "A token needs a scope."),
                Text("可用：{a}", "There are: {a}", a=", ".join(SCOPES)),
                code="scope_needed",
            )
        if wrong := [word for word in contracts if not _CONTRACT.fullmatch(word)]:
            raise UserError(
                Text("不是合约名：{c}", "This is no contract's name: {c}", c=wrong[0][:80]), code="bad_contract"
            )
        if not 1 <= days <= MOST_DAYS:
            raise UserError(
                Text("令牌的有效期为 1 到 {m} 天。", "A token counts 1 to {m} days.", m=MOST_DAYS), code="bad_days"
            )
        if not 0.1 <= per_second <= MOST_RATE:
            raise UserError(
                Text("每秒请求数为 0.1 到 {m}。", "Requests a second are 0.1 to {m}.", m=int(MOST_RATE)),
                code="bad_rate",
            )

    def _actor(self, identity: str, network: str) -> Actor:
        acting = self.session.actor
        if identity in ("", acting.label) and (not network or acting.network in ("", network)):
            return acting if acting.label == OWNER else self._platform.identities.actor(acting.label, acting.network)
        if identity == OWNER or roles.Role.PLATFORM_ADMIN not in acting.roles:
            raise PermissionDenied(
                Text("只能为自己建立令牌。", "You can make tokens only for yourself."),
                Text("为他人建立令牌需要平台管理员。", "For somebody else a platform administrator makes them."),
                code="not_yourself",
            )
        return self._platform.identities.actor(identity or acting.label, network)

    def _check_scope(self, word: str, actor: Actor) -> None:
        scope = SCOPES[word]
        if scope.needs_identity and not actor.msp_id:
            raise UserError(
                Text("范围 {s} 需要一个签名的身份。", "The scope {s} needs an identity that signs.", s=word),
                Text("请用 --identity 指定身份。", "Name one by --identity."),
                code="identity_needed",
            )
        if missing := sorted(scope.permissions - self.session.of(actor)):
            titles = [roles.PERMISSION_TITLES[one] for one in missing]
            raise PermissionDenied(
                Text(
                    "身份 {a} 无权{w}，不能给它范围 {s}。",
                    "{a} may not {w}, so no token for it has the scope {s}.",
                    a=actor.label,
                    w=titles[0],
                    s=word,
                ),
                Text("请换一个身份，或少给范围。", "Choose another identity, or fewer scopes."),
                code="scope_beyond_identity",
                details={"scope": word, "permissions": missing},
            )
