"""What providers tell us by themselves: verified, stored as it came, answered at once, read afterwards."""

from outreach.webhooks.reading import UnreadableError, read_batch
from outreach.webhooks.receiving import blueprint
from outreach.webhooks.refusals import EXTENSION, Refusals
from outreach.webhooks.secrets import Secrets, check_secrets

__all__ = [
    "EXTENSION",
    "Refusals",
    "Secrets",
    "UnreadableError",
    "blueprint",
    "check_secrets",
    "read_batch",
]
