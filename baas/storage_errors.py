"""What disk, file system and SQLite say, in words for people."""

from __future__ import annotations

import errno
import sqlite3

from network.errors import CityChainError, NotFound, Unavailable, UserError
from network.text import Text

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_UNUSABLE = {
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EEXIST, errno.ENOTEMPTY,
}  # fmt: skip
_IN_USE = {32, 33}  # Windows: another program has the file open, or a part of it
_FAILING = {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def storage_error(error: BaseException) -> CityChainError | None:
    """The `CityChainError` for a failure of the disk, a path or a database; None for anything else."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return _disk_full(str(error.filename or ""))
    if isinstance(error, OSError) and error.errno in _READ_ONLY:
        words = _in_use if getattr(error, "winerror", None) in _IN_USE else _not_writable
        return words(str(error.filename or ""))
    if isinstance(error, OSError) and error.errno in _UNUSABLE and error.filename:
        return _unusable_path(str(error.filename), error.errno or 0)
    if isinstance(error, OSError) and error.errno in _FAILING:
        return _failing(error.strerror or str(error))
    if isinstance(error, UnicodeEncodeError) and "surrogates" in error.reason:
        return UserError(
            Text("输入中有无法识别的字符。", "The input has characters that are no text."),
            Text("请以 UTF-8 重新输入。", "Enter it again in UTF-8."),
            code="not_text",
        )
    return _database_error(str(error).lower()) if isinstance(error, sqlite3.Error) else None


def _unusable_path(path: str, number: int) -> CityChainError:
    shown = path.encode("utf-8", "replace").decode()[:200]
    if number == errno.ENOENT:
        return NotFound(
            Text("没有这个文件或文件夹：{path}", "There is no such file or folder: {path}", path=shown),
            Text("请检查路径。", "Check the path."),
            code="no_file",
        )
    return UserError(
        Text("这个路径不能用：{path}", "This path cannot be used: {path}", path=shown),
        Text("请检查它是文件还是文件夹、是否过长或已存在。", "It may be a folder, too long, or there already."),
        code="path_unusable",
    )


def _in_use(path: str) -> Unavailable:
    return Unavailable(
        Text("文件正被其他程序占用：{path}", "Another program has this file open: {path}", path=path or "?"),
        Text("请关闭那个程序后重试。", "Close that program, then try again."),
        code="file_in_use",
    )


def _failing(why: str) -> Unavailable:
    return Unavailable(
        Text("系统拒绝了操作：{why}", "The system refused: {why}", why=why),
        Text("请检查磁盘和打开的文件数后重试。", "Check the disk and the number of open files, then try again."),
        code="system_refused",
    )


def _database_error(text: str) -> CityChainError | None:
    if "full" in text:
        return _disk_full("")
    if "readonly" in text or "unable to open" in text:
        return _not_writable("")
    if "malformed" in text or "not a database" in text:
        return Unavailable(
            Text("数据文件已损坏。", "A data file is damaged."),
            Text("请用最近的备份恢复：citychain restore。", "Restore the latest backup: citychain restore."),
            code="storage_damaged",
            details={"text": text},
        )
    if "disk i/o" in text:
        return _failing(text)
    if "locked" in text or "busy" in text:
        return Unavailable(
            Text("数据文件正被其他程序占用。", "A data file is in use by another program."),
            Text("请稍后重试。", "Try again in a moment."),
            code="storage_busy",
        )
    return None


def _disk_full(path: str) -> Unavailable:
    return Unavailable(
        Text("磁盘空间已满，操作没有完成。", "The disk is full; the operation was not completed."),
        Text(
            "请清理磁盘后重试。已确认的数据没有丢失。",
            "Free some space and try again. Nothing that was acknowledged is lost.",
        ),
        code="disk_full",
        details={"path": path} if path else None,
    )


def _not_writable(path: str) -> Unavailable:
    return Unavailable(
        Text("没有写入权限：{path}", "No permission to write: {path}", path=path or "-"),
        Text(
            "请检查文件夹权限，或用 --workspace 另选一个文件夹。",
            "Check the folder's permissions, or choose another one with --workspace.",
        ),
        code="not_writable",
        details={"path": path} if path else None,
    )
