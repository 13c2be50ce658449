"""What a bulk email is for, from its subject, its sender and its words."""

import re
from dataclasses import dataclass

from domain.events import CampaignType

SUBJECT_POINTS = 3.0
"""What a word of the subject weighs: it was chosen to say what the mail is."""

SENDER_POINTS = 2.0
"""What the sender's name weighs (`newsletter@…`)."""

TEXT_POINTS = 1.0
"""What a word at the beginning of the text weighs."""

MOST_TEXT_POINTS = 3.0
"""What the text weighs at most: a long one has words of every kind."""

OPENING = 3_000
"""Characters of the text that are looked at."""

DOUBT_POINTS = 1.0
"""Added to the points of all types: one weak word alone says little."""

ENOUGH_POINTS = 2.0
"""Points below which the type stays unknown."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that tell one type, where a mail has them."""

    type: CampaignType
    subject: re.Pattern[str]
    sender: re.Pattern[str]
    text: re.Pattern[str]


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


VOCABULARIES = (
    Vocabulary(
        CampaignType.NEWSLETTER,
        _any(
            r"news ?letters?\b", r"\bnewsbrief", r"\bdigest\b", r"\bround-?up\b", r"\brundbrief\b",
            r"\binfolettre\b", r"\bbolet[ií]n\b", r"\bnieuwsbrief\b", r"\bnyhetsbrev\b",
            r"\bbiuletyn\b", r"\b(weekly|monthly|quarterly) (news|update|brief|review|recap)",
            r"\b(spring|summer|autumn|fall|winter|january|february|march|april|may|june|july|august"
            r"|september|october|november|december) (news|edition|issue)\b",
            r"\bissue (no\.? ?|#) ?\d+", r"\bausgabe \d+", r"\bthis (week|month) (in|at)\b",
            r"\b(news|stories) (from|of the) (the )?(week|month)",
        ),
        _any(r"^news(letters?)?\b", r"newsletter", r"^digest\b", r"^nieuwsbrief", r"^rundbrief"),
        _any(
            r"\bin this (issue|edition|newsletter)\b", r"\bin dieser ausgabe\b",
            r"\bdans ce num[ée]ro\b", r"\bread more\b.{0,400}\bread more\b",
            r"\bview (it )?in (your )?browser",
            r"\byou (are receiving|receive) this newsletter", r"\bnewsletter\b",
        ),
    ),
    Vocabulary(
        CampaignType.PRODUCT_UPDATE,
        _any(
            r"\bproduct (update|news|release|changes)", r"\brelease notes?\b", r"\bchange ?log\b",
            r"\bwhat.?s new\b", r"\bnow available\b",
            r"\bnew (features?|releases?|integrations?)\b",
            r"\bnew in \w+", r"\bintroducing\b", r"\bversion \d", r"\bv\d+\.\d+", r"\bbeta\b",
            r"\bproduktneuheit", r"\bneue funktion", r"\bneu in \w+", r"\bnouveaut[ée]s?\b",
            r"\bnouvelles? fonctionnalit", r"\bnuevas? funci", r"\bnovedades\b",
            r"\bnieuwe functie",
            r"\brelease \d", r"\bfeature (update|release|launch)", r"\broadmap\b", r"\bdeprecat",
        ),
        _any(r"^product(-?updates?)?\b", r"^releases?\b", r"^changelog\b", r"^updates?\b"),
        _any(
            r"\brelease notes\b", r"\bnew features?\b", r"\bbug fix(es)?\b", r"\bimprovements?\b",
            r"\byou can now\b", r"\bwe(.ve| have) (added|shipped|released|launched|improved)\b",
            r"\bsie k[öo]nnen (ab sofort|jetzt)\b", r"\bvous pouvez (d[ée]sormais|maintenant)\b",
            r"\bchangelog\b", r"\bnow supports?\b",
        ),
    ),
    Vocabulary(
        CampaignType.MARKETING,
        _any(
            r"\b\d+ ?% ?(off|rabatt|de r[ée]duction|korting|descuento|sconto)", r"\bsale\b",
            r"\boffers?\b", r"\bdiscounts?\b", r"\bdeals?\b", r"\bpromo(tion|code)?\b",
            r"\bwebinar\b", r"\bregister (now|today)\b", r"\bjoin us\b", r"\bsave (the date|\d|up)",
            r"\blast chance\b", r"\blimited[- ]time\b", r"\bfree (trial|guide|e-?book|demo)\b",
            r"\bwhite ?paper\b", r"\bcase study\b", r"\bangebot", r"\brabatt\b", r"\beinladung\b",
            r"\boffre\b", r"\binvitation\b", r"\boferta\b", r"\bofferta\b", r"\baanbieding\b",
            r"\byou.?re invited\b", r"\bdon.?t miss\b", r"\bupgrade (now|today|and)\b",
            r"\bblack friday\b", r"\bexclusive\b", r"\bbook (a|your) (demo|seat|place)",
        ),
        _any(r"^marketing\b", r"^offers?\b", r"^events?\b", r"^promo", r"^sales\b", r"^deals?\b"),
        _any(
            r"\bregister (now|today|here)\b", r"\bbook (a|your) demo\b", r"\bbuy now\b",
            r"\bsave your (seat|spot)\b", r"\bdiscount\b", r"\blimited[- ]time\b", r"\bwebinar\b",
            r"\bjetzt (anmelden|registrieren|kaufen)\b", r"\binscrivez-vous\b", r"\bspeakers?\b",
            r"\bcoupon\b", r"\bpromo ?code\b", r"\bstart (your )?free trial\b",
        ),
    ),
    Vocabulary(
        CampaignType.ANNOUNCEMENT,
        _any(
            r"\bannounc(e|ing|ement)", r"\bimportant\b", r"\bnotice\b", r"\bmaintenance\b",
            r"\boutage\b", r"\bdowntime\b", r"\bwartung", r"\bank[üu]ndigung", r"\bwichtig",
            r"\bannonce\b", r"\bavis\b", r"\banuncio\b", r"\bavviso\b", r"\baankondiging\b",
            r"\bmededeling\b", r"\bchanges? to (our|your|the)\b", r"\bterms (of|and)\b",
            r"\bprivacy policy\b", r"\bprice (change|increase|adjustment)",
            r"\bpreis(anpassung|erh)",
            r"\bend of (life|support|sale)\b", r"\bnew (ceo|office|address|name|brand|terms)\b",
            r"\bacqui(red|sition|res)\b", r"\bmerg(er|ing)\b", r"\bsecurity (advisory|incident)",
            r"\bholiday (hours|closure)", r"\bwe(.re| are) (moving|joining|renaming)\b",
            r"\bscheduled\b", r"\baction required\b", r"\bsunset",
        ),
        _any(r"^announce", r"^notice", r"^status\b", r"^press\b", r"^legal\b"),
        _any(
            r"\bwe (are|.re) (pleased|happy|excited|proud|sorry) to (announce|share|inform|tell)\b",
            r"\bplease note\b", r"\bwith effect from\b", r"\beffective (from|as of|on)?\b",
            r"\bwe(.d| would) like to inform\b", r"\bwir (freuen uns|m[öo]chten sie informieren)\b",
            r"\bmaintenance window\b", r"\bno action is (needed|required)\b",
            r"\bwill be (un)?available\b",
            r"\bnous avons le plaisir\b",
        ),
    ),
)  # fmt: skip
"""In the order in which a tie is decided: the narrower word first."""


def classify(
    subject: str | None, sender: str | None, text: str
) -> tuple[CampaignType | None, float | None]:
    """The type a mail has most words of, and how sure that is: its share of all points, 0 to 1.

    `sender` is an address, `text` the plain text. Nothing is known where hardly a word tells.
    """
    local = (sender or "").partition("@")[0]
    opening = text[:OPENING]
    points = {v.type: _points(v, subject or "", local, opening) for v in VOCABULARIES}
    best = max(points, key=lambda t: points[t])
    if points[best] < ENOUGH_POINTS:
        return None, None
    return best, round(points[best] / (sum(points.values()) + DOUBT_POINTS), 2)


def _points(words: Vocabulary, subject: str, local: str, opening: str) -> float:
    found = {hit[0].lower() for hit in words.text.finditer(opening)}
    return (
        SUBJECT_POINTS * bool(words.subject.search(subject))
        + SENDER_POINTS * bool(words.sender.search(local))
        + min(MOST_TEXT_POINTS, TEXT_POINTS * len(found))
    )
