"""Files that are there in full or not at all, their hashes, and a lock between processes."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.errors import ToolError

CHUNK = 1 << 20


def hash_file(path: Path, algorithm: str = "sha256") -> str:
    """The file's digest in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


def integrity(path: Path, algorithm: str = "sha512") -> str:
    """The file's digest as npm and Subresource Integrity write it: `sha512-<base64>`."""
    digest = bytes.fromhex(hash_file(path, algorithm))
    return f"{algorithm}-{base64.b64encode(digest).decode()}"


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A temporary path that becomes `target` when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder that becomes `target` when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        try:
            temporary.rename(target)
        except OSError:
            # Another process was faster; names carry the content's hash, so its folder is as good.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(target: Path, text: str) -> bool:
    """Write the file unless it has that text already; true when it was written."""
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return False
    with new_file(target) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return True


def copy_if_changed(source: Path, target: Path) -> bool:
    """Copy a file unless size and time say that it is there already; true when it was copied."""
    wanted = source.stat()
    if target.is_file():
        found = target.stat()
        if (found.st_size, found.st_mtime_ns) == (wanted.st_size, wanted.st_mtime_ns):
            return False
    with new_file(target) as temporary:
        shutil.copyfile(source, temporary)
        os.utime(temporary, ns=(wanted.st_atime_ns, wanted.st_mtime_ns))
    return True


def unpack_tar(archive: Path, folder: Path, prefix: str = "") -> None:
    """Unpack the members under `prefix`, without the prefix; refuses to write outside `folder`."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                if not member.name.startswith(prefix) or member.name == prefix:
                    continue
                member.name = member.name[len(prefix) :]
                target = (folder / member.name).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise ToolError(
                        f"{archive.name} holds a path outside its folder: {member.name}"
                    )
                if hasattr(tarfile, "data_filter"):
                    tar.extract(member, folder, filter="data")
                elif member.isfile() or member.isdir() or member.issym():
                    tar.extract(member, folder)
    except tarfile.TarError as error:
        raise ToolError(f"{archive.name} cannot be unpacked: {error}") from error


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock on `path`; a second process waits, for two builds would fight over dist/."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as stream:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        # Closing the file releases the lock.
        yield
