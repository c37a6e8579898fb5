import Locking
import SearchCore

/// The replicas of one model, and the requests in flight to each. All requests of one problem go to one replica, so
/// that its prefixes are in that replica's cache; the problems of a dead replica go to the others.
///
/// How many are in flight follows what the server takes: half as many when it refuses one because there are too many
/// (429), and one more after as many successes as there are places (Jacobson 1988's additive increase and
/// multiplicative decrease), up to the role's limit. Where the server shows the length of its queue, that decides
/// (`ServerQueue`).
actor EndpointTraffic {
    private struct Replica {
        let client: EndpointClient
        /// The number of requests that the server may have now.
        var places: Int
        var inFlight = 0
        /// Successes since `places` changed.
        var successes = 0
        /// When `places` was last halved: what was sent before says nothing about the smaller number.
        var halvedAt: ContinuousClock.Instant?
        /// The number of requests in a row that were lost.
        var losses = 0
        var restsUntil: ContinuousClock.Instant?
        var queue: PlaceQueue
        /// What is known about the server's own queue.
        var sight = Sight.untried
        var lookedAt: ContinuousClock.Instant?
        var isLooking = false
    }

    private enum Sight { case untried, shown, hidden }

    nonisolated let clients: [EndpointClient]
    nonisolated let retrying: Double
    private let watchesQueues: Bool
    nonisolated private let total: Locked<Int>
    nonisolated private let problems: ProblemsAtWork?
    private var replicas: [Replica]
    /// The number of requests that had to wait so far.
    private(set) var tickets: UInt64 = 0

    /// The number of requests that may be in flight to all replicas together, now.
    nonisolated var requests: Int { total.withLock { $0 } }

    /// - Parameters:
    ///   - clients: at least one.
    ///   - watchesQueues: whether the servers may show the lengths of their queues, as vLLM does.
    init(_ clients: [EndpointClient], watchesQueues: Bool = false) {
        self.clients = clients
        self.watchesQueues = watchesQueues
        retrying = clients.first?.limits.retrying ?? 0
        total = Locked(clients.reduce(0) { $0 + max(1, $1.limits.requests) })
        let slots = clients.reduce(0) { $0 + ($1.limits.slots ?? 0) }
        problems = slots > 0 ? ProblemsAtWork(slots: slots) : nil
        replicas = clients.map {
            let places = max(1, $0.limits.requests)
            return Replica(client: $0, places: places, queue: PlaceQueue(slots: $0.limits.slots, requests: places))
        }
    }

    // MARK: Problems

    /// A sample of this problem is wanted; `ended` follows for each.
    nonisolated func began(root: UInt64) { problems?.began(root) }
    nonisolated func ended(root: UInt64) { problems?.ended(root) }

    /// Whether one more problem may begin for a role that waits for so many samples.
    nonisolated func hasRoom(waitingFor samples: Int) -> Bool {
        samples < requests || problems?.leavesRoom() == true
    }

    // MARK: Requests

    /// Does `request` on the replica that serves `root`.
    /// - Parameters:
    ///   - name: the name of the request, for messages.
    ///   - isSmall: the server answers it besides its work on samples (tokens of a text), so it needs no place: a
    ///     sample that is nearly complete would wait for others, and so would a lane that begins a run.
    nonisolated func perform<Answer: Sendable>(
        root: UInt64, request name: String, isSmall: Bool = false,
        _ request: @Sendable (EndpointClient) async throws(EndpointFailure) -> Answer
    ) async throws(StratagemError) -> (Answer, EndpointClient) {
        try await perform(RequestOrigin(root: root), request: name, isSmall: isSmall) {
            client, _ throws(EndpointFailure) in try await request(client)
        }
    }

    /// The same for a request that continues a prefix. It is told the slot that the server should put it into, if the
    /// server has slots. It is repeated, with back-off, as long as the failures are temporary and there is time, and on
    /// another replica if there is one.
    nonisolated func perform<Answer: Sendable>(
        _ origin: RequestOrigin, request name: String, isSmall: Bool = false,
        _ request: @Sendable (EndpointClient, _ slot: Int?) async throws(EndpointFailure) -> Answer
    ) async throws(StratagemError) -> (Answer, EndpointClient) {
        let began = ContinuousClock.now
        var pause = Backoff()
        while true {
            let place = await enter(origin, isSmall: isSmall)
            let client = clients[place.index]
            let sent = ContinuousClock.now
            if Task.isCancelled {
                await leave(place, origin, sent: sent, failed: EndpointFailure(.cancelled, ""))
                throw EndpointFailure(.cancelled, "").error(server: client.address, request: name)
            }
            do {
                let answer = try await request(client, place.slot)
                await leave(place, origin, sent: sent, failed: nil)
                return (answer, client)
            } catch {
                await leave(place, origin, sent: sent, failed: error)
                let isElsewhere = error.isOfTheServer && error.kind != .cancelled
                let elsewhere = isElsewhere ? await hasOther(than: place.index) : false
                guard error.isPassing || elsewhere, ContinuousClock.now - began < .seconds(retrying), !Task.isCancelled
                else {
                    throw error.error(server: client.address, request: name)
                }
                if !elsewhere {
                    var asked: Double?
                    if case .status(_, let after) = error.kind { asked = after }
                    await pause.wait(atLeast: asked)
                }
            }
        }
    }

    // MARK: Places

    /// What a request holds while it is in flight.
    private struct Place {
        let index: Int
        var slot: Int?
        var isHeld = true
        /// It was cancelled before it had one, and takes one only to give it back.
        var isForgotten = false
    }

    private func enter(_ origin: RequestOrigin, isSmall: Bool) async -> Place {
        let index = choose(origin.root)
        if isSmall { return Place(index: index, isHeld: false) }
        look(at: index)
        if replicas[index].inFlight < replicas[index].places,
            case .place(let slot) = replicas[index].queue.admit(origin)
        {
            replicas[index].inFlight += 1
            return Place(index: index, slot: slot)
        }
        tickets += 1
        let number = tickets
        let grant = await withTaskCancellationHandler {
            await withCheckedContinuation {
                replicas[index].queue.append(PlaceQueue.Ticket(number: number, origin: origin, ready: $0))
            }
        } onCancel: {
            Task(executorPreference: EndpointExecutor.shared) { await self.forget(number, of: origin, at: index) }
        }
        switch grant {
        case .place(let slot): return Place(index: index, slot: slot)
        case .forgotten: return Place(index: index, isHeld: false, isForgotten: true)
        }
    }

    private func forget(_ number: UInt64, of origin: RequestOrigin, at index: Int) {
        replicas[index].queue.remove(number, of: origin)?.ready.resume(returning: .forgotten)
    }

    private func leave(
        _ place: Place, _ origin: RequestOrigin, sent: ContinuousClock.Instant, failed: EndpointFailure?
    ) {
        let index = place.index
        guard !place.isForgotten else { return }
        if failed != nil || place.isHeld { adjust(index, sent: sent, failed: failed) }
        if let failed, failed.isOfTheServer {
            replicas[index].losses += 1
            let seconds = min(30, 0.5 * Double(1 << min(replicas[index].losses, 6)))
            replicas[index].restsUntil = .now + .seconds(seconds)
        } else if failed == nil {
            replicas[index].losses = 0
            replicas[index].restsUntil = nil
        }
        guard place.isHeld else { return }
        replicas[index].inFlight -= 1
        replicas[index].queue.ended(origin, slot: place.slot)
        look(at: index)
        grant(index, after: place.slot)
    }

    /// - Parameter slot: where a request has just ended.
    private func grant(_ index: Int, after slot: Int? = nil) {
        var slot = slot
        while replicas[index].inFlight < replicas[index].places, let next = replicas[index].queue.next(after: slot) {
            slot = nil
            replicas[index].inFlight += 1
            next.ticket.ready.resume(returning: next.grant)
        }
    }

    private func adjust(_ index: Int, sent: ContinuousClock.Instant, failed: EndpointFailure?) {
        if case .status(429, _) = failed?.kind {
            guard replicas[index].halvedAt.map({ $0 < sent }) ?? true else { return }
            setPlaces(max(1, replicas[index].places / 2), of: index)
            replicas[index].halvedAt = .now
        } else if failed == nil, replicas[index].sight != .shown,
            replicas[index].places < mostPlaces(index)
        {
            replicas[index].successes += 1
            guard replicas[index].successes >= replicas[index].places else { return }
            setPlaces(replicas[index].places + 1, of: index)
        }
    }

    /// As many as it may have while its queue is not seen.
    private func mostPlaces(_ index: Int) -> Int {
        let limits = clients[index].limits
        return replicas[index].sight == .hidden ? min(limits.requestsMost, ServerQueue.unseen) : limits.requests
    }

    private func setPlaces(_ places: Int, of index: Int) {
        total.withLock { $0 += places - replicas[index].places }
        replicas[index].places = places
        replicas[index].successes = 0
    }

    // MARK: The server's queue

    /// Looks at it as requests begin and end, but only now and then.
    private func look(at index: Int) {
        guard watchesQueues, replicas[index].sight != .hidden, !replicas[index].isLooking else { return }
        let now = ContinuousClock.now
        let interval = Duration.seconds(clients[index].limits.queueInterval)
        if let last = replicas[index].lookedAt, now - last < interval { return }
        replicas[index].lookedAt = now
        replicas[index].isLooking = true
        let client = clients[index]
        Task(executorPreference: EndpointExecutor.shared) { [weak self] in
            let reading = await ServerQueue.read(client)
            await self?.heed(reading, of: index)
        }
    }

    private func heed(_ reading: ServerQueue.Reading, of index: Int) {
        replicas[index].isLooking = false
        switch reading {
        case .failed: return
        case .hidden:
            replicas[index].sight = .hidden
            setPlaces(mostPlaces(index), of: index)
            grant(index)
        case .shown(let queue):
            replicas[index].sight = .shown
            let next = queue.places(
                now: replicas[index].places, inFlight: replicas[index].inFlight,
                most: clients[index].limits.requestsMost)
            guard next != replicas[index].places else { return }
            setPlaces(next, of: index)
            grant(index)
        }
    }

    /// The replica with the highest hash of itself and the root, among those that are not resting: when a replica dies,
    /// only its own problems move.
    private func choose(_ root: UInt64) -> Int {
        let now = ContinuousClock.now
        let awake = replicas.indices.filter { replicas[$0].restsUntil.map { $0 <= now } ?? true }
        let choice = (awake.isEmpty ? Array(replicas.indices) : awake).max { rank($0, root) < rank($1, root) }
        return choice ?? 0
    }

    private func rank(_ index: Int, _ root: UInt64) -> UInt64 {
        var hash = StableHash(root)
        hash.combine(clients[index].address.root.utf8)
        return hash.value
    }

    private func hasOther(than index: Int) -> Bool {
        let now = ContinuousClock.now
        return replicas.indices.contains { $0 != index && (replicas[$0].restsUntil.map { $0 <= now } ?? true) }
    }
}
