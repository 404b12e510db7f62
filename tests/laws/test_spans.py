"""Laws of long lists in short words: nothing is lost, and what is regular becomes short."""

from hypothesis import given
from hypothesis import strategies as st

from taizhang.ledger import new_code
from taizhang.spans import packed, packed_counts, unpacked, unpacked_counts

codes = st.lists(
    st.one_of(
        st.builds(new_code, st.integers(2019, 2021), st.integers(1, 12)),
        st.builds(new_code, st.just(2020), st.integers(990, 1010)),
        st.text("AB-09", min_size=1, max_size=4),
    ),
    unique=True,
)


@given(codes)
def test_codes_come_back_in_their_order(found: list[str]) -> None:
    assert unpacked(packed(found)) == tuple(found)


@given(st.lists(st.integers(0, 30)))
def test_counts_come_back_in_their_order(found: list[int]) -> None:
    assert unpacked_counts(packed_counts(found)) == tuple(found)


def test_thousands_of_tasks_fit_into_a_cell() -> None:
    found = [new_code(2020, number) for number in range(1, 9000)]
    assert packed(found) == "RW2020-001~RW2020-8999"
    assert len(packed_counts([number % 22 for number in range(9000)])) < 32_767


def test_a_run_is_written_by_its_ends() -> None:
    assert packed(["RW2020-001", "RW2020-002", "RW2020-004"]) == "RW2020-001~RW2020-002、RW2020-004"
    assert packed_counts([20, 20, 20, 19, 20]) == "20*3 19 20"
