"""Files as they are handed in: opened in another process, taken apart, and none of them able to harm the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from samples import TABLE, mail, msg, with_part, xlsx, zipped

from ledgers import FGJ, SWJ, ZJJ, book, dispatched
from taizhang.books.arrivals import limits, reading
from taizhang.books.arrivals.formats import Format
from taizhang.books.arrivals.office import Office
from taizhang.books.arrivals.reading import Arrival, Reader, read_ahead
from taizhang.books.arrivals.refusals import Refusal
from taizhang.books.render import render
from taizhang.dispatch import assignments
from taizhang.intake import Refused
from taizhang.layout.department import department_workbook
from taizhang.returns import Recognised

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "ingest"


def arrived(path: Path, password: str = "") -> list[Arrival]:
    with Reader(password) as reader:
        return list(reader.arrivals(path, path.name))


def put(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def told(found: list[Arrival]) -> list[tuple[str, str]]:
    """Return each file's name, and why it was not read, if it was not."""
    return [(one.origin.name, one.refused) for one in found]


def cells(one: Arrival) -> int:
    return (
        sum(value not in (None, "") for rows in one.book.grids.values() for row in rows for value in row)
        if one.book
        else 0
    )


FULL = sum(value is not None for row in TABLE for value in row)


# --- archives and mails ---


def test_a_file_in_an_archive_in_a_mail_is_read(tmp_path: Path) -> None:
    inner = zipped({"表/区住建局.xlsx": xlsx()})
    (one,) = arrived(put(tmp_path, "来信.eml", bytes(mail({"附件.zip": inner}))))
    assert (one.origin.name, one.refused, cells(one)) == ("来信.eml/附件.zip/表/区住建局.xlsx", "", FULL)
    assert (one.origin.sender, str(one.origin.sent_at)) == (
        "区住建局 <zjj@example.gov.cn>",
        "2020-09-08 09:00:00",
    )


def test_a_mail_forwarded_inside_a_mail_keeps_its_own_sender(tmp_path: Path) -> None:
    inner = mail({"表.xlsx": xlsx()}, sender="fgj@example.gov.cn")
    (one,) = arrived(put(tmp_path, "转.eml", bytes(mail({}, forwarded=[inner]))))
    assert (one.origin.sender, cells(one)) == ("区住建局 <fgj@example.gov.cn>", FULL)


@pytest.mark.parametrize("gbk", [True, False])
def test_names_in_an_archive_are_read_as_chinese_systems_write_them(tmp_path: Path, gbk: bool) -> None:
    (one,) = arrived(put(tmp_path, "a.zip", zipped({"区发改局反馈.xlsx": xlsx()}, gbk=gbk)))
    assert one.origin.name == "a.zip/区发改局反馈.xlsx"


@pytest.mark.parametrize(
    "header",
    [
        "filename*=UTF-8''%E5%8C%BA%E6%B3%95%E9%99%A2.xlsx",
        "filename*=GBK''%C7%F8%B7%A8%D4%BA.xlsx",
        'filename="=?UTF-8?B?5Yy65rOV6Zmi?=.xlsx"',
        'filename="=?GBK?B?x/i3qNS6?=.xlsx"',
        "filename*0*=UTF-8''%E5%8C%BA%E6%B3%95; filename*1*=%E9%99%A2.xlsx",
    ],
)
def test_names_of_attachments_are_read_however_they_are_written(tmp_path: Path, header: str) -> None:
    sent = bytes(mail({"x.xlsx": xlsx()})).replace(b'filename="x.xlsx"', header.encode())
    (one,) = arrived(put(tmp_path, "信.eml", sent))
    assert (one.origin.name, cells(one)) == ("信.eml/区法院.xlsx", FULL)


def test_a_mail_whose_headers_are_bare_chinese_bytes_is_read(tmp_path: Path) -> None:
    inner = bytes(mail({"x.xlsx": xlsx()}, sender="fgj@example.gov.cn"))
    inner = inner.replace(b'filename="x.xlsx"', 'filename="区法院.xlsx"'.encode("gbk"))
    sender = next(line for line in inner.split(b"\n") if line.startswith(b"From:"))
    (one,) = arrived(put(tmp_path, "信.eml", inner.replace(sender, "From: 区法院 <a@b>".encode("gbk"))))
    assert (one.origin.name, one.origin.sender, cells(one)) == ("信.eml/区法院.xlsx", "区法院 <a@b>", FULL)


def test_a_mail_that_outlook_saved_is_taken_apart_and_the_mail_in_it(tmp_path: Path) -> None:
    saved = msg({"区法院.xlsx": xlsx(), "扫描.pdf": b"%PDF-1"}, inner={"区住建局.xlsx": xlsx([["另", "一"]])})
    found = arrived(put(tmp_path, "信.msg", saved))
    assert [(one.origin.name, one.origin.sender, cells(one)) for one in found] == [
        ("信.msg/区法院.xlsx", "区住建局 <zjj@example.gov.cn>", FULL),
        ("信.msg/扫描.pdf", "区住建局 <zjj@example.gov.cn>", 0),
        ("信.msg/转发的邮件/区住建局.xlsx", "区住建局 <zjj@example.gov.cn>", 2),
    ]


def nested(times: int) -> bytes:
    content = xlsx()
    for n in range(times):
        content = zipped({f"层{n}.{'zip' if n else 'xlsx'}": content})
    return content


@pytest.mark.parametrize(("times", "read"), [(1, True), (limits.DEPTH, True), (limits.DEPTH + 1, False)])
def test_archives_are_taken_apart_to_their_depth_and_no_deeper(tmp_path: Path, times: int, read: bool) -> None:
    (one,) = arrived(put(tmp_path, "a.zip", nested(times)))
    assert (cells(one), one.refused == Refusal.TOO_DEEP.value.format(depth=limits.DEPTH)) == (
        FULL if read else 0,
        not read,
    )


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "外" / "a.zip"
    outside.parent.mkdir()
    files = {"../../逃.xlsx": xlsx(), "/etc/表.xlsx": xlsx(), "C:\\窗\\表.xlsx": xlsx(), "..": b"", "正常.xlsx": xlsx()}
    before = sorted(tmp_path.rglob("*"))
    outside.write_bytes(zipped(files))
    names = [one.origin.name for one in arrived(outside)]
    assert names == ["a.zip/逃.xlsx", "a.zip/etc/表.xlsx", "a.zip/C/窗/表.xlsx", "a.zip/未命名", "a.zip/正常.xlsx"]
    assert sorted(tmp_path.rglob("*")) == [*before, outside]


def test_what_systems_leave_in_archives_is_passed_over(tmp_path: Path) -> None:
    files = {"__MACOSX/._表.xlsx": b"x", ".DS_Store": b"x", "~$表.xlsx": b"x", "表.xlsx": xlsx()}
    found = arrived(put(tmp_path, "a.zip", zipped(files)))
    assert [(one.origin.name, one.format) for one in found] == [
        ("a.zip/~$表.xlsx", Format.LOCK_FILE),
        ("a.zip/表.xlsx", Format.XLSX),
    ]


def test_one_bad_file_in_an_archive_costs_no_other(tmp_path: Path) -> None:
    files = {
        "一.xlsx": xlsx()[:900],
        "二.xlsx": xlsx(),
        "三.xlsx": b"",
        "四.rar": b"Rar!\x1a\x07\x01\0",
        "五.pdf": b"%PDF-1",
    }
    found = arrived(put(tmp_path, "a.zip", zipped(files)))
    assert [bool(one.refused) for one in found] == [True, False, True, True, False]
    assert [one.evidence for one in found if one.evidence] == [b"%PDF-1"]


def test_an_archive_or_a_mail_without_files_says_so(tmp_path: Path) -> None:
    found = [*arrived(put(tmp_path, "空.zip", zipped({}))), *arrived(put(tmp_path, "空.eml", bytes(mail({}))))]
    assert told(found) == [("空.zip", Refusal.NO_TABLE.value), ("空.eml", Refusal.NO_TABLE.value)]


def test_layers_that_hold_too_much_together_are_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.limits, "UNPACKED", 3_000)  # of which the parent allows four times as much
    found = arrived(put(tmp_path, "a.zip", zipped({f"{n}.xlsx": with_part(xlsx(), "n", bytes([n])) for n in range(5)})))
    assert [bool(one.refused) for one in found] == [False, False, True, True, True]


# --- passwords ---


def locked(password: str) -> bytes:
    import io

    from msoffcrypto.format.ooxml import OOXMLFile

    target = io.BytesIO()
    OOXMLFile(io.BytesIO(xlsx())).encrypt(password, target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("password", "said"), [("", Refusal.ENCRYPTED), ("错的", Refusal.WRONG_PASSWORD), ("对的", None)]
)
def test_a_workbook_with_a_password_is_opened_with_that_one_alone(
    tmp_path: Path, password: str, said: Refusal | None
) -> None:
    (one,) = arrived(put(tmp_path, "密.xlsx", locked("对的")), password)
    assert (one.refused, cells(one)) == ((said.value, 0) if said else ("", FULL))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workbooks is not beside this checkout")
@pytest.mark.parametrize("name", ["dimastbk__password.ods", "ExcelDataReader__Test_git_issue_242_xor_pwd_password.xls"])
def test_a_password_of_a_kind_that_is_not_opened_is_said_as_such(name: str) -> None:
    assert [one.refused for one in arrived(CORPUS / name)] == [Refusal.ENCRYPTED.value]
    assert [one.refused for one in arrived(CORPUS / name, "password")] == [Refusal.OTHER_PASSWORD.value]


def test_a_password_costs_nothing_where_there_is_none_to_open(tmp_path: Path) -> None:
    (one,) = arrived(put(tmp_path, "表.xlsx", xlsx()), "对的")
    assert cells(one) == FULL


# --- a process that dies, hangs or wants too much ---


def test_a_process_that_dies_costs_the_file_it_died_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = put(tmp_path, "好.xlsx", xlsx())

    def dying(self: reading._Child, head: object, data: bytes) -> None:
        if data.startswith(b"die"):
            os.kill(self._process.pid, signal.SIGKILL)
        else:
            ask(self, head, data)  # type: ignore[arg-type]

    ask = reading._Child._ask
    monkeypatch.setattr(reading._Child, "_ask", dying)
    with Reader() as reader:
        found = [
            one
            for name in ("好.xlsx", "坏", "好.xlsx")
            for one in reader.arrivals(put(tmp_path, "坏", b"die") if name == "坏" else good, name)
        ]
    assert [(one.origin.name, one.refused, cells(one)) for one in found] == [
        ("好.xlsx", "", FULL),
        ("坏", Refusal.CRASHED.value, 0),
        ("好.xlsx", "", FULL),
    ]


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading.limits, "SECONDS", 0.001)
    (one,) = arrived(put(tmp_path, "慢.xlsx", xlsx([[n, "字" * 50] for n in range(3_000)])))
    assert one.refused == Refusal.TOO_SLOW.value.format(seconds=0.001)
    monkeypatch.undo()
    assert cells(arrived(put(tmp_path, "快.xlsx", xlsx()))[0]) == FULL


def in_worker(code: str) -> subprocess.CompletedProcess[bytes]:
    program = f"from taizhang.books.arrivals.worker import cap; cap(); {code}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="macOS ignores the cap, Windows has another")
def test_the_process_may_have_so_much_memory_and_no_more() -> None:
    assert in_worker(f"bytearray({limits.MEMORY // 2})").returncode == 0
    assert b"MemoryError" in in_worker(f"bytearray({limits.MEMORY + 1})").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_the_process_can_write_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert in_worker(f"open({str(path)!r}, 'wb', buffering=0).write(b'x')").returncode != 0
    assert not path.exists() or path.stat().st_size == 0


# --- on the disk ---


def test_a_file_that_is_gone_and_a_link_to_nowhere_are_said(tmp_path: Path) -> None:
    (tmp_path / "断.xlsx").symlink_to(tmp_path / "没有.xlsx")
    assert told(arrived(tmp_path / "断.xlsx")) == [("断.xlsx", Refusal.MISSING.value)]
    assert told(arrived(tmp_path / "无.xlsx")) == [("无.xlsx", Refusal.MISSING.value)]


def test_a_file_that_grows_while_it_is_read_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "长.xlsx", xlsx())

    def growing(self: Path) -> bytes:
        data = read_bytes(self)
        with self.open("ab") as file:
            file.write(b"more")
        return data

    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", growing)
    assert told(arrived(path)) == [("长.xlsx", Refusal.CHANGING.value)]


def test_a_file_that_is_written_over_while_it_is_read_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "变.xlsx", xlsx())

    def written_over(self: Path) -> bytes:
        data = read_bytes(self)
        self.write_bytes(data[::-1])
        os.utime(self, ns=(1, 1))
        return data

    read_bytes = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", written_over)
    assert told(arrived(path)) == [("变.xlsx", Refusal.CHANGING.value)]


def test_a_file_that_is_too_big_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    path = tmp_path / "大.xlsx"
    with path.open("wb") as file:
        file.truncate(limits.FILE + 1)
    assert told(arrived(path)) == [
        ("大.xlsx", Refusal.TOO_BIG.value.format(what=f"超过 {limits.FILE // limits.MIB} MB"))
    ]


def test_a_file_nobody_may_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path) -> bytes:
        raise PermissionError(13, "denied")

    path = put(tmp_path, "锁.xlsx", xlsx())
    monkeypatch.setattr(Path, "read_bytes", denied)
    ((_, why),) = told(arrived(path))
    assert "没有权限，或文件正被占用" in why


def test_nothing_is_ever_written_to_what_was_handed_in(tmp_path: Path) -> None:
    path = put(tmp_path, "a.zip", zipped({"表.xlsx": xlsx()}))
    before = path.stat()
    path.chmod(0o400)
    assert cells(arrived(path)[0]) == FULL
    after = path.stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


def test_files_are_read_from_several_threads(tmp_path: Path) -> None:
    path, found = put(tmp_path, "表.xlsx", xlsx()), []
    threads = [threading.Thread(target=lambda: found.append(cells(arrived(path)[0]))) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [FULL] * 4


# --- the corpus of what real machines made ---


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workbooks is not beside this checkout")
def test_every_file_of_the_corpus_is_read_or_refused_with_a_reason() -> None:
    with Reader() as reader:
        found = [one for path in sorted(CORPUS.iterdir()) for one in reader.arrivals(path, path.name)]
    assert len({one.origin.path for one in found}) == len(list(CORPUS.iterdir()))
    assert [one.origin.name for one in found if not (one.book or one.evidence or one.refused)] == []
    assert [one.origin.name for one in found if one.refused == Refusal.CRASHED.value] == []


# --- many at once, for an office ---


def office_with(*departments: str) -> tuple[Office, dict[str, bytes]]:
    """Return an office, and what it sent each of some departments."""
    rows = "".join(f"| {n} | {name} | 原来 |\n" for n, name in enumerate(departments, 1))
    ledger = dispatched(book(f"| 序号 | 牵头部门 | 进展情况 |\n{rows}"), date(2020, 9, 1))
    parts, batch = assignments(ledger, "台账.xlsx"), ledger.batches[-1]
    sent = {p.department: render(department_workbook(ledger, batch, p, date(2020, 9, 10))) for p in parts}
    return Office.of(ledger, datetime(2020, 9, 10, 9)), sent


def test_many_read_at_once_come_to_what_each_comes_to_alone_and_in_their_order(tmp_path: Path) -> None:
    office, sent = office_with(FGJ, ZJJ, SWJ)
    files = {f"{n:02}_{name}.xlsx": data for n, (name, data) in enumerate(list(sent.items()) * 4)}
    files |= {
        "13.zip": zipped({f"{name}.xlsx": data for name, data in sent.items()}),
        "14.jpg": b"\xff\xd8\xff\xe0" * 9,
    }
    files |= {
        "15.xlsx": xlsx(),
        "16.xlsx": b"PK\x03\x04 broken",
        "~$17.xlsx": b"",
        "18.eml": bytes(mail({"a.pdf": b"%PDF-1"})),
    }
    paths = [put(tmp_path, name, data) for name, data in files.items()]
    with Reader(office=office) as reader:
        alone = [list(reader.arrivals(path, path.name)) for path in paths]
    together = list(read_ahead([(path, path.name) for path in paths], "", office))
    assert together == [[replace(one, evidence=one.evidence and b"") for one in some] for some in alone]
    assert [one.found.received.department for (one,) in together[:3]] == list(sent)  # type: ignore[union-attr]


def test_a_process_that_dies_takes_no_other_file_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office, sent = office_with(FGJ)
    paths = [put(tmp_path, f"{n}.xlsx", b"die" if n == 3 else sent[FGJ]) for n in range(9)]

    def dying(self: reading._Child, head: object, data: bytes) -> None:
        if data == b"die":
            os.kill(self._process.pid, signal.SIGKILL)
        else:
            ask(self, head, data)  # type: ignore[arg-type]

    ask = reading._Child._ask
    monkeypatch.setattr(reading._Child, "_ask", dying)
    found = [one for (one,) in read_ahead([(path, path.name) for path in paths], "", office)]
    assert [one.refused for one in found] == ["", "", "", Refusal.CRASHED.value, "", "", "", "", ""]


def test_whoever_stops_listening_lets_the_rest_be(tmp_path: Path) -> None:
    office, sent = office_with(FGJ)
    asked: list[str] = []

    def files() -> list[tuple[Path, str]]:
        return [(put(tmp_path, f"{n}.xlsx", sent[FGJ]), f"{n}.xlsx") for n in range(60)]

    class Noting(Reader):
        def arrivals(self, path: Path, name: str) -> Iterator[Arrival]:
            asked.append(name)
            yield from super().arrivals(path, name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "Reader", Noting)
        going = read_ahead(files(), "", office)
        next(going)
        going.close()
    assert len(asked) < 40


def test_a_process_that_worked_for_one_office_works_for_the_next(tmp_path: Path) -> None:
    (one, sent), (other, _) = office_with(FGJ), office_with(ZJJ)
    path = put(tmp_path, "交回.xlsx", sent[FGJ])
    for office, expected in ((one, Recognised), (other, Refused), (one, Recognised)):
        ((found,),) = read_ahead([(path, path.name)], "", office)
        assert isinstance(found.found, expected)
    assert cells(arrived(path)[0])  # and for nobody


def test_an_answer_that_is_none_of_ours_costs_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office, sent = office_with(FGJ)
    path = put(tmp_path, "交回.xlsx", sent[FGJ])
    answers = [{"file": 1}, {"file": [1, 2]}, {"file": ["a", "b", "c", "d", []], "rows": [[1]]}, {"unrecognised": "x"}]
    for answer in answers:
        monkeypatch.setattr(reading._Child, "answer", lambda *_, said=answer: ({"format": "XLSX", **said}, []))
        with Reader(office=office) as reader:
            (one,) = reader.arrivals(path, path.name)
        assert one.refused == Refusal.CRASHED.value or isinstance(one.found, Refused)
