"""How an address may be written in what was received, for finding it there."""

import json
from urllib.parse import quote


def needles(address: str) -> list[str]:
    """The spellings of a normalised address in mails, JSON, forms and links.

    Each is in lower case and in PostgreSQL's `escape` format of bytes: printable ASCII as it is, a
    backslash doubled, other bytes in octal. Base64 hides an address from this.
    """
    spelled = {address, _with_readable_domain(address)}
    written: set[str] = set()
    for text in spelled:
        written |= {text, quote(text, safe=""), quote(text, safe="@"), text.replace("@", "=40")}
        written |= {json.dumps(text)[1:-1], json.dumps(text)[1:-1].replace("@", "\\u0040")}
    return sorted({_escaped(text.lower()) for text in written})


def _with_readable_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return address


def _escaped(text: str) -> str:
    return "".join(
        "\\\\" if byte == ord("\\") else chr(byte) if byte < 128 else f"\\{byte:03o}"
        for byte in text.encode("utf-8", "surrogatepass")
    )
