"""The encoder as it is fitted: MiniLM in PyTorch, with the heads whose shapes ``worker.tag.encoder.Heads`` gives."""

from collections.abc import Callable, Container, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

KINDS, TOUCHES = 6, 3
WIDTH, HEADS, INNER = 384, 12, 1536
EPSILON = 1e-12
Batch = Mapping[str, Tensor]
Turn = Callable[[np.ndarray], np.ndarray]


class Layer(nn.Module):
    """One layer of BERT, without dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.norm_attended = nn.LayerNorm(WIDTH, EPSILON)
        self.widen = nn.Linear(WIDTH, INNER)
        self.narrow = nn.Linear(INNER, WIDTH)
        self.norm_out = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """Return the vectors of the next layer, shape (B, T, D)."""
        size, length, width = x.shape
        query, key, value = self.qkv(x).view(size, length, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        x = self.norm_attended(x + self.attended(seen.transpose(1, 2).reshape(size, length, width)))
        return self.norm_out(x + self.narrow(functional.gelu(self.widen(x))))


class Bert(nn.Module):
    """Token vectors of a text."""

    def __init__(self, layers: int, pieces: int) -> None:
        super().__init__()
        self.pieces = nn.Embedding(pieces, WIDTH)
        self.places = nn.Embedding(512, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def forward(self, ids: Tensor, mask: Tensor, extra: Tensor | float = 0.0) -> Tensor:
        """Return the last layer, shape (B, T, D); ``extra`` is added to what goes in."""
        x = self.norm(self.pieces(ids) + self.places.weight[: ids.shape[1]] + extra)
        bias = ((1 - mask) * -1e4)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias)
        return x


class StanceEncoder(nn.Module):
    """The encoder with what is added for mentions and issue phrases, and the three heads."""

    def __init__(self, bert: Bert) -> None:
        super().__init__()
        self.bert = bert
        self.kind = nn.Embedding(KINDS, WIDTH)
        self.touch = nn.Embedding(TOUCHES, WIDTH)
        self.attention = nn.Linear(WIDTH, 1, bias=False)
        self.act_in, self.act_out = nn.Linear(3 * WIDTH + 1, 192), nn.Linear(192, 8)
        self.issue_segment = nn.Linear(2 * WIDTH, WIDTH, bias=False)
        self.issue_text = nn.Linear(WIDTH, WIDTH, bias=False)
        self.holder_segment = nn.Linear(2 * WIDTH, 256)
        self.holder_mention = nn.Linear(WIDTH, 256, bias=False)
        self.holder_out = nn.Linear(256, 1, bias=False)
        self.scales = nn.Parameter(torch.tensor([0.4, 0.7, 1.0, 0.0]))
        for table in (self.kind.weight, self.touch.weight):
            nn.init.normal_(table, 0, 0.01)
        for name, each in self.named_modules():
            if isinstance(each, nn.Linear) and not name.startswith("bert."):
                nn.init.normal_(each.weight, 0, 0.02)
        nn.init.eye_(self.issue_text.weight)

    def forward(self, batch: Batch, issues: Tensor, dropout: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
        """Return the scores of acts for every holder (B, G, H, 8), of issues (B, G, I) and of holders (B, G, H)."""
        vectors = self.bert(batch["ids"], batch["mask"], self.kind(batch["kind"]) + self.touch(batch["touch"]))
        own = functional.dropout(self._segments(vectors, batch["segment"]), dropout, self.training)
        size, segments, holders, _ = batch["holder"].shape
        mention = mean_of(vectors, batch["holder"].view(size, segments * holders, 2)).view(size, segments, holders, -1)
        seen = (batch["holder"][..., 1] > 0).float()
        hidden = functional.gelu(self.holder_segment(own)[:, :, None, :] + self.holder_mention(mention))
        who = self.holder_out(hidden)[..., 0] * seen + self.scales[3] * (1 - seen)
        both = torch.cat([own[:, :, None, :].expand(-1, -1, holders, -1), mention, seen[..., None]], -1)
        acts = self.act_out(functional.gelu(self.act_in(both)))
        texts = self.issue_text(issues[batch["issues"]])
        about = torch.einsum("bgd,bid->bgi", self.issue_segment(own), texts) * self.scales[0]
        about = about + self.scales[1] * batch["issue_rules"] + (batch["issue_mask"][:, None, :] - 1) * 1e4
        return acts, about, who + self.scales[2] * batch["holder_rules"]

    def _segments(self, vectors: Tensor, spans: Tensor) -> Tensor:
        inside = pieces_in(spans, vectors.shape[1])
        weights = torch.softmax(self.attention(vectors)[:, None, :, 0] + (inside - 1) * 1e4, -1)
        return torch.cat([mean_of(vectors, spans), weights @ vectors], -1)

    def loss(self, batch: Batch, issues: Tensor, dropout: float) -> Tensor:
        """Return one number: the acts' cross-entropy, with less weight the issues' and the holders'."""
        acts, about, who = self(batch, issues, dropout)
        picked = batch["picked"][:, :, None, None].expand(-1, -1, 1, acts.shape[-1])
        act = -(functional.log_softmax(acts.gather(2, picked)[:, :, 0], -1) * batch["act"]).sum(-1) * batch["judged"]
        issue = -(functional.log_softmax(about, -1).clamp(min=-50) * batch["issue"]).sum(-1) * batch["labelled"]
        holder = (functional.softplus(who) - who * batch["is_holder"]) * batch["holder_mask"]
        holder = holder * batch["labelled"][..., None]
        judged, labelled = batch["judged"].sum().clamp(min=1), batch["labelled"].sum().clamp(min=1)
        return act.sum() / judged + 0.4 * issue.sum() / labelled + 0.2 * holder.sum() / labelled

    @torch.no_grad()
    def issue_vectors(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return a vector of length 1 for each issue's text, shape (I, D)."""
        vectors = self.bert(ids, mask)
        return functional.normalize((vectors * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=-1)

    def heads(self) -> dict[str, np.ndarray]:
        """Return the arrays of ``worker.tag.encoder.Heads``, in half precision."""
        plain: dict[str, Tensor] = {
            "attention": self.attention.weight[0],
            "act_in": self.act_in.weight.T, "act_in_bias": self.act_in.bias,
            "act_out": self.act_out.weight.T, "act_out_bias": self.act_out.bias,
            "issue_segment": self.issue_segment.weight.T, "issue_text": self.issue_text.weight.T,
            "holder_segment": self.holder_segment.weight.T, "holder_segment_bias": self.holder_segment.bias,
            "holder_mention": self.holder_mention.weight.T, "holder_out": self.holder_out.weight[0],
            "scales": self.scales,
        }  # fmt: skip
        return {name: tensor.detach().numpy().astype(np.float16) for name, tensor in plain.items()}


def pieces_in(spans: Tensor, length: int) -> Tensor:
    """Return 1 where a piece is in the span, 0 elsewhere, shape (…, length)."""
    at = torch.arange(length)
    return ((at >= spans[..., 0:1]) & (at < spans[..., 1:2])).float()


def mean_of(vectors: Tensor, spans: Tensor) -> Tensor:
    """Return the mean of the pieces of each span; zeros for an empty one."""
    inside = pieces_in(spans, vectors.shape[1])
    return (inside @ vectors) / inside.sum(-1, keepdim=True).clamp(min=1)


def load_base(path: Path) -> Bert:
    """Return the pre-trained encoder of an ONNX file as sentence-transformers exports it."""
    graph = onnx.load(str(path)).graph
    bert = Bert(6, 30522)
    with torch.no_grad():
        for tensor, source in zip(_tensors(bert), _sources(graph), strict=True):
            tensor.copy_(torch.from_numpy(source.copy()))
    return bert


def store(model: StanceEncoder, base: Path, path: Path) -> None:
    """Write the fitted encoder in the graph of the base, its token types being the kinds of pieces; no pooler."""
    whole = onnx.load(str(base))
    graph = whole.graph
    weights = {each.name: each for each in graph.initializer}
    fitted = [tensor.detach().numpy() for tensor in _tensors(model.bert)]
    for (name, back), array in zip(_places(graph, weights), fitted, strict=True):
        weights[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(back(array)), name))
    types = "embeddings.token_type_embeddings.weight"
    table = model.kind.weight[:, None, :] + model.touch.weight[None, :, :]
    rows = torch.cat([table.reshape(-1, WIDTH), torch.zeros(1, WIDTH)]).detach().numpy()
    weights[types].CopyFrom(numpy_helper.from_array(rows, types))
    _cut_to_vectors(graph)
    onnx.save(whole, str(path))


def _cut_to_vectors(graph: onnx.GraphProto) -> None:
    """Name the last layer ``last_hidden_state`` and drop what only the pooler needs."""
    vectors = graph.output[0].name
    keep = _needed(graph, vectors)
    nodes = [node for node in graph.node if set(node.output) & keep]
    for node in nodes:
        node.output[:] = ["last_hidden_state" if name == vectors else name for name in node.output]
    del graph.node[:], graph.output[1:]
    graph.node.extend(nodes)
    graph.output[0].name = "last_hidden_state"
    used = [each for each in graph.initializer if any(each.name in node.input for node in nodes)]
    del graph.initializer[:]
    graph.initializer.extend(used)


def _needed(graph: onnx.GraphProto, wanted: str) -> set[str]:
    makers = {name: node for node in graph.node for name in node.output}
    found, open_ = set[str](), [wanted]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += list(makers[name].input) if name in makers else []
    return found


def _tensors(bert: Bert) -> list[Tensor]:
    """Return the tensors of an encoder in the order of ``_places``."""
    found = [bert.pieces.weight, bert.places.weight, bert.norm.weight, bert.norm.bias]
    for layer in bert.layers:
        found += [*layer.qkv.weight.split(WIDTH), *layer.qkv.bias.split(WIDTH)]
        for each in (layer.attended, layer.widen, layer.narrow, layer.norm_attended, layer.norm_out):
            found += [each.weight, each.bias]
    return found


def _places(graph: onnx.GraphProto, weights: Container[str]) -> list[tuple[str, Turn]]:
    """Return where each tensor stands in the graph, and what turns a tensor into what stands there."""
    matrices = {
        node.name: name for node in graph.node if node.op_type == "MatMul" for name in node.input if name in weights
    }
    found: list[tuple[str, Turn]] = [
        (f"embeddings.{name}", np.asarray)
        for name in ("word_embeddings.weight", "position_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias")
    ]
    for number in range(6):
        node, layer = f"/encoder/layer.{number}/", f"encoder.layer.{number}."
        parts = ("query", "key", "value")
        found += [(matrices[f"{node}attention/self/{part}/MatMul"], np.transpose) for part in parts]
        found += [(f"{layer}attention.self.{part}.bias", np.asarray) for part in parts]
        for part in ("attention/output", "intermediate", "output"):
            found.append((matrices[f"{node}{part}/dense/MatMul"], np.transpose))
            found.append((f"{layer}{part.replace('/', '.')}.dense.bias", np.asarray))
        for part in ("attention.output", "output"):
            found += [(f"{layer}{part}.LayerNorm.{of}", np.asarray) for of in ("weight", "bias")]
    return found


def _sources(graph: onnx.GraphProto) -> list[np.ndarray]:
    """Return the pre-trained arrays in the order of ``_places``; every piece is of token type 0 there."""
    weights = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    found = [back(weights[name]) for name, back in _places(graph, weights)]
    found[1] = found[1] + weights["embeddings.token_type_embeddings.weight"][0]
    return found
