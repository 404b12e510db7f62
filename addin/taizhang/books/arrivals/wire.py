"""How plain values travel between the process that reads and ours: JSON, never anything that is run when read."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import IO, Any

from taizhang.books.arrivals.readers import Book
from taizhang.findings import Code, Finding
from taizhang.intake import Refused
from taizhang.layout.reading import Grid
from taizhang.returns import Kept, Received, Recognised
from taizhang.values import Value

_LENGTH = struct.Struct(">Q")


def send(stream: IO[bytes], head: Mapping[str, Any], *blobs: bytes) -> None:
    """Write one message: what it says, and the bytes that go with it."""
    said = encoded(head, blobs)
    stream.write(_LENGTH.pack(len(said)) + said)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def encoded(head: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """Return what a message says, as it is written."""
    return json.dumps({**head, "blobs": [len(blob) for blob in blobs]}, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def receive(stream: IO[bytes], most: int) -> tuple[dict[str, Any], list[bytes]] | None:
    """Return the next message, None at the end of the stream or where it holds none; raise ValueError over `most` bytes."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    if size > most:
        raise ValueError(f"a message of {size} bytes")
    said = stream.read(size)
    if len(said) < size:
        return None
    head = json.loads(said.decode("utf-8", "surrogatepass"))
    sizes = head.pop("blobs")
    if sum(sizes) > most:
        raise ValueError(f"a message with {sum(sizes)} bytes")
    blobs = [stream.read(size) for size in sizes]
    return (head, blobs) if [len(blob) for blob in blobs] == sizes else None


def told(book: Book) -> dict[str, Any]:
    """Return a file's cells in words JSON has."""
    grids = [[name, [[_told(value) for value in row] for row in rows]] for name, rows in book.grids.items()]
    saved = book.modified_at.isoformat() if book.modified_at else None
    return {
        "grids": grids,
        "properties": dict(book.properties),
        "modified_at": saved,
        "far": list(book.far),
        "of_1904": book.of_1904,
        "hidden": sorted(book.hidden),
    }


def heard(said: Mapping[str, Any]) -> Book:
    """Return what `told` wrote down."""
    grids: dict[str, Grid] = {name: [[_heard(value) for value in row] for row in rows] for name, rows in said["grids"]}
    saved = said["modified_at"]
    return Book(
        grids,
        said["properties"],
        datetime.fromisoformat(saved) if saved else None,
        tuple(said["far"]),
        said["of_1904"],
        frozenset(said["hidden"]),
    )


def told_return(found: Recognised | Refused) -> dict[str, Any]:
    """Return what a file came to in words JSON has."""
    if isinstance(found, Refused):
        return {"unrecognised": found.reason}
    file = found.received
    return {
        "file": [file.name, file.sha256, file.batch, file.department, list(file.missing)],
        "rows": [list(one) for one in zip(file.rows, file.unchanged, file.columns, strict=True)],
        "days": [_told(one) for one in (file.reported_on, file.modified_at, file.mailed_at)],
        "kept": [
            [k.row, k.code, k.column, _told(k.back), k.fault.value if k.fault else "", k.settled, k.sheet]
            for k in file.kept
        ],
        "findings": [_told_finding(one) for one in found.findings],
        "doubt": found.doubt.value if found.doubt else "",
        "doubted": found.doubted,
    }


def heard_return(said: Mapping[str, Any], at: datetime) -> Recognised | Refused:
    """Return what `told_return` wrote down, of a file that came at a moment."""
    if "unrecognised" in said:
        return Refused(str(said["unrecognised"]))
    name, sha256, batch, department, missing = said["file"]
    codes, unchanged, columns = zip(*said["rows"], strict=True) if said["rows"] else ((), (), ())
    reported, modified, mailed = (_heard(one) for one in said["days"])
    kept = tuple(
        Kept(row, code, column, _heard(back), Code(fault) if fault else None, None, settled, sheet)
        for row, code, column, back, fault, settled, sheet in said["kept"]
    )
    received = Received(
        sha256=sha256,
        name=name,
        batch=batch,
        department=department,
        received_at=at,
        rows=codes,
        unchanged=unchanged,
        columns=columns,
        reported_on=reported if isinstance(reported, date) else None,
        modified_at=modified if isinstance(modified, datetime) else None,
        mailed_at=mailed if isinstance(mailed, datetime) else None,
        missing=tuple(missing),
        kept=kept,
    )
    findings = tuple(map(_heard_finding, said["findings"]))
    return Recognised(received, findings, Code(said["doubt"]) if said["doubt"] else None, said["doubted"])


def _told_finding(one: Finding) -> list[Any]:
    """Return a finding of a returned file: it is about a sheet or a column, and repairs nothing."""
    return [one.code.value, one.sheet, one.cell, _told(one.no), one.column, _told(one.value), dict(one.facts)]


def _heard_finding(said: Sequence[Any]) -> Finding:
    code, sheet, cell, no, column, value, facts = said
    return Finding(Code(code), sheet, cell, _heard(no), column=column, value=_heard(value), facts=facts)


def _told(value: Value) -> Any:
    if isinstance(value, datetime):
        return {"moment": value.replace(tzinfo=None).isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _heard(value: Any) -> Value:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    return datetime.fromisoformat(value["moment"]) if "moment" in value else date.fromisoformat(value["day"])
