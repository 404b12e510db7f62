"""Good returns with something broken in them: each is read, or refused with a reason, and harms no other."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import mail, msg, xlsx, zipped

from ledgers import FGJ, book, dispatched
from taizhang import diff, intake, merge
from taizhang.books.arrivals.reading import Arrival, Reader
from taizhang.books.render import render
from taizhang.dispatch import assignments
from taizhang.layout.department import department_workbook
from taizhang.ledger import Ledger

TWO = f"""
| 序号 | 牵头部门 | 目标任务 | 进展情况 | 完成率 | 填报日期 |
| 1 | {FGJ} | 将企业开办时间压缩至一个工作日以内 | 推进中 | 30% | 2020-09-08 |
| 2 | {FGJ} | 清理规范转供电环节加价并公示结果 | 已办结 | 100% | |
"""
fuzz = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ledger() -> Ledger:
    return dispatched(book(TWO))


def good() -> bytes:
    """Return a department's own workbook."""
    sent = ledger()
    (part,) = assignments(sent, "台账")
    return render(department_workbook(sent, sent.batches[-1], part, sent.batches[-1].made_at.date()))


GOOD = good()
KINDS = {
    "xlsx": GOOD,
    "csv": "任务编码,序号,目标任务,进展情况\nRW2020-001,1,甲,乙\n".encode("gb18030"),
    "html": "<table><tr><td>任务编码<td>目标任务<td>进展情况<tr><td rowspan=2>RW2020-001<td>甲<td>乙</table>".encode(),
    "xml": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>',
    "zip": zipped({"表.xlsx": GOOD}),
    "eml": bytes(mail({"表.xlsx": xlsx()})),
    "msg": msg({"表.xlsx": xlsx()}),
}


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """Draw a file with bytes changed, taken out, put in twice, or cut off."""
    made = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(made) - 1, 0)))
        piece = draw(st.integers(1, 40))
        match draw(st.sampled_from(["change", "take", "twice", "insert", "cut"])):
            case "change" if made:
                made[at] = draw(st.integers(0, 255))
            case "take":
                del made[at : at + piece]
            case "twice":
                made[at:at] = made[at : at + piece]
            case "insert":
                made[at:at] = draw(st.binary(max_size=20))
            case "cut":
                del made[max(at, len(made) // 2) :]
    return bytes(made)


@st.composite
def broken_parts(draw: st.DrawFn) -> bytes:
    """Draw a workbook that unpacks well, with something broken inside one of its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(target, "w") as new:
        wrong = draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, draw(broken(content)) if name == wrong else content)
    return target.getvalue()


def arrived(folder: Path, data: bytes) -> list[Arrival]:
    path = folder / "来件"
    path.write_bytes(data)
    with Reader() as reader:
        return list(reader.arrivals(path, path.name))


def taken_in(found: list[Arrival]) -> None:
    """Assert that every file came to something, and that the ledger can take in what was read."""
    assert found
    sent = ledger()
    for one in found:
        assert (one.book is not None) + bool(one.refused) + (one.evidence is not None) == 1
        if one.book is not None:
            sheets = intake.Sheets(one.origin.name, one.sha256, one.book.grids, one.book.properties)
            back = intake.recognise(sent, sheets)
            if isinstance(back, intake.Refused):
                assert back.reason.endswith("。")
            else:
                after = merge.merged(sent, [diff.received(sent, back, sent.batches[-1].made_at)])
                (file,) = after.received
                changes = merge.decide(after)
                assert sum(merge.counts(after, file, changes).values()) == merge.returned_cells(after, file)
                assert after.tasks == sent.tasks


@pytest.mark.parametrize("kind", KINDS)
@fuzz
@given(data=st.data())
def test_a_broken_file_is_read_or_refused_with_a_reason(kind: str, tmp_path: Path, data: st.DataObject) -> None:
    taken_in(arrived(tmp_path, data.draw(broken(KINDS[kind]))))


@fuzz
@given(content=broken_parts())
def test_a_workbook_broken_inside_is_read_or_refused_with_a_reason(tmp_path: Path, content: bytes) -> None:
    taken_in(arrived(tmp_path, content))


def test_the_good_ones_are_read(tmp_path: Path) -> None:
    for kind, content in KINDS.items():
        found = arrived(tmp_path, content)
        assert [one.refused for one in found] == [""], kind
        taken_in(found)
