"""Similar opinions: insert one into the index, look one up (candidates and decision), in a commune of its own and among
a million opinions of three thousand communes; brute force with rapidfuzz over the same commune beside it.

DOITHOAI_BENCH_COMMUNES (3000) and DOITHOAI_BENCH_OPINIONS (1000000) bound the large case; 0 leaves it out.
"""

from __future__ import annotations

import itertools
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process
from sqlalchemy import insert

from benchmarks.report import Figure
from casework.clock import SystemClock
from casework.usecases.citizens.grouping import COMPARED
from casework.usecases.citizens.likeness_index import alike, index
from casework.usecases.work import Services
from nlp.places import Gazetteer
from nlp.similar import VERSION, Signature, relate, signature
from nlp.understand import Understander
from storage.database import Database
from storage.migrate import upgrade
from storage.records import Office, Opinion, OpinionPosting, OpinionState

MESSAGES = Path(__file__).parents[1] / "nlp" / "corpus" / "messages"
COMMUNES = int(os.environ.get("DOITHOAI_BENCH_COMMUNES", "3000"))
OPINIONS = int(os.environ.get("DOITHOAI_BENCH_OPINIONS", "1000000"))
#: opinions of the one commune that is measured
LARGE_COMMUNE = 10_000
#: different texts, each stored in many communes, as people everywhere ask for the same things
TEXTS = 12_000
QUERIES = 600
INSERTS = 500
_AT_ONCE = 2_000
_LIMIT = (
    "about half: SQLite walking the newest entries of 24 keys and adding up; a quarter each: reading 12 signatures, "
    "comparing them. With the database only the depth of the index grows"
)


def measure() -> list[Figure]:
    """The commune alone, then the same among the others."""
    chance = random.Random(2026)
    texts = list(itertools.islice(_texts(chance), TEXTS + QUERIES + INSERTS))
    _say(f"reading {len(texts)} texts")
    understander = Understander(Gazetteer.empty())
    made = [signature(text, None, understander.analyse(text)) for text in texts]
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/duplicates.db")
        upgrade(database)
        services = Services(database=database, clock=SystemClock())
        own = _fill(services, chance, made[:TEXTS], [LARGE_COMMUNE])[0]
        asked = list(zip(made[TEXTS : TEXTS + QUERIES], texts[TEXTS:], strict=False))
        figures += _looked_up(services, own, asked, f"commune of {LARGE_COMMUNE:,} opinions")
        figures += _inserted(services, own, made[TEXTS + QUERIES :], f"commune of {LARGE_COMMUNE:,} opinions")
        figures.append(_brute_force(services, own, asked))
        others = max(OPINIONS - LARGE_COMMUNE, 0)
        if COMMUNES > 1 and others:
            _fill(services, chance, made[:TEXTS], _sizes(chance, COMMUNES - 1, others))
            name = f"{OPINIONS:,} opinions of {COMMUNES:,} communes"
            figures += _looked_up(services, own, asked, name)
            figures += _inserted(services, own, made[TEXTS + QUERIES :], name)
        figures.append(
            Figure(
                name="duplicates: memory of the process at the most",
                unit="MB",
                runs=[resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024],
                how=f"with {TEXTS:,} signatures of the bench itself; the database file has "
                f"{(Path(folder) / 'duplicates.db').stat().st_size / 1e6:.0f} MB",
            )
        )
        database.close()
    return figures


def _texts(chance: random.Random) -> Iterator[str]:
    """Messages of the corpus at other places: a village and a lane put in, sentences of two of one matter mixed."""
    lines = [
        line.partition("|")[2].strip()
        for path in sorted(MESSAGES.glob("*/*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line[:2] in ("y ",)
    ]
    if not lines:
        lines = ["Đèn đường hỏng", "Rác không ai lấy", "Nước máy đục", "Đường đầy ổ gà"]
    while True:
        place = f"thôn {chance.randint(1, 14)}"
        if chance.random() < 0.5:
            place = f"ngõ {chance.randint(1, 90)} {place}"
        yield f"{chance.choice(lines)} {chance.choice(('Ở', 'Chỗ', 'Khu', 'Đoạn'))} {place}."


def _fill(services: Services, chance: random.Random, made: Sequence[Signature], sizes: Sequence[int]) -> list[int]:
    """Communes of these sizes; returns the keys of their offices."""
    keys = [one.keys for one in made]
    stored = [one.to_json() for one in made]
    offices: list[int] = []
    begun, done = time.perf_counter(), 0
    for size in sizes:
        with services.writing() as work:
            connection = work.session.connection()
            office = work.add(Office(code=f"bench-{size}-{chance.random()}", name="xã", regulation="thanh-hoa"))
            offices.append(office.id or 0)
            first = int(connection.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM opinion").scalar_one()) + 1
            chosen = [chance.randrange(len(made)) for _ in range(size)]
            rows = [
                {
                    "id": first + place, "office_id": office.id, "state": OpinionState.RECEIVED, "kind": "y-kien",
                    "topic": "khac", "level": "xa", "original_text": made[which].text, "signature": stored[which],
                    "indexed_version": VERSION, "submitted_at": work.now, "suggested_at": work.now, "urgent": False,
                    "sealed": False, "late": False, "issues": 1, "version": 0, "source": "chat",
                }
                for place, which in enumerate(chosen)
            ]  # fmt: skip
            for start in range(0, size, _AT_ONCE):
                connection.execute(insert(Opinion), rows[start : start + _AT_ONCE])
            postings = sorted(
                (office.id or 0, term, first + place) for place, which in enumerate(chosen) for term in keys[which]
            )
            table = OpinionPosting.__tablename__
            connection.exec_driver_sql(f"INSERT INTO {table} (office_id, term, opinion_id) VALUES (?, ?, ?)", postings)
            work.commit()
        done += size
        _say(f"{done:,} opinions of {len(offices):,} communes stored, {time.perf_counter() - begun:.0f} s")
    _say("", end="\n")
    return offices


def _sizes(chance: random.Random, communes: int, total: int) -> list[int]:
    """Few large communes, many small ones."""
    shares = [chance.lognormvariate(0, 0.9) for _ in range(communes)]
    return [max(1, round(share * total / sum(shares))) for share in shares]


def _looked_up(services: Services, office: int, asked: Sequence[tuple[Signature, str]], where: str) -> list[Figure]:
    def look_up(one: tuple[Signature, str]) -> int:
        with services.reading() as work:
            work.session.connection()
            begun = time.perf_counter()
            others = alike(work, office, one[0], states=COMPARED)
            relate(one[0], {str(other.id): Signature.from_json(other.signature) for other in others})
            return round((time.perf_counter() - begun) * 1e6)

    taken = _each(look_up, asked)
    return [
        Figure(
            name=f"duplicates: look up, {where}, p99",
            unit="ms",
            runs=[_percentile(taken, 99)],
            target=3,
            at_least=False,
            how=f"{len(asked)} opinions not stored: candidates and decision; median {statistics.median(taken):.2f} ms",
            limit=_LIMIT,
        )
    ]


def _inserted(services: Services, office: int, made: Sequence[Signature], where: str) -> list[Figure]:
    taken = []
    with services.writing() as work:
        rows = []
        for one in made[:INSERTS]:
            row = Opinion(
                office_id=office, state=OpinionState.RECEIVED, kind="y-kien", topic="khac", level="xa",
                original_text=one.text, submitted_at=work.now,
            )  # fmt: skip
            rows.append(work.add(row))
        for row, one in zip(rows, made, strict=False):
            begun = time.perf_counter()
            index(work, row, one)
            work.session.flush()
            taken.append((time.perf_counter() - begun) * 1e3)
    return [
        Figure(
            name=f"duplicates: insert, {where}",
            unit="ms",
            runs=[statistics.median(taken)],
            target=1,
            at_least=False,
            how=f"signature and keys of an opinion, within its transaction, {len(taken)} times; "
            f"p99 {_percentile(taken, 99):.2f} ms",
            limit="24 rows in two index trees, through SQLAlchemy",
        )
    ]


def _brute_force(services: Services, office: int, asked: Sequence[tuple[Signature, str]]) -> Figure:
    with services.reading() as work:
        rows = work.session.connection().exec_driver_sql(
            "SELECT original_text FROM opinion WHERE office_id = ?", (office,)
        )
        texts = [text for (text,) in rows]

    def scan(one: tuple[Signature, str]) -> int:
        begun = time.perf_counter()
        process.extract(one[0].text, texts, scorer=fuzz.token_set_ratio, limit=20)
        return round((time.perf_counter() - begun) * 1e6)

    taken = _each(scan, asked[:60])
    return Figure(
        name=f"duplicates: brute force, commune of {len(texts):,} opinions, p99",
        unit="ms",
        runs=[_percentile(taken, 99)],
        at_least=False,
        how=f"rapidfuzz token_set_ratio over all texts of the commune, held in memory; median "
        f"{statistics.median(taken):.1f} ms",
    )


def _each(act: Callable[[tuple[Signature, str]], int], asked: Sequence[tuple[Signature, str]]) -> list[float]:
    """Milliseconds, after a warm-up."""
    for one in asked[:30]:
        act(one)
    return [act(one) / 1e3 for one in asked]


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _say(text: str, end: str = "") -> None:
    """Progress, for a person who waits."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end=end, file=sys.stderr, flush=True)
