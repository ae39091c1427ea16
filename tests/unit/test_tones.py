"""Five tones, told apart by rhythm and by pitch, and benches told apart from their neighbours."""

import io
import wave
from array import array
from itertools import combinations, groupby, pairwise

from server.domain.benchwork.reasons import Tone
from station.tones import PITCHES, RATE, pitch, samples, wav

QUIET = 400


def seconds(sound: "array[int]") -> float:
    """How long it is."""
    return len(sound) / RATE


def rhythm(sound: "array[int]") -> tuple[int, ...]:
    """Sound and silence in turn, in hundredths of a second; silence is 20 ms and more."""
    window = RATE // 100
    heard = [max(map(abs, sound[n : n + window])) > QUIET for n in range(0, len(sound), window)]
    runs = [(loud, len(list(run))) for loud, run in groupby(heard)]
    return tuple(length for loud, length in runs if loud or length >= 2)


def hertz(sound: "array[int]") -> float:
    """How often it crosses zero upwards, each second that it sounds."""
    ups = sum(before < 0 <= after for before, after in pairwise(sound))
    return ups / (sum(abs(each) > QUIET for each in sound) / RATE)


def power(sound: "array[int]") -> float:
    """Mean square; loudness."""
    return sum(each * each for each in sound) / len(sound)


def edge(sound: "array[int]") -> float:
    """How steep it is for its pitch and loudness: a sine has the least, overtones make it harsh."""
    steps = sum((after - before) ** 2 for before, after in pairwise(sound)) / len(sound)
    return steps / power(sound) / hertz(sound) ** 2


def test_no_two_tones_have_both_one_rhythm_and_one_pitch() -> None:
    sounds = {tone: samples(tone, pitch("Bench 3")) for tone in Tone}
    for one, other in combinations(Tone, 2):
        a, b = sounds[one], sounds[other]
        assert rhythm(a) != rhythm(b), (one, other)
        longer = max(seconds(a), seconds(b)) / min(seconds(a), seconds(b))
        higher = max(hertz(a), hertz(b)) / min(hertz(a), hertz(b))
        assert longer > 1.1 or higher > 1.3, (one, other)
        assert longer > 1.5 or higher > 1.1 or len(rhythm(a)) != len(rhythm(b)), (one, other)


def test_a_stop_is_by_far_the_longest_the_loudest_and_the_harshest_and_good_is_a_blip() -> None:
    sounds = {tone: samples(tone, pitch("Bench 3")) for tone in Tone}
    stop, others = sounds.pop(Tone.STOP), sounds.values()
    assert seconds(stop) >= 1.8 * max(map(seconds, others))
    assert power(stop) >= 3 * max(map(power, others))
    assert edge(stop) >= 2 * max(map(edge, others))
    assert hertz(stop) < 0.75 * min(map(hertz, others))
    assert seconds(sounds[Tone.GOOD]) <= 0.1
    assert seconds(sounds[Tone.GOOD]) < min(seconds(each) for tone, each in sounds.items() if tone is not Tone.GOOD)


def test_a_bench_always_has_its_pitch_and_its_neighbours_have_others() -> None:
    pitches = [round(pitch(f"Bench {n}")) for n in range(1, 40)]
    assert pitches == [round(pitch(f"Bench {n}")) for n in range(1, 40)]
    assert len(set(pitches)) == PITCHES
    for here, there in [*pairwise(pitches), *zip(pitches, pitches[2:], strict=False)]:
        assert abs(here - there) > 0.1 * here
    assert all(pitch(name) > 0 for name in ("", "Tisch", "桌子", "9" * 5000))


def test_every_player_can_read_it_and_no_sample_is_cut() -> None:
    for tone in Tone:
        with wave.open(io.BytesIO(wav(tone, pitch("Bench 6")))) as read:
            assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, RATE)
            assert array("h", read.readframes(read.getnframes())) == samples(tone, pitch("Bench 6"))
        assert max(map(abs, samples(tone, pitch("Bench 6")))) < 32_767
