use crate::{Answer, Host, Node, Outcome, Tell};
use std::collections::HashMap;

/// How the final answer is chosen among finished ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// The answer with the largest sum of scores (best-of-N weighted).
    Weighted,
    /// The answer of the single best score.
    Naive,
    /// The answer that was given most often.
    Majority,
}

/// What a batch of samples came to, sorted by what can be done with it.
#[derive(Clone, Debug, Default)]
pub struct Harvest {
    /// Steps that can be continued.
    pub open: Vec<Node>,
    /// Ended by the model.
    pub finished: Vec<Node>,
    pub out_of_budget: bool,
    pub model_failed: bool,
}

impl Host<'_> {
    /// Sorts the samples of a tell. Truncated ones are left out: a cut step is neither an
    /// answer nor something to go on from.
    pub fn harvest(&self, tell: &Tell) -> Harvest {
        let mut harvest = Harvest::default();
        for told in &tell.told {
            match told.outcome {
                Outcome::Ok | Outcome::Truncated => {}
                Outcome::ModelFailed | Outcome::VerifierFailed | Outcome::RunFailed => harvest.model_failed = true,
                Outcome::BudgetExhausted | Outcome::Cancelled | Outcome::Unknown => harvest.out_of_budget = true,
            }
            for &node in &told.nodes {
                match self.node(node) {
                    Some(info) if info.is_finished() => harvest.finished.push(node),
                    Some(info) if info.is_open() => harvest.open.push(node),
                    _ => {}
                }
            }
        }
        harvest
    }

    /// Finished nodes by the vote of their answers, ties to the one seen first; within an answer by
    /// score. Without any score the count decides. Nodes without an answer come last.
    pub fn rank(&self, nodes: &[Node], selection: Selection) -> Vec<Answer> {
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut unanswered = Vec::new();
        for &node in nodes {
            let Some(info) = self.node(node).filter(|info| info.is_finished()) else { continue };
            let Some(answer) = info.answer() else {
                unanswered.push(Answer { node, weight: 0.0 });
                continue;
            };
            let place = *places.entry(answer.to_vec()).or_insert(groups.len());
            if place == groups.len() { groups.push(Group::default()); }
            groups[place].add(node, info.score());
        }
        let selection = if groups.iter().any(|group| group.best.is_some()) { selection } else { Selection::Majority };
        // A stable sort: ties stay in the order seen.
        groups.sort_by(|a, b| b.value(selection).partial_cmp(&a.value(selection)).unwrap_or(std::cmp::Ordering::Equal));
        let mut ranking: Vec<Answer> = groups.iter_mut().flat_map(|group| group.answers(selection)).collect();
        ranking.extend(unanswered);
        ranking
    }
}

/// The nodes of one answer.
#[derive(Default)]
struct Group {
    members: Vec<(Node, Option<f64>)>,
    sum: f64,
    best: Option<f64>,
}

impl Group {
    fn add(&mut self, node: Node, score: Option<f64>) {
        self.members.push((node, score));
        if let Some(score) = score {
            self.sum += score;
            self.best = Some(self.best.map_or(score, |best| best.max(score)));
        }
    }

    /// Compared first by the vote, then, where no score speaks for it, by the count.
    fn value(&self, selection: Selection) -> (f64, f64) {
        let count = self.members.len() as f64;
        match (selection, self.best) {
            (Selection::Majority, _) => (count, 0.0),
            (_, None) => (-1.0, count),
            (Selection::Weighted, _) => (self.sum, 0.0),
            (Selection::Naive, Some(best)) => (best, 0.0),
        }
    }

    fn answers(&mut self, selection: Selection) -> Vec<Answer> {
        self.members.sort_by(|a, b| b.1.unwrap_or(-1.0).total_cmp(&a.1.unwrap_or(-1.0)));
        self.members.iter().enumerate().map(|(place, &(node, score))| {
            let weight = match selection {
                Selection::Majority => 1.0,
                Selection::Weighted => score.unwrap_or(0.0),
                Selection::Naive => if place == 0 { score.unwrap_or(0.0) } else { 0.0 },
            };
            Answer { node, weight }
        }).collect()
    }
}
