"""Everything a packer can meet has words, a shape, a colour and a sound."""

import pytest

from server.domain.reasons import Reason, Tone
from station.sound import PATTERNS
from station.views import Bought, LabelStage, Light
from station.widgets.look import DARK
from station.widgets.marks import MARKS, SIGNS
from station.wording import say, sentence


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_what_happened_and_what_to_do(reason: Reason) -> None:
    says = say.REASONS[reason]
    assert says.title.strip() and says.do.endswith((".", "?")) and says.word
    assert len(says.title) <= 30 and len(says.do) <= 90, "a sentence must fit beside the mark at 80 columns"


@pytest.mark.parametrize("stage", LabelStage)
def test_every_step_after_the_last_unit_says_what_to_do(stage: LabelStage) -> None:
    says = say.STAGES[stage]
    assert says.title and says.do.endswith(".") and says.word


def test_what_is_true_of_the_purchase_and_of_a_light_has_words_and_a_shape_of_its_own() -> None:
    assert set(say.BOUGHT) == set(Bought)
    assert set(say.LIGHTS) == set(Light)
    assert len({text[0] for text in say.BOUGHT.values()}) == len(Bought)
    assert len(set(say.LIGHTS.values())) == len(Light)


def test_no_two_sounds_share_their_shape_or_their_rhythm() -> None:
    assert set(MARKS) == set(SIGNS) == set(PATTERNS) == set(Tone)
    assert len(set(MARKS.values())) == len(set(SIGNS.values())) == len(set(PATTERNS.values())) == len(Tone)


def test_a_stop_is_never_told_from_a_good_scan_by_colour_alone() -> None:
    stop, good = DARK.band(Tone.STOP), DARK.band(Tone.GOOD)
    assert stop != good and MARKS[Tone.STOP] != MARKS[Tone.GOOD]


def test_no_wording_uses_a_word_that_blames() -> None:
    everything = " ".join(f"{s.title} {s.do}" for s in (*say.REASONS.values(), *say.STAGES.values())).casefold()
    assert not [
        word for word in ("invalid", "illegal", "error", "failed", "you must", "forbidden") if word in everything
    ]


def test_a_reason_as_one_line_of_text_names_the_item() -> None:
    assert sentence(Reason.WRONG_ITEM, item="Candle RED") == "WRONG ITEM: Candle RED Put it in the red bin."
    assert sentence(Reason.BAD_READ) == "NOT READ WELL. Not counted. Scan it again."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (28 * 60, "28 min to UPS"),
        (59, "0 min to UPS"),
        (125 * 60, "2 h 05 to UPS"),
        (72 * 3600, "3 days to UPS"),
        (-60 * 12, "▲ LATE 12 min"),
    ],
)
def test_the_cut_off_is_told_as_time_left(seconds: float, words: str) -> None:
    assert say.until(seconds, "UPS") == words
