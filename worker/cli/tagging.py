"""``tag`` and ``evaluate``: what the tagger reads in a text, and how well."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli.moments import moment
from worker.cli.program import AsJson, Program, program
from worker.cli.terminal import progress, say, show, show_json

if TYPE_CHECKING:
    from worker.model import Statement
    from worker.ports import TaggerInput
    from worker.tag.evaluate import Evaluation
    from worker.tag.gold import GoldArticle
    from worker.topic import Topic

TEXT_BYTES = 20_000_000
SEED = 20260101
"""The bootstrap draws the same samples every time, so that two runs can be compared."""


def tag(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A text file, or - for stdin.")],
    *,
    topic: Annotated[str, typer.Option("--topic", help="Topic id; may be left out if there is one only.")] = "",
    title: Annotated[str, typer.Option(help="The article's title.")] = "",
    published: Annotated[
        str | None, typer.Option(help="When it appeared: 2026-01-31. Tells history from news.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show for each sentence what rules and encoder made of it.")
    ] = False,
) -> None:
    """Print what the tagger finds in a text, one JSON object a line, in the gold files' field names."""
    from worker.ports import TaggerInput

    one = program(context)
    about, text = _topic(one, topic), _read(file)
    when = moment(published, now=one.services.clock.now())
    document = TaggerInput(text=text, title=title, published=when)
    if explain:
        _explain(one, document, about)
        return
    output = one.services.tagger.tag(document, about)
    show_json(_record(statement) for statement in output.statements)
    if output.read_chars < len(text):
        typer.echo(f"read the first {output.read_chars:,} of {len(text):,} characters", err=True)
    if output.fell_back:
        typer.echo(f"the rules answered instead: {output.fell_back}", err=True)


def evaluate(
    context: typer.Context,
    gold: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Labelled articles, one JSON object a line.")
    ],
    *,
    predictions: Annotated[
        Path | None, typer.Option(help="Write what was found to this file, in the gold's form.")
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Show each miss and each extra with its sentence.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score the tagger on labelled articles: precision, recall and F1 of (party, act, issue), and what hangs on it."""
    from random import Random

    from worker.tag.evaluate import score
    from worker.tag.gold import labelled, load_gold

    one = program(context)
    articles = load_gold(gold.read_text(encoding="utf-8").splitlines())
    found = dict(_tagged(one, articles))
    if predictions:
        _write(predictions, articles, found)
    kept = {key: [labelled(s) for s in statements if not s.withdrawn] for key, statements in found.items()}
    result = score(articles, kept, rng=Random(SEED))  # noqa: S311 - the bootstrap is no secret
    if as_json:
        show_json([result.as_dict()])
    else:
        _show_scores(result)
    if errors and not as_json:
        _show_errors(result)


def _read(file: str) -> str:
    raw = sys.stdin.buffer.read(TEXT_BYTES) if file == "-" else _bytes(Path(file))
    return raw.decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            return source.read(TEXT_BYTES)
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from None


def _topic(one: Program, wanted: str) -> "Topic":
    topics = one.topics()
    if not wanted and len(topics) == 1:
        return next(iter(topics.values()))
    if wanted not in topics:
        raise typer.BadParameter(f"--topic must be one of {', '.join(sorted(topics))}")
    return topics[wanted]


def _explain(one: Program, document: "TaggerInput", topic: "Topic") -> None:
    """Print each segment with its verdict, and each candidate with the features that weighed most."""
    from worker.tag.explain import explain
    from worker.tag.rules import RuleTagger

    tagger = one.services.tagger
    rules = tagger if isinstance(tagger, RuleTagger) else RuleTagger()
    for segment in explain(rules, document, topic):
        say(f'"{segment.text}"')
        say(f"    speaks: {segment.speaker or segment.holder or 'nobody'}  acts: {_weights(segment.acts.items())}")
        if segment.encoder_acts is not None:
            heard = f"{segment.encoder_holder or 'nobody'} {segment.encoder_holder_probability:.2f}"
            say(f"    encoder: {heard}  acts: {_weights(segment.encoder_acts.items())}")
        say(f"    {segment.verdict}")
        for each in segment.candidates:
            say(f"    {each.party} {each.act} {each.issue}  {each.confidence:.2f}  {each.verdict}  [{each.rule}]")
            say(f"        {_weights(each.reasons)}")
        say("")


def _weights(weighed: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {weight:+.2f}" for name, weight in weighed) or "none"


def _record(statement: "Statement") -> dict[str, Any]:
    from worker.tag.gold import statement_as_gold

    record = statement_as_gold(statement) | {
        "start": statement.start,
        "end": statement.end,
        "confidence": statement.confidence,
    }
    if statement.withdrawn:
        record["withdrawn"] = True
    return record


def _tagged(one: Program, articles: Sequence["GoldArticle"]) -> Iterator[tuple[str, tuple["Statement", ...]]]:
    from worker.errors import ConfigurationError
    from worker.ports import TaggerInput

    tagger, topics, now = one.services.tagger, one.topics(), one.services.clock.now()
    unknown = sorted({article.topic for article in articles} - set(topics))
    if unknown:
        raise ConfigurationError(
            [f"config/topics/{name}.yml is missing: the gold has articles on it" for name in unknown]
        )
    with progress("tagging", len(articles)) as meter:
        for article in articles:
            published = moment(article.published or None, now=now)
            document = TaggerInput(text=article.text, title=article.title, published=published)
            yield article.id, tagger.tag(document, topics[article.topic]).statements
            meter.advance()


def _write(path: Path, articles: Sequence["GoldArticle"], found: Mapping[str, Sequence["Statement"]]) -> None:
    with path.open("w", encoding="utf-8") as sink:
        for article in articles:
            records = [_record(statement) for statement in found[article.id]]
            sink.write(json.dumps({"id": article.id, "topic": article.topic, "statements": records}) + "\n")


def _show_scores(result: "Evaluation") -> None:
    groups = {
        "party, act, issue": result.triple,
        "… with target": result.with_target,
        "demands": result.demands,
        **{f"act {name}": found for name, found in result.by_act.items()},
        **{f"topic {name}": found for name, found in result.by_topic.items()},
    }
    rows = [{"records": name, **found.as_dict()} for name, found in groups.items()]
    show(
        rows, ["records", "precision", "recall", "f1", "hits", "predicted", "gold"], as_json=False, empty="no articles"
    )
    low, high = result.interval
    say("")
    say(f"F1 over {result.articles} articles, 95 % interval: {low:.3f} to {high:.3f}")
    say(f"mean F1 over the acts: {result.macro_f1:.3f}")
    shares = {
        "target": result.target,
        "speaker": result.speaker,
        "attribution": result.attribution,
        "conditional": result.conditional,
        "condition issue": result.condition_issue,
        "evidence overlaps": result.evidence_overlap,
        "evidence is exact": result.evidence_exact,
        "articles without statements left empty": result.left_empty,
    }
    show(
        [{"right": name, "share": share.value, "of": share.total} for name, share in shares.items()],
        ["right", "share", "of"],
        as_json=False,
        empty="",
    )
    say(f"false records an article without statements: {result.false_per_empty_article:.3f}")


def _show_errors(result: "Evaluation") -> None:
    for title, findings in (("missed", result.misses), ("one too many", result.extras)):
        for finding in findings:
            record = finding.record
            say("")
            say(f"{title}: {finding.article}  {record.party} {record.act} {record.issue} → {record.target}")
            say(f'  "{record.evidence}"')
            if finding.nearest:
                near = finding.nearest
                say(f'  nearest: {near.party} {near.act} {near.issue}: "{near.evidence}"')
