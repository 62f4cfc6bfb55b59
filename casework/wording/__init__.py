"""Every Vietnamese sentence a citizen reads, in files an office can proof-read: `*.toml` beside this one.

Sentences use `$name` fields; a missing or surplus field is a programming error and raises at once, so that nobody
ever reads "$code".
"""

from __future__ import annotations

import hashlib
import string
import tomllib
from functools import cache
from importlib import resources

#: raised when a sentence changes its meaning; stored with each consent beside the hash of the sentence shown
VERSION = "1"


@cache
def _sentences() -> dict[str, string.Template]:
    flat: dict[str, string.Template] = {}
    for file in resources.files(__name__).iterdir():
        if not file.name.endswith(".toml"):
            continue
        for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for name, text in entries.items():
                key = f"{section}.{name}"
                if key in flat:
                    raise ValueError(f"{file.name}: sentence {key} stands in another file already")
                flat[key] = string.Template(text.strip("\n"))
    return flat


def say(key: str, /, **fields: object) -> str:
    """The sentence `section.name` with its fields filled in.

    Raises `KeyError` for an unknown sentence and `ValueError` when the fields do not fit exactly.
    """
    template = _sentences()[key]
    wanted = set(template.get_identifiers())
    if wanted != set(fields):
        raise ValueError(f"{key}: fields {sorted(wanted)} wanted, {sorted(fields)} given")
    return template.substitute({name: str(value) for name, value in fields.items()})


def sentence_hash(key: str) -> str:
    """Fingerprint of the sentence as it stands today: stored with each consent as proof of what was shown."""
    return hashlib.sha256(_sentences()[key].template.encode()).hexdigest()[:16]


def keys() -> frozenset[str]:
    """All sentence keys (for tests that look for dead or missing ones)."""
    return frozenset(_sentences())
