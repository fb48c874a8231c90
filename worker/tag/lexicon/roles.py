# ruff: noqa: E501, SIM905 - tables of words are read by line, not by column
"""Nouns for people and bodies that speak: for a party, or for none."""

LEADER = frozenset(
    """president premier pm chancellor leader king sultan emir pontiff pope monarch strongman dictator autocrat despot tyrant
    warmonger ruler tsar presidency potus supremo commander-in-chief""".split()
)
MINISTER = frozenset("minister secretary minster ministry".split())
OFFICIAL = frozenset(
    """spokesman spokeswoman spokesperson spokespeople envoy ambassador negotiator negotiators diplomat diplomats official officials
    adviser advisor aide aides representative representatives commissioner delegate delegates delegation delegations envoys
    ministers leaders chief boss head deputy commander general admiral secretary-general mouthpiece mediator mediators
    government cabinet administration ministry ministries embassy presidency authorities army military forces parliament
    side team officials' office commission council department chairman chair chairwoman premier foreign-policy counterpart
    governor mayor prosecutor troubleshooter coordinator politician statesman consul charge""".split()
)
MODIFIER = frozenset(
    """prime foreign defence defense interior deputy chief top senior first vice special presidential press security national
    state finance energy economy economic trade justice military general acting permanent official high government united
    nuclear atomic political outgoing incoming then new veteran long-serving visiting supreme armed us-led leading lead white
    house external affairs culture agriculture agricultural infrastructure home war european federal main key under regional
    social civilian political peace secretary minister and security-council intelligence spy treasury hardline""".split()
)
OUTSIDE = frozenset(
    """analyst analysts expert experts professor economist economists strategist historian historians researcher researchers fellow
    columnist commentator commentators resident residents soldier soldiers farmer farmers trader traders lawyer lawyers activist
    activists opposition lawmaker lawmakers mp mps senator senators congressman congresswoman journalist journalists blogger
    bloggers broker pensioner teacher driver taxi doctor priest student students coach captain striker defender gunner sapper
    villager villagers refugee refugees critic critics observer observers scholar academic academics pollster pollsters veteran
    volunteer volunteers shopkeeper engineer actor singer author writer director analystically thinktank think-tank institute
    university campaigner campaigners relative relatives widow widower mother father wife grandmother witness witnesses eyewitness
    company companies bank firm trader dealer oligarch businessman editor correspondent reporter reporters panellist sociologist
    psychologist""".split()
)
FORMER = frozenset({"former", "ex", "retired", "late", "opposition", "exiled", "onetime"})
PRONOUNS = {
    "he": "m", "him": "m", "his": "m", "himself": "m", "she": "f", "her": "f", "hers": "f", "it": "n", "its": "n",
    "they": "p", "their": "p", "them": "p",
}  # fmt: skip
FIRST = frozenset(
    {"i", "we", "our", "us", "my", "me", "ours", "i'm", "we're", "we'll", "i'll", "we've", "i've", "we'd", "i'd"}
)
SECOND = frozenset({"you", "your", "yours", "you're", "you'll", "you've"})
TITLES = frozenset({"mr", "mrs", "ms", "sir", "dr", "lord", "lady", "gen", "col", "lt", "prof", "comrade", "madam"})
NOT_NAMES = frozenset(
    """the a an but and in on at it he she they we i this that these those for from to of as if when while after before with
    by no yes not what who how why where there here his her its their our my your asked earlier later meanwhile monday
    tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
    november december read also photo live watch according both all any every some one two three four five six last next
    since under however yet still even only instead so or nor per until unless once about over because although though
    such mr mrs ms""".split()
)
"""Words that may open a sentence with a capital and are no name."""
