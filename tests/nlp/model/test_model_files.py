"""A model is used only when all its parts fit: the file, its manifest, the lexicon and the program."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.model import files
from nlp.model.files import ModelRefused, load
from nlp.model.scorer import HEADS
from nlp.training import build, corpus
from nlp.training.examples import read_blocks
from nlp.understand import Understander
from tests.nlp.model.conftest import CALIBRATION, sample

Small = tuple[Path, dict[str, Any]]


def copy_of(small: Small, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small[0], tmp_path / "copy"))


def change(folder: Path, **values: Any) -> None:
    manifest = json.loads((folder / files.MANIFEST).read_text("utf-8"))
    (folder / files.MANIFEST).write_text(json.dumps({**manifest, **values}), "utf-8")


def test_the_same_data_make_the_same_model(small: Small, tmp_path: Path) -> None:
    messages, phrases = sample()
    build.train(messages, phrases, CALIBRATION, tmp_path / "again", name="small")
    for name in (files.WEIGHTS, files.MANIFEST):
        assert (tmp_path / "again" / name).read_bytes() == (small[0] / name).read_bytes()


def test_a_model_reads_messages(small: Small) -> None:
    reader = Understander(model=load(small[0]))
    analysis = reader.analyse("Cống trước nhà tắc, nước ngập vào tận sân. Đề nghị xã nạo vét.")
    assert reader.model_name == "small"
    assert analysis.kind.value == "y-kien"
    assert analysis.topics[0][0] == analysis.topic.value
    assert 0 < analysis.topic.confidence <= 1
    assert analysis.topic.reason


def test_another_weights_file_is_refused(small: Small, tmp_path: Path) -> None:
    folder = copy_of(small, tmp_path)
    packed = (folder / files.WEIGHTS).read_bytes()
    (folder / files.WEIGHTS).write_bytes(packed[:-1] + bytes([packed[-1] ^ 1]))
    with pytest.raises(ModelRefused, match="không khớp"):
        load(folder)


@pytest.mark.parametrize("key", ["format", "terms", "lexicon"])
def test_a_model_of_another_make_is_refused(small: Small, tmp_path: Path, key: str) -> None:
    folder = copy_of(small, tmp_path)
    change(folder, **{key: "khác"})
    with pytest.raises(ModelRefused):
        load(folder)


@pytest.mark.parametrize(
    "damage",
    [
        {"labels": {}},
        {"labels": {"topic": ["dat-dai"], "kind": [], "level": [], "urgent": []}},
        {"matters": []},
        {"scale": None},
        {"block_weights": [1]},
        {"unsure_below": {"topic": "?"}},
        {"name": None, "decide_from": 3},
        {"decide_from": {"khieu-nai": 0.5, "to-cao": 0.35}},
        {"decide_from": {"khieu-nai": 0.5, "to-cao": 2.0, "urgent": 0.2}},
        {"unsure_below": dict.fromkeys(HEADS, float("nan"))},
        {"matter_scale": float("inf")},
        {"labels": {head: list(reversed(labels)) for head, labels in files.LABELS.items()}},
        {"labels": {**files.LABELS, "kind": ["khác", *files.LABELS["kind"][1:]]}},
    ],
)
def test_a_damaged_manifest_is_refused_in_words(small: Small, tmp_path: Path, damage: dict[str, Any]) -> None:
    folder = copy_of(small, tmp_path)
    change(folder, **damage)
    with pytest.raises(ModelRefused, match="nlp train"):
        load(folder)


@pytest.mark.parametrize("written", ["[]", "null", "3", "[" * 100_000], ids=["list", "null", "number", "deep"])
def test_a_manifest_of_another_form_is_refused_in_words(small: Small, tmp_path: Path, written: str) -> None:
    folder = copy_of(small, tmp_path)
    (folder / files.MANIFEST).write_text(written, "utf-8")
    with pytest.raises(ModelRefused, match="nlp train"):
        load(folder)


@pytest.mark.parametrize(
    ("array", "edit"),
    [
        ("bias", lambda values: values * np.nan),
        ("rarity", lambda values: values * 0),
        ("steps", lambda values: values[:-1]),
        ("steps", lambda values: values * np.float32(1e38)),
        ("matter_rows", lambda values: values + 10**6),
        ("matter_rows", lambda values: values - 10**6),
        ("accent_forms", lambda values: values * 0 - 10**6),
        ("accent_counts", lambda values: -values),
        ("accent_single", lambda values: values * 0),
        ("accent_follows", lambda values: values[:5]),
        ("accent_follows", lambda values: values - 2),
        ("accent_pairs", lambda values: values[::-1]),
    ],
)
def test_numbers_that_would_fail_or_lie_later_are_refused_at_once(
    small: Small, tmp_path: Path, array: str, edit: Callable[[Any], Any]
) -> None:
    folder = copy_of(small, tmp_path)
    arrays = dict(np.load(folder / files.WEIGHTS))
    arrays[array] = edit(arrays[array])
    np.savez_compressed(folder / files.WEIGHTS, **arrays)
    change(folder, weights=files.digest((folder / files.WEIGHTS).read_bytes()))
    with pytest.raises(ModelRefused, match="nlp train"):
        load(folder)


def test_a_spoilt_stream_within_the_archive_is_refused(small: Small, tmp_path: Path) -> None:
    folder = copy_of(small, tmp_path)
    packed = bytearray((folder / files.WEIGHTS).read_bytes())
    packed[100:400] = bytes(300)
    (folder / files.WEIGHTS).write_bytes(packed)
    change(folder, weights=files.digest(bytes(packed)))
    with pytest.raises(ModelRefused, match="nlp train"):
        load(folder)


@pytest.mark.parametrize("name", [files.WEIGHTS, files.MANIFEST])
def test_a_missing_or_empty_part_is_refused(small: Small, tmp_path: Path, name: str) -> None:
    folder = copy_of(small, tmp_path)
    (folder / name).write_bytes(b"")
    with pytest.raises(ModelRefused):
        load(folder)
    (folder / name).unlink()
    with pytest.raises(ModelRefused):
        load(folder)


def test_a_file_that_is_no_archive_is_refused_even_when_the_manifest_vouches_for_it(
    small: Small, tmp_path: Path
) -> None:
    folder = copy_of(small, tmp_path)
    (folder / files.WEIGHTS).write_bytes(b"no archive at all")
    change(folder, weights=files.digest(b"no archive at all"))
    with pytest.raises(ModelRefused):
        load(folder)


def test_without_a_model_the_rules_answer() -> None:
    reader = Understander(rules_only=True)
    analysis = reader.analyse("Đèn đường thôn 3 hỏng cả tháng nay, đề nghị xã sửa.")
    assert reader.model_name == "rules"
    assert (analysis.kind.value, analysis.topic.value) == ("y-kien", "dien-chieu-sang")


def test_an_offices_own_model_must_have_been_compared_with_this_release(small: Small, tmp_path: Path) -> None:
    folder = copy_of(small, tmp_path)
    with pytest.raises(ModelRefused, match="evaluate"):
        files.chosen(folder)
    change(folder, accepted_over=files.shipped().manifest["weights"])
    assert files.chosen(folder).name == "small"


def test_the_shipped_model_fits_this_program_and_was_made_of_this_corpus() -> None:
    manifest = files.shipped().manifest
    messages, phrases = corpus.messages(), corpus.phrases()
    assert manifest["data"] == build.data_digest([*messages, *phrases])
    assert manifest["counts"]["messages"] == len(messages)
    assert Understander().model_name == manifest["name"]


def test_the_shipped_model_is_small_enough() -> None:
    size = sum(len((files.shipped_folder() / name).read_bytes()) for name in (files.WEIGHTS, files.MANIFEST))
    assert size <= 30_000_000


def test_serving_imports_no_training_package() -> None:
    program = (
        "import sys; from nlp.understand import Understander; Understander().analyse('xin chào');"
        "heavy = {'sklearn', 'scipy', 'underthesea', 'torch', 'pandas', 'matplotlib'} & set(sys.modules);"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_training_and_serving_see_the_same_terms(small: Small) -> None:
    """The sum the served model makes is the one it was fitted with."""
    from nlp.normalise import clean
    from nlp.rules import by_rules

    model = load(small[0])
    weights = model.scorer._weights
    for message in sample()[0][::40]:
        total = weights.bias.astype(np.float64)
        for block, share in zip(read_blocks(message.text, weights.accents), weights.block_weights, strict=True):
            rows = [weights.index[term] for term in sorted(block) if term in weights.index]
            if rows:
                length = np.sqrt(np.square(weights.rarity[rows]).sum())
                total = total + share / length * weights.steps * weights.linear[rows].sum(axis=0, dtype=np.int32)
        scores = model.scorer.score(by_rules(clean(message.text).text))
        columns = weights.columns("topic")
        logits = weights.scale["topic"] * total[columns] + weights.shift[columns]
        wanted = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
        assert np.allclose(list(scores.of("topic").values()), wanted, atol=1e-4)
