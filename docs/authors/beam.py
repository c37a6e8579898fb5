from stratagem import N, TEMPERATURE, Param, Sample, Score, Strategy


class Beam(Strategy):
    """N steps per round; the best N/M of them are continued, M times each."""

    id = "org.example.beam"
    name = "beam"
    version = "0.1.0"
    summary = "N steps a round, the best N/M continued M times each; written as a loop"
    params = [N, TEMPERATURE, Param("width", "int", "M in the paper: continuations of each survivor", default=4, min=1, max=64)]

    def __init__(self, setup):
        setup.require_verifier()
        self.root, self.n = setup.root, setup.generations()
        self.temperature, self.width = setup["temperature"], setup["width"]
        self.answers = []

    def search(self, host):
        beams = [self.root]
        for _ in range(40):
            share = max(1, self.n // len(beams))
            steps = host.harvest((yield [Sample(beam, share, steps=1, temperature=self.temperature) for beam in beams]))
            self.answers += steps.finished
            if not steps.open + steps.finished:
                return
            yield [Score(steps.open + steps.finished)]
            if not steps.open or steps.out_of_budget:
                return
            scores = {step: host.node(step).score or 0.0 for step in steps.open}
            beams = sorted(steps.open, key=scores.get, reverse=True)[: max(1, self.n // self.width)]

    def answer(self, host):
        return host.rank(self.answers)
