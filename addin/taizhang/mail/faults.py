"""What goes wrong between us and a mail server, in one Chinese sentence each; the cause is kept."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from taizhang.errors import LedgerError, Stop
from taizhang.mail.accounts import Server
from taizhang.values import shortened

SECONDS = 30  # that a server may be silent
# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_CERTIFICATE = {9: Stop.CERT_EXPIRED, 10: Stop.CERT_EXPIRED, 62: Stop.CERT_OTHER_NAME, 64: Stop.CERT_OTHER_NAME}
_CERTIFICATE |= dict.fromkeys((18, 19, 20, 21), Stop.CERT_UNKNOWN)


@contextmanager
def translated(server: Server) -> Iterator[None]:
    """Raise a LedgerError with a sentence for what the network, the certificate or the server says no with."""
    facts = {"host": server.host, "port": server.port, "security": server.security, "user": server.user}
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise LedgerError(_CERTIFICATE.get(error.verify_code, Stop.CERT_UNKNOWN), **facts) from error
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        raise LedgerError(Stop.NO_TLS, **facts) from error
    except (smtplib.SMTPAuthenticationError, UnicodeEncodeError) as error:  # no code holds other signs than ASCII
        raise LedgerError(Stop.MAIL_LOGIN, **facts) from error
    except smtplib.SMTPResponseException as error:
        raise LedgerError(Stop.MAIL_SAID_NO, said=said(error.smtp_code, error.smtp_error), **facts) from error
    except TimeoutError as error:
        raise LedgerError(Stop.MAIL_SILENT, seconds=SECONDS, **facts) from error
    except socket.gaierror as error:
        raise LedgerError(Stop.NO_MAIL_HOST, **facts) from error
    except (smtplib.SMTPServerDisconnected, imaplib.IMAP4.abort, ConnectionResetError, BrokenPipeError) as error:
        raise LedgerError(Stop.MAIL_CUT, **facts) from error
    except imaplib.IMAP4.error as error:
        raise LedgerError(Stop.MAIL_SAID_NO, said=said(0, str(error)), **facts) from error
    except (OSError, EOFError) as error:
        raise LedgerError(Stop.NO_MAIL_PORT, **facts) from error


def said(code: int, reply: bytes | str) -> str:
    """Return what a server answered, as it may be shown: one line, no control characters."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shortened(f"{code or ''} {plain}".strip(), 120)


def trust(server: Server) -> ssl.SSLContext:
    """Return what a server's certificate is checked by: the system's authorities, and those of `ca`."""
    made = ssl.create_default_context()
    if server.ca:
        try:
            made.load_verify_locations(cafile=server.ca)
        except OSError as error:  # ssl.SSLError is one
            raise LedgerError(Stop.BAD_CA, path=server.ca) from error
    return made
