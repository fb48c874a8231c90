"""An invented conflict: Ostania and Veldoria are at war, Norland mediates. No real name, no real word."""

from datetime import UTC, datetime

from worker.model import Statement
from worker.ports import TaggerInput
from worker.tag.rules import RuleTagger
from worker.topic import Issue, Office, Party, Person, Topic

PUBLISHED = datetime(2030, 5, 15, 12, tzinfo=UTC)  # a Wednesday


def _side(name: str, people: tuple[Person, ...], capital: str) -> Party:
    demonym = f"{name}n"
    return Party(
        id=name.lower(),
        label=name,
        names=(name,),
        demonyms=(demonym, f"{demonym}s"),
        metonyms=(capital,),
        institutions={f"{demonym} Foreign Ministry": (f"{name}'s Foreign Ministry",)},
        people=people,
        belligerent=True,
    )


CONFLICT = Topic(
    id="conflict",
    label="Ostania and Veldoria",
    parties=(
        _side(
            "Ostania",
            (
                Person(name="Ivo Kareliy", aliases=("Ivo Karelyy",), gender="m", offices=(Office(title="president"),)),
                Person(name="Lena Dorsh", gender="f", offices=(Office(title="foreign minister"),)),
            ),
            "Ostagrad",
        ),
        _side(
            "Veldoria",
            (
                Person(name="Tomas Brandt", gender="m", offices=(Office(title="president"),)),
                Person(name="Mira Vell", gender="f", offices=(Office(title="foreign minister"),)),
            ),
            "Veldor",
        ),
        Party(
            id="norland",
            label="Norland",
            names=("Norland",),
            demonyms=("Norlander", "Norlanders"),
            people=(Person(name="Helga Storm", gender="f", offices=(Office(title="foreign minister"),)),),
        ),
        Party(id="other", label="Others", names=()),
        Party(
            id="both",
            label="Both sides",
            names=(),
            roles=("both sides", "the two sides"),
            members=("ostania", "veldoria"),
        ),
    ),
    issues=(
        Issue(
            id="ceasefire",
            label="truce",
            patterns={"ceasefire": 3, "truce": 3, "stop .. shelling": 3, "halt .. fighting": 3},
            mode="yield",
        ),
        Issue(id="talks", label="talks", patterns={"talks": 3, "negotiat*": 3, "summit": 3, "meet*": 2}, mode="meet"),
        Issue(
            id="withdrawal",
            label="withdrawal",
            patterns={"withdraw* .. troops": 3, "withdraw*": 3, "pull* .. back": 3},
            mode="yield",
        ),
        Issue(
            id="arms",
            label="arms",
            patterns={"rocket*": 3, "weapons": 3, "arms": 3},
            blockers=("laid down arms",),
            mode="assist",
        ),
        Issue(id="captives", label="captives", patterns={"captives": 3, "prisoner*": 3}, mode="yield"),
        Issue(id="sanctions", label="sanctions", patterns={"sanction*": 3, "embargo": 3}, mode="yield"),
        Issue(
            id="attacks",
            label="attacks",
            patterns={"attack*": 3, "bomb*": 3, "strikes": 2},
            mode="yield",
            cooperative=False,
        ),
        Issue(id="other", label="other", patterns={}),
    ),
    plans={"ten-point plan": "Ten-Point Plan"},
    places=("Karst Valley", "Port Anders"),
)

TAGGER = RuleTagger()


def statements(text: str, title: str = "") -> tuple[Statement, ...]:
    return TAGGER.tag(TaggerInput(text=text, title=title, published=PUBLISHED), CONFLICT).statements


def triples(text: str) -> set[tuple[str, str, str]]:
    return {(s.party, str(s.act), s.issue) for s in statements(text)}
