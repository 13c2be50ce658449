"""The names of the parts of a campaign that are counted by themselves.

Each recipient counts once in ALL, and once in the part of every customer it is matched to, of every
CSM of those, of every segment of those, and of every segment within a CSM's portfolio: so what a
part counts is unique recipients, whoever else an address belongs to.
"""

ALL = "all"
"""Every recipient, matched or not."""

CSMS = "csm/"
SEGMENTS = "segment/"
SEGMENTS_OF_CSMS = "share/"


def of_csm(csm_id: int) -> str:
    """The part of a CSM's portfolio."""
    return f"{CSMS}{csm_id}"


def segments_of(part: str) -> str:
    """What the parts begin with that split ALL, or a CSM's part, by segment.

    The rest of such a name is the segment; nothing stands for customers without one.
    """
    return SEGMENTS if part == ALL else f"{SEGMENTS_OF_CSMS}{part.removeprefix(CSMS)}/"
