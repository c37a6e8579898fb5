import SearchCore

/// For a server that computes values itself (`route = "pooling"`, `"classify"` or `"score"`): how steps are laid out,
/// and which of its numbers is the value.
///
/// With `pooling` a tag follows every step and the server returns a value for each tag: Qwen2.5-Math-PRM, which is
/// shown `step<extra_0>step<extra_0>`, without what ends a step. With the others the text ends where it is read.
public struct ServedReadOut: StepReadOut, Equatable {
    public static let name = "served"
    public let route: Bundle.Endpoint.Route
    /// What follows a step; empty for routes that read at a text's end.
    public let tag: String
    /// Which of several numbers is the value; a single number is the value itself.
    public let goodClass: Int

    public init(route: Bundle.Endpoint.Route, tag: String = "", goodClass: Int = 1) {
        (self.route, self.tag, self.goodClass) = (route, tag, goodClass)
    }

    /// Never used: a bundle names a route, and not this read-out.
    public init(_ keys: inout ReadOutKeys) throws(StratagemError) { try self.init(.pooling, &keys) }

    init(_ route: Bundle.Endpoint.Route, _ keys: inout ReadOutKeys) throws(StratagemError) {
        self.route = route
        tag = try route == .pooling ? keys.string("tag", default: "<extra_0>") : ""
        guard route != .pooling || !tag.isEmpty else {
            throw keys.refuse("tag", "is empty. Name the token that follows every step")
        }
        goodClass = try keys.integer("class", in: 0...1000, default: 1)
    }

    public var settings: [String] { [route.rawValue, tag, "\(goodClass)"] }
    public var tokens: [ReadOutToken] { tag.isEmpty ? [] : [ReadOutToken(key: "tag", text: tag)] }

    public func layOut(_ step: StepText) -> [PromptPart] {
        guard tag.isEmpty else {
            return [PromptPart(text: step.lead + step.withoutDelimiter), PromptPart(template: tag)]
        }
        return [PromptPart(text: step.lead + step.withDelimiter)]
    }

    public func positions(in step: [Int32], ids: [Int32]) -> ReadOutPositions { .last }
    /// The server has read it.
    public func read(_ row: some ReadOutRow, at place: ReadOutPlace, sum: inout Double) { sum = .nan }
}
