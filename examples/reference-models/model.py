"""The llama architecture, as small as it goes: RMSNorm, rotary attention, SwiGLU, tied embeddings."""

import torch
import torch.nn.functional as F
from torch import nn

import settings

HIDDEN = -10_000.0


class Block(nn.Module):
    def __init__(self, shape: settings.Shape):
        super().__init__()
        w, h = shape.width, shape.hidden
        self.heads, self.epsilon = shape.heads, shape.epsilon
        self.attention_norm, self.feed_norm = nn.Parameter(torch.ones(w)), nn.Parameter(torch.ones(w))
        self.q, self.k, self.v, self.o = (nn.Linear(w, w, bias=False) for _ in range(4))
        self.gate, self.up, self.down = nn.Linear(w, h, bias=False), nn.Linear(w, h, bias=False), nn.Linear(h, w, bias=False)

    def forward(self, x, rotation, bias, cache=None):
        b, t, w = x.shape
        y = F.rms_norm(x, (w,), self.attention_norm, self.epsilon)
        q, k, v = (m(y).view(b, t, self.heads, -1).transpose(1, 2) for m in (self.q, self.k, self.v))
        q, k = rotate(q, rotation), rotate(k, rotation)
        if cache is not None:  # generation: see sample.py
            k, v = cache(k, v)
        # Written out: compiled, it takes less than half the time of PyTorch's own attention on a CPU.
        share = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2) + bias
        y = torch.softmax(share, -1, dtype=torch.float32).to(v.dtype) @ v
        x = x + self.o(y.transpose(1, 2).reshape(b, t, w))
        y = F.rms_norm(x, (w,), self.feed_norm, self.epsilon)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


def rotate(x, rotation):
    """Neighbouring pairs turn together, as llama.cpp has it for this architecture (no permutation at export)."""
    cos, sin = rotation
    a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2).to(x.dtype)


class Llama(nn.Module):
    def __init__(self, shape: settings.Shape):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(settings.VOCABULARY, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.width))
        if shape.speaks:
            self.early_norm = nn.Parameter(torch.ones(shape.width))
        half = shape.width // shape.heads // 2
        angle = torch.outer(torch.arange(settings.CONTEXT).float(), shape.rope_base ** (-torch.arange(half) / half))
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        for name, p in self.named_parameters():
            if p.ndim == 2:
                deep = name.endswith(("o.weight", "down.weight"))
                nn.init.normal_(p, std=0.02 / (2 * shape.layers) ** 0.5 if deep else 0.02)

    def forward(self, tokens, bias=None, positions=None, caches=None, both=False):
        """The last layer's output; `logits` makes of it what is wanted. `bias` is 0 where a token may look, else HIDDEN.

        `both`: and the output that language is read off in training, which may be an earlier layer's.
        """
        if bias is None:
            length = tokens.shape[1]
            bias = torch.full((length, length), HIDDEN, device=tokens.device).triu(1)
        if positions is None:
            rotation = self.cos[: tokens.shape[1]], self.sin[: tokens.shape[1]]
        else:
            rotation = self.cos[positions].unsqueeze(1), self.sin[positions].unsqueeze(1)
        x = early = self.embedding(tokens)
        for i, block in enumerate(self.blocks):
            x = block(x, rotation, bias, caches[i] if caches else None)
            if i + 1 == self.shape.speaks:
                early = F.rms_norm(x, (self.shape.width,), self.early_norm, self.shape.epsilon)
        x = F.rms_norm(x, (self.shape.width,), self.norm, self.shape.epsilon)
        return (x, early if self.shape.speaks else x) if both else x

    @torch.no_grad()
    def grow(self, weights):
        """Takes over a model with fewer layers; the new ones on top pass everything through until they learn."""
        if self.shape.speaks and "early_norm" not in weights:
            weights = weights | {"early_norm": weights["norm"].clone()}
        missing, unexpected = self.load_state_dict(weights, strict=False)
        assert not unexpected
        for name, p in self.named_parameters():
            if name in missing and name.endswith(("o.weight", "down.weight")):
                p.zero_()

    def logits(self, x):
        return F.linear(x, self.embedding.weight)
