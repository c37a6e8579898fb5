from stratagem import N, TEMPERATURE, Role, Sample, Score, Strategy, StrategyError


class MySearchLoop(Strategy):
    """The same search written as one generator. Searches of many rounds read best like this; the
    price is that such a strategy cannot be saved."""

    id = "org.example.my-search-loop"
    name = "my-search-loop"
    version = "0.1.0"
    summary = "N whole answers, chosen by the verifier; written as one generator"
    params = [N, TEMPERATURE]
    roles = [Role("model", "policy", "samples the answers"), Role("verifier", "prm", "scores them")]

    def __init__(self, setup):
        setup.require_verifier()
        self.root = setup.root
        self.n = setup.generations()
        self.temperature = setup["temperature"]
        self.answers = []

    def search(self, host):
        samples = host.harvest((yield [Sample(self.root, self.n, temperature=self.temperature)]))
        self.answers = samples.finished
        if not self.answers and samples.model_failed:
            raise StrategyError("the model failed before it finished an answer")
        votes = [node for node in self.answers if host.node(node).answer is not None]
        if votes:
            yield [Score(votes)]

    def answer(self, host):
        """Also called when the run is stopped early, with the results so far."""
        return host.rank(self.answers)
