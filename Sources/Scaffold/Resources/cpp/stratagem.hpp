/* SPDX-License-Identifier: Apache-2.0
 *
 * stratagem.hpp: stratagem.h for C++17, in one header. A strategy is a class with
 * one method, next; nothing that it throws crosses the boundary. With C++20 it may
 * be one coroutine instead: see Sequential, at the end.
 *
 * Views (std::string_view, Tell, Told) are the host's: valid until next returns. */
#ifndef STRATAGEM_HPP
#define STRATAGEM_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "stratagem.h"

namespace stratagem {

using Node = stg_node;

/// Why a strategy cannot go on, in words for the user.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string &why, stg_status status = STG_ERROR) : std::runtime_error(why), status(status) {}
    stg_status status;
};

inline std::string_view view(stg_str text) { return text.data ? std::string_view(text.data, text.size) : std::string_view(); }
inline stg_str raw(std::string_view text) { return {text.empty() ? nullptr : text.data(), text.size()}; }

// -------------------------------------------------------------------- nodes

/// All that is known of a node.
class NodeInfo {
public:
    Node id = STG_NO_NODE;
    stg_node_info raw{};

    bool finished() const { return raw.flags & STG_NODE_FINISHED; }
    /// Cut by a token limit: neither an answer nor a step.
    bool truncated() const { return raw.flags & STG_NODE_TRUNCATED; }
    bool open() const { return !finished() && !truncated(); }
    /// The verifier's value for its last step. One that answered anything outside [0, 1] has not scored it.
    std::optional<double> score() const {
        if (!(raw.flags & STG_NODE_SCORED) || !(raw.score >= 0 && raw.score <= 1)) return std::nullopt;
        return raw.score;
    }
    /// Canonical: equal answers are equal bytes.
    std::optional<std::string_view> answer() const {
        if (!(raw.flags & STG_NODE_ANSWERED)) return std::nullopt;
        return view(raw.answer);
    }
    /// Of this node alone, without its prefix.
    std::string_view text() const { return view(raw.text); }
    Node parent() const { return raw.parent; }
    std::uint32_t depth() const { return raw.depth; }
    std::uint32_t tokens() const { return raw.tokens; }
    double log_probability() const { return raw.log_probability; }
};

/// In a ranking, best first: a finished node, and what it adds to the vote for its answer.
struct Answer {
    Node node;
    double weight;
};

// --------------------------------------------------------------------- asks

struct Sampling {
    double temperature = 0.8;
    double top_p = 0, min_p = 0;  // 0 is off
    std::uint32_t max_tokens = 0; // 0: as far as the context reaches
};

using Value = std::variant<std::int64_t, double, bool, std::string>;

/// One thing to be done. The kit numbers the asks of a batch: tell[i] is what came of the i-th.
class Ask {
public:
    /// Continues `node` `count` times: through `steps` steps, or to the end of the answer if 0.
    static Ask sample(Node node, std::uint32_t count = 1, std::uint32_t steps = 0, Sampling sampling = {}, std::string role = {}) {
        Ask ask(STG_ASK_SAMPLE, std::move(role));
        ask.raw_.node = node;
        ask.raw_.count = count;
        ask.raw_.steps = steps;
        ask.raw_.max_tokens = sampling.max_tokens;
        ask.raw_.temperature = sampling.temperature;
        ask.raw_.top_p = sampling.top_p;
        ask.raw_.min_p = sampling.min_p;
        return ask;
    }
    /// Lets the verifier value `nodes`.
    static Ask score(std::vector<Node> nodes, std::string role = {}) {
        Ask ask(STG_ASK_SCORE, std::move(role));
        ask.nodes_ = std::move(nodes);
        return ask;
    }
    /// Puts `text` after `node`, as if the model had written it.
    static Ask append(Node node, std::string text, std::string role = {}) {
        Ask ask(STG_ASK_APPEND, std::move(role));
        ask.raw_.node = node;
        ask.text_ = std::move(text);
        return ask;
    }
    /// A new root that shows the model a problem and earlier attempts, oldest first.
    static Ask revise(std::vector<Node> attempts, std::uint32_t problem = 0, std::string role = {}) {
        Ask ask(STG_ASK_REVISE, std::move(role));
        ask.raw_.problem = problem;
        ask.nodes_ = std::move(attempts);
        return ask;
    }
    /// Runs another strategy on `share` of what is left of the budget.
    static Ask run(std::string strategy, std::vector<std::pair<std::string, Value>> params = {}, double share = 1,
                   std::uint64_t max_generations = 0, std::uint64_t max_tokens = 0, std::uint32_t problem = 0) {
        Ask ask(STG_ASK_RUN, {});
        ask.raw_.problem = problem;
        ask.raw_.share = share;
        ask.raw_.max_generations = max_generations;
        ask.raw_.max_tokens_total = max_tokens;
        ask.text_ = std::move(strategy);
        ask.params_ = std::move(params);
        return ask;
    }

    /// In C's layout. Points into this ask, which must stay where it is.
    stg_ask raw(std::uint64_t tag) {
        raw_.tag = tag;
        raw_.role = stratagem::raw(role_);
        raw_.text = stratagem::raw(text_);
        raw_.nodes = nodes_.empty() ? nullptr : nodes_.data();
        raw_.node_count = nodes_.size();
        named_.clear();
        for (const auto &[name, value] : params_) named_.push_back({stratagem::raw(name), c_value(value)});
        raw_.params = named_.empty() ? nullptr : named_.data();
        raw_.param_count = named_.size();
        return raw_;
    }

    static stg_value c_value(const Value &value) {
        stg_value raw{};
        if (auto number = std::get_if<std::int64_t>(&value)) raw.kind = STG_VALUE_INT, raw.i = *number;
        if (auto number = std::get_if<double>(&value)) raw.kind = STG_VALUE_FLOAT, raw.f = *number;
        if (auto flag = std::get_if<bool>(&value)) raw.kind = STG_VALUE_BOOL, raw.i = *flag;
        if (auto text = std::get_if<std::string>(&value)) raw.kind = STG_VALUE_TEXT, raw.s = stratagem::raw(*text);
        return raw;
    }

private:
    Ask(stg_ask_kind kind, std::string role) : role_(std::move(role)) {
        raw_.struct_size = sizeof raw_;
        raw_.kind = kind;
    }
    stg_ask raw_{};
    std::string role_, text_;
    std::vector<Node> nodes_;
    std::vector<std::pair<std::string, Value>> params_;
    std::vector<stg_named_value> named_;
};

/// What a turn came to.
struct Next {
    static Next asks(std::vector<Ask> batch) { return {STG_NEXT_ASKS, std::move(batch), {}}; }
    static Next done(std::vector<Answer> ranking) { return {STG_NEXT_DONE, {}, std::move(ranking)}; }
    stg_next_kind kind;
    std::vector<Ask> batch;
    std::vector<Answer> ranking;
};

// --------------------------------------------------------------------- tell

/// The result of one ask: STG_OUTCOME_…, and the nodes there are, whatever it says.
class Told {
public:
    explicit Told(const stg_told *raw) : raw_(raw) {}
    stg_outcome outcome() const { return raw_->outcome; }
    const Node *begin() const { return raw_->nodes; }
    const Node *end() const { return raw_->nodes ? raw_->nodes + raw_->node_count : nullptr; }

private:
    const stg_told *raw_;
};

/// What came of the last batch.
class Tell {
public:
    explicit Tell(const stg_tell *raw) : raw_(raw) {}
    bool starts() const { return raw_->event == STG_EVENT_START; }
    /// The run is over: Next::done with the best so far is the only right reply.
    bool stops() const { return raw_->event != STG_EVENT_START && raw_->event != STG_EVENT_RESULTS; }
    std::size_t size() const { return raw_->told ? raw_->told_count : 0; }
    Told operator[](std::size_t index) const { return Told(stg_told_at(raw_, index)); }
    bool contains(stg_outcome outcome) const {
        for (std::size_t i = 0; i < size(); i++)
            if ((*this)[i].outcome() == outcome) return true;
        return false;
    }

private:
    const stg_tell *raw_;
};

// --------------------------------------------------------------------- host

enum class Selection {
    weighted, // the answer with the largest sum of scores
    naive,    // the answer of the single best score
    majority, // the answer that was given most often
};

/// Samples, sorted by what can be done with them. Truncated ones are left out.
struct Harvest {
    std::vector<Node> open, finished;
    bool out_of_budget = false, model_failed = false;
};

/// The host, as one strategy sees it. May be kept; used only inside the constructor and next.
class Host {
public:
    explicit Host(const stg_host *raw) : raw(raw) {}
    const stg_host *raw;

    std::optional<NodeInfo> node(Node id) const {
        NodeInfo info;
        info.id = id;
        info.raw.struct_size = sizeof info.raw;
        if (raw->get_node(raw, id, &info.raw) != STG_OK) return std::nullopt;
        return info;
    }
    /// Of all steps from the root to the end of `node`, oldest first; NaN where a step was not scored.
    std::vector<double> step_scores(Node node) const {
        std::size_t count = 0, found = 0;
        if (raw->step_scores(raw, node, nullptr, 0, &count) != STG_OK) return {};
        std::vector<double> values(count);
        if (count && raw->step_scores(raw, node, values.data(), count, &found) != STG_OK) return {};
        return values;
    }
    stg_budget budget() const {
        stg_budget budget{};
        budget.struct_size = sizeof budget;
        raw->get_budget(raw, &budget);
        return budget;
    }
    /// Generations that may still be spent, if that is limited.
    std::optional<std::uint64_t> generations_left() const {
        auto now = budget();
        if (now.generations == STG_UNLIMITED) return std::nullopt;
        return now.generations > now.generations_spent ? now.generations - now.generations_spent : 0;
    }
    /// How many more samples of so many steps (0: to the end of the answer) the limit of generations
    /// allows from a node, if there is such a limit. The asks of one batch share what is left.
    std::optional<std::uint64_t> generations_left(Node node, std::uint32_t steps = 1) const {
        // A host of ABI 1.0 only knows what is left at the fullest depth.
        if (raw->struct_size < sizeof *raw || !raw->generations_left) return generations_left();
        std::uint64_t count = 0;
        if (raw->generations_left(raw, node, steps, &count) != STG_OK || count == STG_UNLIMITED) return std::nullopt;
        return count;
    }
    /// The only source of chance that keeps "same seed, same answer".
    std::uint64_t random() const { return raw->random(raw); }
    bool has_role(std::string_view role) const { return raw->has_role(raw, stratagem::raw(role)); }
    void log(stg_log_level level, std::string_view line) const { raw->log(raw, level, stratagem::raw(line)); }
    const void *extension(std::string_view id) const { return raw->get_extension(raw, stratagem::raw(id)); }

    Harvest harvest(const Tell &tell) const {
        Harvest harvest;
        for (std::size_t i = 0; i < tell.size(); i++) {
            switch (tell[i].outcome()) {
            case STG_OUTCOME_OK: case STG_OUTCOME_TRUNCATED: break;
            case STG_OUTCOME_MODEL_FAILED: case STG_OUTCOME_VERIFIER_FAILED: case STG_OUTCOME_RUN_FAILED: harvest.model_failed = true; break;
            default: harvest.out_of_budget = true;
            }
            for (Node id : tell[i]) {
                auto info = node(id);
                if (!info || info->truncated()) continue;
                (info->finished() ? harvest.finished : harvest.open).push_back(id);
            }
        }
        return harvest;
    }

    /// Finished nodes by the vote of their answers, ties to the one seen first; within an answer by
    /// score. Without any score the count decides. Nodes without an answer come last.
    std::vector<Answer> rank(const std::vector<Node> &nodes, Selection selection) const;
};

namespace detail {

/// The nodes of one answer.
struct Group {
    struct Member {
        Node node;
        double score; // -1: none
        std::size_t place;
    };
    std::size_t place;
    std::vector<Member> members;
    double sum = 0;
    std::optional<double> best;

    /// Compared first by the vote, then, where no score speaks for it, by the count.
    std::pair<double, double> value(Selection selection) const {
        auto count = static_cast<double>(members.size());
        if (selection == Selection::majority) return {count, 0};
        if (!best) return {-1, count};
        return {selection == Selection::weighted ? sum : *best, 0};
    }
    void add(Node node, std::optional<double> score) {
        members.push_back({node, score.value_or(-1), members.size()});
        if (!score) return;
        sum += *score;
        best = best ? std::max(*best, *score) : *score;
    }
};

} // namespace detail

inline std::vector<Answer> Host::rank(const std::vector<Node> &nodes, Selection selection) const {
    std::vector<detail::Group> groups;
    std::map<std::string_view, std::size_t> places;
    std::vector<Node> unanswered;
    bool any_score = false;
    for (Node id : nodes) {
        auto info = node(id);
        if (!info || !info->finished()) continue;
        auto answer = info->answer();
        if (!answer) { unanswered.push_back(id); continue; }
        auto [place, is_new] = places.try_emplace(*answer, groups.size());
        if (is_new) groups.push_back({groups.size(), {}, 0, std::nullopt});
        groups[place->second].add(id, info->score());
        any_score |= info->score().has_value();
    }
    if (!any_score) selection = Selection::majority;
    // The places settle ties: the same order, whatever the library's sort does.
    std::sort(groups.begin(), groups.end(), [&](const auto &a, const auto &b) {
        auto left = a.value(selection), right = b.value(selection);
        return left != right ? left > right : a.place < b.place;
    });
    std::vector<Answer> ranking;
    for (auto &group : groups) {
        std::sort(group.members.begin(), group.members.end(),
                  [](const auto &a, const auto &b) { return a.score != b.score ? a.score > b.score : a.place < b.place; });
        for (std::size_t i = 0; i < group.members.size(); i++) {
            double score = std::max(group.members[i].score, 0.0);
            double weight = selection == Selection::majority ? 1 : selection == Selection::weighted || i == 0 ? score : 0;
            ranking.push_back({group.members[i].node, weight});
        }
    }
    for (Node id : unanswered) ranking.push_back({id, 0});
    return ranking;
}

// --------------------------------------------------------------- parameters

/// A row of the parameter table.
struct Param {
    stg_param_kind kind;
    std::string id, help;
    std::optional<Value> fallback;
    std::string derived; // how it is worked out, where there is no fallback
    double min = 0, max = 0;
    std::vector<std::string> choices;
    bool is_required = false;

    /// The same parameter without a default: the user has to give it, and the host sees to that.
    Param required() const {
        Param param = *this;
        param.fallback.reset();
        param.derived.clear();
        param.is_required = true;
        return param;
    }

    static Param integer(std::string id, std::string help, std::int64_t fallback, std::int64_t min, std::int64_t max) {
        return {STG_PARAM_INT, std::move(id), std::move(help), Value(fallback), {}, double(min), double(max), {}};
    }
    /// Worked out by the strategy if the user gives none.
    static Param integer(std::string id, std::string help, std::string derived, std::int64_t min, std::int64_t max) {
        return {STG_PARAM_INT, std::move(id), std::move(help), std::nullopt, std::move(derived), double(min), double(max), {}};
    }
    static Param real(std::string id, std::string help, double fallback, double min, double max) {
        return {STG_PARAM_FLOAT, std::move(id), std::move(help), Value(fallback), {}, min, max, {}};
    }
    static Param flag(std::string id, std::string help, bool fallback) {
        return {STG_PARAM_BOOL, std::move(id), std::move(help), Value(fallback), {}, 0, 0, {}};
    }
    static Param choice(std::string id, std::string help, std::string fallback, std::vector<std::string> choices) {
        return {STG_PARAM_CHOICE, std::move(id), std::move(help), Value(std::move(fallback)), {}, 0, 0, std::move(choices)};
    }
    static Param text(std::string id, std::string help, std::string fallback) {
        return {STG_PARAM_TEXT, std::move(id), std::move(help), Value(std::move(fallback)), {}, 0, 0, {}};
    }
    /// The user names a file; the strategy gets its bytes, and none if none is named.
    static Param file(std::string id, std::string help, std::string derived) {
        return {STG_PARAM_FILE, std::move(id), std::move(help), std::nullopt, std::move(derived), 0, 0, {}};
    }

    // The two that every sampling strategy has.
    static Param n() { return integer("n", "answers to sample, never more than the budget has", "the budget's generations, else 16", 1, 4096); }
    static Param temperature() { return real("temperature", "of sampling; 0 takes the most likely token", 0.8, 0, 10); }
};

/// A role of the bundle's that a strategy asks things of.
struct Role {
    std::string name, help;
    std::uint32_t flags = 0;
    std::string param{}, unless_param{}, unless_value{};

    /// A model that continues text. The strategy needs it.
    static Role model(std::string name, std::string help = {}) { return {std::move(name), std::move(help)}; }
    /// A verifier, which scores. The strategy needs it.
    static Role verifier(std::string name, std::string help = {}) { return {std::move(name), std::move(help), STG_ROLE_VERIFIER}; }
    /// Used if the bundle has it.
    Role optional() const {
        Role role = *this;
        role.flags |= STG_ROLE_OPTIONAL;
        return role;
    }
    /// Of the name that the value of the parameter `id` has.
    Role named_by(std::string id) const {
        Role role = *this;
        role.name.clear();
        role.param = std::move(id);
        return role;
    }
    /// Not used while the parameter `id` has this value.
    Role unless(std::string id, std::string value) const {
        Role role = *this;
        role.unless_param = std::move(id);
        role.unless_value = std::move(value);
        return role;
    }
};

/// What a strategy says of itself.
struct Info {
    std::string id, name, version, summary;
    std::vector<Param> params{};
    bool takes_batch = false;
    std::vector<Role> roles{}; // all that it needs and all that it can use; empty: it does not say
};

/// What a new run is about. Valid only inside the strategy's constructor.
class Setup {
public:
    Setup(const stg_host *host, const stg_create_info *raw, const std::vector<Param> &params) : host(host), raw_(raw), params_(params) {}
    Host host;

    std::uint32_t problem_count() const { return raw_->problem_count; }
    std::string_view problem(std::uint32_t index = 0) const { return view(at(index)->text); }
    Node root(std::uint32_t index = 0) const { return at(index)->root; }

    /// The value of a parameter, if the user gave one or it has a default.
    std::optional<std::int64_t> integer(std::string_view id) const { return find(id, STG_VALUE_INT, [](auto &v) { return v.i; }); }
    std::optional<double> real(std::string_view id) const { return find(id, STG_VALUE_FLOAT, [](auto &v) { return v.f; }); }
    std::optional<bool> flag(std::string_view id) const { return find(id, STG_VALUE_BOOL, [](auto &v) { return v.i != 0; }); }
    std::optional<std::string_view> text(std::string_view id) const { return find(id, STG_VALUE_TEXT, [](auto &v) { return view(v.s); }); }
    std::optional<std::string_view> bytes(std::string_view id) const { return find(id, STG_VALUE_BYTES, [](auto &v) { return view(v.s); }); }

    /// N: what the parameter n says, else what the budget has, else 16; never more than the budget
    /// has left. At least one is asked for: it is the host that says when nothing fits.
    std::uint32_t generations() const {
        auto left = host.generations_left();
        auto asked = integer("n");
        std::uint64_t wanted = asked ? static_cast<std::uint64_t>(std::max<std::int64_t>(*asked, 1)) : left.value_or(16);
        return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(std::min(wanted, left.value_or(wanted)), 1, 4096));
    }
    void require_verifier() const {
        if (!host.has_role("prm")) throw Error("this bundle has no verifier (role prm): give one that has", STG_UNSUPPORTED);
    }

private:
    const stg_create_info *raw_;
    const std::vector<Param> &params_;

    const stg_problem *at(std::uint32_t index) const {
        if (index >= raw_->problem_count) throw Error("there is no problem number " + std::to_string(index));
        auto step = static_cast<std::size_t>(raw_->problems->struct_size);
        return reinterpret_cast<const stg_problem *>(reinterpret_cast<const char *>(raw_->problems) + index * step);
    }
    template <class Read>
    auto find(std::string_view id, stg_value_kind kind, Read read) const -> std::optional<decltype(read(std::declval<const stg_value &>()))> {
        for (std::size_t i = 0; i < params_.size(); i++) {
            if (params_[i].id != id) continue;
            if (i >= raw_->param_count) throw Error("too few parameter values", STG_INVALID_ARGUMENT);
            const stg_value &value = raw_->params[i];
            if (value.kind == STG_VALUE_NONE) return std::nullopt;
            if (value.kind != kind) throw Error("parameter " + params_[i].id + " came with a value of another kind", STG_INVALID_ARGUMENT);
            return read(value);
        }
        throw Error("parameter " + std::string(id) + " is not in the strategy's table");
    }
};

// ----------------------------------------------------------------- strategy

/// A search strategy: one object for each problem at work. Derive from it; have a constructor from
/// `const Setup &`, and a static function `info`. A class that also has `std::string save() const` and
/// a constructor from `(const Setup &, std::string_view state)` can be carried to another process
/// between two turns; any bytes may come as a state, so throw stratagem::bad_state where they do not fit.
class Strategy {
public:
    virtual ~Strategy() = default;
    /// One turn, in microseconds: never wait. After Next::done, or an exception, it is not called again.
    virtual Next next(const Tell &tell) = 0;
};

inline Error bad_state() { return Error("the saved state is damaged", STG_INVALID_ARGUMENT); }

namespace detail {

struct Instance {
    Host host;
    std::unique_ptr<Strategy> strategy;
    Next last{STG_NEXT_DONE, {}, {}}; // what next returned stays until the next call
    std::vector<stg_ask> asks;
    std::vector<stg_answer> answers;
    std::string state;
};

inline Instance *instance(stg_instance *raw) { return reinterpret_cast<Instance *>(raw); }

/// Runs `body`; whatever it throws becomes a status and words.
template <class Body>
stg_status guarded(const stg_host *host, Body body) noexcept {
    auto fail = [host](stg_status status, const char *why) {
        host->set_error(host, status, raw(why));
        return status;
    };
    try {
        body();
        return STG_OK;
    } catch (const Error &error) { return fail(error.status, error.what());
    } catch (const std::bad_alloc &) { return fail(STG_OUT_OF_MEMORY, "no memory left");
    } catch (const std::exception &error) { return fail(STG_ERROR, error.what());
    } catch (...) { return fail(STG_ERROR, "something that is no std::exception was thrown"); }
}

template <class S>
struct Calls {
    template <class... State>
    static stg_status make(const stg_host *host, const stg_create_info *info, stg_instance **out, State... state) noexcept {
        if (!host || !info || !out || info->problem_count < 1) return STG_INVALID_ARGUMENT;
        return guarded(host, [&] {
            static const std::vector<Param> params = S::info().params;
            auto made = std::make_unique<Instance>(Instance{Host(host), nullptr, {STG_NEXT_DONE, {}, {}}, {}, {}, {}});
            made->strategy = std::make_unique<S>(Setup(host, info, params), state...);
            *out = reinterpret_cast<stg_instance *>(made.release());
        });
    }
    static stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) noexcept { return make(host, info, out); }
    static stg_status restore(const stg_host *host, const stg_create_info *info, stg_str state, stg_instance **out) noexcept {
        return make(host, info, out, view(state));
    }
    static stg_status save(stg_instance *raw_instance, stg_str *out) noexcept {
        Instance *self = instance(raw_instance);
        return guarded(self->host.raw, [&] {
            self->state = static_cast<const S *>(self->strategy.get())->save();
            *out = raw(self->state);
        });
    }
    static void destroy(stg_instance *raw_instance) noexcept { delete instance(raw_instance); }
    static stg_status next(stg_instance *raw_instance, const stg_tell *tell, stg_next *out) noexcept {
        Instance *self = instance(raw_instance);
        return guarded(self->host.raw, [&] {
            self->last = self->strategy->next(Tell(tell));
            out->kind = self->last.kind;
            self->asks.clear();
            for (auto &ask : self->last.batch) self->asks.push_back(ask.raw(self->asks.size()));
            self->answers.clear();
            for (const Answer &answer : self->last.ranking) self->answers.push_back({answer.node, answer.weight});
            out->asks = self->asks.empty() ? nullptr : self->asks.data();
            out->ask_count = self->asks.size();
            out->answers = self->answers.empty() ? nullptr : self->answers.data();
            out->answer_count = self->answers.size();
        });
    }
};

template <class S, class = void> struct CanSave : std::false_type {};
template <class S> struct CanSave<S, std::void_t<decltype(std::declval<const S &>().save())>> : std::true_type {};

/// A strategy's table: its texts, and the C structs that point into them. Never moved, never freed.
struct Table {
    Info info;
    std::vector<stg_param> params;
    std::vector<std::vector<stg_str>> choices;
    std::vector<stg_role> roles;
    stg_strategy raw{};

    explicit Table(Info from) : info(std::move(from)) {
        choices.reserve(info.params.size());
        for (const Param &param : info.params) {
            stg_param row{};
            row.struct_size = sizeof row;
            row.kind = param.kind;
            row.id = stratagem::raw(param.id);
            row.help = stratagem::raw(param.help);
            if (param.fallback) row.fallback = Ask::c_value(*param.fallback);
            row.fallback_text = stratagem::raw(param.derived);
            row.min = param.min;
            row.max = param.max;
            choices.emplace_back();
            for (const auto &choice : param.choices) choices.back().push_back(stratagem::raw(choice));
            row.choices = choices.back().empty() ? nullptr : choices.back().data();
            row.choice_count = choices.back().size();
            row.flags = param.is_required ? STG_PARAM_REQUIRED : 0;
            params.push_back(row);
        }
        for (const Role &role : info.roles)
            roles.push_back({sizeof(stg_role), role.flags, stratagem::raw(role.name), stratagem::raw(role.param),
                             stratagem::raw(role.unless_param), stratagem::raw(role.unless_value), stratagem::raw(role.help)});
        raw.struct_size = sizeof raw;
        raw.flags = info.takes_batch ? STG_STRATEGY_BATCH : 0;
        raw.id = stratagem::raw(info.id);
        raw.name = stratagem::raw(info.name);
        raw.version = stratagem::raw(info.version);
        raw.summary = stratagem::raw(info.summary);
        raw.params = params.empty() ? nullptr : params.data();
        raw.param_count = params.size();
        raw.roles = roles.empty() ? nullptr : roles.data();
        raw.role_count = roles.size();
    }
    Table(const Table &) = delete;
};

} // namespace detail

/// A row of Plugin's list.
template <class S>
const stg_strategy *strategy() {
    static detail::Table table(S::info());
    table.raw.create = detail::Calls<S>::create;
    table.raw.next = detail::Calls<S>::next;
    table.raw.destroy = detail::Calls<S>::destroy;
    if constexpr (detail::CanSave<S>::value) {
        table.raw.save = detail::Calls<S>::save;
        table.raw.restore = detail::Calls<S>::restore;
    }
    return &table.raw;
}

/// The block that stg_plugin_entry returns: a static constant in it.
class Plugin {
public:
    Plugin(std::string name, std::string version, std::vector<const stg_strategy *> strategies)
        : name_(std::move(name)), version_(std::move(version)), strategies_(std::move(strategies)) {
        block_.magic = STG_MAGIC;
        block_.struct_size = sizeof block_;
        block_.abi_major = STG_ABI_MAJOR;
        block_.abi_minor = STG_ABI_MINOR;
        block_.name = raw(name_);
        block_.version = raw(version_);
        block_.strategies = strategies_.empty() ? nullptr : strategies_.data();
        block_.strategy_count = strategies_.size();
    }
    Plugin(const Plugin &) = delete;
    const stg_plugin *block() const { return &block_; }

private:
    std::string name_, version_;
    std::vector<const stg_strategy *> strategies_;
    stg_plugin block_{};
};

} // namespace stratagem

// --------------------------------------------------------- C++20: coroutines

#if defined(__cpp_impl_coroutine) && __cpp_impl_coroutine >= 201902L
#include <coroutine>

namespace stratagem {

/// Nothing more can be asked for: the run is over. Let it pass; answer is called then.
struct Stopped {};

/// What the coroutine of a sequential strategy returns.
class Search {
public:
    struct promise_type {
        std::exception_ptr error;
        Search get_return_object() { return Search(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { error = std::current_exception(); }
    };
    Search() = default;
    explicit Search(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Search(Search &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Search &operator=(Search &&other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Search() { if (handle_) handle_.destroy(); }

    /// On to the next ask. True when the coroutine is over.
    bool resume() {
        handle_.resume();
        if (!handle_.done()) return false;
        if (handle_.promise().error) {
            try {
                std::rethrow_exception(handle_.promise().error);
            } catch (const Stopped &) {}
        }
        return true;
    }

private:
    std::coroutine_handle<promise_type> handle_;
};

/// Asks the host for work: `co_await ask({…})` is what came of it, valid until the next one.
class Asker {
public:
    struct Turn {
        std::vector<Ask> asks;
        Tell tell{nullptr};
        bool stopped = false;
    };
    struct Awaitable {
        Turn *turn;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<>) const noexcept {}
        const Tell &await_resume() const noexcept { return turn->tell; }
    };
    explicit Asker(Turn *turn) : turn_(turn) {}
    Awaitable operator()(std::vector<Ask> asks) const {
        if (turn_->stopped) throw Stopped();
        turn_->asks = std::move(asks);
        return {turn_};
    }
    Awaitable operator()(Ask ask) const {
        std::vector<Ask> asks;
        asks.push_back(std::move(ask));
        return (*this)(std::move(asks));
    }

private:
    Turn *turn_;
};

/// A strategy that is one coroutine, `Search search(Asker ask)`, which awaits nothing but what it asks
/// for, and `std::vector<Answer> answer()`: the best so far. Offer it as `strategy<Sequential<MySearch>>()`.
template <class S>
class Sequential : public Strategy {
public:
    static Info info() { return S::info(); }
    explicit Sequential(const Setup &setup) : strategy_(setup), search_(strategy_.search(Asker(&turn_))) {}

    Next next(const Tell &tell) override {
        if (tell.stops() && !started_) return Next::done({});
        started_ = true;
        turn_.tell = tell;
        turn_.stopped = tell.stops();
        if (search_.resume()) return Next::done(strategy_.answer());
        return Next::asks(std::move(turn_.asks));
    }

private:
    Asker::Turn turn_;
    S strategy_;
    Search search_; // refers to both: made after them, destroyed before
    bool started_ = false;
};

} // namespace stratagem
#endif

#endif // STRATAGEM_HPP
