"""Reads the tables of a gazetteer file into names, villages and what each name pins down."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nlp.analysis import Level, Place
from nlp.normalise import fold, tokenise

_SORTS = ("group", "road", "object", "project")
_LEVELS = frozenset(level.value for level in Level)
_TRIGGER = re.compile(r"^(?:thôn|xóm|ấp|bản|buôn|làng|tổ dân phố|tổ|khu phố|khu|đội|t\.)\s+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class GazetteerFile:
    """What a gazetteer is built from. `aliases`: (as written, place, pin); `cores`: (name without its
    trigger word, village)."""

    villages: tuple[Place, ...]
    aliases: tuple[tuple[str, Place, str | None], ...]
    cores: tuple[tuple[str, Place], ...]
    managers: Mapping[str, str]

    @classmethod
    def parse(cls, mapping: Mapping[str, Any]) -> GazetteerFile:
        entries = [(sort, entry) for sort in _SORTS for entry in _entries(mapping, sort)]
        villages = {
            entry["id"]: Place(id=entry["id"], sort="group", name=entry["name"], residential_group=entry["id"])
            for sort, entry in entries
            if sort == "group"
        }
        cores = tuple(_cores(entries, villages))
        tails = Counter(tail for _, entry in entries if (tail := _proper_tail(entry["name"])))
        commune = _commune_words(mapping)
        aliases: list[tuple[str, Place, str | None]] = []
        for sort, entry in entries:
            aliases.extend(_aliases_of(sort, entry, villages, cores))
            tail = _proper_tail(entry["name"])
            if sort != "group" and tail and tails[tail] == 1 and tail.lower() not in commune:
                place, pin = _place(sort, entry, villages)
                aliases.append((tail, place, pin))
        aliases.extend(_shortened(entries, villages, {written.lower() for written, _, _ in aliases}))
        aliases.extend(_old_units(mapping, [*(written for written, _, _ in aliases), *(core for core, _ in cores)]))
        managers = {
            entry["id"]: level for _, entry in entries if (level := entry.get("manager", entry.get("owner"))) in _LEVELS
        }
        return cls(villages=tuple(villages.values()), aliases=tuple(aliases), cores=cores, managers=managers)


#: the word before the name of an old commune or district; "cũ" behind it is said or not
_UNIT_WORD = re.compile(r"^(?:xã|phường|thị trấn|huyện|quận|thị xã|thành phố|tp\.?)\s+(?=\S)", re.IGNORECASE)
_FORMER = re.compile(r"\s+cũ$", re.IGNORECASE)


def _old_units(mapping: Mapping[str, Any], taken: Iterable[str]) -> Iterator[tuple[str, Place, None]]:
    """Old communes and districts as places that pin nothing down; what a village, another place or the commune of
    today is called stays theirs, and a name of one word needs the word before it."""
    commune = mapping.get("commune", {})
    today = [str(commune.get("name", "")), *map(str, commune.get("aliases", ()))]
    others = {fold(name) for name in (*taken, *today)} | {fold(_UNIT_WORD.sub("", name)) for name in today}
    for name in _old_names(mapping):
        plain = _FORMER.sub("", name)
        bare = _UNIT_WORD.sub("", plain)
        place = Place(id=f"cu:{fold(plain)}", sort="area", name=name)
        forms = [plain, f"{plain} cũ", f"{bare} cũ", *([bare] if len(bare.split()) >= 2 else [])]
        yield from ((form, place, None) for form in dict.fromkeys(forms) if form and fold(form) not in others)


def _old_names(mapping: Mapping[str, Any]) -> Iterator[str]:
    commune = mapping.get("commune", {})
    listed = [*commune.get("merged_from", ()), commune.get("old_district", ""), *commune.get("old_districts", ())]
    villages = [village.get("old_commune", "") for village in mapping.get("group", ())]
    yield from dict.fromkeys(str(name).strip() for name in (*listed, *villages) if str(name).strip())


#: what a place was called, besides its name
_NAMES_OF = ("name", "old_commune", "old_district")
_NAME_LISTS = ("aliases", "merged_from", "old_districts")
_PROPER = re.compile(r"[^\W\d_a-zà-ỹđ][^\W\d_]*(?: [^\W\d_a-zà-ỹđ][^\W\d_]*)+")


def proper_names(mapping: Mapping[str, Any]) -> frozenset[str]:
    """Proper names of two words and more of the places of a commune, its old communes too, folded: words that look
    like somebody's name and are not."""
    tables = [mapping.get("commune", {}), *(entry for sort in _SORTS for entry in mapping.get(sort, ()))]
    written = [str(table.get(key, "")) for table in tables for key in _NAMES_OF]
    written += [str(name) for table in tables for key in _NAME_LISTS for name in table.get(key, ())]
    found = {run for name in written for run in _PROPER.findall(name[:1].lower() + name[1:])}
    found |= {run for name in written for run in _PROPER.findall(name)}
    return frozenset(fold(run) for run in found)


def _entries(mapping: Mapping[str, Any], sort: str) -> Iterator[Mapping[str, Any]]:
    for number, entry in enumerate(mapping.get(sort, ()), start=1):
        for key in ("id", "name"):
            if not isinstance(entry, Mapping) or not isinstance(entry.get(key), str) or not entry[key].strip():
                raise ValueError(
                    f"Danh mục địa danh: mục [[{sort}]] thứ {number} thiếu “{key}”. Hãy điền một chuỗi không trống."
                )
        yield entry


def _commune_words(mapping: Mapping[str, Any]) -> str:
    commune = mapping.get("commune", {})
    names = [commune.get("name", ""), *commune.get("aliases", ()), *commune.get("merged_from", ())]
    return " | ".join(str(name).lower() for name in names)


def _cores(
    entries: Iterable[tuple[str, Mapping[str, Any]]], villages: Mapping[str, Place]
) -> Iterator[tuple[str, Place]]:
    """Names without their trigger word ("thôn Đoài" is "Đoài"), where one village alone bears the name."""
    owners: dict[str, set[str]] = {}
    written: dict[str, tuple[str, Place]] = {}
    for sort, entry in entries:
        if sort != "group":
            continue
        for name in (entry["name"], *entry.get("aliases", ())):
            core = _TRIGGER.sub("", name.strip())
            if core == name.strip() and core != entry["name"] and len(core.split()) < 2:
                continue
            key = " ".join(token.key for token in tokenise(core))
            owners.setdefault(key, set()).add(entry["id"])
            written.setdefault(key, (core, villages[entry["id"]]))
    for key, (core, place) in written.items():
        if key and len(owners[key]) == 1:
            yield core, place


def _place(sort: str, entry: Mapping[str, Any], villages: Mapping[str, Place]) -> tuple[Place, str | None]:
    """The place of an entry and its pin. `kind = "many"` with instances pins nothing down by itself."""
    at = entry.get("at")
    group = at if at in villages else None
    through = entry.get("through", ())
    if sort == "road" and len(through) == 1 and through[0] in villages:
        group = through[0]
    repeated = bool(entry.get("instances")) or (entry.get("kind") == "many" and group is None)
    if sort == "group":
        return villages[entry["id"]], entry["id"]
    place = Place(id=entry["id"], sort=sort, name=entry["name"], residential_group=None if repeated else group)
    return place, None if repeated else entry["id"]


def _aliases_of(
    sort: str, entry: Mapping[str, Any], villages: Mapping[str, Place], cores: Iterable[tuple[str, Place]]
) -> Iterator[tuple[str, Place, str | None]]:
    place, pin = _place(sort, entry, villages)
    names = [entry["name"], *entry.get("aliases", ())]
    for name in names:
        yield name, place, pin
        for variant in _without_office_words(name):
            yield variant, place, pin
    for instance in entry.get("instances", ()):
        yield from _instance_aliases(entry, str(instance), names, villages)


def _without_office_words(name: str) -> Iterator[str]:
    """Says that "trụ sở UBND xã X" is also "trụ sở ủy ban xã X" and "trụ sở ủy ban X"."""
    variant = re.sub(r"\bUBND\b|\bủy ban nhân dân\b", "ủy ban", name, flags=re.IGNORECASE)
    shorter = re.sub(r"\b(?:xã|phường|huyện)\s+(?=\w+\s)", "", variant, flags=re.IGNORECASE)
    for form in dict.fromkeys((variant, shorter)):
        if form != name and len(form.split()) >= 3:
            yield form


def _instance_aliases(
    entry: Mapping[str, Any], instance: str, names: list[str], villages: Mapping[str, Place]
) -> Iterator[tuple[str, Place, str | None]]:
    """Instance "số 2 thôn Đoài" of "trạm biến áp" is said "trạm biến áp số 2", "ngõ 3 thôn Đoài" is "ngõ 3"."""
    if instance in villages:
        return
    own, group = _without_village(instance, villages)
    words = own.split()
    named = any(word[:1].isupper() or word[:1].isdigit() for word in words[1:])
    if len(words) < 2 or not named:
        return
    sort = "road" if "manager" in entry else "object"
    place = Place(id=entry["id"], sort=sort, name=instance, residential_group=group)
    pin = f"{entry['id']}#{own.lower()}"
    if words[0].lower() in ("số", "khu", "điểm"):
        for name in names:
            yield f"{name} {own}", place, pin
    else:
        yield own, place, pin


def _without_village(instance: str, villages: Mapping[str, Place]) -> tuple[str, str | None]:
    for village in villages.values():
        stripped = re.sub(rf"\(?\b{re.escape(village.name)}\b\)?", " ", instance, flags=re.IGNORECASE)
        if stripped != instance:
            return " ".join(stripped.replace("()", " ").split()), village.id
    return " ".join(re.sub(r"\(.*?\)", " ", instance).split()), None


def _shortened(
    entries: Iterable[tuple[str, Mapping[str, Any]]], villages: Mapping[str, Place], taken: set[str]
) -> Iterator[tuple[str, Place, str | None]]:
    """Long names are said without their middle: "Bệnh viện đa khoa khu vực X" is "bệnh viện X". Only forms
    that belong to one entry."""
    owners: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for sort, entry in entries:
        tail = _proper_tail(entry["name"])
        head = entry["name"].split()[: -len(tail.split())] if tail else []
        for size in range(2, len(head)):
            owners.setdefault(" ".join([*head[:size], str(tail)]).lower(), []).append((sort, entry))
    for written, named in owners.items():
        if len(named) == 1 and written not in taken:
            place, pin = _place(*named[0], villages)
            yield written, place, pin


def _proper_tail(name: str) -> str | None:
    """The proper name at the end of a common noun: "trạm bơm Đồng Vang" gives "Đồng Vang"."""
    words = name.split()
    tail: list[str] = []
    while words and words[-1][:1].isupper() and words[-1].isalpha():
        tail.insert(0, words.pop())
    return " ".join(tail) if words and len(tail) >= 2 else None
