"""What a penalty means now, beside the player's figures."""

import time

import pytest

from tests.web.whole_page import rfc3339

SHOW = """
  const { penaltySentence } = await import("/parts/penalty.js");
  return penaltySentence({ penalty: argument });
"""


@pytest.mark.parametrize(
    ("points", "seconds", "said"),
    [
        (1, 3600, "までマッチングを利用できません。"),
        (1, -1, None),
        (5, None, None),
        (6, 3600, "ペナルティが6点あるため"),
        (6, -1, "ペナルティが6点あるため"),
    ],
)
def test_it_is_said_while_it_lasts(parts, points, seconds, said):
    until = None if seconds is None else rfc3339(time.time() + seconds)
    told = parts().run(SHOW, {"points": points, "until": until})
    assert (said is None) == (told is None)
    assert (said or "") in (told or "")


def test_without_one_there_is_nothing_to_say(parts):
    assert parts().run(SHOW) is None
