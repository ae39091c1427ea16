"""Everything a packer can meet has words, a shape, a colour and a sound."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import station
from server.domain.benchwork.reasons import Reason, Tone
from server.usecases.staff import sheets
from station.sound import PATTERNS
from station.views import Bought, Flash, LabelStage, Lamp, Light, Note, State
from station.widgets.look import DARK
from station.widgets.marks import MARKS, SIGNS
from station.wording import Ways, de, en, headed, noted, say, sentence, told


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


ROOT = Path(station.__file__).parent
FACT = re.compile(r"\{([a-z_]+)\}")
PLAIN = [
    *sorted(ROOT.glob("desks/*.py")),
    *sorted(ROOT.glob("screens/*.py")),
    *sorted(ROOT.glob("widgets/*.py")),
    *(ROOT / f"{name}.py" for name in ("app", "beat", "bench", "heartbeat", "hints", "jobs", "link", "print_jobs")),
    *(ROOT / f"{name}.py" for name in ("status", "uplink", "views", "workplace")),
]
"""Everything that runs while a screen stands there, but for the wording itself."""

CODES = {status.value for status in State}
"""Stable codes that read as words on the server's board."""


@pytest.mark.parametrize("note", Note)
def test_every_note_of_a_desk_has_a_sentence(note: Note) -> None:
    assert noted(note, "1043").strip() and "{" not in noted(note, "1043")
    assert len(say.NOTES[note]) <= 90, "a sentence must fit beside the mark at 80 columns"


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_light_has_words_or_leaves_them_to_the_device(state: State) -> None:
    lamp = Lamp(Light.LOOK, state, 130.0)
    assert say.lamp(lamp) or state is State.NEEDS_HAND
    assert "{" not in say.lamp(lamp)
    assert say.lamp(replace(lamp, words="no paper")).endswith("no paper")


def test_a_light_tells_how_long_and_how_many() -> None:
    assert say.lamp(Lamp(Light.OFF, State.AWAY, 720.0)) == "off 12 min"
    assert say.lamp(Lamp(Light.LOOK, State.REFUSED, 2)) == "2 refused"
    assert (say.clock(130.0), say.clock(-7201.0), say.clock(0.0)) == ("clock 2 min fast", "clock 2 h slow", "")


def test_a_note_comes_first_and_the_servers_own_words_follow() -> None:
    pulled = Flash(1, Reason.CANCELLED, Tone.STOP, "1043", Note.PULL_BOX, words="by the buyer")
    assert told(pulled) == "Pull box 1043 and set it aside. By the buyer."
    assert told(replace(pulled, item="{0}")) == "Pull box {0} and set it aside. By the buyer."
    assert told(replace(pulled, words="sku-7 is gone")).endswith(". sku-7 is gone."), "a code stays as it is"


def test_a_parked_box_says_what_it_still_lacks() -> None:
    assert say.parked_why(Reason.OK, 3) == "3 units to go"
    assert say.parked_why(Reason.OK, 0) == say.parked_why(Reason.NOT_READY, 0) == "waits for its label"
    assert say.parked_why(Reason.DAMAGED, 3) == "damaged"


def test_a_question_is_titled_by_what_to_do_where_its_note_says_it_better() -> None:
    asked = Flash(1, Reason.NEED_CONFIRM, Tone.LOOK, "17", Note.ITEM_OF_TOTE)
    assert headed(asked).title == "SCAN AN ITEM OF IT"
    assert headed(replace(asked, detail="L-7")).title == say.REASONS[Reason.NEED_CONFIRM].title
    locked = replace(asked, reason=Reason.WRONG_PIN, detail=Note.PIN_LOCKED)
    assert headed(locked).title == "TOO MANY TRIES"


def test_what_was_not_counted_is_named_once_with_its_count_and_the_latest_first() -> None:
    assert say.not_counted(("B", "A", "B", *("A",) * 98)) == "NOT COUNTED: 101 · 99 × A,  2 × B"
    assert say.not_counted(("A", "B")) == "NOT COUNTED: 2 · B,  A"


WAYS = [ways for ways in vars(en).values() if isinstance(ways, Ways)]


@pytest.mark.parametrize("ways", WAYS, ids=lambda ways: ways.line)
def test_the_ways_out_fit_one_row_and_what_is_possible_instead_fits_beside_the_mark(ways: Ways) -> None:
    assert len(ways.line) <= 76 and len(ways.instead) <= 86 and ways.instead.endswith(".")


def test_a_command_is_called_by_the_caption_of_its_code() -> None:
    captions = {code.caption for group in sheets.commands() for code in group.codes}
    called = " ".join(f"{ways.line} {ways.instead}" for ways in WAYS)
    named = set(re.findall(r"[A-Z]{2,}(?: [A-Z]{2,})*", called))
    assert named and named <= captions


def test_a_fact_that_looks_like_a_note_is_not_taken_for_one() -> None:
    assert told(Flash(1, Reason.WRONG_ITEM, Tone.STOP, "Tea", "lane")) == ""


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_written_outside_the_wording(path: Path) -> None:
    assert [text for text in _said(ast.parse(path.read_text(encoding="utf-8"))) if text not in CODES] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("desks/*.py")), ids=lambda path: path.name)
def test_no_desk_writes_a_note_or_words_as_text(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg in ("words", "detail"):
            literals = [
                n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            ]
            assert [text for text in literals if text] == [], f"line {node.lineno}"


def test_the_search_for_sentences_finds_one() -> None:
    code = "def f(n):\n    \"A docstring is none.\"\n    _log.info('nor is %s', n)\n    say(words=f'Pull box {n}')\n"
    assert list(_said(ast.parse(code))) == ["Pull box "]


STOPPING = [
    path
    for path in sorted((ROOT.parent / "server/usecases").rglob("*.py"))
    if re.search(r"\bstop_sessions?\(", path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("path", STOPPING, ids=lambda path: path.name)
def test_whoever_stops_a_session_names_the_sentence_for_its_bench(path: Path) -> None:
    for call in _calls(path, {"stop_session", "stop_sessions"}):
        assert {keyword.arg for keyword in call.keywords} & {"says", None}, f"line {call.lineno}"


REFUSING = [f"benchwork/{name}" for name in ("labels", "attaching", "refusing", "tote_mates")] + [
    f"loading/{name}" for name in ("close_asks", "pickup", "picture")
]


@pytest.mark.parametrize("name", REFUSING)
def test_whoever_refuses_a_label_an_order_a_code_or_a_load_names_the_sentence_for_its_bench(name: str) -> None:
    for call in _calls(ROOT.parent / f"server/usecases/{name}.py", {"DomainError", "Unavailable"}):
        assert {keyword.arg for keyword in call.keywords} & {"says", None}, f"line {call.lineno}"


def _calls(path: Path, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in names:
            yield node


def _said(node: ast.AST) -> Iterator[str]:
    """Literals with a blank and a letter, but for docstrings, log lines, exceptions and names of threads."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Raise() | ast.Expr(value=ast.Constant()):
                continue
            case ast.Call(func=ast.Attribute(value=ast.Name(id="_log"))) | ast.keyword(arg="name"):
                continue
            case ast.Call(func=ast.Name(id="DomainError")):
                continue
            case ast.Constant(value=str(text)) if " " in text.strip("\n") and any(c.isalpha() for c in text):
                yield text
            case _:
                yield from _said(child)


def test_every_sentence_a_refusal_of_the_server_names_is_said_in_every_language() -> None:
    rooms = ("usecases", "domain", "db", "http")
    paths = [path for room in rooms for path in (ROOT.parent / "server" / room).rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    named = set(re.findall(r'"?says"?(?:=|: )"([a-z_]+)"', text)) - set(en.DOCK_SAYS)
    assert named - set(en.REFUSED) == set()
    made = {"packed_by", "shipped_by", "packed", "shipped"}
    assert [code for code in en.REFUSED if f'"{code}"' not in text and code not in made] == [], "never said"
    assert {code: set(FACT.findall(text)) for code, text in en.REFUSED.items()} == {
        code: set(FACT.findall(text)) for code, text in de.REFUSED.items()
    }
    assert en.HELD.keys() == de.HELD.keys()
