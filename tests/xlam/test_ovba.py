"""Compression, protection fields and module text: read back by other programs' readers."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oletools.olevba import decompress_stream

from taizhang.xlam.ovba import CHUNK, Kind, compressed, encrypted, of_class, standard

# Text as macros are: few letters, much repeated, so that copies of every length come up.
TEXTS = st.one_of(
    st.text("ab \r\n", max_size=9_000).map(str.encode),
    st.lists(st.sampled_from([b"Private Sub ", b"End Sub\r\n", b"x", b"    "]), max_size=2_000).map(b"".join),
    st.builds(lambda byte, size: bytes([byte]) * size, st.integers(0, 255), st.integers(0, 13_000)),
    st.binary(max_size=3_000),
)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
@example(b"")
@example(b"a" * 4095)
@example(b"a" * 4096)
@example(b"a" * 4097)
@example(bytes(range(256)) * 8 + bytes(range(30, 90)) * 30)  # far back, the longest copy is 18 bytes
def test_what_is_compressed_comes_back(data):
    assert bytes(decompress_stream(bytearray(compressed(data)))) == data


@given(st.randoms(use_true_random=False), st.integers(0, 2 * CHUNK))
@settings(max_examples=40, deadline=None)
def test_a_chunk_that_would_grow_is_stored_and_filled_up_with_zeros(random, size):
    data = random.randbytes(size)
    back = bytes(decompress_stream(bytearray(compressed(data))))
    assert back.rstrip(b"\0") == data.rstrip(b"\0")
    assert len(back) in (size, -(-size // CHUNK) * CHUNK)


def test_text_gets_smaller():
    text = b"If found Then Exit Sub\r\n" * 400
    assert len(compressed(text)) < len(text) / 8


def decrypted(text: str, project_id: str) -> bytes:
    """Return what a protection field holds, by the rules for readers (MS-OVBA 2.4.3.3)."""
    data = bytes.fromhex(text)
    seed, version, key = data[0], data[1] ^ data[0], data[2] ^ data[0]
    assert version == 2
    assert key == sum(project_id.encode()) & 0xFF
    plain, last, one, two = bytearray(), key, data[2], data[1]
    for byte in data[3:]:
        last = byte ^ ((two + last) & 0xFF)
        plain.append(last)
        two, one = one, byte
    plain = plain[(seed & 6) // 2 :]
    assert int.from_bytes(plain[:4], "little") == len(plain) - 4
    return bytes(plain[4:])


@given(st.binary(max_size=20), st.integers(0, 255))
def test_protection_fields_say_what_was_put_in(data, seed):
    assert decrypted(encrypted(data, "{ABC}", seed), "{ABC}") == data


def test_a_macro_with_chinese_in_it_is_refused():
    with pytest.raises(ValueError, match="ASCII"):
        _ = standard('Attribute VB_Name = "A"\n\' 说明\n').source


def test_a_module_without_a_name_is_refused():
    with pytest.raises(ValueError, match="VB_Name"):
        standard("Option Explicit\n")


def test_a_class_file_becomes_what_a_stream_holds():
    text = (
        "VERSION 1.0 CLASS\nBEGIN\n  MultiUse = -1  'True\nEND\n"
        'Attribute VB_Name = "Dictionary"\nAttribute VB_GlobalNameSpace = False\nAttribute VB_Creatable = False\n'
        "Attribute VB_PredeclaredId = False\nAttribute VB_Exposed = True\nOption Explicit\n"
    )
    module = of_class(text)
    assert (module.name, module.kind) == ("Dictionary", Kind.CLASS)
    assert module.text == (
        'Attribute VB_Name = "Dictionary"\nAttribute VB_Base = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"\n'
        "Attribute VB_GlobalNameSpace = False\nAttribute VB_Creatable = False\nAttribute VB_PredeclaredId = False\n"
        "Attribute VB_Exposed = True\nAttribute VB_TemplateDerived = False\nAttribute VB_Customizable = False\n"
        "Option Explicit\n"
    )
