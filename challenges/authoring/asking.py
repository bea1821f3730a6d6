"""Questions on the terminal, for what the options of a command have not said."""

from collections.abc import Sequence

import typer

from challenges.faults import BundleError, Fault


def ask(said: str, question: str, usual: str, choices: Sequence[str], defaults: bool) -> str:
    """Give what was said; else the usual answer, when nothing is to be asked; else ask.

    Raises BundleError when an option said something that is none of the choices.
    """
    answer = said or (usual if defaults else _prompt(question, usual, choices))
    if choices and answer not in choices:
        raise BundleError(
            [Fault(file=question, field="", found=repr(answer), expected=f"one of {', '.join(choices)}")]
        )
    return answer


def _prompt(question: str, usual: str, choices: Sequence[str]) -> str:
    """Ask until one of the choices is typed."""
    shown = f"{question} ({', '.join(choices)})" if choices else question
    while True:
        answer = str(typer.prompt(shown, default=usual)).strip()
        if not choices or answer in choices:
            return answer
        typer.echo(f"{answer!r} is none of them.")
