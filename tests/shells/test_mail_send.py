"""Sending over a real SMTP server on loopback: all of it once, none of it twice, and what breaks says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import keyring
import pytest
from fast_mail_parser import parse_email
from keyring.errors import KeyringError
from openpyxl import load_workbook
from test_loop import Desk

from ledgers import DIRECTORY, FGJ, SWJ, ZJJ, book
from mailservers import HOST, SECRET, USER, Certificates, PostOffice, Ring, cut, smtp_server
from taizhang import posting
from taizhang.books.disk import fingerprint
from taizhang.books.ledgers import open_ledger
from taizhang.cli import main
from taizhang.departments import Department, Directory
from taizhang.ledger import SENT, UNSURE
from taizhang.mail import accounts
from taizhang.mail.spool import Spool
from taizhang.mailing import Kind
from taizhang.posting import Asked, Way

pytestmark = pytest.mark.usefixtures("mailbox")
NAMES = (FGJ, ZJJ, SWJ)
GRID = "| 序号 | 牵头部门 |\n" + "\n".join(f"| {n} | {name} |" for n, name in enumerate(NAMES, 1))


def address(number: int) -> str:
    return f"d{number}@example.cn"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    listed = (Department(one.name, one.aliases, (address(n),)) for n, one in enumerate(DIRECTORY.departments))
    made = Desk(tmp_path, replace(book(GRID), directory=Directory(tuple(listed))))
    made.split()
    return made


@contextmanager
def office(certificates: Certificates, kind: str = "sound", *, starttls: bool = False, **more) -> Iterator[PostOffice]:
    with smtp_server(PostOffice(**more), certificates.context(kind), starttls=starttls) as running:
        set_up(running.port, certificates, accounts.STARTTLS if starttls else accounts.TLS)
        yield running


def set_up(port: int, certificates: Certificates, security: str = accounts.TLS) -> None:
    server = f"{HOST}:{port}/{security}"
    accounts.write_settings(accounts.proposed(USER, server, server, name="区营商办", ca=str(certificates.ca)))


def send(desk: Desk, asked: Asked | None = None, days: int = 0) -> posting.Posted:
    way = posting.way_out()
    context = replace(desk.context, now=desk.now + timedelta(days=days))
    own = Way(way.account, way.connect, lambda: context.now, lambda _: None)
    return posting.send(desk.path, desk.sent, context, asked or Asked(), own)


def departments(found) -> list[str]:
    return [one.department for one in found]


def sheet(desk: Desk) -> list[list[object]]:
    rows = load_workbook(desk.path)["发送记录"].iter_rows(min_row=4, values_only=True)
    return [list(row) for row in rows if row[0]]


@pytest.mark.parametrize("starttls", [False, True], ids=["tls", "starttls"])
def test_every_letter_leaves_once_and_is_on_record(desk, certificates, starttls):
    with office(certificates, starttls=starttls) as running:
        done = send(desk)
        assert departments(done.sent) == list(NAMES)
        assert not done.needs_attention
        assert send(desk).sent == ()
    assert [to for to, _ in running.taken] == [(address(n),) for n in range(3)]
    files = {file.department: file for file in desk.ledger.batches[-1].files}
    for (_, data), post, row in zip(running.taken, done.sent, sheet(desk), strict=True):
        mail = parse_email(data)
        assert mail.headers["Message-ID"] == [post.message_id]
        assert mail.headers["From"] == [f"区营商办 <{USER}>"]
        assert fingerprint(bytes(mail.attachments[0].content)) == files[post.department].sha256 == post.sha256
        assert row == [
            post.batch,
            "清单",
            post.department,
            *post.to,
            post.at.isoformat(" "),
            SENT,
            post.message_id,
            post.sha256,
        ]
    assert desk.ledger.posts == done.sent


def test_a_connection_cut_between_two_letters_is_taken_up_where_it_broke(desk, certificates):
    def once(own: PostOffice, server) -> str | None:
        return cut(server) if len(own.taken) == 2 and own.connections == 1 else None

    with office(certificates, on_mail=once) as running:
        first = send(desk)
        assert departments(first.sent) == list(NAMES[:2])
        assert departments(first.waiting) == [SWJ]
        assert "连接断了" in first.stopped
        second = send(desk)
    assert departments(second.sent) == [SWJ]
    assert [to for to, _ in running.taken] == [(address(n),) for n in range(3)]


def test_a_letter_cut_off_in_the_middle_is_told_and_not_sent_again_by_itself(desk, certificates):
    def once(own: PostOffice, server) -> str | None:
        return cut(server) if len(own.taken) == 1 and own.connections == 1 else None

    with office(certificates, on_data=once) as running:
        first = send(desk)
        assert [(post.department, post.outcome) for post in first.sent] == [(FGJ, SENT), (ZJJ, UNSURE)]
        assert departments(first.waiting) == [SWJ]
        assert "连接断了" in first.stopped
        second = send(desk)
        assert departments(second.sent) == [SWJ]
        assert departments(second.unsure) == [ZJJ]
        third = send(desk, Asked(again=(ZJJ,)))
        assert [(post.department, post.outcome) for post in third.sent] == [(ZJJ, SENT)]
        assert send(desk).unsure == ()
    assert [to for to, _ in running.taken] == [(address(0),), (address(2),), (address(1),)]
    assert [row[5] for row in sheet(desk)] == [SENT, UNSURE, SENT, SENT]


def test_a_run_that_is_killed_is_on_record_at_the_next(desk, certificates):
    class Killed(BaseException):
        pass

    def killed(_seconds):
        raise Killed

    with office(certificates) as running:
        way = posting.way_out()
        with pytest.raises(Killed):
            posting.send(
                desk.path, desk.sent, desk.context, Asked(), Way(way.account, way.connect, datetime.now, killed)
            )
        assert desk.ledger.posts == ()
        with Spool(desk.path).path.open("a", encoding="utf-8") as file:
            file.write('{"batch": "half a li')
        done = send(desk)
        assert departments(done.before) == [FGJ]
        assert departments(done.sent) == [ZJJ, SWJ]
    assert len(running.taken) == 3
    assert departments(desk.ledger.posts) == list(NAMES)
    assert not Spool(desk.path).path.exists()


def test_an_address_the_server_does_not_take_stops_no_other(desk, certificates):
    with office(certificates, refuses=frozenset({address(1)})) as running:
        done = send(desk)
        assert departments(done.sent) == [FGJ, SWJ]
        (refused,) = done.refused
        assert refused.startswith(f"{ZJJ}：服务器不收这个地址：{address(1)}。请在单位名录中核对")
        running.refuses = frozenset()
        assert departments(send(desk).sent) == [ZJJ]


def test_a_letter_too_big_for_the_server_is_refused_and_may_be_sent_later(desk, certificates):
    with office(certificates, on_data=lambda own, server: "552 too big" if not own.taken else None) as running:
        done = send(desk)
        assert departments(done.sent) == []
        assert all("552 too big" in one for one in done.refused)
        running.on_data = None
        assert departments(send(desk).sent) == list(NAMES)


def test_a_letter_refused_before_it_was_seen_did_not_leave(desk, certificates):
    with office(certificates, refuses_data=True) as running:
        done = send(desk)
        assert (done.sent, done.stopped) == ((), "")
        assert all("554 not today" in one for one in done.refused)
        running.refuses_data = False
        assert departments(send(desk).sent) == list(NAMES)


def test_reminders_go_to_the_silent_and_not_twice_a_day(desk, certificates):
    remind = Asked(Kind.REMINDER)
    desk.fill(FGJ, progress="已开展")
    desk.merge()
    with office(certificates) as running:
        assert departments(send(desk, remind).sent) == [ZJJ, SWJ]
        assert send(desk, remind).sent == ()
        assert departments(send(desk, remind, days=1).sent) == [ZJJ, SWJ]
    assert len(running.taken) == 4
    assert "还没有收到你单位的2020年9月上旬清单中的1项任务" in parse_email(running.taken[0][1]).text_plain[0]


@pytest.mark.parametrize(
    ("kind", "told"),
    [("expired", "证书过期了"), ("self-signed", "不是可信的机构签发的"), ("renamed", "是发给别的名称的")],
)
@pytest.mark.parametrize("starttls", [False, True], ids=["tls", "starttls"])
def test_nothing_is_said_to_a_server_whose_certificate_is_not_sound(desk, certificates, kind, told, starttls, capsys):
    before = desk.path.read_bytes()
    with office(certificates, kind, starttls=starttls) as running:
        assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 2
        assert told in capsys.readouterr().err
    assert running.taken == []
    assert desk.path.read_bytes() == before


@pytest.mark.parametrize("wrong", ["wrong-secret", "全角的授权码"])
def test_a_wrong_password_is_told_and_never_printed(desk, certificates, monkeypatch, capsys, wrong):
    monkeypatch.setenv(accounts.PASSWORD_VARIABLE, wrong)
    with office(certificates) as running:
        assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 2
    told = capsys.readouterr()
    assert "授权码不对" in told.err
    assert wrong not in told.out + told.err
    assert running.taken == []


def test_plain_text_on_a_port_for_tls_is_told(desk, certificates, capsys):
    with office(certificates, starttls=True) as running:
        set_up(running.port, certificates, accounts.TLS)
        assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 2
    assert "不是按 tls 加密的" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("server", "told"), [("no-such.invalid:465", "找不到这台邮件服务器"), (f"{HOST}:1", "连不上端口 1")]
)
def test_a_server_that_is_not_there_is_told(desk, server, told, capsys):
    accounts.write_settings(accounts.proposed(USER, server, server))
    assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 2
    assert told in capsys.readouterr().err


def test_a_rehearsal_sends_nothing_and_writes_nothing(desk, certificates, capsys):
    before = desk.path.read_bytes()
    with office(certificates) as running:
        assert main(["mail", "send", str(desk.path), str(desk.sent), "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["department"] for one in told["waiting"]] == list(NAMES)
    assert running.connections == 0
    assert desk.path.read_bytes() == before


def test_letters_keep_the_pace_that_is_set(desk, certificates):
    waited: list[float] = []
    with office(certificates):
        way = posting.way_out()
        own = Way(replace(way.account, per_minute=30), way.connect, datetime.now, waited.append)
        posting.send(desk.path, desk.sent, desk.context, Asked(), own)
    assert waited == [2.0, 2.0]


def test_the_command_sends_and_says_so(desk, certificates, monkeypatch, capsys):
    monkeypatch.setattr(posting, "sleep", lambda _: None)
    with office(certificates):
        settings = accounts.settings_path()
        settings.write_text(
            settings.read_text(encoding="utf-8").replace("per_minute = 20", "per_minute = 600"), encoding="utf-8"
        )
        assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 0
    told = capsys.readouterr().out
    assert "清单邮件发出 3 封" in told
    assert open_ledger(desk.path).ledger.posts


# Settings


def test_setting_up_knows_the_common_providers_and_writes_no_password(capsys):
    assert main(["mail", "setup", "yingshangban@163.com", "--name", "区营商办"]) == 0
    text = accounts.settings_path().read_text(encoding="utf-8")
    own = accounts.account()
    assert (own.smtp.host, own.smtp.port, own.imap.host, own.imap.port) == ("smtp.163.com", 465, "imap.163.com", 993)
    assert own.name == "区营商办"
    assert SECRET not in text


def test_settings_written_anew_keep_the_old_ones_beside_them():
    old = accounts.write_settings(accounts.proposed("office@163.com")).read_bytes()
    path = accounts.write_settings(accounts.proposed("office@qq.com"))
    assert accounts.account().smtp.host == "smtp.qq.com"
    assert path.with_name("mail.toml.bak").read_bytes() == old


class Broken(Ring):
    """A keyring of a system that has none."""

    def get_password(self, service, username):
        raise KeyringError


def test_a_keyring_that_does_not_work_is_told_before_anybody_types(desk, certificates, monkeypatch, capsys):
    old, asked = keyring.get_keyring(), []
    monkeypatch.delenv(accounts.PASSWORD_VARIABLE)
    monkeypatch.setattr("getpass.getpass", asked.append)
    keyring.set_keyring(Broken())
    try:
        with office(certificates):
            assert main(["mail", "password"]) == 2
    finally:
        keyring.set_keyring(old)
    assert asked == []
    assert "系统钥匙串不能用。请" in capsys.readouterr().err


def test_the_password_goes_to_the_keyring_and_comes_from_there(desk, certificates, monkeypatch, capsys):
    old, ring = keyring.get_keyring(), Ring()
    monkeypatch.delenv(accounts.PASSWORD_VARIABLE)
    keyring.set_keyring(ring)
    try:
        with office(certificates):
            monkeypatch.setattr("getpass.getpass", lambda prompt: " ")
            assert main(["mail", "password"]) == 2
            assert ring.kept == {}
            monkeypatch.setattr("getpass.getpass", lambda prompt: SECRET)
            assert main(["mail", "password"]) == 0
            assert list(ring.kept.values()) == [SECRET]
            assert departments(send(desk).sent) == list(NAMES)
    finally:
        keyring.set_keyring(old)
    told = capsys.readouterr()
    assert SECRET not in told.out + told.err
    settings = accounts.settings_path().parent
    assert not [path for path in settings.rglob("*") if path.is_file() and SECRET in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["office"], "不是邮箱地址"),
        (["office@example.cn"], "不知道 office@example.cn 的邮件服务器"),
        (["office@163.com", "--smtp", ":465"], "不是服务器"),
        (["office@163.com", "--smtp", "a:99999"], "不是服务器"),
        (["office@163.com", "--smtp", "a:1/none"], "不是服务器"),
    ],
)
def test_what_cannot_be_set_up_is_told(arguments, told, capsys):
    assert main(["mail", "setup", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not accounts.settings_path().exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "读不出来"),
        ('address = "x"', "不是邮箱地址"),
        ('address = "a@b.cn"', "缺少“[smtp]”一段"),
        ('address = "a@b.cn"\nper_minute = 0\n[smtp]\nhost = "a"', "每分钟封数"),
        ('address = "a@b.cn"\n[smtp]\nhost = "a"\nport = "465"', "端口"),
        ('address = "a@b.cn"\n[smtp]\nhost = "a"\nsecurity = "none"', "加密方式"),
        ('address = "a@b.cn"\n[smtp]\nport = 465', "“host”没有填"),
    ],
)
def test_settings_that_cannot_be_used_are_told_with_their_place(desk, text, told, capsys):
    path = accounts.settings_path()
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert str(path) in said


def test_without_settings_or_password_the_way_there_is_told(desk, monkeypatch, capsys):
    assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 2
    assert "taizhang mail setup" in capsys.readouterr().err
    monkeypatch.delenv(accounts.PASSWORD_VARIABLE)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    accounts.write_settings(accounts.proposed("office@163.com"))
    assert main(["mail", "send", str(desk.path), str(desk.sent)]) == 2
    assert "环境变量 TAIZHANG_MAIL_PASSWORD" in capsys.readouterr().err
