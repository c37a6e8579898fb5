use stratagem::{Answer, Ask, Asker, Error, Host, Info, Node, Param, Role, Sampling, Search, Selection, Setup};

/// The same search written as one async function. Searches of many rounds read best like this;
/// the price is that such a strategy cannot be saved.
pub struct MySearchLoop {
    root: Node,
    n: u32,
    sampling: Sampling,
    answers: Vec<Node>,
}

impl Search for MySearchLoop {
    const INFO: Info = Info {
        id: "org.example.my-search-loop",
        name: "my-search-loop",
        version: "0.1.0",
        summary: "N whole answers, chosen by the verifier; written as one function",
        params: &[Param::N, Param::TEMPERATURE],
        takes_batch: false,
        roles: &[Role::model("policy", "samples the answers"), Role::verifier("prm", "scores them")],
    };

    fn new(setup: &Setup) -> Result<Self, Error> {
        setup.require_verifier()?;
        let temperature = setup.real("temperature")?.unwrap_or(0.8);
        Ok(MySearchLoop {
            root: setup.root(0),
            n: setup.generations()?,
            sampling: Sampling { temperature, ..Sampling::default() },
            answers: Vec::new(),
        })
    }

    async fn search(&mut self, ask: Asker) -> Result<(), Error> {
        let tell = ask.one(Ask::sample(self.root, self.n, self.sampling)).await?;
        let samples = ask.with(|host| host.harvest(&tell));
        self.answers = samples.finished;
        if self.answers.is_empty() && samples.model_failed {
            return Err(Error::new("the model failed before it finished an answer"));
        }
        let votes = ask.with(|host| {
            let has_answer = |node: &Node| host.node(*node).is_some_and(|info| info.answer().is_some());
            self.answers.iter().copied().filter(has_answer).collect::<Vec<Node>>()
        });
        if !votes.is_empty() {
            ask.one(Ask::score(votes)).await?;
        }
        Ok(())
    }

    /// Also called when the run is stopped early, with the results so far.
    fn answer(&self, host: &Host) -> Vec<Answer> {
        host.rank(&self.answers, Selection::Weighted)
    }
}
