## Early stopping (Li et al. 2024) in Nim: sample answers a window at a time, and stop as soon as a whole window agrees.
import std/tables

# ---------------------------------------------------------------- stratagem.h, as far as it is used here
type
  Str = object
    data: cstring
    size: csize_t
  Value = object
    kind, reserved: int32
    i: int64
    f: float64
    s: Str
  Ask = object
    structSize: uint32
    kind: int32
    tag: uint64
    role: Str
    node: uint64
    count, steps, maxTokens, problem: uint32
    temperature, topP, minP: float64
    nodes: pointer
    nodeCount: csize_t
    text: Str
    params: pointer
    paramCount: csize_t
    share: float64
    maxGenerations, maxTokensTotal: uint64
  Told = object
    structSize: uint32
    outcome: int32
    tag: uint64
    nodes: ptr UncheckedArray[uint64]
    nodeCount: csize_t
  Tell = object
    structSize: uint32
    event: int32
    told: ptr Told
    toldCount: csize_t
  Answer = object
    node: uint64
    weight: float64
  Next = object
    structSize: uint32
    kind: int32
    asks: ptr Ask
    askCount: csize_t
    answers: ptr Answer
    answerCount: csize_t
  NodeInfo = object
    structSize, flags: uint32
    parent: uint64
    problem, depth, steps, tokens: uint32
    logProbability, score: float64
    text, answer: Str
  Host = object
    structSize: uint32
    major, minor: uint16
    data: pointer
    getNode: proc (host: ptr Host, node: uint64, info: ptr NodeInfo): int32 {.cdecl.}
    stepScores, getBudget, random, hasRole, log, setError, getExtension: pointer
    generationsLeft: proc (host: ptr Host, node: uint64, steps: uint32, left: ptr uint64): int32 {.cdecl.}
  Param = object
    structSize: uint32
    kind: int32
    id, help: Str
    fallback: Value
    fallbackText: Str
    min, max: float64
    choices: pointer
    choiceCount: csize_t
    flags, reserved: uint32
  Problem = object
    structSize, reserved: uint32
    text: Str
    root: uint64
  CreateInfo = object
    structSize, problemCount: uint32
    problems: ptr Problem
    params: ptr Value
  Strategy = object
    structSize, flags: uint32
    id, name, version, summary: Str
    params: ptr Param
    paramCount: csize_t
    create: proc (host: ptr Host, info: ptr CreateInfo, made: ptr pointer): int32 {.cdecl.}
    next: proc (instance: pointer, tell: ptr Tell, answer: ptr Next): int32 {.cdecl.}
    save, restore: pointer
    destroy: proc (instance: pointer) {.cdecl.}
    roles: pointer
    roleCount: csize_t
  Plugin = object
    magic: uint64
    structSize: uint32
    major, minor: uint16
    name, version: Str
    strategies: ptr ptr Strategy
    strategyCount: csize_t
    functions: pointer
    functionCount: csize_t
    getExtension: pointer

const
  ok = 0'i32
  start = 1'i32      # events
  results = 2'i32
  outOfMemory = 4'i32
  answered = 8'u32   # a node's flag
  answersMax = 1024

# ---------------------------------------------------------------- the search
type Search = object
  host: ptr Host
  root: uint64
  window, asked: int
  ask: Ask              # what next returned has to stay until the next call
  ranking: seq[Answer]
  nodes: seq[uint64]
  groups: seq[int]      # for each node, the place of its answer in votes
  places: Table[string, int]
  votes: seq[int]

proc create(host: ptr Host, info: ptr CreateInfo, made: ptr pointer): int32 {.cdecl.} =
  let self = createShared(Search) # not a ref: the host holds it
  if self == nil: return outOfMemory
  self[] = Search(host: host, root: info.problems.root, window: info.params.i.int)
  made[] = self
  ok

proc destroy(instance: pointer) {.cdecl.} =
  let self = cast[ptr Search](instance)
  reset(self[]) # frees what it has
  freeShared(self)

proc copied(text: Str): string =
  ## A text is the host's, and gone after this call.
  result = newString(text.size)
  if text.size > 0: copyMem(addr result[0], text.data, text.size)

proc take(self: ptr Search, told: ptr Told): bool =
  ## Adds the answers of a window. True if all of them are the same one, or no more will come.
  let first = self.nodes.len
  for i in 0 ..< told.nodeCount.int:
    var info = NodeInfo(structSize: sizeof(NodeInfo).uint32)
    if self.host.getNode(self.host, told.nodes[i], addr info) != ok or (info.flags and answered) == 0: continue
    let place = self.places.mgetOrPut(copied(info.answer), self.votes.len)
    if place == self.votes.len: self.votes.add 0
    inc self.votes[place]
    self.nodes.add told.nodes[i]
    self.groups.add place
  var agrees = self.nodes.len - first == self.window
  for i in first ..< self.groups.len: agrees = agrees and self.groups[i] == self.groups[first]
  agrees or told.nodeCount == 0 or told.outcome > 1 # 0: all of it, 1: and something was cut

proc rank(self: ptr Search, answer: ptr Next) =
  ## The most common answer's nodes in front.
  let winner = if self.votes.len > 0: self.votes.find(max(self.votes)) else: 0
  for isFront in [true, false]:
    for i, node in self.nodes:
      if (self.groups[i] == winner) == isFront: self.ranking.add Answer(node: node, weight: 1)
  answer.kind = 2
  answer.answerCount = self.ranking.len.csize_t
  if self.ranking.len > 0: answer.answers = addr self.ranking[0]

proc next(instance: pointer, tell: ptr Tell, answer: ptr Next): int32 {.cdecl.} =
  let self = cast[ptr Search](instance)
  var over = tell.event != start and tell.event != results
  var told = tell.told
  for _ in 0 ..< tell.toldCount.int:
    over = self.take(told) or over
    told = cast[ptr Told](cast[uint](told) + told.structSize) # by their size, not by ours
  var left = high(uint64)
  if over: left = 0
  elif self.host.structSize.int >= sizeof(Host): discard self.host.generationsLeft(self.host, self.root, 0, addr left)
  left = min(left, uint64(answersMax - self.asked))
  if left == 0: self.rank(answer)
  else:
    self.ask = Ask(structSize: sizeof(Ask).uint32, kind: 1, node: self.root, temperature: 0.8,
      count: min(left, self.window.uint64).uint32)
    self.asked += self.ask.count.int
    answer.kind = 1
    answer.asks = addr self.ask
    answer.askCount = 1
  ok

# ---------------------------------------------------------------- what the plugin is
proc text(literal: static string): Str =
  const chars: cstring = literal
  Str(data: chars, size: literal.len.csize_t)

var
  window = Param(structSize: sizeof(Param).uint32, kind: 1, id: text"window", help: text"samples that must all agree",
    fallback: Value(kind: 1, i: 4), min: 1, max: 1024)
  strategy = Strategy(structSize: sizeof(Strategy).uint32, id: text"org.example.early-stop-nim", name: text"early-stop-nim",
    version: text"1.0.0", summary: text"Samples until a window of answers agrees", params: addr window, paramCount: 1,
    create: create, next: next, destroy: destroy)
  strategies = addr strategy
  plugin = Plugin(magic: 0x314741545254530A'u64, structSize: sizeof(Plugin).uint32, major: 1, minor: 1,
    name: text"early-stop-nim", version: text"1.0.0", strategies: addr strategies, strategyCount: 1)

proc entry(): ptr Plugin {.exportc: "stg_plugin_entry", dynlib, cdecl.} = addr plugin
