"""What a bounce says in words: whether it failed for good, for now, or is only late."""

import re

from domain.events import BounceClass
from intake.reading import LONGEST_TEXT

LOOKED_AT = 8_000
"""Characters of a bounce's text in which a status is looked for."""

_STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(
    r"(?:^|[\s:(<\"'#=>-])([45])[0-5]\d(?=[ \t-]+[A-Za-z<#(\[\"'5]|[ \t]*[45]\.\d+\.\d|:)",
    re.MULTILINE,
)

SOFT_WORDS = re.compile(
    r"mail ?box (?:is |has )?(?:full|exceed|over)|over(?: its| the)?[ -]?quota"
    r"|quota (?:is )?exceeded"
    r"|exceed(?:s|ed|ing)? (?:the |its |their |allowed |mailbox |storage |size )*(?:quota|size"
    r"|limit)"
    r"|not enough (?:storage|space|disk)|insufficient (?:system )?(?:storage|space|disk)|disk ?full"
    r"|(?:inbox|account|mailbox)[^\n.]{0,60}(?:is |too )(?:full|over)|out of (?:storage|space)"
    r"|postfach[^\n.]{0,60}(?:voll|[üu]berf[üu]llt)|bo[îi]te[^\n.]{0,60}pleine"
    r"|buz[óo]n[^\n.]{0,40}lleno"
    r"|casella[^\n.]{0,40}piena|容量"
    r"|time(?:d)?[ -]?out|expired|too long|could not be delivered (?:for|within|in) \d|retry time"
    r"|connection (?:refused|reset|lost|dropped)|(?:try|retry) (?:again )?later|temporar(?:y|ily)"
    r"|greylist|graylist|unreachable|no route to host|server (?:is )?(?:busy|down|not responding)"
    r"|too many (?:connections|messages|hops)|rate limit|throttl|host not responding",
    re.IGNORECASE,
)

HARD_WORDS = re.compile(
    r"(?:user|account|recipient|address|mailbox|e-?mail|addressee)[^\n]{0,60}"
    r"(?:unknown|not (?:be )?(?:found|exist|known|valid|listed|recognized)|invalid|unavailable"
    r"|doesn.t exist|does not exist|inactive|disabled|suspended|no longer|rejected|closed)"
    r"|unknown (?:local |virtual )?(?:user|address|recipient|mailbox|account)|no such (?:user"
    r"|mailbox"
    r"|recipient|address|account|person|local)|no (?:mailbox|account|user) (?:here|by|with)"
    r"|invalid (?:recipient|address|mailbox|user)|not a (?:valid|known) (?:user|mailbox"
    r"|recipient|address)"
    r"|unrouteable|unroutable|host (?:not found|unknown)"
    r"|domain[^\n.]{0,40}(?:not (?:be )?found|not exist"
    r"|doesn.t exist|unknown|couldn.t be found)|no mx|name or service not known|bad destination"
    r"|permanent (?:fatal )?(?:error|failure)|failed permanently|permanently"
    r"|relay(?:ing)? (?:access )?denied"
    r"|(?:blocked|rejected|refused) (?:by|as|because|due)|spam|policy|access denied"
    r"|not authori[sz]ed"
    r"|message (?:size|too (?:large|big))|content rejected"
    r"|empf[äa]nger[^\n.]{0,40}(?:unbekannt|existiert)"
    r"|nicht gefunden|adresse[^\n.]{0,40}(?:introuvable|inconnue|n.existe)|no existe"
    r"|inesistente|sconosciut"
    r"|existiert nicht|unbekannt|存在しません|あて先|宛先",
    re.IGNORECASE,
)

DELAYED_WORDS = re.compile(
    r"has not (?:yet )?been (?:delivered|sent)|not yet been delivered|(?:delivery"
    r"|delivered)[^\n.]{0,30}"
    r"delayed|delayed mail|warning:? (?:message|could not send)|still (?:being )?(?:retried|trying)"
    r"|will (?:continue to (?:try|be attempted)|be retried|keep trying|retry)|warning message only"
    r"|attempts will continue|has been postponed|do not need to resend"
    r"|delivery status notification \(delay\)|delivery delayed"
    r"|(?:zustellung|auslieferung)[^\n.]{0,40}verz[öo]ger|noch nicht zugestellt"
    r"|livraison[^\n.]{0,40}retard",
    re.IGNORECASE,
)


def class_of_status(status: str) -> BounceClass | None:
    """Of `5.1.1`: class 5 is hard, 4 soft (RFC 3463); None for anything else."""
    found = _STATUS.search(status)
    return _class(found[1]) if found else None


def is_specific(status: str) -> bool:
    """Whether a status says more than its class: `5.0.0` says nothing else."""
    found = _STATUS.search(status)
    return found is not None and (found[2], found[3]) != ("0", "0")


def class_in_text(text: str) -> BounceClass | None:
    """By the first enhanced status in a text, else the first reply code, else its words."""
    text = text[:LOOKED_AT]
    found = _STATUS.search(text) or _REPLY.search(text)
    return _class(found[1]) if found else class_in_words(text)


def class_in_words(text: str) -> BounceClass | None:
    """By words alone: a full mailbox or a time-out is for now, an unknown user for good."""
    if SOFT_WORDS.search(text):
        return BounceClass.SOFT
    return BounceClass.HARD if HARD_WORDS.search(text) else None


def is_delay(text: str) -> bool:
    """Whether a text says that delivery goes on being tried."""
    return bool(DELAYED_WORDS.search(text[: LONGEST_TEXT * 4]))


def _class(digit: str) -> BounceClass:
    return BounceClass.HARD if digit == "5" else BounceClass.SOFT
