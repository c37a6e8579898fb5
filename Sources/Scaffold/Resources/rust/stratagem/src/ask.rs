use crate::{abi, Node};

/// How tokens are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Sampling {
    pub temperature: f64,
    /// 0 is off.
    pub top_p: f64,
    /// 0 is off.
    pub min_p: f64,
    /// 0: as far as the context reaches.
    pub max_tokens: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Sampling { temperature: 0.8, top_p: 0.0, min_p: 0.0, max_tokens: 0 }
    }
}

/// The value of a parameter of a strategy to run.
#[derive(Clone, Debug)]
pub enum Value {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(String),
}

/// One thing that a strategy wants done. The kit numbers the asks of a batch: `tell.told[i]`
/// is what came of the i-th.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Continue `node` `count` times: through `steps` steps, or to the end of the answer if 0.
    Sample { node: Node, count: u32, steps: u32, sampling: Sampling, role: String },
    /// Let the verifier value `nodes`. Scoring a node again costs nothing.
    Score { nodes: Vec<Node>, role: String },
    /// Put `text` after `node`, as if the model had written it.
    Append { node: Node, text: String, role: String },
    /// A new root that shows the model a problem and earlier attempts, oldest first.
    Revise { attempts: Vec<Node>, problem: u32, role: String },
    /// Run another strategy on `share` of what is left of the budget; the limits are off at 0.
    Run { strategy: String, params: Vec<(String, Value)>, problem: u32, share: f64, max_generations: u64, max_tokens: u64 },
}

impl Ask {
    /// Whole answers.
    pub fn sample(node: Node, count: u32, sampling: Sampling) -> Ask {
        Ask::Sample { node, count, steps: 0, sampling, role: String::new() }
    }

    pub fn sample_steps(node: Node, count: u32, steps: u32, sampling: Sampling) -> Ask {
        Ask::Sample { node, count, steps, sampling, role: String::new() }
    }

    pub fn append(node: Node, text: impl Into<String>) -> Ask {
        Ask::Append { node, text: text.into(), role: String::new() }
    }

    pub fn score(nodes: Vec<Node>) -> Ask {
        Ask::Score { nodes, role: String::new() }
    }
}

/// In a ranking, best first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// A finished node.
    pub node: Node,
    /// What it adds to the vote for its answer: at least 0, finite.
    pub weight: f64,
}

/// What a turn came to.
#[derive(Clone, Debug)]
pub enum Next {
    /// A batch. An empty one is called again at once, a hundred times at most.
    Asks(Vec<Ask>),
    /// The answers, best first. May be empty.
    Done(Vec<Answer>),
}

/// What `next` returned, in C's layout: it stays until the next call.
pub(crate) struct Outbox {
    next: Next,
    asks: Vec<abi::Ask>,
    named: Vec<Vec<abi::NamedValue>>,
    answers: Vec<abi::Answer>,
    pub(crate) state: Vec<u8>,
}

impl Outbox {
    pub(crate) fn new() -> Outbox {
        Outbox { next: Next::Done(Vec::new()), asks: Vec::new(), named: Vec::new(), answers: Vec::new(), state: Vec::new() }
    }

    pub(crate) fn fill(&mut self, next: Next, out: &mut abi::Next) {
        self.next = next; // never touched again: the raw asks point into it
        self.asks.clear();
        self.named.clear();
        self.answers.clear();
        match &self.next {
            Next::Asks(batch) => {
                for (tag, ask) in batch.iter().enumerate() {
                    let named = ask.named();
                    let mut raw = ask.raw();
                    raw.tag = tag as u64;
                    raw.param_count = named.len();
                    raw.params = if named.is_empty() { std::ptr::null() } else { named.as_ptr() };
                    self.named.push(named); // moves the vector, not what it holds
                    self.asks.push(raw);
                }
                out.kind = abi::NEXT_ASKS;
                out.asks = if self.asks.is_empty() { std::ptr::null() } else { self.asks.as_ptr() };
                out.ask_count = self.asks.len();
            }
            Next::Done(ranking) => {
                self.answers.extend(ranking.iter().map(|answer| abi::Answer { node: answer.node.0, weight: answer.weight }));
                out.kind = abi::NEXT_DONE;
                out.answers = if self.answers.is_empty() { std::ptr::null() } else { self.answers.as_ptr() };
                out.answer_count = self.answers.len();
            }
        }
    }
}

impl Ask {
    fn raw(&self) -> abi::Ask {
        let mut raw = abi::Ask {
            struct_size: std::mem::size_of::<abi::Ask>() as u32, kind: 0, tag: 0, role: abi::Str::EMPTY, node: 0, count: 0,
            steps: 0, max_tokens: 0, problem: 0, temperature: 0.0, top_p: 0.0, min_p: 0.0, nodes: std::ptr::null(), node_count: 0,
            text: abi::Str::EMPTY, params: std::ptr::null(), param_count: 0, share: 0.0, max_generations: 0, max_tokens_total: 0,
        };
        match self {
            Ask::Sample { node, count, steps, sampling, role } => {
                raw.kind = abi::ASK_SAMPLE;
                (raw.node, raw.count, raw.steps, raw.max_tokens) = (node.0, *count, *steps, sampling.max_tokens);
                (raw.temperature, raw.top_p, raw.min_p) = (sampling.temperature, sampling.top_p, sampling.min_p);
                raw.role = abi::Str::new(role.as_bytes());
            }
            Ask::Score { nodes, role } => {
                raw.kind = abi::ASK_SCORE;
                (raw.nodes, raw.node_count) = Ask::list(nodes);
                raw.role = abi::Str::new(role.as_bytes());
            }
            Ask::Append { node, text, role } => {
                (raw.kind, raw.node) = (abi::ASK_APPEND, node.0);
                raw.text = abi::Str::new(text.as_bytes());
                raw.role = abi::Str::new(role.as_bytes());
            }
            Ask::Revise { attempts, problem, role } => {
                (raw.kind, raw.problem) = (abi::ASK_REVISE, *problem);
                (raw.nodes, raw.node_count) = Ask::list(attempts);
                raw.role = abi::Str::new(role.as_bytes());
            }
            Ask::Run { strategy, problem, share, max_generations, max_tokens, .. } => {
                (raw.kind, raw.problem, raw.share) = (abi::ASK_RUN, *problem, *share);
                (raw.max_generations, raw.max_tokens_total) = (*max_generations, *max_tokens);
                raw.text = abi::Str::new(strategy.as_bytes());
            }
        }
        raw
    }

    fn list(nodes: &[Node]) -> (*const u64, usize) {
        // Node is a transparent u64.
        (if nodes.is_empty() { std::ptr::null() } else { nodes.as_ptr().cast() }, nodes.len())
    }

    fn named(&self) -> Vec<abi::NamedValue> {
        let Ask::Run { params, .. } = self else { return Vec::new() };
        params.iter().map(|(name, value)| {
            let mut raw = abi::Value::NONE;
            match value {
                Value::Int(value) => (raw.kind, raw.i) = (abi::VALUE_INT, *value),
                Value::Float(value) => (raw.kind, raw.f) = (abi::VALUE_FLOAT, *value),
                Value::Bool(value) => (raw.kind, raw.i) = (abi::VALUE_BOOL, (*value).into()),
                Value::Text(value) => (raw.kind, raw.s) = (abi::VALUE_TEXT, abi::Str::new(value.as_bytes())),
            }
            abi::NamedValue { name: abi::Str::new(name.as_bytes()), value: raw }
        }).collect()
    }
}
