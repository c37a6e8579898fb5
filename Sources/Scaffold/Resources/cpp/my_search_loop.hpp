#ifndef MY_SEARCH_LOOP_HPP
#define MY_SEARCH_LOOP_HPP

#include "stratagem.hpp"

/// The same search written as one coroutine. Searches of many rounds read best like this; it
/// needs C++20, and such a strategy cannot be saved.
class MySearchLoop {
public:
    static stratagem::Info info() {
        return {"org.example.my-search-loop", "my-search-loop", "0.1.0",
                "N whole answers, chosen by the verifier; written as one coroutine",
                {stratagem::Param::n(), stratagem::Param::temperature()}, false,
                {stratagem::Role::model("policy", "samples the answers"), stratagem::Role::verifier("prm", "scores them")}};
    }

    explicit MySearchLoop(const stratagem::Setup &setup) : host(setup.host), root(setup.root()), n(setup.generations()) {
        sampling.temperature = setup.real("temperature").value_or(0.8);
        setup.require_verifier();
    }

    stratagem::Search search(stratagem::Asker ask) {
        const stratagem::Tell &tell = co_await ask(stratagem::Ask::sample(root, n, 0, sampling));
        stratagem::Harvest samples = host.harvest(tell);
        answers = samples.finished;
        if (answers.empty() && samples.model_failed) throw stratagem::Error("the model failed before it finished an answer");
        std::vector<stratagem::Node> votes;
        for (stratagem::Node node : answers)
            if (host.node(node)->answer()) votes.push_back(node);
        if (!votes.empty()) co_await ask(stratagem::Ask::score(votes));
    }

    /// Also called when the run is stopped early, with the results so far.
    std::vector<stratagem::Answer> answer() const { return host.rank(answers, stratagem::Selection::weighted); }

private:
    stratagem::Host host;
    stratagem::Node root;
    std::uint32_t n;
    stratagem::Sampling sampling;
    std::vector<stratagem::Node> answers;
};

#endif // MY_SEARCH_LOOP_HPP
