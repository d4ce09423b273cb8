"""Another program that has a file open, for the check of the installer; run by a Python for Windows.

    python hold.py FILE SHARE HELD FREE

`SHARE` is CreateFileW's share mode: 0 lets nobody in, 1 lets others read, as most programs do. Writes the handle to
`HELD` and lets go when `FREE` appears.
"""

from __future__ import annotations

import ctypes
import sys
import time
from pathlib import Path

READ, EXISTING = 0x80000000, 3


def main(path: str, share: str, held: str, free: str) -> None:
    create = ctypes.windll.kernel32.CreateFileW
    create.restype = ctypes.c_void_p
    create.argtypes = [
        ctypes.c_wchar_p,
        *[ctypes.c_uint32] * 2,
        ctypes.c_void_p,
        *[ctypes.c_uint32] * 2,
        ctypes.c_void_p,
    ]
    handle = create(path, READ, int(share), None, EXISTING, 0, None)
    Path(held).write_text(str(handle), encoding="ascii")
    while not Path(free).exists():
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:])
