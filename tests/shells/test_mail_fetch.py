"""Fetching from a real IMAP server, and the whole way round: lists out, answers back, into the ledger."""

from __future__ import annotations

import io
import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from openpyxl import load_workbook
from test_loop import Desk

from ledgers import DIRECTORY, FGJ, SWJ, ZJJ, book
from mailservers import HOST, USER, Certificates, Mailhouse, PostOffice, cut, imap_server, smtp_server
from taizhang import actions, fetching, posting, tables
from taizhang.actions import Context
from taizhang.books.ledgers import create_ledger, open_ledger
from taizhang.books.package import Package
from taizhang.books.sources import bundled_departments, read_notice
from taizhang.cli import main
from taizhang.departments import Department, Directory
from taizhang.journal import NEW, Act
from taizhang.layout import department
from taizhang.ledger import ReportKey
from taizhang.mail import accounts, incoming
from taizhang.merge import Outcome
from taizhang.notice import read_tasks
from taizhang.posting import Asked
from taizhang.posting import Way as WayOut

pytestmark = [pytest.mark.dovecot, pytest.mark.usefixtures("mailbox")]
NAMES = (FGJ, ZJJ, SWJ)
GRID = "| 序号 | 牵头部门 |\n" + "\n".join(f"| {n} | {name} |" for n, name in enumerate(NAMES, 1))
ADDRESS = {name: f"d{n}@example.cn" for n, name in enumerate(NAMES)}
STRANGER = "someone@elsewhere.example"


@pytest.fixture
def house(certificates: Certificates) -> Iterator[Mailhouse]:
    with imap_server(certificates) as running:
        set_up(running.tls_port, certificates)
        yield running


def set_up(port: int, certificates: Certificates, security: str = accounts.TLS, smtp: int = 1) -> None:
    servers = f"{HOST}:{smtp}/tls", f"{HOST}:{port}/{security}"
    accounts.write_settings(accounts.proposed(USER, *servers, ca=str(certificates.ca)))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    listed = tuple(Department(one.name, one.aliases, (ADDRESS[one.name],)) for one in DIRECTORY.departments)
    made = Desk(tmp_path, replace(book(GRID), directory=Directory(listed)))
    made.split()
    return made


def mail(sender: str, name: str = "", data: bytes = b"", *, id: str = "", **headers: str) -> EmailMessage:
    """Return a message as a department's mail program writes it."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"] = sender, USER
    made["Subject"] = headers.pop("subject", "回复：清单")
    made["Date"] = "Tue, 08 Sep 2020 10:00:00 +0800"
    made["Message-ID"] = id or f"<{abs(hash((sender, name, len(data))))}@example.cn>"
    for header, value in headers.items():
        made[header.replace("_", "-")] = value
    made.set_content("填好了，请查收。")
    if name:
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made


def deliver(house: Mailhouse, *messages: EmailMessage) -> None:
    first = len(house.flags())
    for number, message in enumerate(messages, first):
        house.deliver(message.as_bytes(), f"{number:06d}.x")


def fetch(desk: Desk, *, mark_read: bool = False) -> fetching.Fetched:
    return fetching.fetch(desk.path, desk.back, desk.context, fetching.way_in(mark_read=mark_read))


def answer(desk: Desk, name: str, **cells) -> bytes:
    """Return a department's workbook filled in, which does not stay on the office's disk."""
    path = desk.fill(name, **cells)
    data = path.read_bytes()
    path.unlink()
    return data


def progress(desk: Desk) -> dict[str, object]:
    ledger = desk.ledger
    return {key.department: cells.get("progress") for key, cells in ledger.reports.items() if cells.get("progress")}


# --- the whole way round ---


def filled(message: bytes, text: str) -> tuple[EmailMessage, str, bytes]:
    """Return a message that left, and its workbook with the first task filled in: what its receiver does."""
    parsed = BytesParser(policy=policy.default).parsebytes(message)
    (attached,) = parsed.iter_attachments()
    package = Package.load(attached.get_payload(decode=True))
    place = {key: (department.FIRST_ROW, department.PLACES[key]) for key in ("progress", "reported_on")}
    package.set_cells(tables.LEDGER, {place["progress"]: text, place["reported_on"]: datetime(2020, 9, 8).date()})
    return parsed, attached.get_filename(), package.dump()


def test_thirty_one_lists_go_out_and_their_answers_come_into_the_ledger(tmp_path, certificates, house):
    directory = bundled_departments()
    known = tuple(replace(one, emails=(f"d{n}@example.cn",)) for n, one in enumerate(directory.departments))
    notice = Path(actions.__file__).parent / "data" / "notice_2020.txt"
    ledger = replace(actions.ledger_of(read_tasks(read_notice(notice)), directory, "x"), directory=Directory(known))
    path, sent, back = tmp_path / "台账.xlsx", tmp_path / "下发", tmp_path / "收件"
    now = datetime(2020, 9, 1, 9)
    create_ledger(path, ledger, Act(NEW, now, "经办"), now.date())
    actions.split(path, sent, Context(now, "经办"))

    def once(own: PostOffice, server) -> str | None:
        return cut(server) if len(own.taken) == 12 and own.connections == 1 else None

    with smtp_server(PostOffice(on_mail=once), certificates.context()) as office:
        set_up(house.tls_port, certificates, smtp=office.port)
        way = posting.way_out()
        quick = WayOut(way.account, way.connect, lambda: now, lambda _: None)
        first = posting.send(path, sent, Context(now, "经办"), Asked(), quick)
        assert (len(first.sent), len(first.waiting)) == (12, 19)
        second = posting.send(path, sent, Context(now, "经办"), Asked(), quick)
        assert (len(second.sent), len(second.before), second.waiting) == (19, 12, ())
    assert len({to for to, _ in office.taken}) == len(office.taken) == 31

    wanted: dict[str, str] = {}
    for number, (to, data) in enumerate(office.taken):
        text = f"第{number}家已推进"
        asked, name, workbook = filled(data, text)
        reply = mail(to[0], name, workbook, subject=f"回复：{asked['Subject']}", In_Reply_To=str(asked["Message-ID"]))
        if number == 7:  # a colleague's answer, forwarded as it came
            inner = mail("colleague@elsewhere.example", name, workbook)
            reply = mail(to[0], subject="转发：清单")
            reply.add_attachment(inner)
        deliver(house, reply)
        wanted[next(one.name for one in known if one.emails == to)] = text
    deliver(house, mail(STRANGER, "广告.pdf", b"%PDF-1.4"))

    done = fetching.fetch(path, back, Context(now, "经办"), fetching.way_in())
    assert {one.department for one in done.taken} == set(wanted)
    assert [head.sender for head in done.strangers] == [STRANGER]
    preview = actions.merge_files(path, [back], Context(now.replace(day=8), "经办"))
    assert [report.outcome for report in preview.reports] == [Outcome.MERGED] * 31
    assert preview.missing_departments == ()
    actions.apply(path, Context(now.replace(day=8), "经办"))
    after = open_ledger(path).ledger
    leads = {name: after.sent_rows[after.batches[0].id, name] for name in wanted}
    assert {name: after.report(ReportKey(next(iter(rows)), name))["progress"] for name, rows in leads.items()} == wanted
    assert sum("progress" in cells for cells in after.reports.values()) == 31
    assert set(house.flags().values()) == {""}


# --- what is fetched, and what is left ---


def test_only_new_mail_of_the_directory_is_fetched_and_nothing_is_touched(desk, house):
    deliver(house, mail(ADDRESS[FGJ], "表.xlsx", answer(desk, FGJ, progress="一")), mail(STRANGER, "x.xlsx", b"PK"))
    deliver(house, mail(f"{FGJ} <{STRANGER}>", "表.xlsx", b"PK"))
    first = fetch(desk)
    assert [(one.department, one.sender) for one in first.taken] == [(FGJ, ADDRESS[FGJ])]
    assert [head.sender for head in first.strangers] == [STRANGER, STRANGER]
    again = fetch(desk)
    assert (again.taken, again.strangers) == ((), ())
    deliver(house, mail(ADDRESS[ZJJ].upper(), "表.xlsx", answer(desk, ZJJ, progress="二")))
    assert [one.department for one in fetch(desk).taken] == [ZJJ]
    assert set(house.flags().values()) == {""}
    desk.merge()
    desk.apply()
    assert progress(desk) == {FGJ: "一", ZJJ: "二"}


def test_a_message_keeps_its_id_and_all_its_bytes(desk, house):
    sent = mail(
        ADDRESS[FGJ], "表.xlsx", answer(desk, FGJ, progress="一"), id="<a.b@example.cn>", subject="回复：a/b\\c:清单"
    )
    deliver(house, sent)
    (one,) = fetch(desk).taken
    assert one.id == "<a.b@example.cn>"
    assert one.path.parent == desk.back
    assert one.path.name.startswith(f"20200908_{FGJ}_回复：a_b_c清单_")
    assert one.path.read_bytes() == sent.as_bytes()


def test_a_sender_that_is_listed_later_is_fetched_then(desk, house):
    deliver(house, mail(STRANGER, "表.xlsx", answer(desk, FGJ, progress="一")))
    assert fetch(desk).taken == ()
    desk.type(tables.NAMES, {(4, 3): f"{ADDRESS[FGJ]}、{STRANGER}"})
    assert [one.sender for one in fetch(desk).taken] == [STRANGER]


def test_marking_as_read_is_done_only_when_asked(desk, house):
    deliver(house, mail(ADDRESS[FGJ], "表.xlsx", b"PK"), mail(STRANGER))
    fetch(desk, mark_read=True)
    assert sorted(house.flags().values()) == ["", "S"]


def test_a_mailbox_of_five_hundred_is_gone_through_once(desk, house):
    others = [mail(STRANGER, id=f"<{n}@elsewhere>", subject=f"通知{n}") for n in range(497)]
    own = [mail(ADDRESS[name], "表.xlsx", answer(desk, name, progress=name)) for name in NAMES]
    deliver(house, *others[:200], own[0], *others[200:400], own[1], *others[400:], own[2])
    done = fetch(desk)
    assert [one.department for one in done.taken] == list(NAMES)
    assert len(done.strangers) == 497
    assert fetch(desk).taken == ()


def test_a_fetch_that_is_cut_off_goes_on_where_it_broke(desk, house, monkeypatch):
    deliver(house, *(mail(ADDRESS[name], "表.xlsx", answer(desk, name, progress=name)) for name in NAMES))
    real = incoming.Inbox.content

    def broken(inbox, number):
        if number == 2:
            inbox._box.client.sock.shutdown(socket.SHUT_RDWR)
        return real(inbox, number)

    with monkeypatch.context() as patch:
        patch.setattr(incoming.Inbox, "content", broken)
        first = fetch(desk)
    assert [one.department for one in first.taken] == [FGJ]
    assert "再运行一次" in first.stopped
    second = fetch(desk)
    assert [one.department for one in second.taken] == [ZJJ, SWJ]
    assert len(list(desk.back.glob("*.eml"))) == 3


def test_a_mailbox_that_numbers_anew_brings_nothing_twice(desk, house):
    deliver(house, mail(ADDRESS[FGJ], "表.xlsx", b"PK"))
    assert len(fetch(desk).taken) == 1
    for kept in house.maildir.glob("dovecot*"):
        kept.unlink() if kept.is_file() else shutil.rmtree(kept)
    (house.maildir / "dovecot-uidlist").write_text("3 V77 N900\n")
    deliver(house, mail(ADDRESS[ZJJ], "表.xlsx", b"PK"))
    assert [one.department for one in fetch(desk).taken] == [ZJJ]


# --- what is hostile ---


def test_a_department_that_sends_anothers_workbook_changes_nothing(desk, house):
    deliver(house, mail(ADDRESS[ZJJ], f"{FGJ}_清单.xlsx", answer(desk, FGJ, progress="冒充")))
    (one,) = fetch(desk).taken
    assert one.department == ZJJ
    (report,) = desk.merge().reports
    assert report.outcome is Outcome.HELD
    assert f"{FGJ}、{ZJJ}" in report.reason
    desk.apply()
    assert progress(desk) == {}


def test_a_table_without_ids_is_nobodys_where_the_sender_is_another_than_its_tasks_say(desk, house):
    rows = load_workbook(io.BytesIO(answer(desk, FGJ, progress="冒充")))[tables.LEDGER].iter_rows(values_only=True)
    lines = (",".join(str("" if value is None else value) for value in row) for row in rows)
    deliver(house, mail(ADDRESS[ZJJ], "表.csv", "\n".join(lines).encode()))
    fetch(desk)
    (report,) = desk.merge().reports
    assert (report.outcome, report.department) == (Outcome.HELD, FGJ)
    assert f"{FGJ}、{ZJJ}" in report.reason


def test_a_forwarded_mail_is_believed_by_who_forwarded_it(desk, house):
    outer = mail(ADDRESS[ZJJ])
    outer.add_attachment(mail(ADDRESS[FGJ], f"{FGJ}_清单.xlsx", answer(desk, FGJ, progress="冒充")))
    deliver(house, outer)
    fetch(desk)
    (report,) = desk.merge().reports
    assert report.outcome is Outcome.HELD


@pytest.mark.parametrize(
    ("judged", "fetched"),
    [
        ("mx.example.cn; spf=fail smtp.mailfrom=x; dkim=none; dmarc=fail", False),
        ("mx.example.cn; spf=fail smtp.mailfrom=x; dkim=pass header.d=example.cn", True),
        ("mx.example.cn; spf=pass smtp.mailfrom=example.cn", True),
    ],
)
def test_a_sender_the_receiving_server_holds_for_false_is_not_fetched(desk, house, judged, fetched):
    deliver(house, mail(ADDRESS[FGJ], "表.xlsx", b"PK", Authentication_Results=judged))
    done = fetch(desk)
    assert (len(done.taken), len(done.forged)) == ((1, 0) if fetched else (0, 1))


def test_a_mail_that_names_two_senders_is_nobodys(desk, house):
    made = mail(f"{ADDRESS[FGJ]}, {STRANGER}", "表.xlsx", b"PK")
    deliver(house, made)
    assert len(fetch(desk).strangers) == 1


HOSTILE = {
    "unknown charset": b"From: d0@example.cn\r\nSubject: =?x-unknown?B?5L2g?=\r\n",
    "bad base64": b"From: d0@example.cn\r\nSubject: =?utf-8?B?5?=\r\n",
    "bare bytes": "From: 区发改局 <d0@example.cn>\r\nSubject: 回复清单\r\n".encode("gb18030"),
    "no day, no id": b"From: d0@example.cn\r\n",
    "bad day": b"From: d0@example.cn\r\nDate: Tue, 08 Sep 99999 10:00:00 +9999\r\n",
    "terminal": b"From: d0@example.cn\r\nSubject: a\x1b[31mb\x00\r\n",
    "long": b"From: d0@example.cn\r\nSubject: " + b"x" * 100_000 + b"\r\n",
}
NOBODYS = {
    "none": b"Subject: x\r\n",
    "empty": b"From: \r\n",
    "two": b"From: d0@example.cn, evil@example.com\r\n",
    "twice": b"From: d0@example.cn\r\nFrom: evil@example.com\r\n",
    "as a name": b'From: "d0@example.cn" <evil@example.com>\r\n',
    "in a comment": b"From: (d0@example.cn) evil@example.com\r\n",
    "encoded": b"From: =?utf-8?B?ZDBAZXhhbXBsZS5jbg==?= <evil@example.com>\r\n",
    "nul": b"From: d0@example.cn\x00.evil.example\r\n",
}


def test_a_head_that_cannot_be_read_keeps_no_other_mail_back(desk, house):
    for number, head in enumerate((*HOSTILE.values(), *NOBODYS.values())):
        house.deliver(head + b"\r\ntext\r\n", f"{number:03d}.x")
    done = fetch(desk)
    assert len(done.taken) == len(HOSTILE)
    assert len(done.strangers) == len(NOBODYS)
    names = [one.path.name for one in done.taken]
    assert sum("回复清单" in name for name in names) == 1
    assert all(len(name.encode()) < 255 and name.isprintable() for name in names)


def test_an_attachments_path_leads_nowhere(desk, house):
    deliver(house, mail(ADDRESS[FGJ], "../../x.xlsx", answer(desk, FGJ, progress="一"), subject="../../../etc"))
    before = {path for path in desk.folder.parent.rglob("*") if desk.folder not in path.parents}
    (one,) = fetch(desk).taken
    assert one.path.parent == desk.back
    (report,) = desk.merge().reports
    assert (report.outcome, report.name) == (Outcome.MERGED, f"{one.path.name}/x.xlsx")
    assert {path for path in desk.folder.parent.rglob("*") if desk.folder not in path.parents} == before


def test_an_attachment_of_forty_megabytes_comes_through(desk, house):
    made = mail(ADDRESS[FGJ], "表.xlsx", answer(desk, FGJ, progress="一"))
    made.add_attachment(b"\xff\xd8\xff" + bytes(40 << 20), maintype="image", subtype="jpeg", filename="现场.jpg")
    deliver(house, made)
    assert [one.department for one in fetch(desk).taken] == [FGJ]
    assert sorted(report.outcome.name for report in desk.merge().reports) == ["ATTACHMENT", "MERGED"]
    (photo,) = desk.folder.rglob("现场.jpg")
    assert photo.stat().st_size == (40 << 20) + 3


def test_a_message_larger_than_any_file_may_be_is_left_and_told_each_time(desk, house, monkeypatch):
    monkeypatch.setattr(fetching.limits, "FILE", 2000)
    deliver(house, mail(ADDRESS[FGJ], "表.xlsx", bytes(5000)), mail(ADDRESS[ZJJ]))
    for taken in (1, 0):
        done = fetch(desk)
        assert (len(done.taken), [head.sender for head in done.too_big]) == (taken, [ADDRESS[FGJ]])
    monkeypatch.undo()


# --- servers that are not sound ---


@pytest.mark.parametrize(
    ("kind", "told"),
    [("expired", "证书过期了"), ("self-signed", "不是可信的机构签发的"), ("renamed", "是发给别的名称的")],
)
def test_no_password_goes_to_a_server_whose_certificate_is_not_sound(desk, certificates, kind, told, capsys, tmp_path):
    with imap_server(certificates, kind) as running:
        for port, security in ((running.tls_port, accounts.TLS), (running.plain_port, accounts.STARTTLS)):
            set_up(port, certificates, security)
            assert main(["mail", "fetch", str(desk.path), "-o", str(desk.back)]) == 2
            assert told in capsys.readouterr().err
        log = (running.maildir.parent / "log").read_text()
    assert "Login:" not in log
    assert not desk.back.exists()


def test_a_wrong_password_is_told(desk, house, monkeypatch, capsys):
    monkeypatch.setenv(accounts.PASSWORD_VARIABLE, "wrong-secret")
    assert main(["mail", "fetch", str(desk.path), "-o", str(desk.back)]) == 2
    told = capsys.readouterr()
    assert "授权码不对" in told.err
    assert "wrong-secret" not in told.out + told.err


def test_a_folder_that_is_not_there_is_told(desk, house, capsys):
    path = accounts.settings_path()
    path.write_text(path.read_text(encoding="utf-8").replace("INBOX", "没有的"), encoding="utf-8")
    assert main(["mail", "fetch", str(desk.path), "-o", str(desk.back)]) == 2
    assert "没有设置的那个文件夹" in capsys.readouterr().err


def test_the_command_lists_what_it_took_and_what_it_left(desk, house, certificates, capsys):
    set_up(house.plain_port, certificates, accounts.STARTTLS)
    deliver(house, mail(ADDRESS[FGJ], "表.xlsx", b"PK"), mail(STRANGER, subject="广告"))
    assert main(["mail", "fetch", str(desk.path), "-o", str(desk.back)]) == 1
    told = capsys.readouterr().out
    assert "收取邮件 1 封" in told
    assert "陌生来源 1 封" in told
    assert f"{STRANGER}：广告" in told
    assert main(["mail", "fetch", str(desk.path), "-o", str(desk.back), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["taken"] == []


# --- doctor ---


def doctor(capsys) -> list[str]:
    main(["mail", "doctor", "--json"])
    return [one["message"] for one in json.loads(capsys.readouterr().out)["findings"]]


def test_the_doctor_finds_nothing_where_both_servers_let_us_in(house, certificates, capsys):
    with smtp_server(PostOffice(), certificates.context()) as office:
        set_up(house.tls_port, certificates, smtp=office.port)
        assert doctor(capsys) == []
        assert main(["doctor", "--part", "mail"]) == 0
        assert office.taken == []


def test_the_doctor_says_what_is_wrong_one_sentence_each(house, certificates, monkeypatch, capsys):
    with smtp_server(PostOffice(), certificates.context("expired")) as office:
        set_up(house.tls_port, certificates, smtp=office.port)
        monkeypatch.setenv(accounts.PASSWORD_VARIABLE, "wrong-secret")
        certificate, login = doctor(capsys)
    assert certificate.startswith(f"发信服务器 {HOST}:{office.port}：服务器的证书过期了，没有登录。请核对本机的日期")
    assert login.startswith(f"收信服务器 {HOST}:{house.tls_port}：用户名 {USER} 或授权码不对，没有登录。请核对")


def test_the_doctor_says_how_to_begin(capsys):
    assert doctor(capsys) == ["邮箱设置：这台电脑还没有设置邮箱。请先运行 taizhang mail setup 邮箱地址。"]
