"""A VBA project of source text alone: what goes into `vbaProject.bin`. Source: MS-OVBA.

Compiled code is left out, as the specification asks of a writer (2.3.4.1); Excel compiles the
text when it opens the file. Text is ASCII, so no code page can change it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import NAMESPACE_URL, uuid5

from taizhang.xlam.cfb import compound

CHUNK = 4096
_CODE_PAGE, _LANGUAGE = 1252, 0x409
_HOST = "{3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000"
_REFERENCES = {  # names and their libraries; VBA and Excel are there without being said
    "stdole": "*\\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\\Windows\\System32\\stdole2.tlb#OLE Automation",
    "Office": "*\\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#C:\\Program Files\\Common Files\\"
    "Microsoft Shared\\OFFICE16\\MSO.DLL#Microsoft Office 16.0 Object Library",
}
_CLASS_BASE = "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}"
_WORKBOOK_BASE = "0{00020819-0000-0000-C000-000000000046}"
_SHEET_BASE = "0{00020820-0000-0000-C000-000000000046}"


class Kind(Enum):
    """What a module is; the value begins its line in the stream PROJECT (2.3.1.7 to 2.3.1.9)."""

    STANDARD = "Module"
    CLASS = "Class"
    DOCUMENT = "Document"


@dataclass(frozen=True)
class Module:
    """A module: its name, its kind, and its text in the form streams hold, with LF line ends."""

    name: str
    kind: Kind
    text: str

    @property
    def source(self) -> bytes:
        """Return the text as a stream holds it: ASCII, CRLF."""
        if not self.text.isascii():
            raise ValueError(f"{self.name}: macros are ASCII; words people read belong in messages.toml")
        return self.text.replace("\n", "\r\n").encode("ascii")


def standard(text: str) -> Module:
    """Return a standard module from the text of a .bas file."""
    return Module(_named(text), Kind.STANDARD, text)


def of_class(text: str) -> Module:
    """Return a class module from the text of a .cls file, its file header turned into attributes (2.3.4.3)."""
    body = text[text.index("Attribute VB_Name") :]
    name_line, rest = body.split("\n", 1)
    head = re.match(r"(?:Attribute VB_(?:GlobalNameSpace|Creatable|PredeclaredId|Exposed) = \w+\n)*", rest)
    own = head[0] if head else ""
    lines = (
        f"{name_line}\n",
        f'Attribute VB_Base = "{_CLASS_BASE}"\n',
        own,
        "Attribute VB_TemplateDerived = False\n",
        "Attribute VB_Customizable = False\n",
        rest[len(own) :],
    )
    return Module(_named(text), Kind.CLASS, "".join(lines))


def of_workbook(name: str) -> Module:
    """Return the empty module that stands for the workbook."""
    return _document(name, _WORKBOOK_BASE)


def of_sheet(name: str) -> Module:
    """Return the empty module that stands for a worksheet."""
    return _document(name, _SHEET_BASE)


def _document(name: str, base: str) -> Module:
    flags = {"GlobalNameSpace": False, "Creatable": False, "PredeclaredId": True, "Exposed": True}
    flags |= {"TemplateDerived": False, "Customizable": True}
    said = "".join(f"Attribute VB_{flag} = {value}\n" for flag, value in flags.items())
    return Module(name, Kind.DOCUMENT, f'Attribute VB_Name = "{name}"\nAttribute VB_Base = "{base}"\n{said}')


def _named(text: str) -> str:
    found = re.search(r'^Attribute VB_Name = "(\w{1,31})"$', text, re.MULTILINE)
    if found is None:
        raise ValueError("a module's first line says its name: Attribute VB_Name = ...")
    return found[1]


def project(name: str, modules: Sequence[Module]) -> bytes:
    """Return `vbaProject.bin`."""
    streams = {f"VBA/{module.name}": compressed(module.source) for module in modules}
    streams["VBA/dir"] = compressed(b"".join(_directory(name, modules)))
    streams["VBA/_VBA_PROJECT"] = struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0)  # 2.3.4.1: no performance cache
    streams["PROJECT"] = _described(name, modules)
    streams["PROJECTwm"] = b"".join(_both(module.name) for module in modules) + b"\0\0"  # 2.3.3
    return compound(streams)


def _both(name: str) -> bytes:
    return name.encode("ascii") + b"\0" + name.encode("utf-16-le") + b"\0\0"


def _directory(name: str, modules: Sequence[Module]) -> Iterator[bytes]:
    """Yield the records of the stream dir (2.3.4.2)."""
    yield _number(0x01, 1)  # PROJECTSYSKIND: 32-bit Windows, whatever the machine
    yield _number(0x02, _LANGUAGE)
    yield _number(0x14, _LANGUAGE)
    yield _record(0x03, struct.pack("<H", _CODE_PAGE))
    yield _record(0x04, name.encode("ascii"))
    yield _twice(0x05, 0x40, "")  # description
    yield _twice(0x06, 0x3D, "", wide=False)  # help file
    yield _number(0x07, 0)
    yield _number(0x08, 0)
    yield struct.pack("<HIIH", 0x09, 4, 1, 0)  # PROJECTVERSION: its size field does not count the minor version
    yield _twice(0x0C, 0x3C, "")  # constants
    for reference, library in _REFERENCES.items():
        yield _twice(0x16, 0x3E, reference)
        yield _record(0x0D, struct.pack("<I", len(library)) + library.encode("ascii") + b"\0" * 6)
    yield _record(0x0F, struct.pack("<H", len(modules)))
    yield _record(0x13, b"\xff\xff")  # PROJECTCOOKIE: ignored on read
    for module in modules:
        yield from _about(module)
    yield _record(0x10, b"")


def _about(module: Module) -> Iterator[bytes]:
    """Yield the records of one module (2.3.4.2.3.2); offset 0: the stream is its source and nothing else."""
    yield _twice(0x19, 0x47, module.name)
    yield _twice(0x1A, 0x32, module.name)
    yield _twice(0x1C, 0x48, "")
    yield _number(0x31, 0)
    yield _number(0x1E, 0)
    yield _record(0x2C, b"\xff\xff")
    yield _record(0x21 if module.kind is Kind.STANDARD else 0x22, b"")
    yield _record(0x2B, b"")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HI", kind, len(data)) + data


def _number(kind: int, value: int) -> bytes:
    return _record(kind, struct.pack("<I", value))


def _twice(kind: int, second: int, text: str, wide: bool = True) -> bytes:
    """Return a text's record and the record that repeats it, in UTF-16 unless it is a path."""
    return _record(kind, text.encode("ascii")) + _record(second, text.encode("utf-16-le" if wide else "ascii"))


def _described(name: str, modules: Sequence[Module]) -> bytes:
    """Return the stream PROJECT (2.3.1): no password, not locked, visible."""
    id_ = f"{{{str(uuid5(NAMESPACE_URL, f'vba:{name}')).upper()}}}"
    lines = [
        f'ID="{id_}"',
        *(f"{one.kind.value}={one.name}{'/&H00000000' * (one.kind is Kind.DOCUMENT)}" for one in modules),
        f'Name="{name}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        *(f'{key}="{encrypted(data, id_)}"' for key, data in _PROTECTION.items()),
        "",
        "[Host Extender Info]",
        f"&H00000001={_HOST}",
        "",
        "[Workspace]",
        *(f"{one.name}=0, 0, 0, 0, C" for one in modules),
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


_PROTECTION: Mapping[str, bytes] = {"CMG": b"\0\0\0\0", "DPB": b"\0", "GC": b"\xff"}  # 2.3.1.15 to 2.3.1.17


def encrypted(data: bytes, project_id: str, seed: int = 0) -> str:
    """Return the obfuscated form of a project's protection fields, in hexadecimal (2.4.3.2)."""
    key = sum(project_id.encode("ascii")) & 0xFF
    made = bytearray((seed, seed ^ 2, seed ^ key))
    last = key  # the byte last written, before it was changed
    for byte in bytes((seed & 6) // 2) + struct.pack("<I", len(data)) + data:
        made.append(byte ^ ((made[-2] + last) & 0xFF))
        last = byte
    return made.hex().upper()


# --- compression (2.4.1) ---------------------------------------------------------------------------------------------


def compressed(data: bytes) -> bytes:
    """Return a compressed container. Each 4096 bytes are a chunk of their own.

    A chunk that would grow is stored as it is, filled up with zeros as the format has it; text never does.
    """
    chunks = (_chunk(data[start : start + CHUNK]) for start in range(0, len(data), CHUNK))
    return b"\x01" + b"".join(chunks)


def _chunk(data: bytes) -> bytes:
    packed = _packed(data)
    if len(packed) > CHUNK:
        return struct.pack("<H", 0x3FFF) + data.ljust(CHUNK, b"\0")
    return struct.pack("<H", 0xB000 | (len(packed) - 1)) + packed


def _packed(data: bytes) -> bytes:
    """Return the token sequences of one chunk: a byte of flags, then eight literals or copies (2.4.1.1.7)."""
    made = bytearray()
    seen: dict[bytes, list[int]] = {}
    place = 0
    while place < len(data):
        flags = 0
        tokens = bytearray()
        for bit in range(8):
            if place >= len(data):
                break
            offset_bits = max((place - 1).bit_length(), 4)
            back, length = _longest(data, place, seen, (0xFFFF >> offset_bits) + 3)
            if length:
                flags |= 1 << bit
                tokens += struct.pack("<H", (back - 1) << (16 - offset_bits) | (length - 3))
            else:
                tokens.append(data[place])
            for passed in range(place, place + max(length, 1)):
                seen.setdefault(data[passed : passed + 3], []).append(passed)
            place += max(length, 1)
        made.append(flags)
        made += tokens
    return bytes(made)


def _longest(data: bytes, place: int, seen: Mapping[bytes, Sequence[int]], limit: int) -> tuple[int, int]:
    """Return how far back the longest match begins and how long it is; (0, 0) for none worth a copy (2.4.1.3.19.4)."""
    best, length = 0, 2
    for start in reversed(seen.get(data[place : place + 3], ())):
        reach = _reach(data, start, place, limit)
        if reach > length:
            best, length = place - start, reach
            if length == limit:
                break
    return (best, length) if best else (0, 0)


def _reach(data: bytes, start: int, place: int, limit: int) -> int:
    """Return how many bytes from `start` repeat at `place`; a match may run into itself."""
    most = min(limit, len(data) - place)
    reach = 0
    while reach < most and data[start + reach] == data[place + reach]:
        reach += 1
    return reach
