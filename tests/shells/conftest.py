"""What the tests of mail share: certificates, and settings of their own."""

from __future__ import annotations

import pytest

from mailservers import SECRET, Certificates
from taizhang.mail import accounts


@pytest.fixture(scope="session")
def certificates(tmp_path_factory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def mailbox(tmp_path, monkeypatch):
    """Give every test a folder of settings of its own, and the password in the environment."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "settings"))
    monkeypatch.setenv(accounts.PASSWORD_VARIABLE, SECRET)
