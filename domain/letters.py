"""A digest as mail: the same words as plain text and as HTML."""

from collections.abc import Iterator
from html import escape
from zoneinfo import ZoneInfo

from domain.digests import TITLES, Line, Morning, Section, Told
from domain.wording import quoted, times

# Styles stand on the elements: mail programs drop style sheets. One column, so that a telephone
# shows it without scrolling sideways.
_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><title>{title}</title></head>'
    '<body style="margin:0;padding:16px;font:16px/1.5 system-ui,sans-serif">'
    '<div style="max-width:600px;margin:0 auto;overflow-wrap:anywhere">{inside}</div>'
    "</body></html>"
)
_HEADING = '<h2 style="font-size:18px;margin:24px 0 8px">{}</h2>'
_LIST = '<ul style="margin:0;padding-left:20px">{}</ul>'
_ITEM = '<li style="margin:0 0 8px">{}</li>'


def subject(morning: Morning) -> str:
    """What the mail is called: what weighs most, and the day."""
    counts = {told.section: told.total for told in morning.told}
    parts = [
        _counted(counts.get(Section.REPLIED, 0), "reply", "replies"),
        _counted(counts.get(Section.RISK, 0), "risk", "risks"),
        _counted(len(morning.recommendations), "recommendation", "recommendations"),
    ]
    said = ", ".join(filter(None, parts)) or "what happened overnight"
    return f"{morning.day:%A}, {morning.day.day} {morning.day:%B}: {said}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""


def text(morning: Morning) -> str:
    """The digest as plain text."""
    blocks = [f"Good morning, {morning.csm}."]
    if morning.recommendations:
        listed = "\n".join(f"- {who}: {why}" for who, why in morning.recommendations)
        blocks.append(f"To do first\n{listed}")
    for told in morning.told:
        listed = "\n".join(f"- {said}" for said in _said(told, morning.zone))
        blocks.append(f"{_title(told)}\n{listed}")
    blocks.append(f"All of it: {morning.url}")
    return "\n\n".join(blocks) + "\n"


def html(morning: Morning) -> str:
    """The digest as HTML; what came from outside is text in it."""
    parts = [f"<p>Good morning, {escape(morning.csm)}.</p>"]
    if morning.recommendations:
        items = [f"<b>{escape(who)}</b>: {escape(why)}" for who, why in morning.recommendations]
        parts += [_HEADING.format("To do first"), _listed(items)]
    for told in morning.told:
        items = [escape(said) for said in _said(told, morning.zone)]
        parts += [_HEADING.format(_title(told)), _listed(items)]
    parts.append(f'<p><a href="{escape(morning.url)}">All of it</a></p>')
    return _PAGE.format(title=escape(subject(morning)), inside="".join(parts))


def _title(told: Told) -> str:
    return f"{TITLES[told.section]} ({told.total})"


def _listed(items: list[str]) -> str:
    return _LIST.format("".join(_ITEM.format(item) for item in items))


def _said(told: Told, zone: str) -> Iterator[str]:
    for line in told.lines:
        yield _sentence(told.section, line, zone)
    if (more := told.total - len(told.lines)) > 0:
        yield f"and {more} more"


def _sentence(section: Section, line: Line, zone: str) -> str:
    local = line.at.astimezone(ZoneInfo(zone))
    who = f"{line.who}, {line.customer}"
    if section is Section.WENT_DARK:
        return f"{who}: no engagement any more"
    said = (
        times(line.count) if line.count > 1 else None,
        quoted(line.campaign) if line.campaign else None,
        f"{local:%a %H:%M}",
    )
    return f"{who}: {', '.join(filter(None, said))}"
