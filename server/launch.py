"""Start a program as another user and let it end with its parent.

Runs as a script of its own (`python -I -S launch.py UID GID PARENT SIGNAL PROGRAM [ARGUMENT ...]`),
since code between fork and exec in a process with threads may deadlock. Standard library only.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h: the signal this process gets when its parent dies."""


def end_with_parent(parent: int, signal_number: int) -> None:
    """Have the kernel send us `signal_number` when `parent` dies; Linux only, elsewhere nothing."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def main(arguments: list[str]) -> None:
    """Change to the user, tie ourselves to the parent, become the program."""
    uid, gid, parent, signal_number = (int(number) for number in arguments[:4])
    if uid != os.geteuid():
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # A change of user clears the tie to the parent, so it comes after.
    end_with_parent(parent, signal_number)
    os.execv(arguments[4], arguments[4:])  # noqa: S606 - a shell has no business here


if __name__ == "__main__":
    main(sys.argv[1:])
