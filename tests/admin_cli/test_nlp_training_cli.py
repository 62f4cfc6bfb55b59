"""`doithoai nlp train|corrections`: what a shell sees of learning."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from admin_cli.app import app
from admin_cli.nlp_training import _as_message
from casework.usecases.moderation import labels
from casework.usecases.moderation.corrections import corrections
from casework.usecases.moderation.labels import Labels
from casework.usecases.work import Services
from nlp.analysis import Topic
from nlp.model.scorer import HEADS
from nlp.training.build import teaches
from storage.records import OpinionState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff


def _corrected(services: Services) -> int:
    lan = make_staff(services, Role.MODERATOR, name="Chị Lan")
    citizen = make_citizen(services)
    opinion = make_opinion(
        services, citizen=citizen, state=OpinionState.RECEIVED, text="Trạm xá hết thuốc, gọi 0912 345 678"
    )
    labels.reclassify(services, lan, opinion.id or 0, Labels(topic=Topic.HEALTH))
    return lan


def test_corrections_are_json_in_a_pipe_without_personal_data(services: Services) -> None:
    _corrected(services)
    done = CliRunner().invoke(app, ["nlp", "corrections", "--db", services.database.url])
    (row,) = json.loads(done.stdout)
    assert (done.exit_code, row["corrected"]) == (0, "topic")
    assert "Trạm xá" in row["text"]
    assert "0912" not in row["text"]
    assert "topic=y-te" in row["labels"]


def test_a_correction_teaches_only_what_a_person_said(services: Services) -> None:
    (one,) = corrections(services, _corrected(services))
    message = _as_message(one)
    assert message.topic == Topic.HEALTH
    assert [head for head in HEADS if teaches(message, head)] == ["topic"]


def test_who_lacks_the_training_tools_is_told_what_to_install(tmp_path: Path) -> None:
    out = str(tmp_path / "model")
    program = (
        "import sys; sys.modules['sklearn'] = sys.modules['scipy'] = None\n"
        f"from admin_cli.app import app; app(['nlp', 'train', '--out', {out!r}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "doithoai[train]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "model").exists()
