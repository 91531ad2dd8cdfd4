"""Web addresses, IP addresses and file names, written ("www.acme.com/help") and spoken ("www dot acme dot com")."""

from __future__ import annotations

from typing import Final

from gateway.core.policy import Policy
from gateway.pii.lexicon import DIGITS, words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.spoken import is_letter

POLICIES: Final = frozenset({Policy.URL, Policy.FILENAME})

_TOP_LEVEL: Final = words(
    "com net org edu gov io co uk me info biz us ca de fr au ie nz tv mil ai app dev online xyz eu ly gg shop store "
    "site tech cloud in it es nl ch at be jp cn br mx se no dk fi pl ru int jobs news blog club"
)
_SPOKEN_TOP_LEVEL: Final = words("com net org edu gov io co ai app dev info biz tv uk ca de us me")
_EXTENSIONS: Final = words(
    "pdf doc docx xls xlsx ppt pptx txt csv jpg jpeg png gif bmp tif tiff svg zip rar gz tar exe dmg msi mp mov avi "
    "wav flac html htm xml json yaml yml py js css java cpp log bak iso psd ai indd dwg rtf odt md sql ini cfg bat "
    "dll apk pages numbers key eml msg ics tex ipynb parquet"
)
_EXTENSION_FIGURES: Final = words("mp3 mp4 7z")
_SLASH: Final = words("slash")
_DOT: Final = words("dot")
_NO_HOST: Final = words(
    "the a an to at is on in of go visit it's and or my your our website site page called www http https colon slash "
    "from for that's check out via by me you see through with their his her this that address url online log into"
)
_WEB_START: Final = words("www http https ftp")
_FILE_TALK: Final = words("file files document attachment attached spreadsheet folder named called saved download open")
MAX_HOST_WORDS: Final = 4
MAX_PATH_WORDS: Final = 8


def find(reading: Reading) -> Found:
    """Addresses with a top-level domain, and names with the ending of a file."""
    found = Found()
    covered = 0
    for place, word in enumerate(reading.dialog.words):
        if place < covered:
            continue
        if word in _WEB_START:
            covered = _from_start(reading, place, found)
        elif word in _DOT and place > 0:
            covered = _spoken(reading, place, found)
        elif (reading.pieces[place].before or "").endswith("."):
            covered = _written(reading, place, found)
    return found


def _token_bounds(reading: Reading, place: int) -> tuple[int, int]:
    first, end = place, place + 1
    while reading.pieces[first].before is not None:
        first -= 1
    while end < len(reading.pieces) and reading.pieces[end].before is not None:
        end += 1
    return first, end


def _joined(reading: Reading, first: int, end: int) -> str:
    """The marks between the pieces of one token."""
    return "".join(reading.pieces[place].before or "" for place in range(first + 1, end))


def _written(reading: Reading, place: int, found: Found) -> int:
    """The end of "acme.com/help", "taxes/brad-returns.pdf" with the piece after a point at `place`; 0 for neither."""
    first, end = _token_bounds(reading, place)
    marks = _joined(reading, first, end)
    if "@" in marks or reading.pieces[first].lead.endswith("@"):
        return end
    last = reading.word(end - 1)
    extension = last in _EXTENSIONS or last + reading.word(end) in _EXTENSION_FIGURES
    if last in ("mp", "7") or (last.isdecimal() and reading.word(end - 2) == "mp"):
        extension = True
    named = any(reading.word(index).isalpha() for index in range(first, end - 1))
    if extension and named and (last not in _TOP_LEVEL or "/" in marks or "\\" in marks):
        found.hits.append(Hit(first, end, (Policy.FILENAME,), 0.9, "file name"))
        return end
    if (reading.word(place) in _TOP_LEVEL and reading.word(place - 1).isalpha() and named) or "://" in marks:
        stop = _path_end(reading, end)
        found.hits.append(Hit(first, stop, (Policy.URL,), 0.9, "written address"))
        return stop
    return 0


def _spoken(reading: Reading, dot: int, found: Found) -> int:
    """The end of "acme dot com (slash help)" or "budget dot x l s x" with "dot" at `dot`; 0 for neither."""
    after = reading.word(dot + 1)
    if after in _EXTENSIONS - _SPOKEN_TOP_LEVEL or _spelled_extension(reading, dot + 1):
        first = _host_start(reading, dot)
        end = dot + 2 if after in _EXTENSIONS else _spelled_extension(reading, dot + 1)
        if first < dot:
            found.hits.append(Hit(first, end, (Policy.FILENAME,), 0.8, "spoken file name"))
            return end
        return 0
    if after not in _SPOKEN_TOP_LEVEL or dot + 1 in reading.dialog.barriers:
        if not reading.complete and dot + 3 >= len(reading.pieces):
            found.leave_open(_host_start(reading, dot))
        return 0
    first = _host_start(reading, dot)
    if first == dot or _in_email(reading, first):
        return 0
    end = dot + 2
    while reading.word(end) == "dot" and reading.word(end + 1) in _SPOKEN_TOP_LEVEL:
        end += 2
    end = _path_end(reading, end)
    found.hits.append(Hit(first, end, (Policy.URL,), 0.85, "spoken address"))
    return end


def _spelled_extension(reading: Reading, place: int) -> int:
    """The end of an ending spelled in letters ("p d f") at `place`, 0 when there is none."""
    for size in (4, 3):
        pieces = reading.pieces[place : place + size]
        spelled = len(pieces) == size and all(is_letter(piece) for piece in pieces)
        if spelled and "".join(piece.word for piece in pieces) in _EXTENSIONS:
            return place + size
    return 0


def _host_start(reading: Reading, dot: int) -> int:
    """Where the name before the "dot" begins: "www dot acme", "my acme", "a c m e"."""
    first = dot
    while first > 0 and first not in reading.dialog.barriers:
        previous = reading.pieces[first - 1]
        if previous.ends_sentence or "," in previous.after:
            break
        if previous.word in _DOT | _SLASH and first - 1 > 0:
            first -= 1
            continue
        near = dot - first < (12 if is_letter(previous) else MAX_HOST_WORDS)
        spelled = is_letter(previous) and first < dot and is_letter(reading.pieces[first])
        if previous.word in _NO_HOST and not spelled:
            break
        joined = reading.word(first) in _DOT | _DASHES or previous.word in _DASHES
        if first < dot and not (joined or is_letter(previous)):
            break
        if not near:
            break
        first -= 1
    if reading.word(first - 1) == "www":
        first -= 1
    while first < dot and reading.word(first) in _DOT | _SLASH:
        first += 1
    return first


_DASHES: Final = words("dash hyphen underscore minus")


def _in_email(reading: Reading, first: int) -> bool:
    return reading.word(first - 1) == "at" or any(reading.word(first - back) == "at" for back in (1, 2))


def _path_end(reading: Reading, end: int) -> int:
    """The end of "slash help slash faq" after an address."""
    stop = min(len(reading.pieces), end + MAX_PATH_WORDS)
    while end + 1 < stop and reading.word(end) in _SLASH and not reading.pieces[end - 1].ends_sentence:
        end += 2
        while end < stop and reading.word(end) in _DASHES:
            end += 2
    return min(end, len(reading.pieces))


def _from_start(reading: Reading, place: int, found: Found) -> int:
    """The end of what starts with "www" or "https": "www acme com", "https://acme.example/x"."""
    first, end = _token_bounds(reading, place)
    if end > place + 1:
        marks = _joined(reading, first, end)
        if "." in marks or "/" in marks:
            found.hits.append(Hit(first, end, (Policy.URL,), 0.95, "written address"))
            return end
    stop = place + 1
    spoken = words("dot slash colon www") | _DASHES
    while stop < len(reading.pieces) and stop not in reading.dialog.barriers and stop - place < 14:
        word = reading.word(stop)
        joined = word in spoken or reading.word(stop - 1) in spoken
        letters = is_letter(reading.pieces[stop]) and is_letter(reading.pieces[stop - 1])
        if not (joined or letters or word in _TOP_LEVEL or word in DIGITS):
            break
        stop += 1
        if reading.pieces[stop - 1].ends_sentence:
            break
    if stop > place + 2:
        found.hits.append(Hit(place, stop, (Policy.URL,), 0.9, "spoken address"))
        return stop
    if not reading.complete and stop == len(reading.pieces):
        found.leave_open(place)
    return 0
