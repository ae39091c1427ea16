"""Every language says everything, with the same facts in it, in the room that is there."""

import importlib
import inspect
import re
import string
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.people import LANGUAGES
from server.usecases.staff import sheets
from station.screens.guide import guide
from station.screens.picture import picture
from station.views import Flash, LabelStage, Lamp, Light, Note, State
from station.widgets.band import BandSays, band
from station.widgets.sheet import Sheet
from station.wording import Says, Ways, en, noted, say, speak, told
from station.wording.languages import _names, missing, needless
from tests.scenes import GUIDE, NOW, SIZES, STATUS, VIEWS
from tests.unit.test_widgets import text_of

OTHERS = [language for language in LANGUAGES if language != "en"]
FACTS = {"item": "Bench 12", "done": 12, "total": 120, "detail": "2026-11-21", "time": "59 min", "count": "12"}
SAMPLES: dict[str, tuple[object, ...]] = {
    "pace": (34, 120, 1),
    "not_counted": (("Mug", "Mug", "Soap"),),
    "wanted": ((("1044", "Bench 2", ""), ("1045", "", "T-7"), ("1046", "", "")),),
    "because": (Reason.EXPIRED, "2026-11-21"),
    "stage": (LabelStage.PRINTING, "out of labels"),
    "parked_why": (Reason.NO_PRINTER, 0),
    "lamp": (Lamp(Light.OFF, State.AWAY, 720.0, "no answer"),),
    "case_too_large": (6, 2),
    "plural": (2, "Stück"),
    "told": ("Webshop", 1, 3),
    "until": (-720.0, "UPS"),
    "box_number": (2, 3),
    "weight_off": (-120, 1, "Mug"),
    "weight_do": (Reason.WEIGHT_MISMATCH,),
    "which_item": (Reason.DAMAGED,),
}


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Spoken for one test."""
    speak(request.param)
    yield request.param
    speak("en")


def module(language: str) -> ModuleType:
    return importlib.import_module(f"station.wording.{language}")


def texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text of a constant, by where it stands."""
    match value:
        case str():
            yield name, value
        case Says():
            yield from ((f"{name}.{part}", getattr(value, part)) for part in ("title", "do", "word"))
        case Ways():
            yield from ((f"{name}.{part}", getattr(value, part)) for part in ("line", "instead"))
        case tuple():
            yield from ((f"{name}[{n}]", text) for n, text in enumerate(value))
        case Mapping():
            for key, inner in value.items():
                yield from texts(f"{name}[{key}]", inner)


def all_texts(language: str) -> dict[str, str]:
    return {place: text for name, value in _names(language).items() for place, text in texts(name, value)}


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_to_english_and_nothing_is_said_that_english_does_not(language: str) -> None:
    assert missing(language) == ()
    assert needless(language) == ()


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_names_the_same_facts(language: str) -> None:
    english, own = all_texts("en"), all_texts(language)
    assert set(english) == set(own)
    assert [place for place in english if fields(english[place]) != fields(own[place])] == []
    assert [place for place in english if bool(english[place]) != bool(own[place])] == []
    same = [place for place in english if len(english[place]) > 12 and english[place] == own[place]]
    assert same == [], "left in English"


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", [name for name, value in _names("en").items() if callable(value)])
def test_every_function_takes_the_same_and_says_the_same_facts(language: str, name: str) -> None:
    english, own = getattr(en, name), getattr(module(language), name)
    assert inspect.signature(english) == inspect.signature(own)
    values = SAMPLES.get(name) or tuple(_sample(p) for p in inspect.signature(english).parameters.values())
    ours, theirs = str(english(*values)), str(own(*values))
    assert re.findall(r"\d+", ours) == re.findall(r"\d+", theirs)


def _sample(parameter: inspect.Parameter) -> object:
    return {int: 7, float: 130.0, str: "Mug"}[parameter.annotation]


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_are_as_short_as_the_english_ones_must_be(language: str) -> None:
    words = module(language)
    says = [*words.REASONS.values(), *words.STAGES.values(), *words.STEP_KINDS.values(), *words.PRINTER_NEEDS.values()]
    assert [s.title for s in says if len(s.title) > 30] == []
    assert [s.do for s in says if len(s.do) > 90 or not s.do.endswith((".", "?"))] == []
    assert [text for text in words.NOTES.values() if len(text) > 90] == []
    ways = [value for value in vars(words).values() if isinstance(value, Ways)]
    assert [w for w in ways if len(w.line) > 76 or len(w.instead) > 86 or not w.instead.endswith(".")] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_command_keeps_the_caption_of_its_code(language: str) -> None:
    captions = {code.caption for group in sheets.commands() for code in group.codes}
    for name, value in vars(module(language)).items():
        if isinstance(value, Ways):
            named = set(re.findall(r"\b[A-Z]{2,}(?: [A-Z]{2,})*\b", f"{value.line} {value.instead}"))
            english = set(re.findall(r"\b[A-Z]{2,}(?: [A-Z]{2,})*\b", getattr(en, name).line))
            assert english <= named <= captions, name


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_verdict_is_cut(language: str, reason: Reason, size: tuple[int, int]) -> None:
    tone = Tone.GOOD if reason is Reason.OK else Tone.LOOK
    shown = text_of(band(Sheet(*size, NOW, STATUS), Flash(1, reason, tone, "Kerze LAVENDEL"), BandSays()))
    flat = " ".join(shown.translate({ord(c): " " for c in "█▀▄"}).split())
    says = say.REASONS[reason]
    assert "…" not in shown and "Kerze LAVENDEL" in flat
    assert reason is Reason.OK or says.do in flat


@pytest.mark.parametrize("note", Note)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_note_is_cut(language: str, note: Note, size: tuple[int, int]) -> None:
    flash = Flash(1, Reason.NOT_SIGNED_IN, Tone.LOOK, "Kerze", note, units=(7, 12))
    shown = text_of(band(Sheet(*size, NOW, STATUS), flash, BandSays()))
    flat = " ".join(shown.translate({ord(c): " " for c in "█▀▄"}).split())
    assert "…" not in shown and told(flash) in flat
    assert "{" not in noted(note, "Kerze")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", VIEWS)
def test_no_screen_cuts_a_sentence_that_english_does_not(language: str, name: str, size: tuple[int, int]) -> None:
    sheet = Sheet(*size, NOW, STATUS)
    own = text_of(picture(VIEWS[name], sheet))
    speak("en")
    english = text_of(picture(VIEWS[name], sheet))
    assert own != english, "left in English"
    assert own.count("…") <= english.count("…")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_guide_has_room_for_its_words(language: str, size: tuple[int, int]) -> None:
    shown = text_of(guide(GUIDE, Sheet(*size, NOW, STATUS)))
    assert say.GUIDE_HEAD in shown and say.GUIDE_GO in shown


def test_what_a_language_does_not_say_english_says(monkeypatch: pytest.MonkeyPatch) -> None:
    from station.wording import de, languages

    monkeypatch.delattr(de, "SIGN_IN_WHY")
    monkeypatch.setattr(de, "NOTES", {k: v for k, v in de.NOTES.items() if k is not Note.PIN})
    assert missing("de") == ("SIGN_IN_WHY", "NOTES[pin]")
    words = languages._words.__wrapped__("de")
    assert words["SIGN_IN_WHY"] == en.SIGN_IN_WHY and words["NOTES"][Note.PIN] == en.NOTES[Note.PIN]
    assert words["NOTES"][Note.IDLE] == de.NOTES[Note.IDLE]


def test_a_language_nobody_knows_is_english() -> None:
    speak("xx")
    assert say.SIGN_IN == en.SIGN_IN
    speak("de")
    assert say.SIGN_IN == "AUSWEIS SCANNEN"
    speak("")
    assert say.SIGN_IN == en.SIGN_IN
