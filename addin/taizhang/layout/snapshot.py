"""旬快照: what stood in the ledger when each period was closed, kept for good."""

from __future__ import annotations

from taizhang import tables
from taizhang.layout.common import table_sheet
from taizhang.layout.parts import Content, Sheet
from taizhang.ledger import Ledger, Snapshot

_NOTE = "每旬结旬时各事项的状态和各单位的报送情况，逐旬留存，用来看变化、算报送及时率；请不要修改。"


def snapshot_sheet(ledger: Ledger) -> Sheet:
    """Return 旬快照 with every period closed so far."""
    rows = [record for one in ledger.snapshots for record in snapshot_records(one)]
    return table_sheet(tables.SNAPSHOT_TABLE, rows, title=tables.SNAPSHOTS, note=_NOTE)


def snapshot_records(snapshot: Snapshot) -> list[dict[str, Content]]:
    """Return the lines of 旬快照 for a period: one for each lead of each task."""
    return [
        {
            "period": snapshot.period.label,
            "closed_at": snapshot.closed_at.isoformat(" ", "seconds"),
            "as_of": snapshot.as_of,
            "code": key.task,
            "no": row.no,
            "department": key.department,
            "status": row.status,
            **row.report,
            "due": row.due,
            "turnout": row.turnout,
        }
        for key, row in snapshot.rows.items()
    ]
