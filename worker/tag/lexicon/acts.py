# ruff: noqa: E501 - tables of words are read by line, not by column
"""Phrases that carry an act, in classes. Own list, from the habits of diplomatic English, agencies and tabloids alike.

A class is a feature; what it weighs, and for which act, is learnt. The part before the dot names the act it speaks for.
"""

from worker.tag.phrases import table

DEMAND = table(
    demand_ask="""
demand, demands, demanded, demanding, insist on, insists on, insisted on, insisting on, insist that, insists that, insisted that
call* for, called for, calling for, call on, calls on, called on, calling on, calls upon, called upon, call upon
urge, urges, urged, urging, appeal* to, appealed to, appeal* for, appealed for, plead* for, pleaded for, plead* with, pleaded with, pled
press for, presses for, pressed for, pressing for, press* .. to, push for, pushes for, pushed for, pushing for
require, requires, required of, requiring, request, requests, requested, requesting, ask for, asks for, asked for, asking for
beg, begs, begged, begging, implore*, exhort*, entreat*, beseech*, petition*, lobby for, lobbied for, clamour* for, clamor* for
summon*, order, orders, ordered, instruct*, oblige*, compel*, called to, prod*, nudge*, coax*, encouraged|encourages|encourage
advised|advises|advise .. to, told|tells .. to, tell .. to, challenge* .. to, dare* .. to, recommend*, counsel*, dictate*
pressure .. to, press* .. for, call for, calls for, holding out for, holds out for, held out for, stand* for, solicited, seek, seeks, sought, seeking
reminded .. that, reminds .. that, reiterated .. call, repeated .. call, renewed .. call, bid .. to, bids .. to, set .. condition*""",
    demand_ask_to="""
ask* .. to, asked .. to, wants .. to, want .. to, wanted .. to, need* .. to, expect* .. to, expected .. to, would like .. to, like to see
would want .. to, obliges .. to, would have .. the, would oblige""",
    demand_want="""
wants, want, wanted, wish* for, would like, expects, expect, expected from, await*, looks to, look to, hope*, hoping, trust* that, in favour of
in favor of, favours, favors, is after, are after, seeks to, seek to, aims for, wishes, in need of, longs for, craves""",
    demand_must="""
must, should, has to, have to, had to, ought to, needs to, need to, got to, gotta, shall, is to, are to, must be, should be, has got to
obliged to, is bound to, duty to, have the duty, responsible for, responsibility to, it is up to, it's up to, up to russia, it is for, it's for
ball is in, ball is now in, in .. court, had better, better, would have to, will have to, time to, time for, high time, time has come, no choice but, no alternative""",
    demand_noun="""
demand for, demands for, demand that, demand of, demands that, its demand, their demand, his demand, her demand, call for, calls for, appeal for, appeals for
request for, requests for, plea for, pleas for, condition for, conditions for, condition is, conditions are, precondition*, pre condition*, prerequisite*, requirement*, red line*
terms for, terms of, ultimatum, insistence on, insistence that, essential, indispensable, imperative, necessary, necessity, vital, crucial, key to, sine qua non, mandatory, obligatory
is needed, are needed, needed, required, is required, are required, non negotiable, minimum, list of demands, wish list, wishlist, shopping list
one thing, unconditional*, immediately, without delay, at once, as soon as possible, without conditions, without preconditions, goals, objectives, tasks""",
    demand_only_path="""
only way, only path, only if, only when, only after, only once, only by, only through, path .. leads, way .. leads, cannot .. without, can't .. without, no .. without, no .. until, not .. until
nothing .. until, first, before .. can, starts with, begins with, basis for, foundation for, cornerstone, depends on, hinges on, link* .. to, linked to, tied to, subject to, hang* on, contingent on, rests on""",
    demand_let="""
let them, let him, let us see, let it, let kyiv, stop, end, cease, halt, withdraw, leave, go home
get out, pull out, release, return, free, give, hand over, give back, lift, open, sign, come to
pass it, send, name, show, prove, choose, respect, honour, honor, implement, keep your, take your
do it, put down""",
)

REJECT = table(
    reject_say="""
reject, rejects, rejected, rejecting, rejection of, refuse, refuses, refused, refusing, refusal to, refusal of, dismiss, dismisses, dismissed, dismissing, dismissive
rule out, rules out, ruled out, ruling out, rebuff*, turn* down, turned down, turning down, spurn*, rebut*, repudiat*, veto, vetoes, vetoed, block, blocks, blocked, blocking
oppose, opposes, opposed, opposing, opposition to, opponent of, object* to, objected to, objection* to, resist*, decline* to, declined to, declines, shot down, shoot* down, shooting down
brush* off, brushed aside, brush* aside, wave* away, waved away, waved aside, swat* away, pour* cold water, poured cold water, quash*, scotch*, nix*, slap* down, slapped down, balk* at, balks, baulk*
shun*, snub*, boycott*, walk* out, walked out, stay* away, call* off, called off, cancel*, scrap*, tear up, tore up, torn up, bury, buried, withdr* from, pull* out of, pulled out of, quit, abandon*, give up on
said no, say no, says no, saying no, thumbs down, no thanks, nope, not .. recognise, not .. recognize, non recognition, contest*, challenged
spoke out against, speak* out against, against, come* out against, came out against, hold* back, held back, withhold*, dig* .. heels, dug .. heels, decried .. idea, ridiculed
mocked, scoffed at, laughed off, sneered at""",
    reject_never="""
will not, won't, would not, wouldn't, cannot, can't, can not, could not, couldn't, will never, would never, never, shall not, shan't, must not, mustn't, no longer, not going to, not gonna, isn't going to, aren't going to
not prepared to, not ready to, not ready, not willing, unwilling, not planning, isn't planning, aren't planning, no plans, has no plans, had no plans, have no plans, no intention, not intend, does not intend, doesn't intend, don't intend, do not intend, not intending
does not accept, doesn't accept, do not accept, don't accept, not accept, not recognise, not recognize, never recognise, never recognize, not agree, don't agree, doesn't agree, never agree, not support, doesn't support, not consider, not discuss, nobody will, nobody is going to, no one will, no one is going, nothing to""",
    reject_adj="""
unacceptable, inadmissible, out of the question, off the table, not on the table, not up for, not negotiable, non negotiable, nonnegotiable, non starter, nonstarter, non-starter, no go, impossible, unrealistic, unthinkable, inconceivable, intolerable, not acceptable, categorically
not for sale, not for trade, not an option, no option, no question of, no talk of, no talks, no deal, no compromise*, no concession*, no way, no point
sees no point, no sense, makes no sense, no reason, no need, no basis, no place for, no room for, no prospect, no chance, no future, no truce
no negotiations
red line, red lines, taboo, closed, null and void, has nothing in common, nothing in common, nothing to do with, no right to, not entitled, does not suit, doesn't suit
doesn't work, does not work, won't work, would not fly, not serious, absurd, nonsense, ridiculous, farce, unconstructive, a trap, ultimatum
surrender, capitulation, propaganda, ploy, stunt, blackmail, pointless, senseless, meaningless, premature, dead end, dead
not realistic, worthless, laughable, delusional, fantasy, charade, sham, null, void, illegitimate, worth nothing, waste of time
scrap of paper""",
    reject_no="""
no, not, never, nor, neither, nothing, nobody, none, no one, without, not a single, not one
not an inch, not one inch, not a metre, over our heads, behind our backs, dictate*, dictated, under pressure, at gunpoint, not bound, no business""",
)

OFFER = table(
    offer_say="""
offer, offers, offered, offering, propose, proposes, proposed, proposing, proposal to, proposal for, suggest*, suggested
invite, invites, invited, inviting, invitation to, put* forward, put forward, floated, float*, table, tabled, present* .. plan
presented, unveil*
volunteer*, extend* .. hand, outstretched hand, olive branch, host, hosting, to host, mediate, mediating, mediation, act as .. mediator, facilitate
good offices, broker, lend .. hand, help to, help with, assist*, contribute to, play .. role, play .. part, do its part, do our part, provide .. venue
venue, platform, chair""",
    offer_ready="""
ready to, is ready, are ready, stands ready, stand ready, readiness, ready for, ready, willing to, willing, willingness, prepared to
is prepared, preparedness, open to, openness, remains open, remain open, is open, door is open, door's open, door open, door remains, open door
disposed to, keen to, happy to, glad to, inclined to
not against, not opposed, wouldn't object, would not object, no objection*, don't mind, does not mind, not excluded, not exclude, not rule out, not ruling out, doesn't rule out
did not rule out, refus* to rule out, refusal to rule out, nothing can be excluded, no option is off, nothing is off, all options, can be discussed, could be discussed, up for discussion, flexible, flexibility
can meet, could meet, would meet, we can, we could, could agree, could accept, could live with, would consider, will consider, consider*, would accept
would agree, would be, could, would, may, might, if necessary, let us, let's, why not, come to the table, sit down
come and, welcome to, at any time, any time, anytime, any place, anywhere, tomorrow, in exchange, in return, in exchange for, trade
swap, compromise, halfway, meet .. halfway""",
    offer_noun="""
offer of, offer to, proposal, initiative, idea, plan, good will, goodwill, gesture, confidence building, package, counter proposal, counterproposal, draft, option, options, chance, opportunity, hand""",
)

ACCEPT = table(
    accept_say="""
accept, accepts, accepted, accepting, acceptance, agree to, agrees to, agreed to, agreeing to, agree, agrees, agreed
agreed on, agree on, agreed that, consent*, endorse, endorses, endorsed, endorsing, approve, approves, approved, approval
sign up, signed up, signs up, signed on, sign, signed, signs, signing, ratif*, initialled, initialed
back, backs, backed, backing, support, supports, supported, supporting, supportive, welcome, welcomes, welcomed
welcoming, hail, hails, hailed, applaud*, greenlight*, green light, green lit, nod, given the nod, said yes, says yes
say yes, saying yes, yes to, take* .. up, took up, take this, go along with, went along, subscribe*, adopt, adopts, adopted
concur*, comply, complies, complied, bow* to, bowed to, yield* to, yielded, give in, gave in, cave*, relent*
dropped .. objection*, drop* .. objection*, lifted .. veto, no longer oppose*, no longer object*, consented, clear* the way, gave .. blessing, give .. blessing, blessing, put .. signature, put their names
acquiesce*, embrace, embraces, embraced, allow, allows, allowed, permit*, let .. through, granted, grant, grants
allowed to""",
    accept_adj="""
acceptable, quite acceptable, good idea, good basis, as a basis, a basis for, basis, right decision, right step, step forward, in the right direction, historic decision
good plan, good proposal, a good one, fair, deal done, we have a deal, sensible, constructive, in favour, in favor, historic, important decision
important step, rightly, suits us, works for us, nobody is above, no one is above, glad that, pleased, satisfied, important, would do as, serve as""",
)

THREATEN = table(
    threaten_say="""
threaten, threatens, threatened, threatening, threat to, threat of, threats to, threats of, warn, warns, warned, warning
ultimatum, or else, otherwise, face consequences, consequences, serious consequences, dire consequences, grave consequences, severe consequences, catastrophic, costs, pay the price
pay a price, price to pay, heavy price, will pay, will regret, regret it, will be sorry
retaliat*, reprisal*, revenge, vengeance, response will, respond, responds, will respond, would respond, response, answer, will answer
reply, reaction, mirror*, countermeasure*, counter measures, military technical, harsh, tough response, crushing, painful, devastating, decisive response
swift response, asymmetric*, not go unanswered, unanswered, not be left unanswered, reserve* the right, right to, entitled to, every right, free hand, hands untied, draw conclusions
its conclusions, draw .. conclusions, reconsider, review, think again, escalat*, clash, inevitable, inevitability, war with, at war, point of no return
playing with fire, play with fire, russian roulette, fire""",
    threaten_deed="""
legitimate target*, lawful target*, targets, will be destroyed, be destroyed, destroy, destroyed, destroying, annihilat*, obliterat*, wipe out, wipe* .. off
strike, strikes, struck, striking, hit, bomb, bombed, bombing, attack, invade, seize, by force
take .. by force, military means, by military means, force, use of force, army will, soldiers will, shoot down, shot down, sink, burn, burned
hell, hell to pay, rain, unleash*, liberate .. militarily, militarily, cut off, cut them off, shut off, switch off, turn off, halt supplies
suspend, suspends, stop supplies, walk away, pull out, withdraw from, quit, expel, ban, arrest, sanction them, impose
impose .. sanctions, new sanctions, further sanctions, more sanctions, tougher sanctions, sanctions .. ready, slap, hit with, tariffs, close .. border, take .. to court, measures
further measures, additional measures, snap back, trigger, nuclear, all means, any means, every means, all available""",
)

ACCUSE = table(
    accuse_say="""
accuse, accuses, accused, accusing, accusation*, blame, blames, blamed, blaming, condemn, condemns, condemned
condemning, condemnation, denounce, denounces, denounced, denouncing, criticise*, criticize*, criticising, criticizing, criticism of, decry
decries, decried, decrying, deplore*, deploring, slam, slams, slammed, slamming, blast, blasts, blasted
blasting, lash* out, lashed out, lambast*, castigat*, rebuke*, berate*, chide*, scold*, upbraid*, censure*, reprimand*
reproach*, attack* .. for, take* .. to task, took .. to task, rail* against, railed, inveigh*, rip* into, lay* into, laid into, tear* into, tore into
hit out, hits out, take aim, took aim, point* the finger, pointed the finger, finger at
allege, alleges, alleged, alleging, charge* that, charged that, charges that, complain, complains, complained, complaining, complaint
protest*, lament*, lamented, regret*, bemoan*, object*, grumble*, griped, fume*, rage, raged, raging
hold* .. responsible, responsible for, held .. responsible, responsibility for, lay* the blame, laid the blame, fault, at fault, guilty, to blame, outrage*, indignant
indignation, anger, angry, furious, brand, branded, brands, branding, call* .. a, called .. a, called .. an, calling .. a
calling it, called it, called them, described .. as, describing .. as, dub*, label*, liken*, likened, compared, compare* .. to, comparing
mock*, deride*, derided, scorn*, ridicul*, sneer*, moan*, moaned, summoned .. ambassador, summoned, lodged, note of protest
remind* .. that""",
    accuse_adj="""
illegal, illegally, unlawful, unlawfully, illegitimate, criminal, crime, crimes, criminals, war crime*, genocide, genocidal
barbaric, barbarism, brutal, cynical, cynicism, hypocri*, double standard*, reckless, irresponsible, provocation*, provocative, aggression
aggressor*, aggressive, violation*, violat*, violated, breach*, breached, breaching, broke, broken, breaks, betray*
betrayal, sabotage*, sabotaging, sabotaged, undermin*, derail*, disrupt*, torpedo*, thwart*, obstruct*, hamper*, hinder*
prolong*, drag* .. out, dragging, delay*, delaying, stall*, stalling, playing for time, play* for time, buy* time, foot dragging, drag* .. feet
dragging its feet, manipulat*, lie, lies, lying, liar, lied, deceiv*, deceit, deception, cheat*, trick*
disinformation, misled, mislead*, blackmail*, extort*, terror, terrorism, terrorist*, nazi*, puppet*, provok*, provoked
escalating, fuel*, fanning, pouring oil, adding fuel, pump*, pumping, shov*, thief, thieves, theft, stealing
steal, stolen, stole, robbery, robbers, loot*, looting, pirac*, piracy, land grab, grab, seizure
annex*, annexation, occup*, occupiers, occupation, invad*, invasion, destroyed, destroying, kill*, killing, killed
murder*, massacre*, bomb, bombing, shell*, torture*, deport*, kidnap*, abduct*, hostage*, starv*, weaponis*
weaponiz*, cowardly, shame*, shameful, disgrace*, disgraceful, scandal*, outrageous, monstrous, hysteria, russophob*, warmonger*
hawk*, war party, interfere*, interference, meddl*, unilateral, counterproductive, mistake, error, wrong, failed to, fails to
failure to, failing to, refused to, refuses to, unwilling, not interested, does not want, doesn't want, no desire, ignore*, ignoring, ignored
neglect*, contempt, mockery, pretext, excuse, arrogan*, selfish, insult*, humiliat*, one sided, biased, bias
started the war, began the war, chose war, want war, wants war, started it, tore up, walked out, reneged, backtrack*, went back on, go back on
half hearted, too little, too late, too slow, never kept, never once""",
)

PLEDGE = table(
    pledge_say="""
pledge, pledges, pledged, pledging, vow, vows, vowed, vowing, promise, promises, promised, promising
commit to, commits to, committed to, committing, commitment*, commit itself, guarantee that, guarantees that, guaranteed, guaranteeing, assure, assures
assured, assuring, assurance*, swear, swore, sworn, undertake, undertakes, undertook, undertaking, gave .. word, give .. word
reaffirm*, reaffirmed, obligation, announce* .. that, announced, announces, announcing, confirm*, determined, determination, resolve*, steadfast
unwavering, ironclad, iron clad, reiterated .. commitment""",
    pledge_will="""
will continue, would continue, will keep, would keep, keep on, carry on, press on, go on, goes on, going on, continue to, continues to
continue, as long as it takes, for as long as, until victory, to the end, until the end, whatever it takes, stand by, stand with, stands with, stands by, side with
stick by, not abandon, not leave .. alone, not let .. down, not waver, won't waver, not back down, will not stop, will be achieved, be achieved, achieve, goals will
will fulfil, fulfil, fulfill, will implement, implement, honour, honor, will deliver, deliver, delivers, delivering, will send
send, sends, sending, will supply, supply, will provide, provide, will transfer, transfer, hand over, will hand over, will train
train, donate*, will help, will support, step up, ramp up, increase, double, boost, extra, additional, more
new package, package, billion, million, defend, will defend, protect, fight on, fight, fighting, liberate, retake
take back, win back, recapture, restore, rebuild, will build, build, will, would, shall, 'll, we'll
i'll, going to, gonna, plans to, plan to, intends to, intend to, is to, are to, set to, work on, working on
work to, work towards, seek to, spare no effort, do everything, do all, everything possible""",
)

OTHER = table(
    think="""believe*, think*, thought, convinced, opinion, in .. view, view, sees, see, regards, regard, considers, hopes, doubt*, wonder*, guess*, suspect*, recall*, recalled, noted, explained, described, remember*, understand*, know*, knew""",
    deed="""met, visited, arrived, left, flew, spoke, talked, discussed, held talks, held, took place, began, ended, published, handed over, sent, delivered, showed, destroyed, fired, launched, rose, fell, climbed, killed, injured, wounded, captured, advanced, said to have, reported, received, rose, fallen, dropped, gained, traded, lost, won, scored""",
    deny="""deny, denies, denied, denying, denial, did not say, didn't say, never said, no such plan, not true, untrue, false, fake, not asking, isn't asking, is not asking, aren't asking, are not asking, not demanding, decline* to comment, declined to comment, no comment, refused to comment, would not comment, wouldn't say, won't say, would not say, declined to say, could not be reached, did not reply, would not be drawn""",
    hypothetical="""could be, might, may, perhaps, probably, possibly, likely, unlikely, potentially, presumably, supposedly, reportedly, rumoured, speculation, suppose, imagine, in theory, would mean, could, in that case, scenario*, forecast*, predict*, expected to, looks set, if only, as if""",
    past="""in 2014, in 2015, in 2016, in 2017, in 2018, in 2019, in 2020, in 2021, years ago, a decade ago, last year, the year before, in the 1990s, at the time, at that time, back then, in those days, once, had been, had, originally, historically, earlier this, formerly, in spring, that spring, in the spring""",
    praise="""thank*, thanks, grateful, gratitude, congratulat*, condolence*, praise*, admire*, friendship, excellent, productive, useful, frank, honest, hope, hopes, glad, good, positive, honour, welcomed""",
)

CONDITION = table(
    cond_if="""if, in case, in the event, should .. be, were .. to, whether""",
    cond_only="""only if, only when, only after, only once, provided, providing, on condition, on the condition, on one condition, as long as, so long as, as soon as, on the understanding, in so far as, the day""",
    cond_once="""once, when, after, the moment""",
    cond_unless="""unless, until, till, before, except, short of, or else, failing""",
    cond_trade="""in exchange for, in return for, in exchange, in return, for its part, against, depend* on, hinge* on, tied to, conditional on, linked to, contingent on, subject to, condition*, precondition*, prerequisite*, without""",
)

ALL_CLASSES = {
    name: phrases
    for part in (DEMAND, REJECT, OFFER, ACCEPT, THREATEN, ACCUSE, PLEDGE, OTHER, CONDITION)
    for name, phrases in part.items()
}
