// Early stopping (Li et al. 2024) in Go: sample answers a window at a time, and stop as soon as a whole window agrees.
package main

/*
#include <stdlib.h>
// cgo declares it again, and Go has no "const".
#define stg_plugin_entry stg_plugin_entry_in_c
#include "stratagem.h"
#undef stg_plugin_entry

// The host calls C functions. cgo makes C functions of those below that say "export", under their Go names.
extern stg_status goCreate(stg_host *host, stg_create_info *info, stg_instance **out);
extern stg_status goNext(stg_instance *self, stg_tell *tell, stg_next *out);
extern void goDestroy(stg_instance *self);

// Go cannot call through a pointer of C's.
static inline stg_status get_node(const stg_host *host, stg_node node, stg_node_info *out) {
    out->struct_size = sizeof *out;
    return host->get_node(host, node, out);
}

static inline uint64_t room(const stg_host *host, stg_node root) {
    uint64_t left = STG_UNLIMITED;
    if (host->struct_size >= sizeof *host) host->generations_left(host, root, 0, &left);
    return left;
}

// What the plugin is never changes, so it is written down here, where no runtime has to fill it in.
#define TEXT(literal) {(literal), sizeof(literal) - 1}
typedef stg_status (*create_fn)(const stg_host *, const stg_create_info *, stg_instance **);
typedef stg_status (*next_fn)(stg_instance *, const stg_tell *, stg_next *);
static const stg_param params[] = {{sizeof(stg_param), STG_PARAM_INT, TEXT("window"), TEXT("samples that must all agree"),
    {STG_VALUE_INT, 0, 4, 0, {NULL, 0}}, {NULL, 0}, 1, 1024, NULL, 0, 0, 0}};
static const stg_strategy strategy = {sizeof(stg_strategy), 0, TEXT("org.example.early-stop-go"), TEXT("early-stop-go"),
    TEXT("1.0.0"), TEXT("Samples until a window of answers agrees"), params, 1, (create_fn)goCreate, (next_fn)goNext, NULL, NULL,
    goDestroy, NULL, 0};
static const stg_strategy *const strategies[] = {&strategy};
static const stg_plugin plugin = {STG_MAGIC, sizeof(stg_plugin), STG_ABI_MAJOR, STG_ABI_MINOR, TEXT("early-stop-go"),
    TEXT("1.0.0"), strategies, 1, NULL, 0, NULL};
static inline const stg_plugin *block(void) { return &plugin; }
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

const answersMax = 1024

// The collector moves and frees what is Go's: C holds only a handle, and what next returns lies in memory of C's.
type search struct {
	host    *C.stg_host
	root    C.stg_node
	window  int
	asked   int
	ask     *C.stg_ask
	nodes   []C.stg_node
	groups  []int // for each node, the place of its answer in votes
	places  map[string]int
	votes   []int
	ranking *C.stg_answer
}

//export stg_plugin_entry
func stg_plugin_entry() *C.stg_plugin { return (*C.stg_plugin)(C.block()) }

//export goCreate
func goCreate(host *C.stg_host, info *C.stg_create_info, out **C.stg_instance) C.stg_status {
	self := &search{host: host, root: info.problems.root, window: int(info.params.i), places: map[string]int{}}
	self.ask = (*C.stg_ask)(C.calloc(1, C.sizeof_stg_ask))
	handle := (*cgo.Handle)(C.calloc(1, C.size_t(unsafe.Sizeof(cgo.Handle(0)))))
	*handle = cgo.NewHandle(self)
	*out = (*C.stg_instance)(unsafe.Pointer(handle))
	return C.STG_OK
}

//export goDestroy
func goDestroy(instance *C.stg_instance) {
	handle := (*cgo.Handle)(unsafe.Pointer(instance))
	self := handle.Value().(*search)
	C.free(unsafe.Pointer(self.ask))
	C.free(unsafe.Pointer(self.ranking))
	handle.Delete()
	C.free(unsafe.Pointer(handle))
}

// take adds the answers of a window. It is true if all of them are the same one, or no more will come.
func (self *search) take(told *C.stg_told) bool {
	first := len(self.nodes)
	for _, node := range unsafe.Slice(told.nodes, int(told.node_count)) {
		var info C.stg_node_info
		if C.get_node(self.host, node, &info) != C.STG_OK || info.flags&C.STG_NODE_ANSWERED == 0 {
			continue
		}
		answer := string(unsafe.Slice((*byte)(unsafe.Pointer(info.answer.data)), int(info.answer.size))) // a copy
		place, found := self.places[answer]
		if !found {
			place = len(self.votes)
			self.places[answer] = place
			self.votes = append(self.votes, 0)
		}
		self.votes[place]++
		self.nodes = append(self.nodes, node)
		self.groups = append(self.groups, place)
	}
	agrees := len(self.nodes)-first == self.window
	for _, place := range self.groups[first:] {
		agrees = agrees && place == self.groups[first]
	}
	return agrees || told.node_count == 0 || (told.outcome != C.STG_OUTCOME_OK && told.outcome != C.STG_OUTCOME_TRUNCATED)
}

// rank puts the most common answer's nodes in front. Of a map the order would differ from run to run: it is not asked.
func (self *search) rank(out *C.stg_next) {
	winner := 0
	for place, votes := range self.votes {
		if votes > self.votes[winner] {
			winner = place
		}
	}
	self.ranking = (*C.stg_answer)(C.calloc(C.size_t(len(self.nodes)+1), C.sizeof_stg_answer))
	ranking := unsafe.Slice(self.ranking, len(self.nodes))[:0]
	for _, isFront := range []bool{true, false} {
		for i, node := range self.nodes {
			if (self.groups[i] == winner) == isFront {
				ranking = append(ranking, C.stg_answer{node: node, weight: 1})
			}
		}
	}
	out.kind, out.answers, out.answer_count = C.STG_NEXT_DONE, self.ranking, C.size_t(len(ranking))
}

//export goNext
func goNext(instance *C.stg_instance, tell *C.stg_tell, out *C.stg_next) C.stg_status {
	self := (*cgo.Handle)(unsafe.Pointer(instance)).Value().(*search)
	over := tell.event != C.STG_EVENT_START && tell.event != C.STG_EVENT_RESULTS
	for i := 0; i < int(tell.told_count); i++ {
		over = self.take(C.stg_told_at(tell, C.size_t(i))) || over
	}
	left := C.uint64_t(0)
	if !over {
		left = C.room(self.host, self.root)
	}
	if most := C.uint64_t(answersMax - self.asked); left > most {
		left = most
	}
	if left == 0 {
		self.rank(out)
		return C.STG_OK
	}
	if left > C.uint64_t(self.window) {
		left = C.uint64_t(self.window)
	}
	self.asked += int(left)
	*self.ask = C.stg_ask{struct_size: C.sizeof_stg_ask, kind: C.STG_ASK_SAMPLE, node: self.root, count: C.uint32_t(left),
		temperature: 0.8}
	out.kind, out.asks, out.ask_count = C.STG_NEXT_ASKS, self.ask, 1
	return C.STG_OK
}

func main() {}
