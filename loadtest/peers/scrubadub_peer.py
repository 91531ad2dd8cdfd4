"""scrubadub as a peer: its default detectors for the United States, and the one for dates of birth.

The detectors of names and addresses need models or data that do not come with a plain `pip install`.
"""

from __future__ import annotations

from importlib.metadata import version

import scrubadub
from peer_protocol import answer
from scrubadub.detectors.date_of_birth import DateOfBirthDetector

SURE = 1.0


def main() -> None:
    scrubber = scrubadub.Scrubber(locale="en_US")
    scrubber.add_detector(DateOfBirthDetector(locale="en_US"))

    def detect(text: str, previous: str) -> list[tuple[int, int, str, float]]:
        return [
            (part.beg, part.end, part.type, SURE)
            for filth in scrubber.iter_filth(text)
            for part in getattr(filth, "filths", [filth])
        ]

    kinds = {detector.filth_cls.type for detector in scrubber._detectors.values()}
    about = "default detectors and date of birth"
    answer("scrubadub", version("scrubadub"), about, kinds, detect)


if __name__ == "__main__":
    main()
