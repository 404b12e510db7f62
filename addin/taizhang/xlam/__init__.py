"""The Excel add-in: built from text, installed, removed. Nothing here needs Excel."""
