"""The parent's side of the worker: send a file, wait a bounded time, kill and start anew what does not answer."""

from __future__ import annotations

import base64
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.copyright.model import Media
from baas.errors import Text, UserError
from network.processes import NO_WINDOW

SECONDS = 120.0
SECONDS_A_GIGABYTE = 60.0
"""Sound lies between the pictures of a film, so that a large file is read to its end."""


@dataclass(frozen=True)
class Fingerprints:
    """What the index keeps of a file and asks with; empty arrays where a kind has none."""

    media: Media
    iscc: str
    pdq: str
    phash: str
    dhash: str
    flat: bool
    image_index: NDArray[np.uint8]
    image_query: NDArray[np.uint8]
    minhash: NDArray[np.uint32]
    sample: NDArray[np.uint64]
    landmarks: NDArray[np.int64]
    undone: tuple[NDArray[np.int64], ...] = ()
    """Landmarks of the sound as it was before common changes of speed, tempo and pitch; to ask with only."""
    credentials: Mapping[str, str] = field(default_factory=dict)
    """What the file's Content Credentials (C2PA) say, empty if it has none."""

    def public(self) -> dict[str, str]:
        """The short ones, as they go on the ledger."""
        found = {"iscc": self.iscc, "pdq": self.pdq, "phash": self.phash, "dhash": self.dhash}
        return {name: value for name, value in found.items() if value}


def _array(answer: dict[str, Any], name: str, dtype: Any) -> NDArray[Any]:
    return _unpacked(answer.get(name, ""), dtype)


def _unpacked(text: str, dtype: Any) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text), dtype=dtype)


def without(media: Media, why: UserError | None = None) -> Fingerprints:
    """What is known of a file that cannot be decoded: that it is there, and why nothing like it will be found."""
    doubts = media.doubts
    if why is not None:
        doubt = Text(
            "{why}没有可比对的指纹，查重时找不到与它相似的作品。",
            "{why} It has no fingerprint, so works like it will not be found.",
            why=why.message,
        )
        doubts = (*doubts, doubt)
    nothing = np.zeros(0)
    return Fingerprints(
        media=replace(media, doubts=doubts),
        iscc="",
        pdq="",
        phash="",
        dhash="",
        flat=False,
        image_index=np.zeros((0, 32), np.uint8),
        image_query=np.zeros((0, 32), np.uint8),
        minhash=nothing.astype(np.uint32),
        sample=nothing.astype(np.uint64),
        landmarks=np.zeros((0, 2), np.int64),
    )


def plainly(prints: Fingerprints) -> Fingerprints:
    """The same with a word to the depositor: a picture so plain that nothing like it can be found."""
    doubt = Text(
        "画面过于单一，没有可比对的指纹，查重时找不到与它相似的作品。",
        "The picture is too plain to be compared, so works like it will not be found.",
    )
    return replace(prints, media=replace(prints.media, doubts=(*prints.media.doubts, doubt)))


def _refusal(path: Path, answer: dict[str, Any]) -> UserError:
    if answer["error"] == "timeout":
        what = Text("解析 {p} 用时过长，已停止。", "Decoding {p} took too long and was stopped.", p=path.name)
    elif answer["error"] in ("memory", "died"):
        what = Text("解析 {p} 需要的内存过多，已停止。", "Decoding {p} needs too much memory; stopped.", p=path.name)
    else:
        what = Text("{p} 已损坏、被截断或无法解码。", "{p} is damaged, cut short or cannot be decoded.", p=path.name)
    return UserError(
        what,
        Text("请检查文件能否正常打开。", "Check that the file opens elsewhere."),
        code=f"media_{answer['error']}",
        details={"reason": answer.get("reason", "")},
    )


class FingerprintPool:
    """One worker process, started when first needed; calls from several threads wait for each other."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._lock = threading.Lock()

    def extract(self, path: Path, media: Media) -> Fingerprints:
        """Fingerprints of a file; `UserError` when it cannot be decoded in bounded time and memory."""
        with self._lock:
            request = {"path": str(path.absolute()), "kind": media.kind, "type": media.media_type}
            answer = self._ask(request, self._seconds + media.size / 1e9 * SECONDS_A_GIGABYTE)
        if "error" in answer:
            raise _refusal(path, answer)
        kind = media.kind
        if kind == "video" and not answer.get("video", True):
            kind = "audio"
        found = replace(
            media,
            media_type=media.media_type if kind == media.kind else media.media_type.replace("video/", "audio/"),
            kind=kind,
            width=int(answer.get("width", 0)),
            height=int(answer.get("height", 0)),
            duration=float(answer.get("duration", 0.0)),
        )
        return Fingerprints(
            media=found,
            iscc=answer.get("iscc", ""),
            pdq=answer.get("pdq", ""),
            phash=answer.get("phash", ""),
            dhash=answer.get("dhash", ""),
            flat=bool(answer.get("flat")),
            image_index=_array(answer, "index", np.uint8).reshape(-1, 32),
            image_query=_array(answer, "query", np.uint8).reshape(-1, 32),
            minhash=_array(answer, "minhash", np.uint32),
            sample=_array(answer, "sample", np.uint64),
            landmarks=_array(answer, "landmarks", np.int64).reshape(-1, 2),
            undone=tuple(_unpacked(one, np.int64).reshape(-1, 2) for one in answer.get("undone", ())),
            credentials=answer.get("credentials") or {},
        )

    def view(self, path: Path, kind: str, edge: int, stills: int = 0) -> dict[str, Any]:
        """What people see of a file (`views.view`); `UserError` when that cannot be decoded within bounds."""
        with self._lock:
            answer = self._ask(
                {"path": str(path.absolute()), "kind": kind, "edge": edge, "stills": stills}, self._seconds
            )
        if "error" in answer:
            raise _refusal(path, answer)
        return answer

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            self._stop()
            return {"error": "timeout"}
        except OSError:
            self._stop()
            return {"error": "died"}
        if not line:
            self._stop()
            return {"error": "died"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "apps.copyright.fingerprints.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
            creationflags=NO_WINDOW,
        )
        self._answers = queue.Queue()
        threading.Thread(target=self._read, args=(self._process, self._answers), daemon=True).start()
        return self._process

    @staticmethod
    def _read(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            answers.put(line)
        answers.put("")

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._stop()

    def __enter__(self) -> FingerprintPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
