"""What copies do to sounds, films and texts, and the made works that it is done to.

Sounds and films are made (`synthetic`), texts are cut from the reference of the Python language that comes with the
interpreter: everybody can measure again, with nothing fetched.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

from PIL import Image

from apps.copyright.fingerprints.audio import resampled, stretched
from apps.copyright.synthetic import RATE, Samples

SoundChange = Callable[[Samples], Samples]
_SEMITONE = 2 ** (1 / 12)


def speed(factor: float) -> SoundChange:
    """Faster and higher, as a tape or a record that runs too fast."""
    return lambda sound: resampled(sound, factor)


def tempo(factor: float) -> SoundChange:
    """Faster at the same pitch."""
    return lambda sound: stretched(sound, factor, RATE)


def pitch(semitones: float) -> SoundChange:
    """Higher at the same length."""
    factor = _SEMITONE**semitones
    return lambda sound: tempo(1 / factor)(speed(factor)(sound))


def cut(sound: Samples) -> Samples:
    """Five seconds out of the middle."""
    start = (len(sound) - 5 * RATE) // 2
    return sound[max(0, start) : max(0, start) + 5 * RATE]


SOUND_CHANGES: Mapping[str, SoundChange] = {
    "recoded": lambda sound: sound,
    "five_seconds": cut,
    "speed_+3": speed(1.03),
    "speed_-3": speed(0.97),
    "tempo_+5": tempo(1.05),
    "tempo_-5": tempo(0.95),
    "pitch_+1": pitch(1),
    "pitch_-1": pitch(-1),
    "speed_+2.4": speed(1.024),
    "tempo_-3.6": tempo(0.964),
}


def barred(x: float, y: float) -> Callable[[Image.Image], Image.Image]:
    """Made smaller by these shares of the frame at each side, with black bars around it; the frame stays as it is."""

    def change(picture: Image.Image) -> Image.Image:
        out = Image.new("RGB", picture.size, (0, 0, 0))
        inside = (round(picture.width * (1 - 2 * x)), round(picture.height * (1 - 2 * y)))
        out.paste(picture.resize(inside), ((out.width - inside[0]) // 2, (out.height - inside[1]) // 2))
        return out

    return change


FILM_CHANGES: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "recoded": lambda picture: picture,
    "letterbox": barred(0, 0.125),
    "pillarbox": barred(0.125, 0),
    "letterbox_and_pillarbox": barred(0.1, 0.1),
}

HEAD = """Municipal Registration Services, Department of Correspondence
12 Harbour Street, Second Floor. Office hours: Monday to Friday, nine to five. Telephone on weekdays only.
Our reference is given above. Please quote it in every letter, and answer within fifteen working days.
"""
NOTICE = """
This message and what is attached to it are meant for the addressee alone. Whoever received it by mistake is asked to
tell the sender at once and to destroy every copy. Nothing in it is an offer or a promise unless it says so in writing
and is signed by two persons with power to sign. Views are the writer's own. We have taken care that no harmful program
is attached, but cannot answer for damage that one may do. All rights in the text, in its arrangement and in its
pictures are reserved; copying, in whole or in part, needs leave in writing. Disputes go to the court at our seat.
"""
"""A letter head and a closing notice as every letter of an office carries them: 300 and 560 characters."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LEAST_SENTENCE = 40


def passages(length: int) -> list[str]:
    """Real prose in pieces of about `length` characters that share no sentence: the language reference."""
    from pydoc_data.topics import topics

    found = []
    seen: set[str] = set()
    for name in sorted(topics):
        piece: list[str] = []
        for sentence in _SENTENCE.split(topics[name]):
            words = " ".join(sentence.split())
            if len(words) >= _LEAST_SENTENCE and words not in seen:  # chapters repeat each other's
                seen.add(words)
                piece.append(words)
            if sum(map(len, piece)) >= length:
                found.append(" ".join(piece))
                piece = []
    return found


def half_rewritten(text: str, other: str, chance: random.Random) -> str:
    """Every second sentence is another one altogether: harder than a paraphrase, which keeps some words."""
    mine, theirs = _SENTENCE.split(text), _SENTENCE.split(other)
    kept = chance.randrange(2)
    return " ".join(one if place % 2 == kept else theirs[place % len(theirs)] for place, one in enumerate(mine))


def excerpt(text: str, _other: str, _chance: random.Random) -> str:
    """The middle third."""
    return text[len(text) // 3 : 2 * len(text) // 3]


def some_words(text: str, _other: str, chance: random.Random) -> str:
    """One word in ten is another."""
    words = text.split()
    return " ".join(chance.choice(words) if chance.random() < 0.1 else word for word in words)


TEXT_CHANGES: Mapping[str, Callable[[str, str, random.Random], str]] = {
    "words_10": some_words,
    "excerpt_third": excerpt,
    "half_of_the_sentences": half_rewritten,
    "between_head_and_notice": lambda text, _other, _chance: HEAD + text + NOTICE,
}
