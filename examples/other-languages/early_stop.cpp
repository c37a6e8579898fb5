// Early stopping (Li et al. 2024) in plain C++, with the header and without the C++ kit: sample answers a window at
// a time, and stop as soon as a whole window agrees.
#include "stratagem.h"

#include <algorithm>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct stg_instance {
    const stg_host *host;
    stg_node root;
    uint32_t window;
    uint64_t asked = 0;
    stg_ask ask{};
    std::vector<stg_answer> answers{};            // what next returned has to stay until the next call
    std::vector<size_t> groups{};                 // for each of the answers, the place of its text in `votes`
    std::unordered_map<std::string, size_t> texts{};
    std::vector<size_t> votes{};
};

namespace {

constexpr uint64_t ANSWERS_MAX = 1024;

/// How many answers to sample at most: the budget's room, which hosts of ABI 1.0 do not tell, and 1024 in all.
uint64_t room(const stg_instance &self) {
    uint64_t left = STG_UNLIMITED;
    if (self.host->struct_size >= sizeof(stg_host)) self.host->generations_left(self.host, self.root, 0, &left);
    return std::min(left, ANSWERS_MAX - self.asked);
}

/// Adds the answers of a window. True if all of them are the same one, or no more will come.
bool take(stg_instance &self, const stg_told &told) {
    const size_t first = self.groups.size();
    for (size_t i = 0; i < told.node_count; i++) {
        stg_node_info info{};
        info.struct_size = sizeof info;
        if (self.host->get_node(self.host, told.nodes[i], &info) != STG_OK || !(info.flags & STG_NODE_ANSWERED)) continue;
        // The text is the host's, and gone after this call: it is copied.
        const auto [place, isNew] = self.texts.try_emplace(std::string(info.answer.data, info.answer.size), self.votes.size());
        if (isNew) self.votes.push_back(0);
        self.votes[place->second] += 1;
        self.answers.push_back({told.nodes[i], 1});
        self.groups.push_back(place->second);
    }
    const auto differs = [&](size_t group) { return group != self.groups[first]; };
    return (self.groups.size() - first == self.window && std::none_of(self.groups.begin() + first, self.groups.end(), differs))
        || told.node_count == 0 || (told.outcome != STG_OUTCOME_OK && told.outcome != STG_OUTCOME_TRUNCATED);
}

/// The most common answer's nodes in front.
void rank(stg_instance &self) {
    const size_t winner = std::max_element(self.votes.begin(), self.votes.end()) - self.votes.begin();
    std::vector<stg_answer> ranked;
    for (const bool isFront : {true, false})
        for (size_t i = 0; i < self.answers.size(); i++)
            if ((self.groups[i] == winner) == isFront) ranked.push_back(self.answers[i]);
    self.answers.swap(ranked);
}

/// No exception may leave the plugin.
template <class Body> stg_status guarded(const stg_host *host, Body body) {
    static constexpr std::string_view why = "no memory left";
    try {
        return body();
    } catch (const std::bad_alloc &) {
        host->set_error(host, STG_OUT_OF_MEMORY, {why.data(), why.size()});
        return STG_OUT_OF_MEMORY;
    }
}

stg_status create(const stg_host *host, const stg_create_info *info, stg_instance **out) {
    return guarded(host, [&] {
        *out = new stg_instance{host, info->problems->root, uint32_t(info->params[0].i)};
        return STG_OK;
    });
}

stg_status next(stg_instance *self, const stg_tell *tell, stg_next *out) {
    return guarded(self->host, [&] {
        bool isOver = tell->event != STG_EVENT_START && tell->event != STG_EVENT_RESULTS;
        for (size_t i = 0; i < tell->told_count; i++) isOver |= take(*self, *stg_told_at(tell, i));
        const uint64_t left = isOver ? 0 : room(*self);
        if (left == 0) {
            rank(*self);
            out->kind = STG_NEXT_DONE;
            out->answers = self->answers.data();
            out->answer_count = self->answers.size();
            return STG_OK;
        }
        self->ask.struct_size = sizeof self->ask;
        self->ask.kind = STG_ASK_SAMPLE;
        self->ask.node = self->root;
        self->ask.count = uint32_t(std::min<uint64_t>(self->window, left));
        self->ask.temperature = 0.8;
        self->asked += self->ask.count;
        out->kind = STG_NEXT_ASKS;
        out->asks = &self->ask;
        out->ask_count = 1;
        return STG_OK;
    });
}

void destroy(stg_instance *self) { delete self; }

constexpr stg_str text(std::string_view literal) { return {literal.data(), literal.size()}; }

const stg_param params[] = {{sizeof(stg_param), STG_PARAM_INT, text("window"), text("samples that must all agree"),
                             {STG_VALUE_INT, 0, 4, 0, {}}, {}, 1, 1024, nullptr, 0, 0, 0}};
const stg_strategy strategy{sizeof(stg_strategy), 0, text("org.example.early-stop-cpp"), text("early-stop-cpp"), text("1.0.0"),
                            text("Samples until a window of answers agrees"), params, 1, create, next, nullptr, nullptr, destroy,
                            nullptr, 0};
const stg_strategy *const strategies[] = {&strategy};
const stg_plugin plugin{STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, text("early-stop-cpp"), text("1.0.0"),
                        strategies, 1, nullptr, 0, nullptr};

} // namespace

extern "C" const stg_plugin *stg_plugin_entry() { return &plugin; }
