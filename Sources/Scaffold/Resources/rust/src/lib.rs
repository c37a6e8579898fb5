mod looped;

use stratagem::{plugin, Ask, Error, Event, Host, Info, Loop, Next, Node, Param, Role, Sampling, Selection, Setup, Strategy, Tell};

/// Best-of-N: sample N whole answers, let the verifier score them, and take the one with the
/// best vote. A state machine: `next` is called with the results of the last batch of asks, and
/// says what to do next.
struct MySearch {
    root: Node,
    n: u32,
    sampling: Sampling,
    answers: Vec<Node>,
}

impl Strategy for MySearch {
    const INFO: Info = Info {
        id: "org.example.my-search",
        name: "my-search",
        version: "0.1.0",
        summary: "N whole answers, chosen by the verifier",
        params: &[Param::N, Param::TEMPERATURE],
        takes_batch: false,
        roles: &[Role::model("policy", "samples the answers"), Role::verifier("prm", "scores them")],
    };

    fn new(setup: &Setup) -> Result<Self, Error> {
        setup.require_verifier()?;
        let temperature = setup.real("temperature")?.unwrap_or(0.8);
        Ok(MySearch {
            root: setup.root(0),
            n: setup.generations()?,
            sampling: Sampling { temperature, ..Sampling::default() },
            answers: Vec::new(),
        })
    }

    fn next(&mut self, host: &Host, tell: &Tell) -> Result<Next, Error> {
        if tell.event == Event::Start {
            return Ok(Next::Asks(vec![Ask::sample(self.root, self.n, self.sampling)]));
        }
        if self.answers.is_empty() {
            let samples = host.harvest(tell);
            self.answers = samples.finished;
            if self.answers.is_empty() && samples.model_failed {
                return Err(Error::new("the model failed before it finished an answer"));
            }
            // A node without an answer cannot win, so the verifier need not read it.
            let has_answer = |node: &Node| host.node(*node).is_some_and(|info| info.answer().is_some());
            let votes: Vec<Node> = self.answers.iter().copied().filter(has_answer).collect();
            if tell.event == Event::Results && !votes.is_empty() {
                return Ok(Next::Asks(vec![Ask::score(votes)]));
            }
        }
        Ok(Next::Done(host.rank(&self.answers, Selection::Weighted)))
    }
}

// All strategies that this plugin offers. Keep the style that you like, and delete the other.
plugin!("my-search", "0.1.0", [MySearch, Loop<looped::MySearchLoop>]);
