"""What the checker says of bundles with one fault, with many, and with none."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from challenges import bundle
from challenges.archive import LARGEST_FILE
from challenges.bundle import BundleError, Fault
from challenges.checks import PLAIN_PATH

Spoil = Callable[[str, str, str], None]
T = "challenge.toml"
MADE_HERE = '{ name = "Made here", licence = "CC0" }'


def only_fault(folder: Path) -> tuple[str, str, str, str]:
    (fault,) = bundle.check(folder)
    return fault.file, fault.field, fault.found, fault.expected


def test_a_sound_bundle_has_no_fault_and_can_be_read(folder: Path) -> None:
    assert bundle.check(folder) == []
    read = bundle.read(folder)
    assert read.manifest.slug == "tiny"
    assert read.digest == bundle.digest(folder)
    assert read.statement.startswith("## Background")


def test_the_built_in_bundles_are_in_order() -> None:
    folders = bundle.built_in()
    assert {"first-steps", "gearing-up", "into-the-deep", "numbers-too", "the-right-data"} <= {
        folder.name for folder in folders
    }
    assert {folder.name: bundle.check(folder) for folder in folders} == {f.name: [] for f in folders}


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (T, 'title = "Tiny"', "title =", (T, "line 3, column 8", "Invalid value", "valid TOML")),
        (T, 'title = "Tiny"', "", (T, "title", "nothing", "a value")),
        (T, 'title = "Tiny"', "title = 7", (T, "title", "7", "text in quotes")),
        (
            T,
            'slug = "tiny"',
            'slug = "Tiny!"',
            (T, "slug", "'Tiny!'", "text of the form ^[a-z0-9]+(-[a-z0-9]+)*$"),
        ),
        (T, "seed = 3", "sead = 3\nseed = 3", (T, "data.sead", "3", "no field of this name")),
        (T, "train = 40", "train = 0.5", (T, "data.sizes.train", "0.5", "a whole number")),
        (T, "public = 30", "public = 3", (T, "data.sizes.public", "3", "a number of at least 20")),
        (T, "train = 40", "train = 1", (T, "data.sizes.train", "1", "at least 2, one for each class")),
        (T, MADE_HERE, "", (T, "data.sources", "[]", "at least 1 item(s)")),
        (
            T,
            'type = "table"',
            'type = "sound"',
            (T, "task.input", "{'type': 'sound', 'features': ['a', 'b']}", "type to be 'image', 'table'"),
        ),
        (T, 'type = "table", ', "", (T, "task.input", "no type", "a field type, 'image' or 'table'")),
        (T, '["a", "b"]', '["a", 5]', (T, "task.input.features[1]", "5", "text in quotes")),
        (T, '["a", "b"]', '["a", "a"]', (T, "task.input.features", "'a' 2 times", "each once")),
        (T, '["low", "high"]', '["low", "low"]', (T, "task.classes", "'low' 2 times", "each once")),
        (
            T,
            '["low", "high"]',
            '["low", " high"]',
            (T, "task.classes", "' high'", "a name without spaces around it or line breaks"),
        ),
        (
            T,
            "pass_score = 0.7",
            "pass_score = 70",
            (T, "pass_score", "70", "a number from 0 to 1, the range of accuracy"),
        ),
        (
            T,
            "pass_score = 0.7",
            "pass_score = nan",
            (T, "pass_score", "nan", "a number from 0 to 1, the range of accuracy"),
        ),
        (
            T,
            "score = 0.5",
            "score = -1",
            (T, "baselines[0].score", "-1.0", "a number from 0 to 1, the range of accuracy"),
        ),
        (T, "tolerance = 0.1", "tolerance = 0", (T, "baselines[0].tolerance", "0", "a number above 0")),
        (
            T,
            'strength = "weak"',
            'strength = "fair"',
            (T, "baselines[0].strength", "'fair'", "'weak' or 'strong'"),
        ),
        (
            T,
            "guess.skops",
            "guess.onnx",
            (
                T,
                "baselines[0].artefact",
                "'guess.onnx'",
                "a file name that ends in .skops, as format is 'sklearn'",
            ),
        ),
        (
            T,
            "guess.skops",
            "../guess.skops",
            (
                T,
                "baselines[0].artefact",
                "'../guess.skops'",
                "a file name that ends in .skops, as format is 'sklearn'",
            ),
        ),
        (
            T,
            '["sklearn", "predictions"]',
            '["predictions"]',
            (T, "baselines[0].format", "'sklearn'", "one of formats: ['predictions']"),
        ),
        (
            T,
            '"baseline.py"',
            '"train.py"',
            (T, "baselines[0].script", "'train.py', which is not there", "a Python file of the bundle"),
        ),
        (
            T,
            '"baseline.py"',
            '"/bin/baseline.py"',
            (T, "baselines[0].script", "'/bin/baseline.py'", PLAIN_PATH),
        ),
        (
            T,
            "seed = 3",
            'builder = "../data.py"\nseed = 3',
            (T, "data.builder", "'../data.py'", PLAIN_PATH),
        ),
        (
            T,
            "pass_score",
            'statement = "text.md"\npass_score',
            (T, "statement", "'text.md', which is not there", "a Markdown file of the bundle"),
        ),
        (
            T,
            "pass_score",
            'starter = "kit"\npass_score',
            (T, "starter", "'kit', which is not there", "a folder of the bundle"),
        ),
        (
            "statement.md",
            "## Hints",
            "## Clues",
            ("statement.md", "Hints", "no such heading", "a heading '## Hints'"),
        ),
        (
            "statement.md",
            "## Hints\n\nSome text.",
            "## Hints",
            ("statement.md", "Hints", "a heading without text", "a few lines below it"),
        ),
        (
            "statement.md",
            "## Hints",
            "```\n## Hints\n```",
            ("statement.md", "Hints", "no such heading", "a heading '## Hints'"),
        ),
        (
            "data.py",
            "def hidden(",
            "def secret_ones(",
            ("data.py", "hidden", "no such function", "def hidden(seed, secret, sizes)"),
        ),
        (
            "data.py",
            "def given(seed, sizes)",
            "def given(sizes)",
            ("data.py", "given", "parameters sizes", "def given(seed, sizes)"),
        ),
        (
            "baseline.py",
            "print",
            "def",
            ("baseline.py", "line 1", "invalid syntax (<unknown>, line 1)", "valid Python"),
        ),
    ],
)
def test_a_fault_names_file_field_found_and_expected(
    folder: Path, spoil: Spoil, file: str, old: str, new: str, fault: tuple[str, str, str, str]
) -> None:
    spoil(file, old, new)
    assert only_fault(folder) == fault


def test_every_fault_is_told_at_once(folder: Path, spoil: Spoil) -> None:
    spoil(T, 'title = "Tiny"', "")
    spoil(T, '["low", "high"]', '["low", "low"]')
    spoil(T, "release_hidden_inputs = true", "release_hidden_inputs = false")
    spoil("statement.md", "## Data", "## Numbers")
    (folder / "data.py").unlink()
    (folder / "starter" / "README.md").unlink()
    assert {(fault.file, fault.field) for fault in bundle.check(folder)} == {
        (T, "title"),
        (T, "task.classes"),
        (T, "data.release_hidden_inputs"),
        (T, "data.builder"),
        ("statement.md", "Data"),
        ("starter/README.md", ""),
    }


def test_a_budget_needs_formats_that_tell_their_cost(folder: Path, spoil: Spoil) -> None:
    spoil(T, "[data]", "[limits]\nbudget = { macs = 5 }\n\n[data]")
    file, field, found, expected = only_fault(folder)
    assert (file, field) == (T, "limits.budget")
    assert found == "a budget, with formats 'sklearn', 'predictions' that cannot tell their cost"
    assert expected == "no budget, or formats of 'onnx' and 'torch' alone"
    spoil(T, "{ macs = 5 }", "{ macs = 0 }")
    assert only_fault(folder)[1:3] == ("limits.budget.macs", "0")
    spoil(T, "{ macs = 0 }", "{}")
    assert only_fault(folder)[1] == "limits.budget"


def test_data_is_taken_where_something_is_trained_on_it_and_there_alone(folder: Path, spoil: Spoil) -> None:
    spoil(T, '["sklearn", "predictions"]', '["sklearn", "predictions", "dataset"]')
    assert only_fault(folder)[:2] == (T, "formats")


def test_images_need_a_target_and_formats_that_can_make_one(folder: Path, spoil: Spoil) -> None:
    spoil("challenge.toml", 'kind = "classification"', 'kind = "images"')
    spoil("challenge.toml", 'metric = "accuracy"', 'metric = "images_right"')
    spoil("challenge.toml", 'classes = ["low", "high"]\n', "")
    assert [fault.field for fault in bundle.check(folder)] == ["task"]
    spoil(
        "challenge.toml",
        "[data]",
        'target = { type = "image", channels = 3, height = 8, width = 8 }\n\n[data]',
    )
    assert [fault.field for fault in bundle.check(folder)] == ["formats"]


def test_files_are_checked_even_where_the_manifest_cannot_be_parsed(folder: Path, spoil: Spoil) -> None:
    spoil(T, 'title = "Tiny"', "title = = 3")
    (folder / "link").symlink_to("/etc/passwd")
    assert {(fault.file, fault.field) for fault in bundle.check(folder)} == {
        ("link", "type"),
        (T, "line 3, column 9"),
    }


def test_headings_out_of_order_are_a_fault(folder: Path) -> None:
    text = (folder / "statement.md").read_text()
    hints = "## Hints\n\nSome text.\n\n"
    (folder / "statement.md").write_text(hints + text.replace(hints, ""))
    assert only_fault(folder)[:2] == ("statement.md", "headings")


def test_two_baselines_of_one_name_are_a_fault(folder: Path) -> None:
    table = (folder / T).read_text()
    second = table[table.index("[[baselines]]") :].replace("guess.skops", "other.skops")
    (folder / T).write_text(table + second)
    assert only_fault(folder) == (T, "baselines.name", "'Guess' 2 times", "each once")


def test_text_that_is_not_utf8_is_a_fault_of_its_file(folder: Path) -> None:
    (folder / "statement.md").write_bytes(b"## Background \xff")
    (folder / T).write_bytes((folder / T).read_bytes() + b"# \xff")
    assert {(fault.file, fault.expected) for fault in bundle.check(folder)} == {(T, "text in UTF-8")}


def test_links_and_large_files_and_awkward_names_are_faults(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "starter" / "up").symlink_to("../..")
    with (folder / "large.bin").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    (folder / "back\\slash.txt").write_text("")
    (folder / "Large.bin").write_text("")
    assert {(fault.file, fault.field) for fault in bundle.check(folder)} == {
        ("link", "type"),
        ("starter/up", "type"),
        ("large.bin", "size"),
        ("back\\slash.txt", "path"),
        ("large.bin", "path"),
    }


def test_a_missing_folder_and_a_missing_manifest_are_faults(tmp_path: Path) -> None:
    assert only_fault(tmp_path / "nowhere")[2] == "no folder"
    assert only_fault(tmp_path) == (T, "", "no such file", "a manifest")


def test_files_nested_without_end_are_faults_and_no_crash(folder: Path) -> None:
    (folder / T).write_text((folder / T).read_text() + f"deep = {'[' * 50_000}\n")
    assert only_fault(folder) == (T, "", "brackets nested too deeply", "valid TOML")


@pytest.mark.parametrize("text", ["-" * 200_000 + "1", "(" * 5000, "x = " + "a." * 50_000 + "a", "\0"])
def test_no_python_text_crashes_the_checker(folder: Path, text: str) -> None:
    (folder / "baseline.py").write_text(text)
    assert {fault.file for fault in bundle.check(folder)} <= {"baseline.py"}


def test_reading_raises_one_error_that_carries_every_fault(folder: Path, spoil: Spoil) -> None:
    spoil(T, 'title = "Tiny"', "")
    spoil(T, "tolerance = 0.1", "tolerance = 0")
    with pytest.raises(BundleError) as raised:
        bundle.read(folder)
    assert raised.value.faults[0] == Fault(file=T, field="title", found="nothing", expected="a value")
    assert str(raised.value).splitlines() == [
        "challenge.toml, title: found nothing; expected a value",
        "challenge.toml, baselines[0].tolerance: found 0; expected a number above 0",
    ]


def test_checking_a_bundle_runs_none_of_its_code(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    for file in ("data.py", "baseline.py"):
        text = (folder / file).read_text()
        (folder / file).write_text(f"open({str(trace)!r}, 'w').close()\n{text}")
    assert bundle.check(folder) == []
    assert not trace.exists()


def test_the_parts_that_the_site_imports_load_nothing_heavy() -> None:
    code = (
        "import sys, challenges.bundle, challenges.manifest, challenges.cli\n"
        "heavy = {'numpy', 'PIL', 'skimage', 'sklearn', 'scipy', 'torch', 'onnx', 'django'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [".statement.md", "__pycache__/statement.md", "s" * 5000])
def test_a_file_that_would_not_be_packed_is_no_part_of_a_bundle(
    folder: Path, spoil: Spoil, name: str
) -> None:
    spoil(T, 'title = "Tiny"', f'title = "Tiny"\nstatement = "{name}"')
    assert [(fault.field, fault.expected) for fault in bundle.check(folder)] == [("statement", PLAIN_PATH)]


def test_a_number_that_python_does_not_read_is_a_fault(folder: Path, spoil: Spoil) -> None:
    spoil(T, "seed = 3", "seed = " + "3" * 5000)
    assert only_fault(folder)[3] == "whole numbers of at most 4,300 digits"
