"""`make evaluate`: how far each insight is from the truth, beside naïve answers and a perfect one.

The people and their year come from `demo/truth.py`, where what is asked for is known. Nothing is
sent and nothing stored: this measures the rules in `domain/`.
"""

import argparse
import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from demo import truth
from demo.truth import Mail, Outcome, Person
from domain import best_time, interests, likelihood, scoring
from domain.events import CampaignType
from domain.history import LinkClicked, Sent
from domain.likelihood import Belief

HELD_BACK = 10
"""The last mails, whose ends the likelihood has to predict."""


@dataclass(frozen=True, slots=True)
class Year:
    """Everybody's year: the truth, what machines made of it, and what the rules are told."""

    people: Sequence[Person]
    mails: Sequence[Mail]
    outcomes: Sequence[Sequence[Outcome]]
    histories: Sequence[Sequence[Sent]]


def main() -> None:
    """Evaluate and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    began = time.monotonic()
    year = simulate(options.seed, options.people)
    for title, lines in (
        ("Score: rank correlation with true engagement (1 is perfect)", evaluate_score(year)),
        ("Response likelihood on held-back campaigns", evaluate_likelihood(year)),
        ("Best time: does the window hold a true best hour?", evaluate_best_time(year)),
        ("Interests: is the first one a true one?", evaluate_interests(year)),
    ):
        print(f"{title}\n" + "\n".join(f"  {line}" for line in lines) + "\n")
    print(f"{len(year.people):,} people, {len(year.mails)} mails, {time.monotonic() - began:.0f} s")


def simulate(seed: int, count: int) -> Year:
    """A year of so many people."""
    people, mails = truth.make_people(seed, count), truth.make_mails(seed)
    outcomes = [list(truth.year_of(seed, person, mails)) for person in people]
    histories = [
        [_sent(person, outcome, number) for number, outcome in enumerate(some)]
        for person, some in zip(people, outcomes, strict=True)
    ]
    return Year(people, mails, outcomes, histories)


def _sent(person: Person, outcome: Outcome, number: int) -> Sent:
    clicks = [(at, link) for at, link in outcome.clicked_at if at <= truth.END]
    opened = [at for at in outcome.opened_at if at <= truth.END]
    replied = outcome.replied_at
    links = Counter(link.url for _, link in clicks)
    first = {link.url: at for at, link in reversed(clicks)}
    return Sent(
        recipient_id=person.number * 1_000 + number,
        campaign_id=outcome.mail.number,
        person=person.number + 1,
        type=CampaignType(outcome.mail.type),
        topics=(),
        sent_at=outcome.mail.sent_at,
        delivered_at=outcome.mail.sent_at,
        opens=len(opened),
        first_open_at=min(opened, default=None),
        last_open_at=max(opened, default=None),
        clicks=len(clicks),
        first_click_at=min((at for at, _ in clicks), default=None),
        last_click_at=max((at for at, _ in clicks), default=None),
        links=tuple(LinkClicked(url, n, 0, first[url], first[url]) for url, n in links.items()),
        replied_at=replied if replied is not None and replied <= truth.END else None,
    )


def evaluate_score(year: Year) -> Iterable[str]:
    """Rank correlations with what people truly do of a mail, in points, at the end of the year."""
    true = [_true_points(person, year.mails) for person in year.people]
    ours = [scoring.score(scoring.contributions(h), len(h), truth.END).mass for h in year.histories]
    month = [[o for o in some if (truth.END - o.mail.sent_at).days <= 30] for some in year.outcomes]
    yield f"our score                              {rank_correlation(ours, true):.3f}"
    for name, outcomes in (("of the year", year.outcomes), ("of 30 days ", month)):
        raw = [_raw(some, is_human=False) for some in outcomes]
        human = [_raw(some, is_human=True) for some in outcomes]
        yield f"opens and clicks {name}           {rank_correlation(raw, true):.3f}"
        yield f"the same, of people alone              {rank_correlation(human, true):.3f}"


def _true_points(person: Person, mails: Sequence[Mail]) -> float:
    rate = person.level(truth.END) * (4 * person.acting + person.opening + 8 * person.replying)
    return float(rate)


def _raw(outcomes: Iterable[Outcome], *, is_human: bool) -> int:
    human = sum(len(o.opened_at) + len(o.clicked_at) for o in outcomes)
    return human if is_human else human + sum(o.machine_opens + o.machine_clicks for o in outcomes)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's, ties sharing their rank."""
    a, b = _ranks(one), _ranks(other)
    mean = (len(a) - 1) / 2
    covariance = math.fsum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    spread = math.fsum((x - mean) ** 2 for x in a) * math.fsum((y - mean) ** 2 for y in b)
    return covariance / math.sqrt(spread) if spread else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for place in order[begin:end]:
            ranks[place] = (begin + end - 1) / 2
        begin = end
    return ranks


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was predicted of one held-back mail, and what came of it."""

    ours: float
    base: float
    perfect: float
    is_success: bool


def evaluate_likelihood(year: Year) -> Iterable[str]:
    """Calibration by decile, and Brier scores."""
    found = predictions(year)
    yield f"{len(found):,} predictions, responses {_mean(p.is_success for p in found):.4f}"
    for name, said in (
        ("Brier score: ours", [p.ours for p in found]),
        ("  base rate of segment and type", [p.base for p in found]),
        ("  true probabilities", [p.perfect for p in found]),
    ):
        yield f"{name:39}{brier(zip(said, (p.is_success for p in found), strict=True)):.5f}"
    deciles = calibration(found)
    worst = max(abs(said - was) for said, was in deciles)
    yield f"calibration: worst decile off by       {worst:.3f}"
    yield "  said " + " ".join(f"{said:.3f}" for said, _ in deciles)
    yield "  was  " + " ".join(f"{was:.3f}" for _, was in deciles)


def predictions(year: Year) -> list[Predicted]:
    """Each held-back mail of each person of whom enough is known."""
    first = year.mails[-HELD_BACK].sent_at
    known = [[s for s in history if s.sent_at < first] for history in year.histories]
    told = [
        likelihood.trials(_until(history, first), person.segment, first)
        for person, history in zip(year.people, known, strict=True)
    ]
    rates = likelihood.learn(told)
    own = [likelihood.belief(some, rates) for some in told]
    beliefs: dict[int, list[Belief]] = {}
    for person, one in zip(year.people, own, strict=True):
        beliefs.setdefault(person.customer, []).append(one)
    customers = {c: likelihood.gather(some, rates) for c, some in beliefs.items()}
    found = []
    for number, person in enumerate(year.people):
        colleagues = likelihood.without(customers[person.customer], own[number], rates)
        for outcome in year.outcomes[number]:
            if first <= outcome.mail.sent_at <= truth.END - likelihood.WITHIN:
                kind = (person.segment, CampaignType(outcome.mail.type))
                said = likelihood.predict(own[number], len(told[number]), colleagues, kind, rates)
                if said.mean is not None:
                    found.append(_predicted(person, outcome, said.mean, rates.of(kind)))
    return found


def _until(history: Iterable[Sent], now: datetime) -> list[Sent]:
    """A history as it was known then; the simulation's people answer within a week."""
    return [s for s in history if s.sent_at + likelihood.WITHIN <= now]


def _predicted(person: Person, outcome: Outcome, ours: float, base: float) -> Predicted:
    is_success = bool(outcome.clicked_at or outcome.replied_at)
    return Predicted(ours, base, truth.action_rate(person, outcome.mail), is_success)


def brier(pairs: Iterable[tuple[float, bool]]) -> float:
    """The mean squared error of probabilities."""
    return _mean((said - was) ** 2 for said, was in pairs)


def calibration(found: Sequence[Predicted]) -> list[tuple[float, float]]:
    """(mean said, share that came true) of each tenth of the predictions, the least first."""
    order = sorted(found, key=lambda p: p.ours)
    size = len(order) / 10
    tenths = [order[round(n * size) : round((n + 1) * size)] for n in range(10)]
    return [(_mean(p.ours for p in t), _mean(p.is_success for p in t)) for t in tenths]


def _mean(values: Iterable[float]) -> float:
    some = list(values)
    return math.fsum(some) / len(some) if some else 0.0


NEARLY = 0.8
"""An hour is one of the best from this share of the very best one's activity on."""


def evaluate_best_time(year: Year) -> Iterable[str]:
    """How often the first suggested window holds one of the person's best hours."""
    moments = [
        best_time.moments(history, person.timezone, truth.END)
        for person, history in zip(year.people, year.histories, strict=True)
    ]
    everyone = best_time.rhythm([m for some in moments for m in some], best_time.FLAT)
    nobody = best_time.Together([], everyone)
    overall = best_time.best_time([], nobody, "UTC").windows[0]
    acts: dict[int, list[best_time.Moment]] = {}
    for person, some in zip(year.people, moments, strict=True):
        acts.setdefault(person.customer, []).extend(some)
    customers = {customer: best_time.Together(of, everyone) for customer, of in acts.items()}
    rows: dict[str, list[tuple[float, ...]]] = {}
    for person, some in zip(year.people, moments, strict=True):
        true = truth.busy_hours(person)
        found = best_time.best_time(some, customers[person.customer], person.timezone)
        row = (_hits(found.windows[0], true), _hits(overall, true),
               _share(found.windows[0], true), _share(overall, true), _most(true))  # fmt: skip
        rows.setdefault(_bucket(len(some)), []).append(row)
    yield "acts known    people   ours  all's | share of acts inside: ours  all's  perfect"
    for bucket in sorted(rows):
        ours, naive, share, shared, most = (_mean(c) for c in zip(*rows[bucket], strict=True))
        yield (
            f"{bucket:12}  {len(rows[bucket]):6,}   {ours:.2f}  {naive:.2f}  | "
            f"                     {share:.3f}  {shared:.3f}  {most:.3f}"
        )


def _bucket(acts: int) -> str:
    for least, name in ((40, "4: 40 and up"), (20, "3: 20 to 39"), (5, "2: 5 to 19")):
        if acts >= least:
            return name
    return "1: 0 to 4"


def _inside(window: best_time.Window) -> list[tuple[int, int]]:
    return [(window.weekday, hour) for hour in range(window.start_hour, window.end_hour)]


def _hits(window: best_time.Window, true: Mapping[tuple[int, int], float]) -> float:
    best = max(true.values())
    return float(any(true.get(hour, 0.0) >= NEARLY * best for hour in _inside(window)))


def _share(window: best_time.Window, true: Mapping[tuple[int, int], float]) -> float:
    return math.fsum(true.get(hour, 0.0) for hour in _inside(window))


def _most(true: Mapping[tuple[int, int], float]) -> float:
    length = best_time.WINDOW_HOURS
    starts = [(day, hour) for day in range(7) for hour in range(25 - length)]
    return max(math.fsum(true.get((d, h + i), 0.0) for i in range(length)) for d, h in starts)


def evaluate_interests(year: Year) -> Iterable[str]:
    """How often the first interest is one of the two topics somebody truly cares for most."""
    shares, topics = link_shares(year)
    rows = []
    for person, history, outcomes in zip(year.people, year.histories, year.outcomes, strict=True):
        links = Counter(link for o in outcomes for _, link in o.clicked_at)
        clicks = Counter(link.topic for o in outcomes for _, link in o.clicked_at)
        if sum(clicks.values()) < 3:
            continue
        favourites = set(sorted(person.cares, key=lambda t: -person.cares[t])[:2])
        found = interests.interests(history, shares, topics, truth.END)
        ours = bool(found) and found[0].topic in favourites
        rows.append(
            (
                ours,
                links.most_common(1)[0][0].topic in favourites,
                clicks.most_common(1)[0][0] in favourites,
                _oracle(clicks, favourites),
            )
        )
    ours_, link, topic, perfect = (_mean(column) for column in zip(*rows, strict=True))
    yield f"{len(rows):,} people with three clicks or more"
    yield f"ours                                   {ours_:.3f}"
    yield f"topic of the most clicked link         {link:.3f}"
    yield f"most clicked topic                     {topic:.3f}"
    yield f"at best (a favourite was clicked)      {perfect:.3f}"


def _oracle(clicks: Mapping[str, int], favourites: set[str]) -> bool:
    return any(topic in favourites for topic in clicks)


def link_shares(year: Year) -> tuple[interests.Shares, interests.Topics]:
    """What everybody clicked, and what the links are about."""
    clickers: dict[int, Counter[str]] = {mail.number: Counter() for mail in year.mails}
    whole: Counter[int] = Counter()
    for history in year.histories:
        for sent in history:
            clickers[sent.campaign_id].update(link.url for link in sent.links)
            whole[sent.campaign_id] += bool(sent.links)
    topics = {(m.number, link.url): (link.topic,) for m in year.mails for link in m.links}
    shares = {
        number: {url: count / whole[number] for url, count in counts.items()}
        for number, counts in clickers.items()
    }
    return shares, topics


if __name__ == "__main__":
    main()
