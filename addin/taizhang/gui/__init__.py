"""A window for offices without Excel, or with WPS: the ribbon's acts on closed files, and a table to decide in."""
