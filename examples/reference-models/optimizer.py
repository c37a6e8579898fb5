"""Muon for the matrices, AdamW for embeddings and norms."""

import torch

from settings import FAST


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal by five Newton-Schulz steps. Blocks of one shape go through them together."""

    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            shapes = {}
            for p in group["params"]:
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                m.mul_(group["momentum"]).add_(p.grad)
                shapes.setdefault(p.shape, []).append((p, p.grad.add(m, alpha=group["momentum"])))
            for shape, pairs in shapes.items():
                updates = orthogonal(torch.stack([g for _, g in pairs]))
                lr = group["lr"] * max(1.0, shape[0] / shape[1]) ** 0.5
                for (p, _), u in zip(pairs, updates):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(u, alpha=-lr)


def orthogonal(g: torch.Tensor) -> torch.Tensor:
    tall = g.shape[-2] > g.shape[-1]
    x = g.mT if tall else g
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    x = x.bfloat16() if FAST else x  # for a matrix of 256 rows and more this is a third of the step's time
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).float()


def optimizers(model) -> list[torch.optim.Optimizer]:
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embedding" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embedding" in n]
    made = [Muon(matrices), torch.optim.AdamW(others, lr=4e-3, betas=(0.9, 0.95), weight_decay=0.0, fused=True)]
    for o in made:
        for group in o.param_groups:
            group["full_lr"] = group["lr"]
    return made
