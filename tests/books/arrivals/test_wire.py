"""What the process that reads says of a file, as it travels: what is heard is what was told."""

from __future__ import annotations

import json
from datetime import date, datetime
from string import ascii_letters

from hypothesis import given
from hypothesis import strategies as st

from taizhang.books.arrivals.wire import heard_return, told_return
from taizhang.findings import Code, Finding
from taizhang.intake import Refused
from taizhang.returns import KEPT, PENDING, Kept, Received, Recognised

AT = datetime(2020, 9, 10, 9)
WORDS = st.text(max_size=6)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(fold=0))
DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | WORDS | DAYS | MOMENTS
CODES = st.sampled_from(Code)
CELLS = st.builds(
    Kept, st.integers(1, 9), WORDS, WORDS, VALUES, st.none() | CODES, st.none(), st.sampled_from((PENDING, KEPT)), WORDS
)
ROWS = st.lists(st.tuples(WORDS, st.integers(0, 9), st.integers(0, 9)), max_size=4)
FINDINGS = st.builds(
    Finding,
    CODES,
    WORDS,
    WORDS,
    VALUES,
    column=WORDS,
    value=VALUES,
    facts=st.dictionaries(st.text(ascii_letters, min_size=1), WORDS | st.integers(0, 9), max_size=2),
)


@st.composite
def returns(draw: st.DrawFn) -> Recognised:
    rows = draw(ROWS)
    file = Received(
        draw(WORDS),
        draw(WORDS),
        draw(WORDS),
        draw(WORDS),
        AT,
        tuple(code for code, _, _ in rows),
        tuple(unchanged for _, unchanged, _ in rows),
        tuple(columns for _, _, columns in rows),
        draw(st.none() | DAYS),
        draw(st.none() | MOMENTS),
        draw(st.none() | MOMENTS),
        tuple(draw(st.lists(WORDS, max_size=3))),
        tuple(draw(st.lists(CELLS, max_size=4))),
    )
    return Recognised(file, tuple(draw(st.lists(FINDINGS, max_size=3))), draw(st.none() | CODES), draw(WORDS))


def travelled(found: Recognised | Refused) -> Recognised | Refused:
    said = json.dumps(told_return(found), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return heard_return(json.loads(said.decode("utf-8", "surrogatepass")), AT)


@given(returns())
def test_law_a_return_is_heard_as_it_was_told(found: Recognised) -> None:
    heard = travelled(found)
    assert heard == found
    assert repr(heard) == repr(found)  # 1 is not 1.0, nor a day midnight


def test_why_a_file_is_none_is_heard_too() -> None:
    assert travelled(Refused("不是")) == Refused("不是")
