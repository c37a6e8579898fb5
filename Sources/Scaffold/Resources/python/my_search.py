from stratagem import N, TEMPERATURE, Done, Role, Sample, Score, Strategy, StrategyError


class MySearch(Strategy):
    """Best-of-N: sample N whole answers, let the verifier score them, and take the one with the
    best vote. A state machine: `next` is called with the results of the last batch of asks, and
    says what to do next."""

    id = "org.example.my-search"
    name = "my-search"
    version = "0.1.0"
    summary = "N whole answers, chosen by the verifier"
    params = [N, TEMPERATURE]
    roles = [Role("model", "policy", "samples the answers"), Role("verifier", "prm", "scores them")]

    def __init__(self, setup):
        setup.require_verifier()
        self.root = setup.root
        self.n = setup.generations()
        self.temperature = setup["temperature"]
        self.answers = []

    def next(self, host, tell):
        if tell.starts:
            return [Sample(self.root, self.n, temperature=self.temperature)]
        if not self.answers:
            samples = host.harvest(tell)
            self.answers = samples.finished
            if not self.answers and samples.model_failed:
                raise StrategyError("the model failed before it finished an answer")
            # A node without an answer cannot win, so the verifier need not read it.
            votes = [node for node in self.answers if host.node(node).answer is not None]
            if votes and not tell.stops:
                return [Score(votes)]
        return Done(host.rank(self.answers))
