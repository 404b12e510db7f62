"""What our compound files hold is what another reader finds, in the order and the tree MS-CFB asks for."""

from __future__ import annotations

import io

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taizhang.xlam.cfb import compound

NAMES = st.from_regex(r"[A-Za-z0-9_]{1,31}", fullmatch=True)
SIZES = st.one_of(st.integers(0, 200), st.sampled_from([63, 64, 65, 511, 512, 513, 4095, 4096, 4097, 70_000]))


@st.composite
def trees(draw) -> dict[str, bytes]:
    """Streams in up to three levels of storages; names differ in more than case, as the format asks."""
    streams: dict[str, bytes] = {}
    taken: dict[str, set[str]] = {}
    for number in range(draw(st.integers(0, 40))):
        folder = draw(st.sampled_from(["", "VBA", "VBA/deep"]))
        name = draw(NAMES)
        if name.upper() in taken.setdefault(folder, {"VBA", "DEEP"}):
            continue
        taken[folder].add(name.upper())
        streams[f"{folder}/{name}".lstrip("/")] = bytes([number]) * draw(SIZES)
    return streams


def read(data: bytes) -> olefile.OleFileIO:
    return olefile.OleFileIO(io.BytesIO(data))


@given(trees())
@settings(max_examples=60, deadline=None)
def test_every_stream_comes_back(streams):
    with read(compound(streams)) as found:
        assert not found.parsing_issues
        assert {"/".join(path): found.openstream(path).read() for path in found.listdir()} == streams


@given(trees())
@settings(max_examples=60, deadline=None)
def test_each_directory_is_a_red_black_tree_in_the_formats_order(streams):
    """MS-CFB 2.6.4: shorter names first, then upper case; no red child of red; equal black heights."""
    with read(compound(streams)) as found:
        entries = found.direntries

        def walk(number: int, above_red: bool) -> tuple[list[str], int]:
            if number == olefile.NOSTREAM:
                return [], 0
            entry = found._load_direntry(number) or entries[number]
            red = entry.color == 0
            assert not (red and above_red)
            left, height = walk(entry.sid_left, red)
            right, other = walk(entry.sid_right, red)
            assert height == other
            return [*left, entry.name, *right], height + (not red)

        storages = [entry for entry in entries if entry and entry.entry_type in (1, 5)]
        for storage in storages:
            names, _ = walk(storage.sid_child, False)
            assert names == sorted(names, key=lambda name: (len(name), name.upper()))
            assert len(names) == len(storage.kids)


def test_unused_places_of_the_directory_are_free():
    data = compound({"a": b"1"})
    start = int.from_bytes(data[48:52], "little")
    directory = data[512 * (start + 1) : 512 * (start + 2)]
    assert [directory[at + 66] for at in range(0, 512, 128)] == [5, 2, 0, 0]
    assert directory[256 + 68 : 256 + 80] == b"\xff" * 12


def test_the_same_streams_make_the_same_bytes_in_any_order():
    streams = {"VBA/dir": b"1" * 10, "PROJECT": b"2" * 5000, "VBA/one": b""}
    assert compound(streams) == compound(dict(reversed(streams.items())))


@pytest.mark.parametrize("name", ["", "a" * 32, "a:b", "a!b", "a\\b", "名"])
def test_a_name_the_format_cannot_hold_is_refused(name):
    with pytest.raises(ValueError, match="no name"):
        compound({f"VBA/{name}": b""})


def test_two_names_that_differ_in_case_alone_are_refused():
    with pytest.raises(ValueError, match="one name"):
        compound({"VBA/dir": b"", "VBA/DIR": b""})


def test_more_than_the_header_can_list_is_refused():
    with pytest.raises(ValueError, match="sectors"):
        compound({"big": bytes(7_200_000)})
