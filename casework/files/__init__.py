"""Files kept by the program: copies of what people sent, documents that belong to answers.

A file is what its first bytes say, never what its name or a platform says; it is kept under the hash of its content.
"""

from casework.files.images import UnreadableImage, without_metadata
from casework.files.kinds import Kind, sniff
from casework.files.names import clean_name, content_disposition
from casework.files.store import FileStore

__all__ = [
    "FileStore",
    "Kind",
    "UnreadableImage",
    "clean_name",
    "content_disposition",
    "sniff",
    "without_metadata",
]
