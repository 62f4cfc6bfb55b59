"""How fast messages are read: in batch with and without accents, one at a time, from a cold start, and what no text
may do: crash or take more than linear time."""

from __future__ import annotations

import cProfile
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.report import Figure
from casework.memory import settle
from nlp.training import corpus, noise
from nlp.understand import Understander

RUNS = 5
#: different messages in one batch, so that no cache of whole texts helps
BATCH = 2_000
STRANGE = 100_000
SEED = 7
#: file and function whose time is told apart, and what it is called
_STAGES = {
    ("normalise.py", "tokenise"): "cutting into words",
    ("matcher.py", "find"): "phrases of the lexicon",
    ("places.py", "find"): "places",
    ("rules.py", "by_rules"): "rules",
    ("accents.py", "restore"): "putting accents back",
    ("scorer.py", "score"): "model",
    ("personal_data.py", "find"): "personal data",
    ("split.py", "count_issues"): "parts",
}
#: stages that lie within another one, which is told without them
_WITHIN = {
    "cutting into words": "places",
    "phrases of the lexicon": "rules",
    "putting accents back": "model",
}
# The size is read from /proc: the one `getrusage` tells is never below that of the process that started this one.
_COLD = """
import json, re, time
begun = time.perf_counter()
from nlp.understand import Understander
reader = Understander()
reader.analyse("Đường thôn 3 hỏng nặng, bao giờ sửa?")
spent = time.perf_counter() - begun
size = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps([spent, size, reader.model_name]))
"""


def measure() -> list[Figure]:
    """Figures on messages of the corpus; the model is the shipped one."""
    chance = random.Random(SEED)
    written = [message.text for message in corpus.messages()]
    chance.shuffle(written)
    accented, others = written[:BATCH], written[BATCH : 2 * BATCH]
    plain = [noise.without_accents(text, chance) for text in others]
    reader = Understander()
    for text in (*accented[:200], *plain[:200]):
        reader.analyse(text)
    settle()
    limit, limit_plain = _stages(reader, accented[:500]), _stages(reader, plain[:500])
    alone = _alone(reader, [*accented, *plain])
    cold = [_cold() for _ in range(RUNS)]
    slowest, ratio = _strange(reader, written, chance)
    return [
        _rate("messages read, accented", reader, accented, 1_500, limit),
        _rate("messages read, no accents", reader, plain, 400, limit_plain),
        Figure(
            name="one message, p99",
            unit="ms",
            runs=alone,
            target=5.0,
            at_least=False,
            how="each of the messages alone, with reasons and likely matters",
            limit=limit_plain,
        ),
        Figure(
            name="import, load and first message",
            unit="s",
            runs=[spent for spent, _ in cold],
            target=0.6,
            at_least=False,
            how="a fresh interpreter each time, byte code compiled",
            limit="importing numpy, unpacking the weights",
        ),
        Figure(
            name="memory after the first message",
            unit="MB",
            runs=[size for _, size in cold],
            target=80.0,
            at_least=False,
            how="largest resident size of that interpreter",
            limit="numpy, the terms and weights of the model",
        ),
        Figure(
            name=f"slowest of {STRANGE} strange texts",
            unit="ms",
            runs=[slowest],
            target=50.0,
            at_least=False,
            how="random cuts, repeats, mixtures and bytes of messages, up to 4,096 characters; none crashed",
            limit=limit,
        ),
        Figure(
            name="time of a text twice as long",
            unit="x",
            runs=[ratio],
            target=2.6,
            at_least=False,
            how="4,096 against 2,048 characters of the same hostile repeats, worst of all kinds",
            limit=limit,
        ),
    ]


def _rate(name: str, reader: Understander, texts: Sequence[str], target: float, limit: str) -> Figure:
    words = statistics.mean(len(text.split()) for text in texts)
    letters = statistics.mean(map(len, texts))
    how = (
        f"{len(texts)} different messages of the corpus, {words:.0f} words ({letters:.0f} characters) on average, "
        "labels without reasons"
    )
    runs = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        for text in texts:
            reader.analyse(text, explain=False)
        runs.append(len(texts) / (time.perf_counter() - begun))
    return Figure(name=name, unit="per s", runs=runs, target=target, how=how, limit=limit)


def _stages(reader: Understander, texts: Sequence[str]) -> str:
    """The stages that take most of the time by the profiler, which makes calls of Python dearer than they are."""
    profile = cProfile.Profile()
    profile.enable()
    for text in texts:
        reader.analyse(text, explain=False)
    profile.disable()
    whole, spent = 0.0, dict.fromkeys(_STAGES.values(), 0.0)
    for entry in profile.getstats():
        if isinstance(entry.code, str):
            continue
        name = _STAGES.get((Path(entry.code.co_filename).name, entry.code.co_name))
        if name is not None:
            spent[name] += entry.totaltime
        if entry.code is Understander.analyse.__code__:
            whole = entry.totaltime
    for inner, outer in _WITHIN.items():
        spent[outer] -= spent[inner]
    most = sorted(spent.items(), key=lambda stage: -stage[1])[:4]
    return "profiled: " + ", ".join(f"{name} {seconds / whole:.0%}" for name, seconds in most)


def _alone(reader: Understander, texts: Sequence[str]) -> list[float]:
    runs = []
    for _ in range(RUNS):
        spent = sorted(_timed(partial(reader.analyse, text)) for text in texts)
        runs.append(1000 * spent[int(0.99 * len(spent))])
    return runs


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _cold() -> tuple[float, float]:
    told = subprocess.run([sys.executable, "-c", _COLD], check=True, capture_output=True, text=True).stdout
    spent, size, model = json.loads(told)
    if model == "rules":
        raise RuntimeError("the shipped model was refused; train it first")
    return spent, size


def strange_text(written: Sequence[str], chance: random.Random) -> str:
    """A text nobody would send, made of messages: cut, repeated, mixed, shuffled, with odd characters."""
    text = chance.choice(written)
    match chance.randrange(9):
        case 0:
            text = text[chance.randrange(len(text)) :] + chance.choice(written)[: chance.randrange(60)]
        case 1:
            text = text[: chance.randrange(1, 9)] * chance.randrange(1, 400)
        case 2:
            letters = list(text)
            chance.shuffle(letters)
            text = "".join(letters)
        case 3:
            text = "".join(
                chr(chance.choice((chance.randrange(0x20, 0x250), chance.randrange(0x110000)))) for _ in text
            )
        case 4:
            text = chance.choice(("1.", "((", "a ", "0", "-", "\u0301", "😀", "\n", "thôn 3 ", "09", "@.", "Ông ")) * (
                chance.randrange(1, 1500)
            )
        case 5:
            text = text.encode()[chance.randrange(3) :].decode("utf-8", errors="replace")
        case 6:
            text = text.encode()[:-1].decode("latin-1")
        case 7:
            text = noise.telex_slips(noise.spaces_lost(text, chance), chance)
        case _:
            text = "".join(chance.choice((letter, letter * 3, "")) for letter in text)
    return text[:4_096]


_HOSTILE = (
    "1.1.1.",
    "((((",
    "a a a ",
    "thôn ",
    "không ",
    "0912 345 ",
    "a@a.",
    "ông Nguyễn ",
    "\u0301",
    "?!",
    "1/1/",
    "còn ",
)


def _strange(reader: Understander, written: Sequence[str], chance: random.Random) -> tuple[float, float]:
    """Slowest text in ms, and the worst growth of the time when a hostile text doubles."""
    slowest = 0.0
    step = STRANGE // 20
    for number in range(STRANGE):
        text = strange_text(written, chance)
        slowest = max(slowest, _timed(partial(reader.analyse, text, explain=False)))
        if number % step == 0:
            print(f"{number} of {STRANGE} strange texts", file=sys.stderr, flush=True)
    growth = []
    for piece in _HOSTILE:
        short, long = (piece * 4_096)[:2_048], (piece * 4_096)[:4_096]
        times = [min(_timed(partial(reader.analyse, text)) for _ in range(5)) for text in (short, long)]
        growth.append(times[1] / times[0])
    return 1000 * slowest, max(growth)
