"""What one name is understood to be."""

import pytest

from resolution.names.understand import understand


@pytest.mark.parametrize(
    ("name", "form", "core"),
    [
        ("Victory Wave Holdings Limited", "ltd", ("HOLDING", "VICTORY", "WAVE")),
        ("SHENZHEN HUAWEI TECHNOLOGIES CO., LTD.", "ltd", ("HUAWEI", "TECHNOLOGY")),
        ("Trafigura Pte. Ltd.", "pte", ("TRAFIGURA",)),
        ("PERUSAHAAN ABC SDN. BHD.", "sdn", ("ABC", "PERUSAHAAN")),
        ("LIMITED LIABILITY COMPANY ISKUSSTVO KRASOTY", "llc", ("ISKUSSTVO", "KRASOTY")),
        ("Siemens Sanayi ve Ticaret Anonim Şirketi", "as_tr", ("SIEMENS",)),
        ("P.T. Astra International", "pt", ("ASTRA", "INTERNATIONAL")),
        ("Công ty TNHH Samsung", "tnhh", ("SAMSUNG",)),
        ("ООО «Рога и Копыта»", "ooo", ("КОПЫТА", "РОГА")),
        ("ТОО Актобе Нефть", "too", ("НЕФТЬ",)),
        ("榮滔有限公司", "ltd", ("荣滔",)),
        ("深圳市華為技術有限公司", "ltd", ("TECHNOLOGY", "华为")),
        ("中芯國際集成電路製造股份有限公司", "jsc", ("INTERNATIONAL", "MANUFACTURING", "中芯", "集成电路")),
        ("株式会社日立製作所", "kk", ("MANUFACTURING", "日立")),
        ("(주)삼성전자", "kk_kr", ("ELECTRONIC", "삼성")),
        ("บริษัท เอบีซี จำกัด", "ltd", ("เอบีซี",)),
        ("D S M N. V.", "nv", ("DSM",)),
        ("Bowne Global Solutions B.V.", "bv", ("BOWNE", "GLOBAL", "SOLUTION")),
        ("Sabiedriba ar ierobezotu atbildibu FALCON", "sia", ("FALCON",)),
    ],
)
def test_a_legal_form_is_extracted_and_the_core_kept(name: str, form: str, core: tuple[str, ...]) -> None:
    understood = understand(name)
    assert understood.legal_form == form
    assert understood.core == core


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("AB Corp", ("AB",)),
        ("Hong Kong Limited", ("HONG", "KONG")),
        ("General Trading Co Ltd", ("GENERAL", "TRADING")),
        ("AG", ("AG",)),
        ("The", ("THE",)),
    ],
)
def test_a_name_of_nothing_but_common_words_keeps_some_as_its_own(name: str, core: tuple[str, ...]) -> None:
    assert understand(name).core == core


def test_short_forms_count_only_where_they_may_stand() -> None:
    assert understand("AG Barr plc").core == ("AG", "BARR")
    assert understand("Bayer AG").core == ("BAYER",)
    assert understand("Astra PT").legal_form is None
    assert understand("PT Astra").legal_form == "pt"


def test_misspelt_legal_forms_and_trade_words_are_recognised() -> None:
    assert understand("Siemens Aktiengeselschaft").legal_form == "ag"
    assert understand("ZYX TECHNOLGY CORPARATION").core == understand("ZYX Technology Corp").core
    assert understand("Corporal Limiteds").core != understand("Corporal Limited").core  # another ending is another word


def test_places_are_told_apart_from_the_core() -> None:
    name = understand("ICBC (Asia) Hong Kong Limited")
    assert name.core == ("ICBC",)
    assert [word.place for word in name.words if word.place] == ["XX.ASIA", "HK", "HK"]


def test_letters_drawn_alike_are_read_in_one_script() -> None:
    assert understand("АКTOBE OIL").core == understand("AKTOBE OIL").core


def test_initials_with_points_blanks_or_neither_are_one_word() -> None:
    assert understand("A.B.C. Company").core == understand("A B C Company").core == understand("ABC Company").core


def test_abbreviations_and_plurals_of_trade_words_are_the_same_word() -> None:
    assert understand("ZYX INTL TECH MFG").core == understand("ZYX International Technologies Manufacturing").core


def test_numerals_in_words_and_ordinals_are_numerals() -> None:
    assert understand("Second Fishery").core == understand("2nd Fishery").core == understand("2 Fishery").core


def test_traditional_and_simplified_characters_are_the_same_word() -> None:
    assert understand("華為技術有限公司").core == understand("华为技术有限公司").core


def test_other_scripts_are_rendered_in_latin_letters() -> None:
    assert understand("深圳市华为技术有限公司").latin.startswith("SHENZHEN HUAWEI TECHNOLOGY")
    assert "KOPYTA" in understand("ООО Рога и Копыта").latin


@pytest.mark.parametrize("name", ["", " ", "🎉🎉", "***", "\x00\x01\x1b[", "\u202e\u200f", "—"])
def test_a_name_without_letters_has_no_words(name: str) -> None:
    assert understand(name).words == ()


def test_controls_and_direction_marks_vanish() -> None:
    assert understand("Ac\u200bme\u202e \x1bLtd\x00").core == ("ACME",)


def test_a_name_of_ten_thousand_characters_is_cut() -> None:
    assert len(understand("word " * 2_000).words) <= 80
    assert len(understand("x" * 10_000).words) == 1


def test_sql_and_html_in_names_are_words_like_others() -> None:
    assert understand("Robert'); DROP TABLE records;-- <b>Ltd</b>").core == ("B", "DROP", "RECORDS", "ROBERT", "TABLE")
