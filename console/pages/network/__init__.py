"""网络: set up, grow, run and look at networks."""

from console.pages.network.page import NetworkPage

__all__ = ["NetworkPage"]
