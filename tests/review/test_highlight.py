"""What is marked as agreeing and differing, and that nothing shown is lost or hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.highlight import SHOWN_CHARACTERS, Segment, highlight, plain
from review.tokens import fold_address, fold_name, romanised


def marks(text: str, *others: str) -> dict[str, str]:
    """Each marked word to its mark."""
    return {
        word: segment.mark
        for segment in highlight(text, others)
        for word in segment.text.split()
        if segment.mark != "plain"
    }


@pytest.mark.parametrize(
    ("text", "other", "word", "mark"),
    [
        ("Victory Wave Holdings", "VICTORY WAVE", "Victory", "same"),
        ("Victory Wave Holdings", "VICTORY WAVE", "Holdings", "differ"),
        ("Société Générale", "SOCIETE GENERALE", "Société", "same"),
        ("ＡＢＣ Trading", "ABC Trading", "ＡＢＣ", "same"),
        ("SHEN ZHEN SHI Tech", "Shenzhenshi Tech", "ZHEN", "same"),
        ("Shenzhenshi Tech", "SHEN ZHEN SHI Tech", "Shenzhenshi", "same"),
        ("Acme Limited", "Acme Ltd.", "Limited", "form"),
        ("Acme GmbH", "Acme S.p.A.", "GmbH", "differ"),
        ("Electronics", "Electronic", "Electronics", "near"),
        ("No. 1 Trading", "No. 2 Trading", "1", "differ"),
        ("Plant 77123", "Plant 77124", "77123", "differ"),
        ("北京", "Beijing", "北京", "apart"),
        ("荣滔", "榮滔", "荣滔", "same"),
        ("ООО Ромашка", "Romashka LLC", "Ромашка", "apart"),
        ("ООО Ромашка", "Romashka LLC", "ООО", "form"),
        ("삼성전자", "삼성전자", "삼성전자", "same"),
    ],
)
def test_a_word_is_marked_by_what_stands_on_the_other_side(text: str, other: str, word: str, mark: str) -> None:
    assert marks(text, other)[word] == mark


def test_han_names_are_compared_character_by_character() -> None:
    assert highlight("南京钢铁", ["北京钢铁"]) == [Segment("南", "differ"), Segment("京钢铁", "same")]


@pytest.mark.parametrize(
    ("text", "other", "form"),
    [
        ("榮滔有限公司", "Victory Wave Limited", "有限公司"),
        ("Victory Wave Limited", "榮滔有限公司", "Limited"),
        ("Acme CO., LTD.", "Acme Limited", "LTD"),
    ],
)
def test_a_legal_form_agrees_with_its_translation(text: str, other: str, form: str) -> None:
    assert marks(text, other)[form] == "form"


def test_holdings_inside_a_han_legal_form_still_differs() -> None:
    assert highlight("榮滔控股有限公司", ["榮滔有限公司"]) == [
        Segment("榮滔", "same"), Segment("控股", "differ"), Segment("有限公司", "form"),
    ]  # fmt: skip


def test_a_trade_word_agrees_with_its_abbreviation() -> None:
    segments = highlight("Acme Intl", ["ACME INTERNATIONAL"], fold_name)
    assert segments == [Segment("Acme Intl", "same")]


def test_a_word_found_in_any_name_of_the_other_side_agrees() -> None:
    assert set(marks("Victory Wave", "Something Else", "Wave Victory").values()) == {"same"}


def test_address_words_agree_with_their_short_forms() -> None:
    segments = highlight("Room 5, Dundas Street", ["Rm 5 Dundas St"], fold_address)
    assert {segment.mark for segment in segments} == {"same", "plain"}


def test_two_places_are_not_nearly_the_same_because_their_codes_are() -> None:
    assert highlight("Hubei", ["Shanghai"], fold_address) == [Segment("Hubei", "differ")]


@pytest.mark.parametrize("code", [0x0, 0x1B, 0xAD, 0x200B, 0x200F, 0x202E, 0x2066, 0xFEFF, 0xE0041])
def test_invisible_characters_are_named(code: int) -> None:
    segments = highlight(f"VIC{chr(code)}TORY", ["VICTORY"])
    assert segments == [Segment("VIC", "same"), Segment(f"U+{code:04X}", "hidden"), Segment("TORY", "same")]


def test_a_name_of_ten_thousand_characters_is_cut_and_says_so() -> None:
    segments = highlight("x" * 10_000, ["y " * 5_000])
    assert sum(len(segment.text) for segment in segments[:-1]) == SHOWN_CHARACTERS
    assert segments[-1] == Segment(" … 9,400 more characters", "hidden")


@given(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=3))
def test_every_visible_character_is_shown_once_and_in_order(text: str, others: list[str]) -> None:
    segments = highlight(text, others)
    at = 0
    for segment in segments:
        if segment.mark == "hidden":
            assert segment.text == f"U+{ord(text[at]):04X}"
            at += 1
        else:
            assert text[at : at + len(segment.text)] == segment.text
            at += len(segment.text)
    assert at == len(text)


@given(st.text(max_size=60))
def test_a_text_agrees_with_itself(text: str) -> None:
    assert {segment.mark for segment in highlight(text, [text])} <= {"same", "form", "plain", "hidden"}


@given(st.text(max_size=60))
def test_plain_text_carries_no_verdict(text: str) -> None:
    assert {segment.mark for segment in plain(text)} <= {"plain", "hidden"}


def test_only_text_in_other_letters_is_romanised() -> None:
    assert romanised("Victory Wave 7 №") is None
    assert romanised("榮滔有限公司") == "rong tao you xian gong si"
    assert romanised("Ромашка") == "Romaska"
