#include "my_search_loop.hpp"
#include "stratagem.hpp"

namespace {

using namespace stratagem;

/// Best-of-N: sample N whole answers, let the verifier score them, and take the one with the
/// best vote. A state machine: next is called with the results of the last batch of asks, and
/// says what to do next.
class MySearch final : public Strategy {
public:
    static Info info() {
        return {"org.example.my-search", "my-search", "0.1.0", "N whole answers, chosen by the verifier",
                {Param::n(), Param::temperature()}, false,
                {Role::model("policy", "samples the answers"), Role::verifier("prm", "scores them")}};
    }

    explicit MySearch(const Setup &setup) : host(setup.host), root(setup.root()), n(setup.generations()) {
        sampling.temperature = setup.real("temperature").value_or(0.8);
        setup.require_verifier();
    }

    Next next(const Tell &tell) override {
        if (tell.starts()) return Next::asks({Ask::sample(root, n, 0, sampling)});
        if (answers.empty()) {
            Harvest samples = host.harvest(tell);
            answers = samples.finished;
            if (answers.empty() && samples.model_failed) throw Error("the model failed before it finished an answer");
            // A node without an answer cannot win, so the verifier need not read it.
            std::vector<Node> votes;
            for (Node node : answers)
                if (host.node(node)->answer()) votes.push_back(node);
            if (!tell.stops() && !votes.empty()) return Next::asks({Ask::score(votes)});
        }
        return Next::done(host.rank(answers, Selection::weighted));
    }

private:
    Host host;
    Node root;
    std::uint32_t n;
    Sampling sampling;
    std::vector<Node> answers;
};

} // namespace

/// All strategies that this plugin offers. Keep the style that you like, and delete the other.
const stg_plugin *stg_plugin_entry(void) {
    static const Plugin plugin("my-search", "0.1.0", {strategy<MySearch>(), strategy<Sequential<MySearchLoop>>()});
    return plugin.block();
}
