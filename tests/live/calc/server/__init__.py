"""The helper process: it runs under the Python that owns `uno` and imports nothing of ours."""
