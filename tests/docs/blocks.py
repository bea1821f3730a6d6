"""What the documentation holds besides prose: fenced blocks, and commands in them and in sentences."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.test_layout import ROOT, tracked

FENCE = re.compile(r"^( *)(`{3,})([^\n`]*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
ASSIGNMENT = re.compile(r"^[A-Z][A-Z_0-9]*=")
SHELLS = frozenset({"sh", "console"})
ENDS_A_COMMAND = frozenset({"|", "||", "&&", ";", "&"})
REDIRECTIONS = frozenset({">", ">>", "<"})


@dataclass(frozen=True)
class Block:
    """A fenced block: where it is, what language it says, what stands in it."""

    page: str
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


@dataclass(frozen=True)
class Command:
    """One command as it would be typed: settings before it, then its words."""

    page: str
    line: int
    settings: tuple[str, ...]
    words: tuple[str, ...]
    in_a_sentence: bool = False

    @property
    def text(self) -> str:
        return " ".join((*self.settings, *self.words))

    @property
    def program(self) -> str:
        """What is called: `heldout` for `.venv/bin/heldout`, but `docker/join` for itself."""
        return self.words[0].removeprefix(".venv/bin/").removeprefix("./")


def pages() -> list[Path]:
    """Every page that speaks of this software; the challenges' own texts are data."""
    return [path for path in tracked("*.md") if "challenges/openhack_ml" not in path.as_posix()]


def blocks() -> list[Block]:
    """All fenced blocks of all pages."""
    found = []
    for path in pages():
        text, page = path.read_text(), path.relative_to(ROOT).as_posix()
        for match in FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page, line, match[3].split(" ")[0], match[4]))
    return found


def commands(programs: frozenset[str]) -> list[Command]:
    """Those of the blocks for a shell, and those in sentences that begin with one of the programs."""
    found = [command for block in blocks() if block.language in SHELLS for command in _of_block(block)]
    return found + [command for path in pages() for command in _of_sentences(path, programs)]


def _of_block(block: Block) -> Iterator[Command]:
    text = block.text.replace("\\\n", " ")
    for number, line in enumerate(text.splitlines(), block.line + 1):
        if block.language == "console" and not line.startswith("$ "):
            continue
        yield from split(block.page, number, line.removeprefix("$ "))


def _of_sentences(path: Path, programs: frozenset[str]) -> Iterator[Command]:
    text, page = path.read_text(), path.relative_to(ROOT).as_posix()
    prose = FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in INLINE.finditer(prose):
        words = match[1].split()
        first = next((word for word in words if not ASSIGNMENT.match(word)), "")
        if len(words) > 1 and first.removeprefix(".venv/bin/") in programs:
            line = prose.count("\n", 0, match.start()) + 1
            for command in split(page, line, " ".join(words)):
                yield replace(command, in_a_sentence=True)


def split(page: str, line: int, text: str) -> Iterator[Command]:
    """The commands of one line: parts of a pipe are commands of their own, files they write to are not."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    tokens = [*lexer, ";"]
    while tokens:
        token = tokens.pop(0)
        if token in REDIRECTIONS:
            tokens.pop(0)
        elif token not in ENDS_A_COMMAND:
            words.append(token)
        elif words:
            begin = next((i for i, word in enumerate(words) if not ASSIGNMENT.match(word)), len(words))
            if begin < len(words):
                yield Command(page, line, tuple(words[:begin]), tuple(words[begin:]))
            words = []
