"""Which ledger the window showed last, noted in the user's own folder: where files without a ledger belong."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def _note() -> Path:
    from platformdirs import user_state_path

    return user_state_path("taizhang", appauthor=False) / "窗口.txt"


def last() -> Path | None:
    """Return the ledger shown last, None where there was none or it is gone."""
    try:
        path = Path(_note().read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None
    return path if path.is_absolute() and path.is_file() else None


def remember(path: Path) -> None:
    """Note which ledger is shown; where that cannot be written, it is not."""
    with suppress(OSError):
        _note().parent.mkdir(parents=True, exist_ok=True)
        _note().write_text(str(path.resolve()), encoding="utf-8")
