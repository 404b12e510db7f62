"""Sheets as plain data, and the way back from grids to the ledger."""
