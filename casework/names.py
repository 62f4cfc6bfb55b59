"""Vietnamese names of states, duties and parties staff read in tables, documents and cards: one home for each."""

from __future__ import annotations

from casework.regulations.model import ConferenceKind, Duty, Party, Step
from storage.records import AgendaOutcome, AnswerState, ConferenceState, SpeakerState

CONFERENCE_STATES: dict[str, str] = {
    ConferenceState.PLANNED: "đã lên kế hoạch",
    ConferenceState.AGENDA_SET: "đã có nội dung",
    ConferenceState.HELD: "đã họp",
    ConferenceState.CONCLUDED: "đã kết luận",
    ConferenceState.FAILED: "đối thoại không thành",
    ConferenceState.CANCELLED: "đã hủy",
}

OUTCOMES: dict[str, str] = {
    AgendaOutcome.PENDING: "chưa ghi",
    AgendaOutcome.ANSWERED: "đã trả lời tại hội nghị",
    AgendaOutcome.DEFERRED: "trả lời bằng văn bản",
    AgendaOutcome.DECLINED: "không đối thoại",
}

ANSWER_STATES: dict[str, str] = {
    AnswerState.DRAFT: "đang soạn",
    AnswerState.APPROVED: "đã duyệt",
    AnswerState.PUBLISHED: "đã gửi",
}

SPEAKER_STATES: dict[str, str] = {
    SpeakerState.REGISTERED: "chờ xem",
    SpeakerState.CONFIRMED: "đã xếp",
    SpeakerState.DECLINED: "không xếp",
    SpeakerState.WITHDRAWN: "đã rút",
    SpeakerState.SPOKEN: "đã phát biểu",
    SpeakerState.ABSENT: "vắng",
}

CONFERENCE_KINDS: dict[str, str] = {
    ConferenceKind.PERIODIC: "định kỳ",
    ConferenceKind.ONGOING: "thường xuyên",
    ConferenceKind.AD_HOC: "đột xuất",
}

CONFERENCE_FORMS: dict[str, str] = {
    "in_person": "trực tiếp",
    "online": "trực tuyến",
    "social_network": "qua mạng xã hội",
}

STEP_NAMES: dict[Step, str] = {
    Step.PLAN: "ban hành kế hoạch",
    Step.PLAN_AGREED: "thống nhất kế hoạch với các bên",
    Step.PLAN_APPROVED: "cấp ủy cho ý kiến về kế hoạch",
    Step.OPINIONS_REQUESTED: "gửi văn bản đề nghị cung cấp ý kiến",
    Step.COLLECTION_ANNOUNCED: "các thôn báo cho bà con kế hoạch, nội dung, thành phần, thời gian",
    Step.SUMMARY_SENT: "gửi bản tổng hợp ý kiến cho lãnh đạo",
    Step.UPWARD_SENT: "gửi việc vượt thẩm quyền lên Mặt trận cấp trên",
    Step.ANSWERS_PREPARED: "tổng hợp phương án trả lời của các cơ quan",
    Step.PREPARATORY_MEETING: "họp chuẩn bị",
    Step.INVITATIONS_SENT: "gửi giấy mời",
    Step.PUBLIC_NOTICE: "thông báo công khai cho Nhân dân",
    Step.SPEAKERS_LISTED: "lập danh sách đăng ký phát biểu",
    Step.HOUSE_RULES: "có nội quy hội nghị",
    Step.PROGRAMME: "có chương trình hội nghị",
    Step.VENUE_READY: "chuẩn bị hội trường",
    Step.SECRETARIES_NAMED: "cử thư ký",
    Step.HELD: "họp",
    Step.MINUTES_SIGNED: "ký biên bản",
    Step.DEBRIEF: "họp rút kinh nghiệm",
    Step.CONCLUSION_ISSUED: "ban hành thông báo kết luận",
    Step.ASSIGNMENTS_SENT: "gửi văn bản giao việc",
    Step.RESULT_PUBLISHED: "công khai kết quả",
    Step.UPWARD_REPORTED: "báo cáo việc vượt thẩm quyền lên cấp trên",
    Step.RESULT_REPORTED: "báo cáo kết quả hội nghị",
    Step.FILE_CLOSED: "đóng hồ sơ",
}

DUTIES: dict[str, str] = {
    Duty.FRONT_SUMMARY: "gửi bản tổng hợp ý kiến",
    Duty.PREPARATORY_MEETING: "họp chuẩn bị",
    Duty.OPINION_CUTOFF: "chốt nhận ý kiến",
    Duty.INVITATION: "gửi giấy mời",
    Duty.PUBLIC_NOTICE: "thông báo công khai",
    Duty.CONCLUSION_NOTICE: "ra thông báo kết luận",
    Duty.QUICK_ANSWER: "trả lời việc giải quyết được ngay",
    Duty.ASSIGNMENT: "giao việc cho cơ quan",
    Duty.FINAL_ANSWER: "trả lời bằng văn bản",
    Duty.PUBLISH_RESULT: "công khai kết quả",
    Duty.HALF_YEAR_REPORT: "báo cáo 6 tháng",
    Duty.ANNUAL_REPORT: "báo cáo năm",
    Duty.RETENTION: "lưu hồ sơ",
    Duty.UPWARD_SUMMARY: "chuyển lên trên việc vượt thẩm quyền",
    Duty.ACKNOWLEDGEMENT: "báo đã nhận, đã chuyển",
    Duty.DEBRIEF: "họp rút kinh nghiệm",
}

PARTIES: dict[str, str] = {
    Party.FRONT: "Ban Thường trực Ủy ban MTTQ",
    Party.FRONT_WORK_COMMITTEE: "Ban công tác Mặt trận",
    Party.UPPER_FRONT: "Mặt trận cấp trên",
    Party.UPPER_PARTY: "cấp ủy cấp trên",
    Party.PARTY_COMMITTEE: "cấp ủy",
    Party.PARTY_SECRETARY: "bí thư cấp ủy",
    Party.PEOPLE_COMMITTEE: "Ủy ban nhân dân",
    Party.PEOPLE_COUNCIL: "Hội đồng nhân dân",
    Party.CHAIR: "người chủ trì",
    Party.ORGANISING_OFFICE: "văn phòng giúp việc tổ chức hội nghị",
    Party.AGENCY: "cơ quan được giao",
    Party.MASS_ORGANISATION: "đoàn thể chính trị - xã hội",
    Party.MASS_MOBILISATION_BOARD: "Ban Tuyên giáo và Dân vận",
    Party.VILLAGE_HEAD: "trưởng thôn, tổ trưởng tổ dân phố",
    Party.UPPER_LEVEL: "cấp trên",
    Party.INVITEE: "đại biểu được mời",
    Party.ASKER: "người có ý kiến",
    Party.PUBLIC: "Nhân dân",
}

#: what a message to somebody was about
PURPOSES: dict[str, str] = {
    "reply": "trả lời tin nhắn",
    "approved": "đã duyệt",
    "declined": "không đưa vào hội nghị",
    "put_off": "để trả lời sau",
    "merged": "đã gộp",
    "split": "đã tách",
    "redirected": "hướng dẫn nơi giải quyết",
    "released": "trả về hàng đợi",
    "held": "đang giữ lại để xem",
    "sealed": "được giữ kín",
    "asked_back": "hỏi lại",
    "corrected": "đính chính",
    "referred": "chuyển cấp trên",
    "referral": "chuyển cấp trên",
    "referral_sent": "đã gửi cấp trên",
    "referral_returned": "cấp trên trả lại",
    "agenda": "có trong nội dung hội nghị",
    "left": "để lại ngoài hội nghị",
    "conclusion": "thông báo kết luận",
    "assigned": "giao cơ quan trả lời",
    "answer": "văn bản trả lời",
    "extension": "gia hạn",
    "conference_cancelled": "hủy hội nghị",
    "conference_failed": "đối thoại không thành",
    "conference_moved": "dời hội nghị",
    "failed": "đối thoại không thành",
    "alert": "báo gấp cán bộ",
    "digest": "việc trong ngày",
    "reminder": "nhắc hạn",
    "line": "báo tiến độ",
}

CHANNELS: dict[str, str] = {
    "zalo-oa": "Zalo OA",
    "zalo-bot": "Zalo Bot",
    "zalo-zbs": "mẫu tin Zalo qua số điện thoại",
    "telegram": "Telegram",
    "terminal": "màn hình lệnh",
}

#: how one try of a message ended (`casework.talk.OutcomeKind`, and what is decided before a try)
SEND_OUTCOMES: dict[str, str] = {
    "sent": "đã gửi",
    "throttled": "kênh bảo chậm lại",
    "retry_later": "trục trặc tạm thời",
    "unknown": "chưa rõ đã tới hay chưa",
    "window_closed": "đã quá thời gian kênh cho gửi",
    "recipient_stopped": "người nhận không nhận tin nữa",
    "rejected": "kênh không nhận tin này",
    "migrated": "cuộc trò chuyện đổi số",
    "channel_down": "kênh đang có sự cố",
    "form_not_filled": "không điền được mẫu tin",
}
