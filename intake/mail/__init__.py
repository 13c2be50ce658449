"""Raw mail, sent or received → what it tells of our messages and their recipients."""

from intake.mail.context import MailContext
from intake.mail.reading import read_mail

__all__ = ["MailContext", "read_mail"]
