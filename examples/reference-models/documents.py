"""From documents to rows of one length: first fit, every document attending to itself only.

A document is (tokens, read, mark): `read` weighs the language-model loss of a token, `mark` is the verifier's
target after a token (a share between 0 and 1, or NONE), `weigh` what that target counts.
"""

from typing import Iterator, NamedTuple

import numpy as np
import torch

import settings
from model import HIDDEN
from settings import work

NONE = -1.0


class Document(NamedTuple):
    tokens: np.ndarray
    read: np.ndarray | None = None
    mark: np.ndarray | None = None
    weigh: np.ndarray | None = None


def plain(cursor: int = 0) -> Iterator[Document]:
    """The tokenised training text, in its shuffled order, from document `cursor` on, for ever."""
    file = np.load(work("train.npz"))
    tokens, starts = file["tokens"], file["starts"]
    while True:
        i = cursor % (len(starts) - 1)
        yield Document(tokens[starts[i] : starts[i + 1]])
        cursor += 1


class Rows:
    """Batches of packed rows; `used` counts the documents taken, so that training can go on from there."""

    def __init__(self, source: Iterator[Document], batch: int, pool: int = 96, row: int = settings.ROW):
        self.source, self.batch, self.pool, self.used, self.length = source, batch, pool, 0, row
        self.open: list[tuple[int, list[Document]]] = []

    def row(self) -> list[Document]:
        while True:
            document = next(self.source)
            self.used += 1
            length = len(document.tokens)
            if length > self.length + 1:
                continue
            for i, (filled, documents) in enumerate(self.open):
                if filled + length <= self.length + 1:
                    documents.append(document)
                    self.open[i] = (filled + length, documents)
                    break
            else:
                self.open.append((length, [document]))
            if len(self.open) > self.pool:
                fullest = max(range(len(self.open)), key=lambda i: self.open[i][0])
                return self.open.pop(fullest)[1]

    def next(self) -> dict[str, torch.Tensor]:
        width = self.length + 1
        tokens = np.zeros((self.batch, width), np.int64)
        owner = np.zeros((self.batch, width), np.int64)
        read = np.zeros((self.batch, width), np.float32)
        mark = np.full((self.batch, width), NONE, np.float32)
        weigh = np.zeros((self.batch, width), np.float32)
        for b in range(self.batch):
            at = 0
            for number, d in enumerate(self.row(), 1):
                end = at + len(d.tokens)
                tokens[b, at:end], owner[b, at:end] = d.tokens, number
                read[b, at + 1 : end] = 1 if d.read is None else d.read[1:]
                if d.mark is not None:
                    mark[b, at:end] = d.mark
                    weigh[b, at:end] = d.weigh
                at = end
        owner = torch.from_numpy(owner)[:, :-1]
        may = (owner[:, :, None] == owner[:, None, :]) & torch.ones(width - 1, width - 1, dtype=torch.bool).tril()
        return {
            "input": torch.from_numpy(tokens[:, :-1]),
            "target": torch.from_numpy(tokens[:, 1:]),
            "read": torch.from_numpy(read[:, 1:]),
            "bias": torch.zeros(may.shape).masked_fill(~may, HIDDEN)[:, None],
            "mark": torch.from_numpy(mark[:, :-1]),
            "weigh": torch.from_numpy(weigh[:, :-1]),
        }
