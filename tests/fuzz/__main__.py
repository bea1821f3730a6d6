"""Look for bytes at which a parser fails:

    python -m tests.fuzz TARGET --seconds 60
    python -m tests.fuzz --list

Coverage-guided, by atheris. What is found is written into the target's corpus, which `test_corpus.py`
replays: mend the fault, and keep the file.
"""

import argparse
import sys
import tempfile

import atheris

INSTRUMENTED = ["scoring", "challenges", "heldout", "markdown_it", "mdit_py_plugins"]
SLOW_SECONDS = 10
MOST_MB = 2048


def main() -> None:
    """Fuzz one target for a while; ends with the exit code of libFuzzer."""
    with atheris.instrument_imports(include=INSTRUMENTED):
        from tests.fuzz.targets import CORPUS, TARGETS

    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=[*TARGETS], nargs="?")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--longest", type=int, default=20_480, help="bytes of an input")
    parser.add_argument("--list", action="store_true", help="name the targets")
    options = parser.parse_args()
    if options.list or options.target is None:
        print("\n".join(TARGETS))
        return
    kept = CORPUS / options.target
    kept.mkdir(parents=True, exist_ok=True)
    # libFuzzer adds all that reaches new code to the first folder, which is far too much to keep.
    with tempfile.TemporaryDirectory(prefix="heldout-corpus-") as grown:
        arguments = [
            f"-max_total_time={options.seconds}",
            f"-max_len={options.longest}",
            f"-timeout={SLOW_SECONDS}",
            f"-rss_limit_mb={MOST_MB}",
            f"-artifact_prefix={kept}/",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *arguments, grown, str(kept)], TARGETS[options.target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
