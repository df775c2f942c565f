"""Figures of several cities in one text."""

from __future__ import annotations

from hub.city_metrics import together

ONE = """\
# HELP kentongan_sockets Live sockets
# TYPE kentongan_sockets gauge
kentongan_sockets 3
# HELP kentongan_stage_seconds How long
# TYPE kentongan_stage_seconds histogram
kentongan_stage_seconds_bucket{lane="urgent",le="0.1"} 1
kentongan_stage_seconds_sum{lane="urgent"} 0.05
"""


def test_samples_of_a_name_stand_together_with_their_city() -> None:
    """One head for each name, as the format demands; a sample without labels gets its first."""
    text = together({"35.76": ONE, "35.99": ONE.replace(" 3", " 4")})
    assert text.count("# HELP kentongan_sockets Live sockets") == 1
    lines = text.splitlines()
    at = lines.index("# TYPE kentongan_sockets gauge")
    assert lines[at + 1 : at + 3] == ['kentongan_sockets{city="35.76"} 3', 'kentongan_sockets{city="35.99"} 4']
    assert 'kentongan_stage_seconds_bucket{city="35.99",lane="urgent",le="0.1"} 1' in lines
    assert lines[-1].startswith("kentongan_stage_seconds_sum")
    assert len(lines) == 4 + 2 * 3
