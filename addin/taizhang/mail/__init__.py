"""Mail: letters as messages, sent by SMTP, fetched by IMAP; the only place that talks to a mail server."""
