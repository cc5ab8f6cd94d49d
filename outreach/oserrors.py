"""What the operating system says no to, as a fault that a reader can mend."""

import errno

from contacts.errors import Fault

CODES = {
    errno.ENOENT: "path_missing",
    errno.EACCES: "path_denied",
    errno.EPERM: "path_denied",
    errno.EISDIR: "path_is_folder",
    errno.ENOTDIR: "path_no_folder",
    errno.EEXIST: "path_exists",
    errno.EROFS: "path_readonly",
    errno.ENAMETOOLONG: "path_long",
    errno.ELOOP: "path_circle",
    errno.EMFILE: "files_many",
    errno.ENFILE: "files_many",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EIO: "disk_fault",
}
NEED_NO_PATH = {"files_many", "disk_full"}


def fault(error: OSError) -> Fault | None:
    """Return the fault for an error about a file or the disk; None for another, or when it names no file."""
    code = CODES.get(error.errno or 0)
    if code is None or (error.filename is None and code not in NEED_NO_PATH):
        return None
    shown = "" if error.filename is None else str(error.filename)
    return Fault(code, "", shown.encode("utf-8", "backslashreplace").decode())
