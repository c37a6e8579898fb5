use crate::{abi, Error, Param};
use std::marker::PhantomData;

/// Names a node of the search tree. Never reused within a run.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(pub u64);

/// What is known of a node. Its texts are the host's: valid in this call.
pub struct NodeInfo<'call> {
    pub node: Node,
    raw: abi::NodeInfo,
    texts: PhantomData<&'call [u8]>,
}

impl<'call> NodeInfo<'call> {
    /// Ended by the model.
    pub fn is_finished(&self) -> bool { self.raw.flags & abi::NODE_FINISHED != 0 }
    /// Cut by a token limit: neither an answer nor a step.
    pub fn is_truncated(&self) -> bool { self.raw.flags & abi::NODE_TRUNCATED != 0 }
    /// Can be continued.
    pub fn is_open(&self) -> bool { self.raw.flags & (abi::NODE_FINISHED | abi::NODE_TRUNCATED) == 0 }
    /// The verifier's value for its last step. One that answered anything outside 0…1 has not scored it.
    pub fn score(&self) -> Option<f64> {
        (self.raw.flags & abi::NODE_SCORED != 0 && (0.0..=1.0).contains(&self.raw.score)).then_some(self.raw.score)
    }
    /// Canonical: equal answers are equal bytes.
    pub fn answer(&self) -> Option<&'call [u8]> {
        // The host keeps it for this call, which 'call does not outlive.
        (self.raw.flags & abi::NODE_ANSWERED != 0).then(|| unsafe { self.raw.answer.bytes() })
    }
    /// Of this node alone, without its prefix.
    pub fn text(&self) -> &'call [u8] { unsafe { self.raw.text.bytes() } }
    pub fn parent(&self) -> Option<Node> { (self.raw.parent != 0).then_some(Node(self.raw.parent)) }
    pub fn problem(&self) -> u32 { self.raw.problem }
    /// Steps below its root.
    pub fn depth(&self) -> u32 { self.raw.depth }
    pub fn steps(&self) -> u32 { self.raw.steps }
    pub fn tokens(&self) -> u32 { self.raw.tokens }
    pub fn log_probability(&self) -> f64 { self.raw.log_probability }
}

/// What may be spent, and was. None: the run has no such limit.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    pub generations: Option<u64>,
    pub tokens: Option<u64>,
    pub flops: Option<f64>,
    pub seconds: Option<f64>,
    pub generations_spent: u64,
    pub tokens_spent: u64,
    pub flops_spent: f64,
    /// Not repeatable.
    pub seconds_spent: f64,
}

impl Budget {
    pub fn generations_left(&self) -> Option<u64> {
        self.generations.map(|limit| limit.saturating_sub(self.generations_spent))
    }
}

#[derive(Clone, Copy, Debug)]
#[repr(i32)]
pub enum Level {
    Debug = 0,
    Info = 1,
    Warning = 2,
    Error = 3,
    HostMisbehaving = 4,
}

/// The host, for one call. It cannot be kept, and neither can what it hands out.
pub struct Host<'call> {
    pub(crate) raw: &'call abi::Host,
    // Host functions belong to the thread of the call.
    here: PhantomData<*const ()>,
}

impl<'call> Host<'call> {
    pub(crate) fn new(raw: &'call abi::Host) -> Host<'call> {
        Host { raw, here: PhantomData }
    }

    pub fn node(&self, node: Node) -> Option<NodeInfo<'_>> {
        // Every field is a number or a pointer: zero is a value of each.
        let mut raw: abi::NodeInfo = unsafe { std::mem::zeroed() };
        raw.struct_size = std::mem::size_of::<abi::NodeInfo>() as u32;
        let status = unsafe { (self.raw.get_node)(self.raw, node.0, &mut raw) };
        (status == abi::OK).then_some(NodeInfo { node, raw, texts: PhantomData })
    }

    /// Of all steps from the root to the end of `node`, oldest first; NaN where a step was not scored.
    pub fn step_scores(&self, node: Node) -> Vec<f64> {
        let mut count = 0;
        if unsafe { (self.raw.step_scores)(self.raw, node.0, std::ptr::null_mut(), 0, &mut count) } != abi::OK || count == 0 {
            return Vec::new();
        }
        let mut values = vec![f64::NAN; count];
        let mut found = 0;
        let status = unsafe { (self.raw.step_scores)(self.raw, node.0, values.as_mut_ptr(), count, &mut found) };
        if status == abi::OK { values } else { Vec::new() }
    }

    pub fn budget(&self) -> Budget {
        let mut raw: abi::Budget = unsafe { std::mem::zeroed() };
        raw.struct_size = std::mem::size_of::<abi::Budget>() as u32;
        unsafe { (self.raw.get_budget)(self.raw, &mut raw) };
        let limit = |value| (value != abi::UNLIMITED).then_some(value);
        let finite = |value: f64| value.is_finite().then_some(value);
        Budget {
            generations: limit(raw.generations), tokens: limit(raw.tokens), flops: finite(raw.flops), seconds: finite(raw.seconds),
            generations_spent: raw.generations_spent, tokens_spent: raw.tokens_spent, flops_spent: raw.flops_spent,
            seconds_spent: raw.seconds_spent,
        }
    }

    /// How many more samples of so many steps (0: to the end of the answer) the limit of generations
    /// allows from a node; None: there is no such limit. The asks of one batch share what is left.
    pub fn generations_left(&self, node: Node, steps: u32) -> Option<u64> {
        let function = match self.raw.generations_left {
            Some(function) if self.raw.struct_size as usize >= std::mem::size_of::<abi::Host>() => function,
            // A host of ABI 1.0 only knows what is left at the fullest depth.
            _ => return self.budget().generations_left(),
        };
        let mut count = 0;
        let status = unsafe { function(self.raw, node.0, steps, &mut count) };
        (status == abi::OK && count != abi::UNLIMITED).then_some(count)
    }

    /// The only source of chance that keeps "same seed, same answer".
    pub fn random(&self) -> u64 { unsafe { (self.raw.random)(self.raw) } }

    pub fn has_role(&self, role: &str) -> bool {
        unsafe { (self.raw.has_role)(self.raw, abi::Str::new(role.as_bytes())) != 0 }
    }

    pub fn log(&self, level: Level, line: &str) {
        unsafe { (self.raw.log)(self.raw, level as i32, abi::Str::new(line.as_bytes())) }
    }

    /// An extension's table, if the host has it.
    pub fn extension(&self, id: &str) -> *const std::ffi::c_void {
        unsafe { (self.raw.get_extension)(self.raw, abi::Str::new(id.as_bytes())) }
    }

    pub(crate) fn set_error(&self, status: i32, why: &str) {
        unsafe { (self.raw.set_error)(self.raw, status, abi::Str::new(why.as_bytes())) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The first turn: nothing was asked yet.
    Start,
    /// Every ask of the last batch is answered.
    Results,
    /// The run is over: `Next::Done` with the best so far is the only right reply.
    Stop,
}

/// How far an ask was carried out. Nodes are told whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Truncated,
    ModelFailed,
    VerifierFailed,
    BudgetExhausted,
    Cancelled,
    RunFailed,
    /// Of a later version: take the nodes, expect no more.
    Unknown,
}

#[derive(Clone, Debug)]
pub struct Told {
    pub outcome: Outcome,
    pub nodes: Vec<Node>,
}

/// What came of the last batch, one element an ask.
#[derive(Clone, Debug)]
pub struct Tell {
    pub event: Event,
    pub told: Vec<Told>,
}

impl Tell {
    pub fn contains(&self, outcome: Outcome) -> bool { self.told.iter().any(|told| told.outcome == outcome) }

    /// # Safety
    /// As the host passes it.
    pub(crate) unsafe fn copy(raw: &abi::Tell) -> Tell {
        let event = match raw.event {
            abi::EVENT_START => Event::Start,
            abi::EVENT_RESULTS => Event::Results,
            _ => Event::Stop,
        };
        let mut told = Vec::with_capacity(if raw.told.is_null() { 0 } else { raw.told_count });
        for index in 0..told.capacity().min(raw.told_count) {
            if raw.told.is_null() { break }
            // The host may be of a later minor version, whose structs are longer.
            let step = (*raw.told).struct_size as usize;
            let one = &*raw.told.cast::<u8>().add(index * step).cast::<abi::Told>();
            let outcome = match one.outcome {
                0 => Outcome::Ok,
                1 => Outcome::Truncated,
                2 => Outcome::ModelFailed,
                3 => Outcome::VerifierFailed,
                4 => Outcome::BudgetExhausted,
                5 => Outcome::Cancelled,
                6 => Outcome::RunFailed,
                _ => Outcome::Unknown,
            };
            let nodes = if one.nodes.is_null() { &[] } else { std::slice::from_raw_parts(one.nodes.cast::<Node>(), one.node_count) };
            told.push(Told { outcome, nodes: nodes.to_vec() });
        }
        Tell { event, told }
    }
}

/// What a new run is about. Valid only inside `new`.
pub struct Setup<'call> {
    pub host: Host<'call>,
    pub(crate) raw: &'call abi::CreateInfo,
    pub(crate) params: &'static [Param],
}

impl<'call> Setup<'call> {
    /// One, unless the strategy takes batches.
    pub fn problem_count(&self) -> u32 { self.raw.problem_count }
    /// UTF-8.
    pub fn problem(&self, index: u32) -> &[u8] { unsafe { self.at(index).text.bytes() } }
    /// The policy's prompt for it.
    pub fn root(&self, index: u32) -> Node { Node(self.at(index).root) }

    fn at(&self, index: u32) -> &abi::Problem {
        assert!(index < self.raw.problem_count, "there is no problem number {index}");
        unsafe {
            let step = (*self.raw.problems).struct_size as usize;
            &*self.raw.problems.cast::<u8>().add(index as usize * step).cast::<abi::Problem>()
        }
    }

    fn value(&self, id: &str, kind: i32) -> Result<Option<abi::Value>, Error> {
        let Some(index) = self.params.iter().position(|param| param.id == id) else {
            return Err(Error::new(format!("parameter {id} is not in the strategy's table")));
        };
        if index >= self.raw.param_count { return Err(Error::with_status(abi::INVALID_ARGUMENT, "too few parameter values")); }
        let value = unsafe { *self.raw.params.add(index) };
        match value.kind {
            abi::VALUE_NONE => Ok(None),
            found if found == kind => Ok(Some(value)),
            found => Err(Error::with_status(abi::INVALID_ARGUMENT, format!("parameter {id} came with a value of kind {found}"))),
        }
    }

    /// The value that the user gave, or the default; None if there is neither.
    pub fn integer(&self, id: &str) -> Result<Option<i64>, Error> { Ok(self.value(id, abi::VALUE_INT)?.map(|value| value.i)) }
    pub fn real(&self, id: &str) -> Result<Option<f64>, Error> { Ok(self.value(id, abi::VALUE_FLOAT)?.map(|value| value.f)) }
    pub fn flag(&self, id: &str) -> Result<Option<bool>, Error> { Ok(self.value(id, abi::VALUE_BOOL)?.map(|value| value.i != 0)) }
    pub fn text(&self, id: &str) -> Result<Option<&[u8]>, Error> { Ok(self.value(id, abi::VALUE_TEXT)?.map(|value| unsafe { value.s.bytes() })) }
    pub fn bytes(&self, id: &str) -> Result<Option<&[u8]>, Error> { Ok(self.value(id, abi::VALUE_BYTES)?.map(|value| unsafe { value.s.bytes() })) }

    /// N: what the parameter n says, else what the budget has, else 16; never more than the budget has
    /// left. At least one is asked for: it is the host that says when nothing fits.
    pub fn generations(&self) -> Result<u32, Error> {
        let left = self.host.budget().generations_left();
        let wanted = match self.integer("n")? {
            Some(n) => n.max(1) as u64,
            None => left.unwrap_or(16),
        };
        Ok(wanted.min(left.unwrap_or(wanted)).clamp(1, 4096) as u32)
    }

    /// Refuses the run if the bundle has no step verifier.
    pub fn require_verifier(&self) -> Result<(), Error> {
        if self.host.has_role("prm") { return Ok(()); }
        Err(Error::with_status(abi::UNSUPPORTED, "this bundle has no verifier (role prm): give one that has"))
    }
}
