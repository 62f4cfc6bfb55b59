"""Use case: a person gives a line of an agenda its title."""

from __future__ import annotations

from casework.errors import IllegalMove
from casework.usecases.access import DECIDERS
from casework.usecases.conference.issues import OPEN, find_conference, find_group, find_line, key_of, require_over
from casework.usecases.moderation.merging import check_title
from casework.usecases.work import Services, staff_member
from storage.records import ConferenceState


def name_line(services: Services, staff_id: int, conference_code: str, position: int, title: str) -> None:
    """Give the issue of this line the title a person wrote, or confirm the one it has by repeating it.

    Raises `NotFound`, `Forbidden`, `InvalidInput` for a title that is empty or carries somebody's number, or
    `IllegalMove` once the conclusion notice is out.
    """
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        if conference.state not in (*OPEN, ConferenceState.HELD):
            raise IllegalMove(
                f"Hội nghị {conference.code} đã kết luận hoặc đã hủy nên không đổi tên nội dung được nữa.",
                todo="Ghi điều cần nói thêm vào văn bản trả lời.",
            )
        group = find_group(work, find_line(work, conference, position).group_id, lock=True)
        group.title = check_title(title)
        group.titled_by_staff = True
        group.version += 1
        work.add(group)
        work.record(staff_member(staff_id), "issue_titled", "opinion_group", key_of(group), conference=conference.code)
        work.commit()
