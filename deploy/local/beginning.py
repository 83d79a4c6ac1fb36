"""How a command begins that starts processes and writes files."""

import os

from deploy.local.interruptions import heed_interruptions


def begin() -> None:
    os.umask(0o077)  # tokens, and what an export says, are for whoever gave the command
    heed_interruptions()
