import pytest
from hypothesis import given
from hypothesis import strategies as st

from heldout.events.addresses import MOST_AT_ONCE, read_addresses
from heldout.events.rules import Refusal


def test_addresses_may_stand_one_a_line_or_be_parted_by_commas_and_semicolons() -> None:
    assert read_addresses("a@b.org, c@d.org;e@f.org\n\n g@h.org \n") == {
        "a@b.org": 1,
        "c@d.org": 1,
        "e@f.org": 1,
        "g@h.org": 3,
    }


def test_a_name_before_the_address_is_left_out_and_case_is_folded() -> None:
    assert read_addresses("Ada Lovelace <Ada@Example.ORG>") == {"ada@example.org": 1}


def test_every_faulty_line_is_named() -> None:
    with pytest.raises(Refusal) as caught:
        read_addresses("a@b.org\nnobody\nA@b.org\n@x")
    assert caught.value.text.splitlines() == [
        "Line 2: “nobody” is not a mail address.",
        "Line 3: a@b.org stands in line 1 already.",
        "Line 4: “@x” is not a mail address.",
    ]


@pytest.mark.parametrize("text", ["", " \n,\n;"])
def test_no_address_at_all_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="at least one"):
        read_addresses(text)


def test_more_than_fit_in_one_go_are_refused() -> None:
    with pytest.raises(Refusal, match=str(MOST_AT_ONCE)):
        read_addresses("\n".join(f"p{number}@example.org" for number in range(MOST_AT_ONCE + 1)))


@given(st.text(max_size=200))
def test_any_text_gives_addresses_or_a_refusal(text: str) -> None:
    try:
        found = read_addresses(text)
    except Refusal as refusal:
        assert refusal.text
    else:
        assert all(address == address.lower() and "@" in address for address in found)
