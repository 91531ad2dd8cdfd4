"""Health told without a listed word: injuries ("broke my arm"), blood types, and words with a medical ending."""

from __future__ import annotations

from functools import cache
from typing import Final

from gateway.core.policy import Policy
from gateway.pii import gazetteer
from gateway.pii.lexicon import words
from gateway.pii.rules.reading import Found, Hit, Reading
from gateway.pii.rules.wording import asked, named, within

POLICIES: Final = frozenset(
    {Policy.INJURY, Policy.BLOOD_TYPE, Policy.DRUG, Policy.MEDICAL_CONDITION, Policy.MEDICAL_PROCESS}
)

_HURT: Final = words(
    "broke break broken breaking breaks fractured fracture fracturing sprained sprain spraining twisted twist twisting "
    "tore torn tear tearing dislocated dislocate dislocating pulled strained strain bruised bruise bruising cut "
    "burned burnt burn burning scraped scrape scratched injured injure injuring hurt hurting smashed crushed cracked "
    "shattered punctured ruptured ruptures jammed stubbed rolled wrenched busted banged bumped hit lacerated sliced "
    "gashed pinched severed amputated swollen infected wounded slipped threw blew herniated snapped concussed split "
    "skinned chipped stabbed grazed scalded bit bitten"
)
_HURT_ALONE: Final = words(
    "sprained fractured dislocated bruised ruptured torn broken swollen twisted cracked shattered"
)
_BODY: Final = words(
    "arm arms leg legs ankle ankles wrist wrists knee knees shoulder shoulders elbow elbows hip hips back neck head "
    "skull finger fingers thumb thumbs toe toes foot feet hand hands nose jaw rib ribs collarbone collar bone bones "
    "shin shins thigh calf hamstring groin achilles tendon ligament ligaments acl meniscus rotator cuff muscle spine "
    "vertebra vertebrae disc disk pelvis tailbone heel knuckle knuckles cheek cheekbone chin eye eyes eyelid ear "
    "eardrum lip tongue tooth teeth scalp forehead forearm bicep biceps quad quadriceps kneecap femur tibia fibula "
    "humerus radius ulna clavicle sternum cornea spleen kneecaps chest face palm body skin abdomen stomach"
)
_OWNERS: Final = words("my his her their your our the a an its one's both this that left right")
_SIDES: Final = words("left right upper lower middle index ring pinky little big other whole entire front back baby")
_OTHERWISE: Final = words("cut hit pulled burn threw bit split blew cracked")
"""Verbs that say something else with some parts of the body: "cut back", "hit the back button"."""
_NAMED_INJURIES: Final = words(
    "concussion concussions whiplash sprain sprains fracture fractures laceration lacerations contusion contusions "
    "frostbite sunburn heatstroke"
)
_PHRASES: Final = (
    ("head", "injury"), ("back", "injury"), ("knee", "injury"), ("brain", "injury"), ("neck", "injury"),
    ("spinal", "injury"), ("shoulder", "injury"), ("black", "eye"), ("dog", "bite"), ("snake", "bite"),
    ("gunshot", "wound"), ("stab", "wound"), ("third", "degree", "burns"), ("second", "degree", "burns"),
    ("third", "degree", "burn"), ("second", "degree", "burn"), ("slipped", "disc"), ("broken", "bone"),
    ("broken", "bones"), ("traumatic", "brain", "injury"), ("spinal", "cord", "injury"), ("pulled", "muscle"),
    ("puncture", "wound"), ("heat", "stroke"), ("internal", "bleeding"), ("hairline", "fracture"),
)  # fmt: skip
_BY_FIRST_WORD: Final = {
    first: [phrase for phrase in _PHRASES if phrase[0] == first] for first in {phrase[0] for phrase in _PHRASES}
}

_BLOOD_TALK: Final = words("blood donor donate transfusion")
_RH: Final = words("positive negative pos neg")
_GROUPS: Final = words("a b o ab oh")

_DRUG_ENDINGS: Final = (
    "pril", "sartan", "statin", "olol", "cillin", "mycin", "micin", "conazole", "prazole", "cycline", "floxacin",
    "tidine", "dipine", "gliptin", "gliflozin", "glutide", "zepam", "zolam", "oxetine", "triptan", "setron", "parin",
    "dronate", "thiazide", "lukast", "cyclovir", "vudine", "tinib", "zumab", "ximab", "limumab", "umab", "barbital",
    "codone", "morphone", "caine", "profen", "terol", "sone", "solone", "metformin", "azepine", "pamil",
)  # fmt: skip
_NOT_DRUGS: Final = words(
    "cocaine cholesterol sterol april person reason season lesson poison comparison unison blouson prison "
    "crimson mason keystone garrison parson nelson wilson jackson johnson anderson robinson thompson bison "
    "treason caisson liaison venison"
)
_CONDITION_ENDINGS: Final = (
    "itis", "osis", "opathy", "algia", "emia", "aemia", "plegia", "noma", "phobia", "uria", "iasis", "ectasis",
    "sclerosis", "ystrophy", "trophia", "megaly", "penia", "rrhea", "rrhage", "rrhoids",
)  # fmt: skip
_NOT_CONDITIONS: Final = words(
    "diagnosis prognosis hypnosis osmosis sympathy telepathy academia bohemia nostalgia economa diagnoses apotheosis "
    "metamorphosis symbiosis mitosis bulgaria empathy antipathy naturopathy homeopathy osteopathy apathy "
    "premia photosynthesis diarrhea"
)
_PROCESS_ENDINGS: Final = (
    "ectomy", "otomy", "ostomy", "oscopy", "plasty", "centesis", "pexy", "desis", "lithotripsy", "opsy", "mmography",
    "angiography", "cardiogram", "angiogram", "myogram", "encephalogram", "dialysis", "pheresis",
)  # fmt: skip
_NOT_PROCESSES: Final = words("dichotomy lobotomy autopsy endoscopy dropsy topsy necropsy epilepsy narcolepsy mosotomy")
_CONDITION_HEADS: Final = words("disease syndrome disorder infection cancer deficiency allergy dystrophy palsy")
_PROCESS_HEADS: Final = words(
    "surgery transplant biopsy replacement scan ultrasound exam removal booster vaccine vaccination screening therapy "
    "treatment test shot"
)
_FOR_CONDITIONS: Final = words("booster vaccine vaccination screening therapy treatment test shot")
"""Treatments that are named by what they are against."""
_BODY_ADJECTIVES: Final = words(
    "heart kidney liver lung brain bone colon breast prostate thyroid bladder hip knee eye dental spinal cardiac "
    "pelvic renal abdominal sinus skin blood chest ear throat gum tooth urinary vaginal rectal fungal viral "
    "bacterial stomach pancreatic ovarian cervical esophageal testicular gallbladder appendix tonsil mole "
    "cyst tumor cataract corneal cosmetic plastic laser bypass bariatric oral orthopedic autoimmune bipolar anxiety "
    "eating sleep mood personality vitamin iron peanut latex shellfish penicillin muscular celiac physical c t "
    "ct pet mri full body shoulder back foot ankle hand neck hernia gastric lumbar vascular coronary jaw nose "
    "metabolic mental seizure genetic"
)


def find(reading: Reading) -> Found:
    """Injuries, blood types, and medicines, diseases and treatments by their ending or head word."""
    found = Found()
    for place, piece in enumerate(reading.pieces):
        word = piece.word
        if word in _HURT:
            _injury(reading, place, found)
        if word in _NAMED_INJURIES:
            found.hits.append(Hit(place, place + 1, (Policy.INJURY,), 0.75, "injury"))
        for phrase in _BY_FIRST_WORD.get(word, ()):
            if tuple(reading.dialog.words[place : place + len(phrase)]) == phrase:
                found.hits.append(Hit(place, place + len(phrase), (Policy.INJURY,), 0.8, "injury"))
        if word in _RH or word == "type" or piece.after[:1] in ("+", "-"):
            _blood_type(reading, place, found)
        if word in _CONDITION_HEADS or word in _PROCESS_HEADS:
            _kind(reading, place, found)
        if len(word) >= 7:
            _ending(reading, place, word, found)
    return found


def _injury(reading: Reading, place: int, found: Found) -> None:
    """Find "broke my (left) arm", "a sprained wrist", "cut his finger"."""
    following = place + 1
    owned = False
    barriers = reading.dialog.barriers
    while reading.word(following) in _OWNERS | _SIDES and following - place <= 3 and following not in barriers:
        owned = owned or reading.word(following) in _OWNERS
        following += 1
    word = reading.word(place)
    if reading.word(following) in _BODY:
        if not owned and (word not in _HURT_ALONE or word in _OTHERWISE):
            return
        if word in _OTHERWISE and reading.word(following) in ("back", "face", "head"):
            return
        end = following + 1
        while reading.word(end) in _BODY and not reading.pieces[end - 1].ends_sentence:
            end += 1
        found.hits.append(Hit(place, end, (Policy.INJURY,), 0.85, "injury"))
    elif not reading.complete and following >= len(reading.pieces) and following - place >= 2:
        found.leave_open(place)


def _blood_type(reading: Reading, place: int, found: Found) -> None:
    """Find "o positive", "a b negative", "type o", "O-"."""
    word = reading.word(place)
    talk = within(reading, place, 8, _BLOOD_TALK) or asked(reading, place, _BLOOD_TALK)
    if word == "type":
        end = place + 1
        if reading.word(end) == "a" and reading.word(end + 1) == "b":
            end += 1
        if reading.word(end) not in _GROUPS or end in reading.dialog.barriers:
            return
        sure = reading.word(end) in ("o", "ab") or talk or reading.word(end + 1) in _RH
        if reading.word(end + 1) in _RH:
            end += 1
        if sure:
            found.hits.append(Hit(place + 1, end + 1, (Policy.BLOOD_TYPE,), 0.85, "blood type"))
        return
    group = place - 1 if word in _RH else place
    if (
        word in _RH
        and talk
        and place > 0
        and reading.word(group) not in _GROUPS
        and place not in reading.dialog.barriers
    ):
        # With talk of blood, whatever was heard before "positive" was the group.
        found.hits.append(Hit(group, place + 1, (Policy.BLOOD_TYPE,), 0.6, "misheard blood type"))
        return
    if group < 0 or reading.word(group) not in _GROUPS or (word in _RH and place in reading.dialog.barriers):
        return
    if word not in _RH:
        piece = reading.pieces[place]
        joined = place + 1 < len(reading.pieces) and reading.pieces[place + 1].before is not None
        if (
            joined
            or not (talk or within(reading, place, 1, words("type")))
            or (piece.word == "a" and not piece.capital)
        ):
            return
    first = group
    if reading.word(group) == "b" and reading.word(group - 1) == "a":
        first = group - 1
    letter = reading.word(group)
    if letter == "a" and first == group and not talk and not named(reading, group):
        return
    if letter == "oh" and not talk and reading.word(place) in ("pos", "neg"):
        return
    if letter == "oh" and not (talk or asked(reading, place, words("type")) or within(reading, first, 3, words("i'm"))):
        return
    found.hits.append(Hit(first, place + 1, (Policy.BLOOD_TYPE,), 0.9 if talk else 0.8, "blood type"))


def _kind(reading: Reading, place: int, found: Found) -> None:
    """Find "kidney infection", "shoulder surgery": a head word and the part of the body before it."""
    first = place
    head = reading.word(place)
    policy = Policy.MEDICAL_CONDITION if head in _CONDITION_HEADS else Policy.MEDICAL_PROCESS
    narrows = _conditions() if head in _FOR_CONDITIONS else _BODY_ADJECTIVES
    while first > 0 and first not in reading.dialog.barriers and reading.word(first - 1) in narrows:
        if reading.pieces[first - 1].after.strip(" -") or place - first >= 3:
            break
        first -= 1
    if first < place:
        found.hits.append(Hit(first, place + 1, (policy,), 0.75, "medical head word"))


@cache
def _conditions() -> frozenset[str]:
    """The diseases of one word."""
    return frozenset(text for text, _ in gazetteer.terms(Policy.MEDICAL_CONDITION) if " " not in text)


def _ending(reading: Reading, place: int, word: str, found: Found) -> None:
    """Words such as "ramipril", "tendonitis", "laparoscopy"."""
    policy: Policy | None = None
    if word.endswith(_DRUG_ENDINGS) and word not in _NOT_DRUGS:
        policy = Policy.DRUG if len(word) >= 8 and not _surname(word) else None
    elif word.endswith(_CONDITION_ENDINGS) and word not in _NOT_CONDITIONS:
        policy = Policy.MEDICAL_CONDITION
    elif word.endswith(_PROCESS_ENDINGS) and word not in _NOT_PROCESSES:
        policy = Policy.MEDICAL_PROCESS
    if policy is not None:
        found.hits.append(Hit(place, place + 1, (policy,), 0.7, "medical ending"))


def _surname(word: str) -> bool:
    """Whether a word that ends like a medicine may be a surname: "Johnsone"."""
    return word.endswith("sone") and not word.endswith(("lone", "tisone", "nisone", "thasone", "metasone", "icasone"))
