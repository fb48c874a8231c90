# ruff: noqa: E501, SIM905 - tables of words are read by line, not by column
"""Verbs, nouns and connectives of reporting: what ties words to a speaker. Own list, in the base form unless irregular."""

REPORT_VERBS = """
say tell add note stress underline underscore emphasise emphasize warn argue insist claim state declare announce write post
tweet reply respond retort remark comment continue explain recall maintain contend assert reiterate repeat confirm admit
concede acknowledge mention observe point allege charge conclude affirm assure pledge promise vow threaten demand urge
appeal call ask request require reject refuse dismiss rule deny decry deplore lament regret complain protest object oppose
condemn denounce criticise criticize blame accuse slam blast rebuke scold chide deride mock scoff sneer snarl snap spit
growl bark fume rage thunder moan groan grumble grump mutter whisper hiss shout roar joke quip muse boast brag crow gloat
propose suggest offer invite recommend advise caution counsel signal indicate hint imply disclose reveal report inform
notify brief agree accept welcome hail praise thank greet support back endorse approve predict hope believe think reckon
consider feel wonder expect want wish plead beg implore exhort press lobby inveigh rail lash hit retaliate counter answer
question challenge dispute doubt reaffirm re-affirm clarify specify elaborate testify swear guarantee undertake commit
propose table put lay set make give speak talk describe characterise characterize brand label dub term hold stipulate
proclaim profess intone opine chime chip interject echo concur stand relay convey express voice sound issue publish
release read remind reassure warn forecast estimate calculate summarise summarize quote cite name list outline detail
spell judge deem deliver record log allow rejoin expound preach rant rave splutter howl wail blurt gush enthuse volunteer
""".split()
"""Verbs that introduce what somebody said. Some are also acts; the act tables decide that."""

SAY_VERBS = """
say tell add note stress underline underscore emphasise emphasize insist claim state declare announce write post tweet reply
respond retort remark comment continue explain recall maintain contend assert reiterate repeat confirm admit concede
acknowledge observe conclude affirm assure argue warn fume snarl snap thunder growl bark rage moan sneer scoff quip joke
muse boast grumble complain charge specify clarify
""".split()

IRREGULAR = {
    "say": "said saying says", "tell": "told", "write": "wrote written", "think": "thought", "feel": "felt", "speak": "spoke spoken",
    "hold": "held", "give": "gave given", "make": "made", "put": "putting", "set": "setting", "lay": "laid", "stand": "stood",
    "swear": "swore sworn", "undertake": "undertook undertaken", "spit": "spat", "read": "", "crow": "crowed", "spell": "spelt",
    "deem": "", "hit": "hitting", "beg": "begged begging", "commit": "committed committing", "rebut": "rebutted rebutting",
    "forbid": "forbade forbidden", "withdraw": "withdrew withdrawn", "break": "broke broken", "seek": "sought", "see": "saw seen",
    "go": "went gone", "get": "got", "have": "had has", "do": "did does done", "be": "is are was were been being am", "mean": "meant",
    "come": "came", "take": "took taken", "keep": "kept", "leave": "left", "send": "sent", "find": "found", "let": "letting",
    "bring": "brought", "show": "shown", "know": "knew known", "meet": "met", "pay": "paid", "draw": "drew drawn", "fight": "fought",
    "strike": "struck", "lead": "led", "begin": "began begun", "buy": "bought", "sell": "sold", "stop": "stopped stopping",
    "drop": "dropped dropping", "plan": "planned planning", "quip": "quipped quipping", "snap": "snapped snapping",
    "slam": "slammed slamming", "brag": "bragged bragging", "chip": "chipped", "dub": "dubbed", "rebuff": "", "refer": "referred",
    "shrug": "shrugged shrugging", "spurn": "", "withhold": "withheld", "hear": "heard", "win": "won", "lose": "lost", "cut": "cutting",
}  # fmt: skip


def forms(verb: str) -> frozenset[str]:
    """Return the finite and non-finite forms of a regular verb, and those of the table for an irregular one."""
    out = {verb, *IRREGULAR.get(verb, "").split()}
    if verb.endswith("e"):
        out |= {verb + "s", verb + "d", verb[:-1] + "ing"}
    elif verb.endswith("y") and verb[-2] not in "aeou":
        out |= {verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"}
    elif verb.endswith(("s", "sh", "ch", "x", "z")):
        out |= {verb + "es", verb + "ed", verb + "ing"}
    else:
        out |= {verb + "s", verb + "ed", verb + "ing"}
    return frozenset(out)


def _all_forms(verbs: list[str]) -> frozenset[str]:
    return frozenset(form for verb in verbs for form in forms(verb))


REPORTING = _all_forms(REPORT_VERBS) - {
    "set",
    "sets",
    "setting",
    "hit",
    "hits",
    "back",
    "list",
    "lists",
    "name",
    "names",
}
SAYING = _all_forms(SAY_VERBS) - {"claims", "states", "notes", "comments", "posts", "charges", "state", "charge", "comment"} | {
    "claims", "notes", "states"
}  # fmt: skip
FINITE_HELPERS = frozenset(
    """is are was were be been has have had will would shall should must may might can could does did do cannot won't can't
    isn't aren't wasn't weren't hasn't haven't hadn't wouldn't shouldn't mustn't couldn't doesn't didn't don't 'd 'll 've
    ought needs need wants remains seems appears sees keeps goes went made makes took takes gave gives let lets""".split()
)
ADVERBS_BEFORE_VERB = frozenset(
    """also again then now later earlier still already never once only even just too meanwhile however nevertheless instead
    first finally recently previously himself herself itself themselves both all not yet always soon today yesterday
    monday tuesday wednesday thursday friday saturday sunday on in""".split()
)
PREPOSITIONS = frozenset(
    """of in on at to with by from against for over under about into onto near around across inside outside between among
    towards toward through after before behind beyond without within via than like as""".split()
)
TRANSPARENT = frozenset({"of", "by", "from", "for"})
SOURCE_WORDS = frozenset(
    """the a an and on in at to of his her its their this that has had have been was reporters journalists media state agency
    news told briefing according monday tuesday wednesday thursday friday saturday sunday conference news statement
    interview television briefing president minister spokesman spokeswoman also later earlier again today yesterday mr mrs
    ms who as it he she they""".split()
)
"""Words of a clause that only names its source: "the minister told reporters on Monday"."""
