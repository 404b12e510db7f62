"""What a script of this repository takes, asked of its own parser; nothing of the script is done."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest


class _TakenError(Exception):
    """The parser had no complaint."""


def hold(script: Path, arguments: Sequence[str]) -> None:
    """Fail unless a script takes these arguments, each option written out and each value one it knows."""
    assert script.is_file(), f"no such script: {script}"
    if "argparse" not in script.read_text(encoding="utf-8"):
        assert not arguments, f"{script.name} takes no arguments: {arguments}"
        return
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
        patch.syspath_prepend(script.parent)
        spec = importlib.util.spec_from_file_location(f"held_{script.stem}", script)
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, spec.name, module)  # where its dataclasses look for their module
        spec.loader.exec_module(module)
        patch.setattr(argparse.ArgumentParser, "parse_args", _parsed)
        with contextlib.suppress(_TakenError):
            try:
                module.main(list(arguments))
            except SystemExit:
                pytest.fail(f"{script.name} {arguments}: {said.getvalue()}", pytrace=False)
            pytest.fail(f"{script.name} parsed nothing", pytrace=False)


def _parsed(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None, namespace: None = None) -> None:
    parser.allow_abbrev = False
    _, unknown = parser.parse_known_args(arguments, namespace)
    if unknown:
        parser.error(f"unknown: {unknown}")
    raise _TakenError
