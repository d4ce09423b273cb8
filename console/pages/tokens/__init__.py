"""The page API 令牌: tokens for programs, and which networks the public page shows."""

from console.pages.tokens.page import TokensPage

__all__ = ["TokensPage"]
