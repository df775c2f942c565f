"""Make the rhythms under `static/sounds`: a wooden slit drum, struck by arithmetic.

    python tests/support/make_sounds.py [FOLDER]

A slit drum has two tongues of slightly different length, so it has two tones. Each
tone is a hollow body mode with a few inharmonic overtones of the wood, which die
within a quarter of a second, under the click of the stick. A rhythm is a list of
strokes on a loop; what still sounds at the loop's end goes on at its start, so that
a browser can repeat the file without a gap.

The random numbers of the click come from a fixed seed: the same files every time.
"""

from __future__ import annotations

import array
import math
import random
import sys
import wave
from pathlib import Path
from typing import NamedTuple

RATE_HZ = 11_025
PEAK = 0.92
LOW_HZ = 392.0
HIGH_HZ = 523.0
MODES = ((1.0, 1.0, 0.085), (1.52, 0.55, 0.06), (2.76, 0.34, 0.03), (4.07, 0.18, 0.016))
"""Of each mode: its frequency against the tongue's, its strength, its decay in seconds."""


class Stroke(NamedTuple):
    at_s: float
    tone_hz: float
    force: float


class Rhythm(NamedTuple):
    """Strokes on a loop of `loop_s` seconds; with `loop` false the tail is cut, not wrapped."""

    loop_s: float
    strokes: tuple[Stroke, ...]
    loop: bool = True


def titir() -> Rhythm:
    """Return the village's danger rhythm: fast even strokes without a rest, nine a second."""
    count = 18
    return Rhythm(2.0, tuple(Stroke(i * 2.0 / count, HIGH_HZ, 1.0 if i % 3 == 0 else 0.8) for i in range(count)))


def order() -> Rhythm:
    """Return a friendly slow beat: two low, one high, and a rest."""
    strokes = (Stroke(0.0, LOW_HZ, 1.0), Stroke(0.42, LOW_HZ, 0.75), Stroke(0.84, HIGH_HZ, 0.9))
    return Rhythm(2.4, strokes)


def order_loud() -> Rhythm:
    """Return the order's beat when nobody answers: both tongues at once, faster, and without the rest."""
    places = ((0.0, 1.0), (0.24, 0.9), (0.48, 1.0), (0.6, 0.9))
    strokes = tuple(Stroke(at, tone, force) for at, force in places for tone in (LOW_HZ, HIGH_HZ))
    return Rhythm(0.84, strokes)


def van() -> Rhythm:
    """Return the van's beat: a walking long-short-short, high and low in turn."""
    long_short_short = ((0.0, HIGH_HZ, 1.0), (0.5, LOW_HZ, 0.8), (0.75, LOW_HZ, 0.8))
    strokes = tuple(Stroke(bar + at, tone, force) for bar in (0.0, 1.0) for at, tone, force in long_short_short)
    return Rhythm(2.4, strokes)


def beat() -> Rhythm:
    """Return the one stroke that the ring test repeats two to four times."""
    return Rhythm(0.45, (Stroke(0.0, HIGH_HZ, 1.0),), loop=False)


RHYTHMS = {"medic": titir, "order": order, "order_loud": order_loud, "van": van, "beat": beat}


def _stroke_wave(stroke: Stroke, click: random.Random) -> list[float]:
    length = int(RATE_HZ * 0.6)
    samples = [0.0] * length
    for ratio, strength, decay_s in MODES:
        step = 2 * math.pi * stroke.tone_hz * ratio / RATE_HZ
        for n in range(length):
            t = n / RATE_HZ
            samples[n] += strength * math.exp(-t / decay_s) * math.sin(step * n)
    for n in range(int(RATE_HZ * 0.012)):
        samples[n] += 0.5 * click.uniform(-1.0, 1.0) * math.exp(-n / (RATE_HZ * 0.003))
    return [stroke.force * sample for sample in samples]


def samples_of(rhythm: Rhythm, seed: int = 9) -> list[float]:
    """Return one loop of the rhythm, its loudest sample at `PEAK`."""
    length = round(RATE_HZ * rhythm.loop_s)
    mixed = [0.0] * length
    click = random.Random(seed)
    for stroke in rhythm.strokes:
        start = round(stroke.at_s * RATE_HZ)
        for n, sample in enumerate(_stroke_wave(stroke, click)):
            if start + n < length or rhythm.loop:
                mixed[(start + n) % length] += sample
    loudest = max(abs(sample) for sample in mixed)
    return [PEAK * sample / loudest for sample in mixed]


def write(path: Path, rhythm: Rhythm) -> None:
    """Write the rhythm as a mono 16-bit WAV file."""
    pcm = array.array("h", (round(sample * 32_767) for sample in samples_of(rhythm)))
    if sys.byteorder == "big":
        pcm.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm.tobytes())


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rhythm in RHYTHMS.items():
        path = folder / f"{name}.wav"
        write(path, rhythm())
        print(f"{path} {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("static/sounds"))
