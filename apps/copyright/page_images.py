"""The pictures of a captured page: fetched as the page names them, and which of them is the case's work.

A page is a stranger's: what it names may be an address inside this network. The client that asks connects to public
addresses only (`outward`), at every redirection anew; everything is bounded in number, bytes and time.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

from apps.copyright.outward import Refused

MOST_IMAGES = 40
MOST_NAMED = 400
MOST_BYTES = 20 << 20
MOST_IN_ALL = 80 << 20
SECONDS = 40.0
REDIRECTIONS = 5
SMALL = 1500
"""Smaller files are dots and lines of the page's layout."""
_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif"}


@dataclass(frozen=True)
class PageImage:
    """A picture of a page: where it came from, its bytes and type."""

    url: str
    body: bytes
    media_type: str


class _Names(HTMLParser):
    """The addresses of pictures in a document: `img`, `source`, `video` posters, Open Graph and Twitter cards."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base, self.found = base, dict[str, None]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and given.get("href"):
            self.base = urljoin(self.base, given["href"])
        elif tag in ("img", "source"):
            for name in ("src", "data-src", "data-original"):
                self._take(given.get(name, ""))
            for part in given.get("srcset", "").split(","):
                self._take(part.strip().partition(" ")[0])
        elif tag == "video":
            self._take(given.get("poster", ""))
        elif tag == "meta" and given.get("property", given.get("name", "")) in ("og:image", "twitter:image"):
            self._take(given.get("content", ""))

    def _take(self, address: str) -> None:
        if not address or len(self.found) >= MOST_NAMED:
            return
        try:
            whole = urljoin(self.base, address)
            if urlsplit(whole).scheme in ("http", "https"):
                self.found[whole[:2000]] = None
        except ValueError:
            return


def named(document: str, base: str) -> list[str]:
    """The addresses of a document's pictures, in its order, each once."""
    parser = _Names(base)
    with contextlib.suppress(ValueError, AssertionError):  # a hostile document: what was read until then counts
        parser.feed(document)
    return list(parser.found)


def fetch(
    urls: Iterable[str], note: Callable[[str, Mapping[str, object]], None], client: httpx.Client
) -> list[PageImage]:
    """Fetch pictures with a guarded client (`outward`); what is refused or fails is noted and passed over."""
    until, left = time.monotonic() + SECONDS, MOST_IN_ALL
    found: list[PageImage] = []
    for url in urls:
        if len(found) >= MOST_IMAGES or left <= 0 or time.monotonic() > until:
            note("images-cut", {"after": len(found)})
            break
        image = _one(url, note, client, min(left, MOST_BYTES))
        if image is not None and len(image.body) >= SMALL:
            found.append(image)
            left -= len(image.body)
    return found


def _one(
    url: str, note: Callable[[str, Mapping[str, object]], None], client: httpx.Client, most: int
) -> PageImage | None:
    for _ in range(REDIRECTIONS):
        try:
            with client.stream("GET", url, follow_redirects=False) as response:
                if response.has_redirect_location:
                    url = str(response.url.join(response.headers["location"]))
                    continue
                body = bytearray()
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > most:
                        note("image-refused", {"url": url, "why": "too large"})
                        return None
                media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if response.status_code != 200 or not media_type.startswith("image/"):
                    return None
                return PageImage(url, bytes(body), media_type)
        except Refused:
            note("image-refused", {"url": url, "why": "not a public address"})
            return None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            note("image-failed", {"url": url, "why": error})
            return None
    note("image-refused", {"url": url, "why": "too many redirections"})
    return None


def name_of(number: int, image: PageImage) -> str:
    """The name of a picture's part in the archive."""
    return f"images/{number:03d}.{_SUFFIXES.get(image.media_type, 'bin')}"
