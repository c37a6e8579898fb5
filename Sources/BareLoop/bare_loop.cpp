#include "bare_loop.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "llama.h"

namespace {

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct ModelDeleter { void operator()(llama_model *model) const { llama_model_free(model); } };
struct ContextDeleter { void operator()(llama_context *context) const { llama_free(context); } };
using Model = std::unique_ptr<llama_model, ModelDeleter>;
using Context = std::unique_ptr<llama_context, ContextDeleter>;

Model load(const char *path) {
    llama_model_params params = llama_model_default_params();
    params.n_gpu_layers = 0;
    Model model(llama_model_load_from_file(path, params));
    if (!model) throw Failure(std::string("cannot load ") + path);
    return model;
}

// e^x for x <= 0, in a form that compilers turn into vector code.
inline float exponential(float x) {
    x = x < -87.0f ? -87.0f : x;
    const float shifted = x * 1.44269504f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = x - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.98756915e-4f;
    p = p * r + 1.39819995e-3f;
    p = p * r + 8.33345190e-3f;
    p = p * r + 4.16657960e-2f;
    p = p * r + 1.66666655e-1f;
    p = p * r + 5.00000120e-1f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    const int32_t exponent = (bits - 0x4B400000 + 127) << 23;
    float scale;
    memcpy(&scale, &exponent, sizeof scale);
    return (p * (r * r) + r + 1.0f) * scale;
}

// A model with a cache of sequences, each in its own stream, and a batch.
class Engine {
public:
    Engine(llama_model *model, const bare_plan &plan) : capacity(512) {
        llama_context_params params = llama_context_default_params();
        params.n_seq_max = plan.sequences;
        params.n_ctx = plan.context_tokens * plan.sequences;
        params.n_batch = params.n_ubatch = capacity;
        params.n_threads = params.n_threads_batch = plan.threads_per_lane;
        params.kv_unified = false;
        params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED;
        params.no_perf = true;
        context.reset(llama_init_from_model(model, params));
        if (!context) throw Failure("cannot make a context");
        memory = llama_get_memory(context.get());
        batch = llama_batch_init(capacity, 0, 1);
        vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
        weights.resize(vocabulary);
    }
    ~Engine() { llama_batch_free(batch); }
    Engine(const Engine &) = delete;

    void begin() { batch.n_tokens = 0; }
    int room() const { return capacity - batch.n_tokens; }
    void add(int32_t token, int position, int sequence, bool wanted) {
        const int at = batch.n_tokens++;
        batch.token[at] = token;
        batch.pos[at] = position;
        batch.n_seq_id[at] = 1;
        batch.seq_id[at][0] = sequence;
        batch.logits[at] = wanted;
    }
    void decode() {
        if (batch.n_tokens == 0) return;
        if (llama_decode(context.get(), batch) != 0) throw Failure("llama_decode failed");
        decoded += batch.n_tokens;
    }
    void copy(int from, int to, int length) { llama_memory_seq_cp(memory, from, to, -1, length); }
    void trim(int sequence, int length) { llama_memory_seq_rm(memory, sequence, length, -1); }
    const float *logits(int index) { return llama_get_logits_ith(context.get(), index); }

    int32_t sample(const float *logits, float temperature, uint64_t &state) {
        float top = logits[0];
        for (int i = 1; i < vocabulary; i++) top = logits[i] > top ? logits[i] : top;
        const float scale = 1.0f / temperature;
        for (int i = 0; i < vocabulary; i++) weights[i] = exponential((logits[i] - top) * scale);
        double sum = 0;
        for (int i = 0; i < vocabulary; i++) sum += weights[i];
        state = state * 6364136223846793005u + 1442695040888963407u;
        double rest = (state >> 11) * 0x1p-53 * sum;
        for (int i = 0; i < vocabulary; i++) {
            rest -= weights[i];
            if (rest < 0) return i;
        }
        return vocabulary - 1;
    }

    int64_t decoded = 0;

private:
    const int capacity;
    Context context;
    llama_memory_t memory;
    llama_batch batch;
    int vocabulary;
    std::vector<float> weights;
};

// What a node of the plan has become.
struct State {
    int slot = -1;    // of the policy, while somebody may go on from it
    int length = 0;   // tokens through the policy, but for the last one
    int32_t last = 0; // drawn, not decoded yet
    int verifier_slot = -1;
    int verifier_length = 0;
    int children = 0;
};

class Lane {
public:
    Lane(llama_model *policy_model, llama_model *verifier_model, const bare_plan &plan)
        : plan(plan), policy(policy_model, plan), width(plan.sequences / 2) {
        if (verifier_model) verifier.reset(new Engine(verifier_model, plan));
        for (int slot = width; slot < plan.sequences; slot++) {
            free_slots.push_back(slot);
            free_verifier_slots.push_back(slot);
        }
    }

    void run(const bare_problem &problem) {
        std::vector<State> states(problem.node_count + 1);
        State &root = states[problem.node_count];
        const auto state_of = [&](int parent) -> State & { return states[parent < 0 ? problem.node_count : parent]; };
        for (int i = 0; i < problem.node_count; i++) state_of(problem.nodes[i].parent).children++;
        read_prompt(problem, root);
        for (int from = 0; from < problem.node_count;) {
            int to = from;
            while (to < problem.node_count && problem.nodes[to].round == problem.nodes[from].round) to++;
            std::vector<int> nodes;
            for (int i = from; i < to; i++) nodes.push_back(i);
            // Longest first: those still at work are always the first slots.
            std::sort(nodes.begin(), nodes.end(), [&](int a, int b) {
                return std::pair(-problem.nodes[a].tokens, a) < std::pair(-problem.nodes[b].tokens, b);
            });
            for (size_t i = 0; i < nodes.size(); i += width) {
                sample_batch(problem, states, state_of, {nodes.begin() + i, nodes.begin() + std::min(nodes.size(), i + width)});
            }
            if (verifier) score(problem, states, state_of, nodes);
            for (int i = from; i < to; i++) {
                State &parent = state_of(problem.nodes[i].parent);
                if (--parent.children == 0) release(parent);
            }
            from = to;
        }
        for (State &state : states) release(state);
    }

    int64_t sampled = 0;
    int64_t decoded() const { return policy.decoded; }
    int64_t scored() const { return verifier ? verifier->decoded : 0; }

private:
    template <class Slots> static int take(Slots &slots) {
        if (slots.empty()) throw Failure("more sequences than slots");
        const int slot = slots.back();
        slots.pop_back();
        return slot;
    }

    void release(State &state) {
        if (state.slot >= 0) { policy.trim(state.slot, 0); free_slots.push_back(state.slot); state.slot = -1; }
        if (state.verifier_slot >= 0) { verifier->trim(state.verifier_slot, 0); free_verifier_slots.push_back(state.verifier_slot); state.verifier_slot = -1; }
    }

    void read(Engine &engine, const bare_problem &problem, int count, int slot) {
        for (int at = 0; at < count;) {
            engine.begin();
            for (; at < count && engine.room() > 0; at++) engine.add(problem.prompt[at % problem.prompt_count], at, slot, false);
            engine.decode();
        }
    }

    void read_prompt(const bare_problem &problem, State &root) {
        root.slot = take(free_slots);
        root.length = problem.prompt_count - 1;
        root.last = problem.prompt[problem.prompt_count - 1];
        read(policy, problem, root.length, root.slot);
        if (!verifier) return;
        root.verifier_slot = take(free_verifier_slots);
        root.verifier_length = problem.verifier_prompt_count;
        read(*verifier, problem, root.verifier_length, root.verifier_slot);
    }

    // Samples up to `width` nodes in lock-step.
    template <class Of>
    void sample_batch(const bare_problem &problem, std::vector<State> &states, Of state_of, std::vector<int> nodes) {
        // The last token of every parent once; the first of each child from its logits.
        std::vector<int> parents;
        for (int node : nodes) {
            const int parent = problem.nodes[node].parent;
            if (std::find(parents.begin(), parents.end(), parent) == parents.end()) parents.push_back(parent);
        }
        policy.begin();
        std::sort(parents.begin(), parents.end(), [&](int a, int b) { return state_of(a).slot < state_of(b).slot; });
        for (int parent : parents) {
            State &state = state_of(parent);
            policy.trim(state.slot, state.length);
            policy.add(state.last, state.length, state.slot, true);
        }
        policy.decode();
        std::vector<int32_t> tokens(nodes.size());
        for (size_t i = 0; i < nodes.size(); i++) {
            const int at = std::find(parents.begin(), parents.end(), problem.nodes[nodes[i]].parent) - parents.begin();
            tokens[i] = policy.sample(policy.logits(at), plan.temperature, random);
        }
        std::vector<int> lengths(nodes.size());
        for (size_t i = 0; i < nodes.size(); i++) {
            const State &parent = state_of(problem.nodes[nodes[i]].parent);
            lengths[i] = parent.length + 1;
            policy.copy(parent.slot, i, lengths[i]);
        }
        size_t active = nodes.size();
        for (int step = 1; active > 0; step++) {
            while (active > 0 && problem.nodes[nodes[active - 1]].tokens <= step) {
                active--;
                finish(states[nodes[active]], active, lengths[active], tokens[active]);
                sampled += problem.nodes[nodes[active]].tokens;
            }
            if (active == 0) break;
            policy.begin();
            for (size_t i = 0; i < active; i++) policy.add(tokens[i], lengths[i]++, i, true);
            policy.decode();
            for (size_t i = 0; i < active; i++) tokens[i] = policy.sample(policy.logits(i), plan.temperature, random);
        }
    }

    void finish(State &state, int slot, int length, int32_t last) {
        state.length = length;
        state.last = last;
        if (state.children > 0) {
            state.slot = take(free_slots);
            policy.copy(slot, state.slot, length);
        }
    }

    template <class Of>
    void score(const bare_problem &problem, std::vector<State> &states, Of state_of, std::vector<int> nodes) {
        std::sort(nodes.begin(), nodes.end(), [&](int a, int b) {
            return std::pair(-problem.nodes[a].verifier_tokens, a) < std::pair(-problem.nodes[b].verifier_tokens, b);
        });
        while (!nodes.empty() && problem.nodes[nodes.back()].verifier_tokens == 0) nodes.pop_back();
        for (size_t from = 0; from < nodes.size();) {
            verifier->begin();
            int last = -1;
            size_t to = from;
            while (to < nodes.size() && int(to - from) < width && problem.nodes[nodes[to]].verifier_tokens <= verifier->room()) {
                const State &parent = state_of(problem.nodes[nodes[to]].parent);
                const int slot = int(to - from);
                const int count = problem.nodes[nodes[to]].verifier_tokens;
                verifier->copy(parent.verifier_slot, slot, parent.verifier_length);
                for (int i = 0; i < count; i++) verifier->add(problem.prompt[i % problem.prompt_count], parent.verifier_length + i, slot, i == count - 1);
                states[nodes[to]].verifier_length = parent.verifier_length + count;
                last += count;
                to++;
            }
            if (to == from) throw Failure("a step is longer than a batch");
            verifier->decode();
            // Waits for the results, as whoever wanted a score would.
            volatile float value = verifier->logits(last)[0];
            (void) value;
            for (size_t i = from; i < to; i++) {
                State &state = states[nodes[i]];
                if (state.children > 0) {
                    state.verifier_slot = take(free_verifier_slots);
                    verifier->copy(int(i - from), state.verifier_slot, state.verifier_length);
                }
            }
            from = to;
        }
    }

    const bare_plan &plan;
    Engine policy;
    std::unique_ptr<Engine> verifier;
    const int width;
    std::vector<int> free_slots, free_verifier_slots;
    uint64_t random = 1;
};

void run_plan(const bare_plan &plan, bare_result &result) {
    const Model policy = load(plan.policy_path);
    const Model verifier = plan.verifier_path ? load(plan.verifier_path) : Model();
    std::vector<std::unique_ptr<Lane>> lanes;
    for (int i = 0; i < plan.lanes; i++) lanes.emplace_back(new Lane(policy.get(), verifier.get(), plan));
    std::atomic<int> next{0}, done{0};
    std::vector<std::string> errors(plan.lanes);
    const auto work = [&](int lane) {
        try {
            for (int at; (at = next++) < plan.problem_count;) {
                lanes[lane]->run(plan.problems[at]);
                const int now = ++done;
                if (plan.progress) plan.progress(now, plan.user);
            }
        } catch (const std::exception &error) {
            errors[lane] = error.what();
        }
    };
    const auto began = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < plan.lanes; i++) threads.emplace_back(work, i);
    for (std::thread &thread : threads) thread.join();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    for (int i = 0; i < plan.lanes; i++) {
        if (!errors[i].empty()) throw Failure(errors[i]);
        result.decoded_tokens += lanes[i]->decoded();
        result.sampled_tokens += lanes[i]->sampled;
        result.verifier_tokens += lanes[i]->scored();
    }
}

} // namespace

int bare_loop_run(const bare_plan *plan, bare_result *result) {
    *result = {};
    try {
        llama_backend_init();
        run_plan(*plan, *result);
        return 0;
    } catch (const std::exception &error) {
        snprintf(result->error, sizeof result->error, "%s", error.what());
        return 1;
    }
}
