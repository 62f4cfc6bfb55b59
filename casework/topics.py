"""Topics, fields and levels as people read them, in the order offices list them."""

from __future__ import annotations

from nlp.analysis import Level, Topic

#: the five fields of the label scheme, each with its topics, in the order of documents
FIELDS: tuple[tuple[str, tuple[Topic, ...]], ...] = (
    (
        "Kinh tế",
        (
            Topic.LAND,
            Topic.SITE_CLEARANCE,
            Topic.CONSTRUCTION,
            Topic.TRANSPORT,
            Topic.ELECTRICITY,
            Topic.WATER,
            Topic.ENVIRONMENT,
            Topic.AGRICULTURE,
            Topic.BUSINESS,
        ),
    ),
    (
        "Văn hóa - xã hội",
        (Topic.EDUCATION, Topic.HEALTH, Topic.SOCIAL_PROTECTION, Topic.LABOUR, Topic.CULTURE),
    ),
    ("Quốc phòng - an ninh", (Topic.ORDER, Topic.MILITARY)),
    ("Xây dựng chính quyền", (Topic.PROCEDURES, Topic.OFFICIALS, Topic.PARTY_GOVERNMENT)),
    ("Lĩnh vực khác", (Topic.OTHER,)),
)

TOPIC_NAMES: dict[Topic, str] = {
    Topic.LAND: "Đất đai",
    Topic.SITE_CLEARANCE: "Giải phóng mặt bằng",
    Topic.CONSTRUCTION: "Xây dựng, quy hoạch",
    Topic.TRANSPORT: "Giao thông",
    Topic.ELECTRICITY: "Điện, chiếu sáng",
    Topic.WATER: "Nước sạch, thoát nước",
    Topic.ENVIRONMENT: "Môi trường",
    Topic.AGRICULTURE: "Nông nghiệp",
    Topic.BUSINESS: "Kinh doanh, thuế",
    Topic.EDUCATION: "Giáo dục",
    Topic.HEALTH: "Y tế",
    Topic.SOCIAL_PROTECTION: "An sinh xã hội",
    Topic.LABOUR: "Lao động, việc làm",
    Topic.CULTURE: "Văn hóa, thể thao",
    Topic.ORDER: "An ninh trật tự",
    Topic.MILITARY: "Quân sự",
    Topic.PROCEDURES: "Thủ tục hành chính",
    Topic.OFFICIALS: "Cán bộ, công chức",
    Topic.PARTY_GOVERNMENT: "Đảng, chính quyền, đoàn thể",
    Topic.OTHER: "Nội dung khác",
}

LEVEL_NAMES: dict[Level, str] = {
    Level.COMMUNE: "Cấp xã",
    Level.DISTRICT: "Cấp huyện",
    Level.PROVINCE: "Cấp tỉnh",
    Level.CENTRAL: "Trung ương",
}

FIELD_OF_TOPIC: dict[Topic, str] = {topic: field for field, topics in FIELDS for topic in topics}
#: place of a topic in that order, for sorting
TOPIC_ORDER: dict[Topic, int] = {topic: place for place, topic in enumerate(FIELD_OF_TOPIC)}
