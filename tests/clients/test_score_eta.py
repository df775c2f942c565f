"""The score of predicted arrivals, and its command line."""

from __future__ import annotations

import argparse
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from channels import van_replay, van_score
from clients.score_eta import beats, main, medians, score, seeds_of
from hub.cli import main as kentongan


@pytest.mark.parametrize("first", [1, 4000])
def test_ours_beats_both(first: int) -> None:
    """The median of 20 seeds is better than the schedule alone and than distance / mean speed, in every bucket."""
    scored = [score(seed, van_replay.Replay, van_score) for seed in range(first, first + 20)]
    found = medians(scored, van_score)
    assert beats(found)
    for who in ("schedule", "distance"):
        assert all(ours > other for ours, other in zip(found["ours"], found[who], strict=True)), found
        assert found["ours"][-1] > found[who][-1] + 0.1


def test_everybody_meets_the_same_cases() -> None:
    """All predictors are scored on the same arrivals and minutes; whoever says nothing is wrong there."""
    counts = score(3, van_replay.Replay, van_score)
    assert len({tuple(many for _, many in row) for row in counts.values()}) == 1
    assert all(many > 50 for _, many in counts["ours"])


def test_command_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`kentongan score-eta` prints all three predictors and draws them; the SVG is well formed."""
    plot = tmp_path / "eta.svg"
    assert kentongan(["score-eta", "--seeds", "5,9,31", "--plot", str(plot)]) == 0
    out = capsys.readouterr().out
    assert "median of 3 seeds" in out
    assert all(name in out for name in ("ours", "schedule alone", "distance / mean speed", "10-15"))
    bars = ET.parse(plot).getroot().findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 1 + 5 * 3


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """With `--json` the figures come as one object."""
    assert main(["--seeds", "2..4", "--json"], van_replay.Replay, van_score) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["seeds"] == [2, 3, 4]
    assert said["beats_both"]
    assert set(said["median"]["ours"]) == {*van_score.NAMES, "all"}


@pytest.mark.parametrize("text", ["", "x", "5..1", "1,1", "1..5000"])
def test_wrong_seeds_are_named(text: str) -> None:
    """What is no list of seeds is refused with what was expected."""
    with pytest.raises(argparse.ArgumentTypeError, match=r"expected 1\.\.20"):
        seeds_of(text)


def test_plot_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plot into a folder that is not there is one sentence and exit code 2."""
    argument = str(tmp_path / "no" / "eta.svg")
    assert main(["--seeds", "1", "--plot", argument], van_replay.Replay, van_score) == 2
    assert "--plot" in capsys.readouterr().err
