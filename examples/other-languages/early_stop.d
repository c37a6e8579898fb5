// Early stopping (Li et al. 2024) in D as better C: sample answers a window at a time, and stop as soon as a whole
// window agrees. The runtime and its collector are not there: they would have to know every thread of the host's.
module early_stop;

import core.stdc.stdlib : calloc, free, realloc;
import core.stdc.string : memcpy;

extern (C):

// ---------------------------------------------------------------- stratagem.h, as far as it is used here

struct Str { const(char)* data; size_t size; }
struct Value { int kind, reserved; long i; double f = 0; Str s; }
struct NamedValue { Str name; Value value; }
struct Ask {
    uint structSize; int kind; ulong tag; Str role; ulong node; uint count, steps, maxTokens, problem;
    double temperature = 0, topP = 0, minP = 0; const(ulong)* nodes; size_t nodeCount; Str text;
    const(NamedValue)* params; size_t paramCount; double share = 0; ulong maxGenerations, maxTokensTotal;
}
struct Told { uint structSize; int outcome; ulong tag; const(ulong)* nodes; size_t nodeCount; }
struct Tell { uint structSize; int event; const(Told)* told; size_t toldCount; }
struct Answer { ulong node; double weight = 0; }
struct Next { uint structSize; int kind; const(Ask)* asks; size_t askCount; const(Answer)* answers; size_t answerCount; }
struct NodeInfo {
    uint structSize, flags; ulong parent; uint problem, depth, steps, tokens; double logProbability = 0, score = 0; Str text, answer;
}
struct Host {
    uint structSize; ushort major, minor; void* data;
    int function(const Host*, ulong, NodeInfo*) getNode;
    void* stepScores, getBudget, random, hasRole, log;
    void function(const Host*, int, Str) setError;
    void* getExtension;
    int function(const Host*, ulong, uint, ulong*) generationsLeft;
}
struct Param {
    uint structSize; int kind; Str id, help; Value fallback; Str fallbackText; double min = 0, max = 0;
    const(Str)* choices; size_t choiceCount; uint flags, reserved;
}
struct Problem { uint structSize, reserved; Str text; ulong root; }
struct CreateInfo { uint structSize, problemCount; const(Problem)* problems; const(Value)* params; size_t paramCount; const(Strategy)* strategy; }
struct Strategy {
    uint structSize, flags; Str id, name, semver, summary; const(Param)* params; size_t paramCount;
    int function(const Host*, const CreateInfo*, Search**) create;
    int function(Search*, const Tell*, Next*) next;
    void* save, restore;
    void function(Search*) destroy;
    void* roles; size_t roleCount;
}
struct Plugin {
    ulong magic; uint structSize; ushort major, minor; Str name, semver; const(Strategy*)* strategies; size_t strategyCount;
    void* functions; size_t functionCount; void* getExtension;
}
enum { ok = 0, outOfMemory = 4, start = 1, results = 2, sample = 1, asks = 1, done = 2, answered = 8, paramInt = 1, valueInt = 1 }

// ------------------------------------------------------------------------------------------------ the search

struct List(T) {
    T* items; size_t count, capacity;
    inout(T)[] opSlice() inout { return items[0 .. count]; }
    bool add(T item) {
        if (count == capacity) {
            const larger = capacity ? 2 * capacity : 64;
            auto moved = cast(T*) realloc(items, larger * T.sizeof);
            if (!moved) return false;
            items = moved;
            capacity = larger;
        }
        items[count++] = item;
        return true;
    }
}

enum ulong answersMax = 1024;

struct Group { char[] text; size_t votes; }

struct Search {
    const(Host)* host; ulong root; uint window; ulong asked; Ask ask;
    List!ulong nodes; List!size_t groupOf; List!Group groups;
    Answer* ranking;
}

private int refuse(const Host* host) {
    static immutable why = "no memory left";
    host.setError(host, outOfMemory, Str(why.ptr, why.length));
    return outOfMemory;
}

private int create(const Host* host, const CreateInfo* info, Search** result) {
    auto self = cast(Search*) calloc(1, Search.sizeof);
    if (!self) return refuse(host);
    *self = Search(host, info.problems.root, cast(uint) info.params.i);
    *result = self;
    return ok;
}

private void destroy(Search* self) {
    foreach (group; self.groups[]) free(group.text.ptr);
    free(self.nodes.items), free(self.groupOf.items), free(self.groups.items), free(self.ranking), free(self);
}

/// The place of an answer among the groups. Its text is the host's, and gone after this call: it is copied.
private bool place(Search* self, const(char)[] text, out size_t found) {
    foreach (i, group; self.groups[])
        if (group.text == text) { found = i; return true; }
    auto copy = cast(char*) calloc(text.length + 1, 1);
    if (!copy) return false;
    memcpy(copy, text.ptr, text.length);
    found = self.groups.count;
    return self.groups.add(Group(copy[0 .. text.length]));
}

/// Adds the answers of a window. `over` if all of them are the same one, or no more will come.
private bool take(Search* self, const Told* told, ref bool over) {
    const first = self.nodes.count;
    foreach (node; told.nodes[0 .. told.nodeCount]) {
        NodeInfo info;
        size_t group;
        info.structSize = NodeInfo.sizeof;
        if (self.host.getNode(self.host, node, &info) != ok || !(info.flags & answered)) continue;
        if (!place(self, info.answer.data[0 .. info.answer.size], group)) return false;
        self.groups.items[group].votes++;
        if (!self.nodes.add(node) || !self.groupOf.add(group)) return false;
    }
    bool agrees = self.nodes.count - first == self.window;
    foreach (group; self.groupOf.items[first .. self.nodes.count]) agrees = agrees && group == self.groupOf.items[first];
    if (agrees || told.nodeCount == 0 || told.outcome > 1) over = true; // 0: all of it, 1: and something was cut
    return true;
}

/// The most common answer's nodes in front.
private int rank(Search* self, Next* result) {
    size_t winner, at;
    foreach (i, group; self.groups[]) if (group.votes > self.groups.items[winner].votes) winner = i;
    self.ranking = cast(Answer*) calloc(self.nodes.count + 1, Answer.sizeof);
    if (!self.ranking) return refuse(self.host);
    foreach (isFront; 0 .. 2)
        foreach (i, node; self.nodes[])
            if ((self.groupOf.items[i] == winner) == (isFront == 0)) self.ranking[at++] = Answer(node, 1);
    result.kind = done;
    result.answers = self.ranking;
    result.answerCount = at;
    return ok;
}

private int next(Search* self, const Tell* tell, Next* result) {
    bool over = tell.event != start && tell.event != results;
    const(Told)* told = tell.told;
    foreach (i; 0 .. tell.toldCount) {
        if (!take(self, told, over)) return refuse(self.host);
        told = cast(const(Told)*)(cast(const(ubyte)*) told + told.structSize); // by their size, not by ours
    }
    ulong left = ulong.max;
    if (over) left = 0;
    else if (self.host.structSize >= Host.sizeof) self.host.generationsLeft(self.host, self.root, 0, &left);
    if (left > answersMax - self.asked) left = answersMax - self.asked;
    if (left == 0) return rank(self, result);
    Ask ask;
    ask.structSize = Ask.sizeof;
    ask.kind = sample;
    ask.node = self.root;
    ask.count = left < self.window ? cast(uint) left : self.window;
    ask.temperature = 0.8;
    self.ask = ask;
    self.asked += ask.count;
    result.kind = asks;
    result.asks = &self.ask;
    result.askCount = 1;
    return ok;
}

private Str text(string literal)() { return Str(literal.ptr, literal.length); }

__gshared const Param window = {Param.sizeof, paramInt, text!"window", text!"samples that must all agree", {valueInt, 0, 4}, min: 1, max: 1024};
__gshared const Strategy strategy = {
    Strategy.sizeof, 0, text!"org.example.early-stop-d", text!"early-stop-d", text!"1.0.0",
    text!"Samples until a window of answers agrees", &window, 1, &create, &next, null, null, &destroy};
__gshared const Strategy*[1] strategies = [&strategy];
__gshared const Plugin plugin = {
    0x314741545254530A, Plugin.sizeof, 1, 1, text!"early-stop-d", text!"1.0.0", strategies.ptr, 1};

export const(Plugin)* stg_plugin_entry() { return &plugin; }
