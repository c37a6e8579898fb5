import CStratagem
import SearchCore

/// The extensions that a host may have, as the double has them: `stratagem.confidence/1` and `/2`,
/// `stratagem.capabilities/1`.
extension HostDouble {
    static let getExtension: @convention(c) (UnsafePointer<stg_host>?, stg_str) -> UnsafeRawPointer? = { host, id in
        guard let self = enter(host, "get_extension") else { return nil }
        defer { self.leave() }
        guard self.world.scenario.offersExtensions else { return nil }
        if !self.makesInstance, [STG_CONFIDENCE_1, STG_CONFIDENCE_2].contains(text(id)) {
            self.note(
                "extensions-offered", "figures of confidence are asked for in create: they are kept from then on",
                "it asked for \(quoted(id)) in a later call")
        }
        if bytes(id)?.contains(0) ?? true {
            self.note(
                "extensions-offered", "an extension's id is its text, of its length",
                "it asked for \(quoted(id)): is a NUL counted?")
        }
        switch text(id) {
        case STG_CONFIDENCE_1:
            return self.table(
                STG_CONFIDENCE_1,
                stg_confidence_1(
                    struct_size: UInt32(MemoryLayout<stg_confidence_1>.size), reserved: 0,
                    summary: self.filled(9, summary)))
        // NULL if no model of the bundle reports more than the token's own probability.
        case STG_CONFIDENCE_2 where !self.world.scenario.hidesProbabilities:
            return self.table(
                STG_CONFIDENCE_2,
                stg_confidence_2(
                    struct_size: UInt32(MemoryLayout<stg_confidence_2>.size), reserved: 0,
                    token_figures: self.filled(10, tokenFigures)))
        case STG_CAPABILITIES_1:
            return self.table(
                STG_CAPABILITIES_1,
                stg_capabilities_1(
                    struct_size: UInt32(MemoryLayout<stg_capabilities_1>.size), reserved: 0,
                    of_role: self.filled(11, ofRole)))
        default: return nil
        }
    }

    private func filled<Function>(_ number: Int32, _ function: Function) -> Function {
        Self.filling(world.scenario.host.fillsStack, number, function)
    }

    /// The instance's own: a table lives as long as its host struct.
    private func table<Table>(_ id: String, _ made: Table) -> UnsafeRawPointer {
        if let known = extensionTables[id] { return known }
        let placed = UnsafeRawPointer(placer.place(made, in: .extensionTable))
        extensionTables[id] = placed
        return placed
    }

    private typealias Summary =
        @convention(c) (UnsafePointer<stg_host>?, stg_node, UnsafeMutablePointer<stg_confidence>?) -> stg_status

    private static let summary: Summary = { host, id, out in
        guard let self = enter(host, "summary") else { return STG_INVALID_ARGUMENT }
        defer { self.leave() }
        guard let out, self.checkSize(out.pointee.struct_size, "summary", "stg_confidence") else {
            self.note(
                "extensions-offered", "summary is given a stg_confidence that says how long it is",
                out == nil ? "it was given NULL" : "it says something else")
            return STG_INVALID_ARGUMENT
        }
        guard let place = self.world.node(id), let found = self.world.tree[place].confidence else {
            return STG_NOT_FOUND
        }
        fill(
            out,
            stg_confidence(
                struct_size: 0, tokens: UInt32(found.tokens), mean: found.mean, minimum: found.minimum,
                tenth: found.tenth,
                median: found.median, lowest_window: found.lowestWindow, last_window: found.lastWindow))
        return STG_OK
    }

    private typealias TokenFiguresFunction =
        @convention(c) (
            UnsafePointer<stg_host>?, stg_node, stg_token_figure, UnsafeMutablePointer<Double>?, Int,
            UnsafeMutablePointer<Int>?
        ) -> stg_status

    private static let tokenFigures: TokenFiguresFunction = { host, id, figure, out, capacity, count in
        guard let self = enter(host, "token_figures") else { return STG_INVALID_ARGUMENT }
        defer { self.leave() }
        guard let count, out != nil || capacity == 0 else {
            self.note("extensions-offered", "token_figures is told where to write what it finds", "it was given NULL")
            return STG_INVALID_ARGUMENT
        }
        guard let figure = TokenFigure(rawValue: figure) else { return STG_UNSUPPORTED }
        guard let place = self.world.node(id), let found = self.world.tree[place].figures else { return STG_NOT_FOUND }
        for token in 0..<min(capacity, found.count) { out?[token] = found.value(figure, of: token) }
        count.pointee = found.count
        return STG_OK
    }

    private typealias OfRole =
        @convention(c) (UnsafePointer<stg_host>?, stg_str, UnsafeMutablePointer<UInt64>?) -> stg_status

    private static let ofRole: OfRole = { host, role, kept in
        guard let self = enter(host, "of_role") else { return STG_INVALID_ARGUMENT }
        defer { self.leave() }
        guard let kept else {
            self.note("extensions-offered", "of_role is told where to write what it finds", "it was given NULL")
            return STG_INVALID_ARGUMENT
        }
        guard let role = text(role), self.world.hasRole(role) else { return STG_NOT_FOUND }
        var bits = Capabilities().bits
        if self.world.scenario.hidesProbabilities {
            let told = STG_TELLS_PROBABILITIES | STG_TELLS_TOP | STG_TELLS_DISTRIBUTIONS
            bits &= ~UInt64(told)
        }
        if self.world.scenario.host.hasUnknownFlags { bits |= 1 << 40 }
        kept.pointee = bits
        return STG_OK
    }
}
