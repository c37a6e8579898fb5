import DequeModule
import Locking
import SearchCore

/// Runs that were submitted, and where they are: at first in one queue; then on the lane that took them when it had
/// room, until their end. So no lane is idle while another has more runs than it can hold.
///
/// Safe to use from any thread.
final class RunQueue: Sendable {
    struct Entry: Sendable {
        var id: RunID
        /// See `RunRequest.group`.
        var group: UInt64?
        var message: LaneMessage
    }

    private struct State: Sendable {
        var waiting: Deque<Entry> = []
        /// The places of runs that a lane has taken.
        var places: [RunID: Place] = [:]
        /// The lane of each group's runs, from when the first is taken until no run of the group waits or lives.
        var groups: [UInt64: (lane: Int?, runs: Int)] = [:]

        func mayTake(_ entry: Entry, lane: Int) -> Bool {
            guard let group = entry.group, let known = groups[group]?.lane else { return true }
            return known == lane
        }

        /// Gives the entry at `index` to a lane, or to the lane of its group.
        mutating func place(_ index: Int, lane: Int) -> (lane: Int, begin: LaneMessage) {
            let entry = waiting.remove(at: index)
            var lane = lane
            if let group = entry.group {
                lane = groups[group]?.lane ?? lane
                groups[group]?.lane = lane
            }
            places[entry.id] = Place(lane: lane, group: entry.group)
            return (lane, entry.message)
        }
    }

    private struct Place: Sendable {
        var lane: Int
        var group: UInt64?
    }

    private let state = Locked(State())

    func add(_ entry: Entry) {
        state.withLock { state in
            state.waiting.append(entry)
            if let group = entry.group { state.groups[group, default: (nil, 0)].runs += 1 }
        }
    }

    /// The next run for a lane; it belongs to that lane from now on.
    func take(lane: Int) -> LaneMessage? {
        state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { state.mayTake($0, lane: lane) }) else { return nil }
            return state.place(index, lane: lane).begin
        }
    }

    func hasRun(for lane: Int) -> Bool {
        state.withLock { state in state.waiting.contains { state.mayTake($0, lane: lane) } }
    }

    /// Whether no run waits and none is on a lane.
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty && $0.places.isEmpty } }

    /// The number of waiting runs.
    var count: Int { state.withLock { $0.waiting.count } }

    func ended(_ id: RunID) {
        state.withLock { state in
            guard let group = state.places.removeValue(forKey: id)?.group, let known = state.groups[group] else {
                return
            }
            state.groups[group] = known.runs > 1 ? (known.lane, known.runs - 1) : nil
        }
    }

    /// The lane that a run is on. A waiting run is given to a lane, together with its message, because it must begin
    /// before it can be cancelled.
    func place(of id: RunID) -> (lane: Int, begin: LaneMessage?)? {
        state.withLock { state in
            if let place = state.places[id] { return (place.lane, nil) }
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            let placed = state.place(index, lane: 0)
            return (placed.lane, placed.begin)
        }
    }

    /// Gives every waiting run to a lane, in turn.
    func placeAll(lanes: Int) -> [(lane: Int, begin: LaneMessage)] {
        state.withLock { state in
            var placed: [(lane: Int, begin: LaneMessage)] = []
            while !state.waiting.isEmpty { placed.append(state.place(0, lane: placed.count % lanes)) }
            return placed
        }
    }
}
