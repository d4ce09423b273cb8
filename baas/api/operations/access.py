"""What a token may ask of itself."""

from __future__ import annotations

from baas import roles
from baas.api import answers
from baas.api.declaration import Call, operation
from baas.api.shapes import Moment
from baas.errors import Text


@operation("GET", "/token", "", Text("令牌自己：范围、身份、期限", "The token itself: scopes, identity, end"),
           answer=answers.Token)  # fmt: skip
def get_token(call: Call) -> answers.Token:
    """The token that asks."""
    one = call.token
    return answers.Token(
        id=one.id,
        name=one.name,
        scopes=one.scopes,
        network=one.network or None,
        identity=one.identity,
        contracts=one.contracts,
        per_second=one.per_second,
        expires=Moment(one.expires),
    )


@operation("DELETE", "/token", "", Text("立即吊销这个令牌", "End this token at once"),
           status=204, permission=roles.API_MANAGE)  # fmt: skip
def revoke_token(call: Call) -> None:
    """End the token that asks, for whoever fears that it has leaked."""
    call.platform.session.note(roles.API_MANAGE)
    call.platform.tokens.store.revoke(call.token.id)
