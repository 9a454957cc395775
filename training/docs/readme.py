"""Parts of the README that commands write: what stands between two markers is theirs alone."""

from pathlib import Path

from ferstudio.errors import DataError
from ferstudio.files import write_whole


def markers(section: str) -> tuple[str, str]:
    """Return the lines before and after the part of the README called `section`."""
    return f"<!-- {section}:start -->", f"<!-- {section}:end -->"


def insert_section(readme: str, section: str, text: str) -> str:
    """Return the README's text with `text` between the markers of `section`.

    Raises:
        DataError: if the markers aren't there, once each and in order.
    """
    start, end = markers(section)
    before, found_start, rest = readme.partition(start)
    _, found_end, after = rest.partition(end)
    if not found_start or not found_end or start in rest:
        raise DataError(f"The README needs the lines {start} and {end}, once each.")
    return f"{before}{start}\n{text}\n{end}{after}"


def read_section(file: Path, section: str) -> str:
    """Return the part of a README file that stands between the markers of `section`.

    Raises:
        DataError: if the file can't be read, or lacks the markers.
    """
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror}.") from None
    start, end = markers(section)
    insert_section(text, section, "")  # refuses what has no such part
    return text.partition(f"{start}\n")[2].partition(f"\n{end}")[0]


def rewrite_section(file: Path, section: str, text: str) -> None:
    """Put `text` between the markers of `section` in a README file, whole or not at all.

    Raises:
        DataError: if the file can't be read or written, or lacks the markers.
    """
    try:
        changed = insert_section(file.read_text("utf-8"), section, text)
        write_whole(file, changed.encode())
    except OSError as error:
        raise DataError(f"{file} can't be read or written: {error.strerror}.") from None
