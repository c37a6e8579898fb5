"""Strategies in Python: what kit/host.c and the strategy's own modules share.

A strategy is a class with a method `next`, or with a generator `search`. The host's C
functions reach it through `Boundary`, at the end; nothing that Python raises leaves that.
"""

# ABI 1.1: the numbers of stratagem.h.
OK, ERROR, INVALID_ARGUMENT, UNSUPPORTED = 0, 1, 2, 3
START, RESULTS = 1, 2
FINISHED, TRUNCATED, SCORED, ANSWERED = 1, 2, 4, 8
DEBUG, INFO, WARNING = 0, 1, 2
UNLIMITED = 2**64 - 1

# What came of an ask.
OUTCOMES = ("ok", "truncated", "model failed", "verifier failed", "budget exhausted", "cancelled", "run failed")


class StrategyError(Exception):
    """Why a strategy cannot go on, in words for the user."""

    def __init__(self, why, status=ERROR):
        super().__init__(why)
        self.status = status


# ------------------------------------------------------------------ parameters

class Param:
    """A row of a strategy's table: what people type, see and may set."""

    KINDS = {"int": 1, "float": 2, "bool": 3, "choice": 4, "text": 5, "file": 6}

    def __init__(self, id, kind, help, default=None, derived="", min=0, max=0, choices=(), required=False):
        if required and (default is not None or derived):
            raise ValueError(f"parameter {id} is required and has a default: it is one or the other")
        if kind not in self.KINDS:
            raise ValueError(f"parameter {id}: there is no kind {kind!r}; there are {', '.join(self.KINDS)}")
        self.id, self.kind, self.help, self.default, self.derived = id, kind, help, default, derived
        self.min, self.max, self.choices, self.required = min, max, tuple(choices), required


N = Param("n", "int", "answers to sample, never more than the budget has", derived="the budget's generations, else 16", min=1, max=4096)
TEMPERATURE = Param("temperature", "float", "of sampling; 0 takes the most likely token", default=0.8, min=0, max=10)


class Role:
    """A role of the bundle's that a strategy asks things of: kind is "model" or "verifier".

    Give it a name, or the id of the parameter that names it. It is needed, unless it is optional, or
    unless=(id, value) says that a parameter has a value with which it is not used.
    """

    def __init__(self, kind, name="", help="", named_by="", unless=("", ""), optional=False):
        if kind not in ("model", "verifier"):
            raise ValueError(f"a role is of kind model or verifier, not {kind!r}")
        if bool(name) == bool(named_by):
            raise ValueError("a role has a name, or a parameter that names it: give one of the two")
        self.flags = (1 if kind == "verifier" else 0) | (2 if optional else 0)
        self.name, self.help, self.named_by, self.unless = name, help, named_by, unless


# ------------------------------------------------------------------------ asks

def _whole(value, least, most, what):
    if not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{what} is {value!r}; it is a whole number from {least} to {most}")
    return value


def _nodes(nodes):
    """As C's array: a node is 64 bits."""
    return b"".join(_whole(node, 0, UNLIMITED, "a node").to_bytes(8, "little") for node in nodes)


def _raw(kind, role="", node=0, count=0, steps=0, max_tokens=0, problem=0, temperature=0.0, top_p=0.0, min_p=0.0,
         nodes=b"", text="", params=None, share=0.0, max_generations=0, max_tokens_total=0):
    small = 2**32 - 1
    return (kind, role.encode(), _whole(node, 0, UNLIMITED, "a node"), _whole(count, 0, small, "count"), _whole(steps, 0, small, "steps"),
            _whole(max_tokens, 0, small, "max_tokens"), _whole(problem, 0, small, "problem"), float(temperature), float(top_p),
            float(min_p), nodes, text.encode(), params or [], float(share), _whole(max_generations, 0, UNLIMITED, "max_generations"),
            _whole(max_tokens_total, 0, UNLIMITED, "max_tokens"))


def Sample(node, count=1, steps=0, temperature=0.8, top_p=0.0, min_p=0.0, max_tokens=0, role=""):
    """Continue `node` `count` times: through `steps` steps, or to the end of the answer if 0."""
    return _raw(1, role=role, node=node, count=count, steps=steps, temperature=temperature, top_p=top_p, min_p=min_p, max_tokens=max_tokens)


def Score(nodes, role=""):
    """Let the verifier value `nodes`. Scoring a node again costs nothing."""
    return _raw(2, role=role, nodes=_nodes(nodes))


def Append(node, text, role=""):
    """Put `text` after `node`, as if the model had written it."""
    return _raw(3, role=role, node=node, text=text)


def Revise(attempts, problem=0, role=""):
    """A new root that shows the model a problem and earlier attempts, oldest first."""
    return _raw(4, role=role, problem=problem, nodes=_nodes(attempts))


def Run(strategy, params=None, problem=0, share=1.0, max_generations=0, max_tokens=0):
    """Run another strategy, by id or short name, on `share` of what is left of the budget."""
    named = [(name.encode(), *_value(value)) for name, value in (params or {}).items()]
    return _raw(5, problem=problem, text=strategy, params=named, share=share, max_generations=max_generations, max_tokens_total=max_tokens)


def _value(value):
    """Kind, and the three places where C looks for it."""
    if isinstance(value, bool):
        return 3, int(value), 0.0, b""
    if isinstance(value, int):
        return 1, _whole(value, -2**63, 2**63 - 1, "a parameter"), 0.0, b""
    if isinstance(value, float):
        return 2, 0, value, b""
    return 4, 0, 0.0, str(value).encode()


class Done:
    """The end: pairs of a finished node and its weight in the vote, best first."""

    def __init__(self, ranking=()):
        self.ranking = [(_whole(node, 0, UNLIMITED, "a node"), float(weight)) for node, weight in ranking]


# ------------------------------------------------------------------------ tell

class Told:
    """The result of one ask: `outcome` is one of OUTCOMES, `nodes` are told whatever it says."""

    def __init__(self, outcome, nodes):
        self.outcome = OUTCOMES[outcome] if 0 <= outcome < len(OUTCOMES) else "unknown"
        self.nodes = nodes


class Tell:
    """What came of the last batch: tell[i] is for the i-th ask."""

    def __init__(self, event, told):
        self.starts = event == START
        # The run is over: Done with the best so far is the only right reply.
        self.stops = event not in (START, RESULTS)
        self._told = [Told(outcome, nodes) for outcome, nodes in told]

    def __len__(self):
        return len(self._told)

    def __getitem__(self, index):
        return self._told[index]


# ------------------------------------------------------------------------ host

class Node:
    """What is known of a node. A copy: it can be kept."""

    def __init__(self, id, raw):
        flags, parent, self.problem, self.depth, self.steps, self.tokens, self.log_probability, score, self.text, answer = raw
        self.id = id
        self.parent = parent or None
        self.is_finished = bool(flags & FINISHED)
        self.is_truncated = bool(flags & TRUNCATED)  # neither an answer nor a step
        self.is_open = not flags & (FINISHED | TRUNCATED)
        # A verifier that answered anything outside 0…1 has not scored it.
        self.score = score if flags & SCORED and 0 <= score <= 1 else None
        self.answer = answer if flags & ANSWERED else None  # bytes: equal answers are equal


class Budget:
    """What may be spent, and was. None: no such limit."""

    def __init__(self, generations, tokens, flops, seconds, generations_spent, tokens_spent, flops_spent, seconds_spent):
        self.generations = None if generations == UNLIMITED else generations
        self.tokens = None if tokens == UNLIMITED else tokens
        self.flops = flops if flops < float("inf") else None
        self.seconds = seconds if seconds < float("inf") else None
        self.generations_spent, self.tokens_spent, self.flops_spent = generations_spent, tokens_spent, flops_spent
        self.seconds_spent = seconds_spent  # not repeatable

    @property
    def generations_left(self):
        return None if self.generations is None else max(0, self.generations - self.generations_spent)


class Harvest:
    """Samples, sorted by what can be done with them. Truncated ones are left out."""

    def __init__(self):
        self.open, self.finished = [], []
        self.out_of_budget = self.model_failed = False


class Host:
    """The host, as a strategy sees it: usable inside __init__, next and search only."""

    def __init__(self, calls):
        self._calls = calls

    def node(self, id):
        raw = self._calls["get_node"](id)
        return None if raw is None else Node(id, raw)

    def step_scores(self, id):
        """Of all steps from the root to the end of a node, oldest first; NaN where a step was not scored."""
        return self._calls["step_scores"](id)

    @property
    def budget(self):
        return Budget(*self._calls["get_budget"]())

    def generations_left(self, id, steps=1):
        """How many more samples of so many steps (0: to the end of the answer) the limit of generations allows from
        a node; None: there is no such limit. The asks of one batch share what is left."""
        return self._calls["generations_left"](id, steps)

    def random(self):
        """64 bits from the run's seed: the only source of chance that keeps "same seed, same answer"."""
        return self._calls["random"]()

    def has_role(self, role):
        return bool(self._calls["has_role"](role))

    def log(self, line, level=INFO):
        self._calls["log"](level, str(line))

    def extension(self, id):
        """The address of an extension's table, for ctypes, or 0."""
        return self._calls["get_extension"](id)

    def harvest(self, tell):
        harvest = Harvest()
        for told in tell:
            if told.outcome in ("model failed", "verifier failed", "run failed"):
                harvest.model_failed = True
            elif told.outcome not in ("ok", "truncated"):
                harvest.out_of_budget = True
            for id in told.nodes:
                node = self.node(id)
                if node is not None and not node.is_truncated:
                    (harvest.finished if node.is_finished else harvest.open).append(id)
        return harvest

    def rank(self, ids, selection="weighted"):
        """Finished nodes by the vote of their answers: "weighted" by the sum of the scores, "naive" by the single
        best one, "majority" by the count, which decides without any score too. Ties go to the one seen first;
        within an answer the best score comes first; nodes without an answer come last."""
        groups, unanswered = {}, []
        for node in filter(None, map(self.node, ids)):
            if node.is_finished and node.answer is None:
                unanswered.append((node.id, 0.0))
            elif node.is_finished:
                groups.setdefault(node.answer, []).append(node)
        if all(node.score is None for group in groups.values() for node in group):
            selection = "majority"
        ranking = []
        for group in sorted(groups.values(), key=lambda group: _vote(group, selection), reverse=True):  # stable
            for place, node in enumerate(sorted(group, key=lambda node: -1.0 if node.score is None else node.score, reverse=True)):
                score = node.score or 0.0
                ranking.append((node.id, 1.0 if selection == "majority" else score if selection == "weighted" or place == 0 else 0.0))
        return ranking + unanswered


def _vote(group, selection):
    """Compared first by the vote, then, where no score speaks for it, by the count."""
    scores = [node.score for node in group if node.score is not None]
    if selection == "majority":
        return float(len(group)), 0.0
    if not scores:
        return -1.0, float(len(group))
    total = 0.0
    for score in scores:  # not sum(), which later Pythons round otherwise
        total += score
    return (total if selection == "weighted" else max(scores)), 0.0


class Setup:
    """What a new run is about: host, problems, and the parameters as setup["id"] (None: not given)."""

    def __init__(self, host, problems, values):
        self.host, self.problems, self._values = host, problems, values

    @property
    def problem(self):
        """Its text, as bytes of UTF-8; the first one of a batch."""
        return self.problems[0][0]

    @property
    def root(self):
        return self.problems[0][1]

    def __getitem__(self, id):
        if id not in self._values:
            raise StrategyError(f"parameter {id} is not in the strategy's table")
        return self._values[id]

    def generations(self):
        """N: what the parameter n says, else what the budget has, else 16; never more than the budget has left.
        At least one is asked for: it is the host that says when nothing fits."""
        left = self.host.budget.generations_left
        wanted = self["n"]
        if wanted is None:
            wanted = 16 if left is None else left
        return max(1, min(wanted, wanted if left is None else left, 4096))

    def require_verifier(self):
        if not self.host.has_role("prm"):
            raise StrategyError("this bundle has no verifier (role prm): give one that has", UNSUPPORTED)


# -------------------------------------------------------------------- strategy

class Strategy:
    """A search strategy: one object for each problem at work.

    Give it id, name, version, summary, params and roles, and one of the two:

        def next(self, host, tell):   # a turn: a list of asks, or Done(ranking)

        def search(self, host):       # all of it: tell = yield [asks]
        def answer(self, host):       # the ranking so far, also when the run was stopped

    A class with `save(self)` (bytes) and a class method `restore(cls, setup, state)` can be carried to another
    process between two turns; any bytes may come as a state: raise `bad_state()` where they do not fit.
    """

    id = name = version = summary = ""
    params = ()
    roles = ()
    takes_batch = False

    def __init__(self, setup):
        pass


def bad_state():
    return StrategyError("the saved state is damaged", INVALID_ARGUMENT)


class _Search:
    """Runs a generator a turn at a time."""

    def __init__(self, strategy):
        self.strategy, self.generator = strategy, None

    def next(self, host, tell):
        try:
            if self.generator is None:
                if tell.stops:
                    return Done()
                self.generator = self.strategy.search(host)
                return next(self.generator)
            asks = self.generator.send(tell)
            if not tell.stops:
                return asks
            self.generator.close()  # it asks for more, and nothing more will be done
        except StopIteration:
            pass
        return Done(self.strategy.answer(host))

    def close(self):
        if self.generator is not None:
            self.generator.close()


# -------------------------------------------------------------------- boundary

def start(calls, modules, classes):
    """What kit/host.c begins with."""
    return _guard(lambda: (OK, Boundary(calls, modules, classes), None))


def _guard(body):
    try:
        return body()
    except BaseException as error:
        return error.status if isinstance(error, StrategyError) else ERROR, _explain(error), None


def _explain(error):
    """What was raised, and the line of the strategy's that raised it."""
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith("<plugin>/") and code.co_filename != "<plugin>/stratagem.py":
            place = f" ({code.co_filename[9:]}, line {trace.tb_lineno}, in {code.co_name})"
        trace = trace.tb_next
    name = "" if isinstance(error, StrategyError) else type(error).__name__ + ": "
    try:
        return f"{name}{error}{'' if isinstance(error, StrategyError) else place}"
    except BaseException:
        return f"{name}(its text cannot be made){place}"


class Boundary:
    """What kit/host.c calls. Every method returns (OK, result, result) or (status, why, None)."""

    def __init__(self, calls, modules, classes):
        self._host = Host(calls)
        self._modules, self._loaded = dict(modules), {}
        self._classes = [getattr(self._module(module), name) for module, name in classes]

    def _module(self, name):
        """The plugin's own modules are found before any other, and by nobody else."""
        if name in self._loaded:
            return self._loaded[name]
        module = type(__builtins__["__import__"]("sys"))(name)
        self._loaded[name] = module
        if name == "stratagem":
            module.__dict__.update({key: value for key, value in globals().items() if not key.startswith("_")})
            return module
        module.__dict__["__builtins__"] = {**__builtins__, "__import__": self._import, "print": self._print}
        exec(compile(self._modules[name], f"<plugin>/{name}.py", "exec"), module.__dict__)
        return module

    def _import(self, name, globals=None, locals=None, names=(), level=0):
        if name == "stratagem" or name in self._modules:
            return self._module(name)
        return __builtins__["__import__"](name, globals, locals, names, level)

    def _print(self, *values, sep=" ", end="\n", file=None, flush=False):
        """A strategy has no terminal: what it prints is a line of the user's log, and at a level that is shown."""
        if file is None:
            self._host.log((" " if sep is None else sep).join(map(str, values)), WARNING)
        else:
            __builtins__["print"](*values, sep=sep, end=end, file=file, flush=flush)

    def create(self, index, problems, values, state):
        def body():
            cls = self._classes[index]
            setup = Setup(self._host, problems, {param.id: value for param, value in zip(cls.params, values)})
            strategy = cls(setup) if state is None else cls.restore(setup, state)
            return OK, _Search(strategy) if hasattr(cls, "search") else strategy, None
        return _guard(body)

    def next(self, strategy, event, told):
        def body():
            turn = strategy.next(self._host, Tell(event, told))
            if isinstance(turn, Done):
                return OK, 2, turn.ranking
            if not isinstance(turn, (list, tuple)) or not all(isinstance(ask, tuple) and len(ask) == 16 for ask in turn):
                raise TypeError("a turn is a list of asks (Sample, Score, …) or Done(ranking); it is " + repr(turn)[:80])
            return OK, 1, list(turn)
        return _guard(body)

    def save(self, strategy):
        return _guard(lambda: (OK, bytes(strategy.save()), None))

    def close(self, strategy):
        return _guard(lambda: (OK, strategy.close() if isinstance(strategy, _Search) else None, None))
