import CStratagem
import SearchCore

/// Reads a strategy's parameter table, and refuses a table that contradicts itself. Otherwise a default out of range
/// would be found only by the first user who does not set the parameter.
enum ParameterTable {
    typealias Problem = PluginProblem

    static let parametersMax = 1024
    static let choicesMax = 1024

    static func read(_ strategy: stg_strategy, place: String) throws(Problem) -> [ParameterInfo] {
        let count = strategy.param_count
        guard (0...parametersMax).contains(count) else {
            throw Problem(
                reason:
                    "\(place)says that it has \(UInt(bitPattern: count)) parameters; at most \(parametersMax) are read")
        }
        guard count > 0 else { return [] }
        guard let first = strategy.params else {
            throw Problem(reason: "\(place)has \(count) parameters, but NULL for where they are")
        }
        // The step between elements is their own size, which a later minor version may have increased.
        let stride = Int(first.pointee.struct_size)
        try StructSizes.check(first.pointee.struct_size, is: StructSizes.param1_0, of: "stg_param", in: place)
        guard stride % MemoryLayout<stg_param>.alignment == 0 else {
            throw Problem(reason: "\(place)has parameters of \(stride) bytes, which cannot be aligned")
        }
        var table: [ParameterInfo] = []
        for index in 0..<count {
            let parameter = StructSizes.read(UnsafeRawPointer(first) + index * stride, size: stride, into: stg_param())
            guard Int(parameter.struct_size) == stride else {
                throw Problem(
                    reason: "\(place)has parameters of \(stride) and of \(parameter.struct_size) bytes in one table; "
                        + "all must be sizeof(stg_param)")
            }
            let info = try readOne(parameter, place: place, index: index)
            guard !table.contains(where: { $0.id == info.id }) else {
                throw Problem(reason: "\(place)has two parameters \"\(info.id)\"")
            }
            table.append(info)
        }
        return table
    }

    private static func readOne(_ parameter: stg_param, place: String, index: Int) throws(Problem) -> ParameterInfo {
        guard let id = ForeignText.identifier(parameter.id) else {
            throw Problem(
                reason: "\(place)has the id \(ForeignText.quoted(parameter.id)) for its parameter number \(index); "
                    + "an id is [a-z][a-z0-9_]*")
        }
        let place = "\(place)parameter \"\(id)\" "
        guard let kind = kind(parameter.kind) else {
            throw Problem(reason: "\(place)has the kind \(parameter.kind), which this host does not know")
        }
        guard let help = ForeignText.line(parameter.help), let fallbackText = ForeignText.line(parameter.fallback_text)
        else {
            throw Problem(reason: "\(place)has a help text or a fallback_text that is not one line of UTF-8")
        }
        var info = ParameterInfo(
            id: id, kind: kind, help: help, fallback: .none, fallbackText: fallbackText, min: nil, max: nil, choices: []
        )
        if kind == .int || kind == .float {
            guard parameter.min <= parameter.max else {
                throw Problem(reason: "\(place)has the range \(parameter.min) to \(parameter.max), which is empty")
            }
            // "No limit" is an infinity in C, nil here and null in JSON.
            info.min = parameter.min.isFinite ? parameter.min : nil
            info.max = parameter.max.isFinite ? parameter.max : nil
        }
        if kind == .choice { info.choices = try choices(parameter, place: place) }
        info.fallback = try fallback(parameter.fallback, info, place: place)
        info.isRequired = try isRequired(parameter, info, place: place)
        return info
    }

    private static func isRequired(_ parameter: stg_param, _ info: ParameterInfo, place: String) throws(Problem) -> Bool
    {
        let unknown = parameter.flags & ~STG_PARAM_REQUIRED
        guard unknown == 0, parameter.reserved == 0 else {
            throw Problem(
                reason:
                    "\(place)has flags (0x\(String(unknown | parameter.reserved, radix: 16))) that this host does not know"
            )
        }
        guard parameter.flags & STG_PARAM_REQUIRED != 0 else { return false }
        guard info.fallback == .none, info.fallbackText.isEmpty else {
            throw Problem(reason: "\(place)is required and has a default; it is one or the other")
        }
        return true
    }

    private static func kind(_ kind: stg_param_kind) -> ParameterInfo.Kind? {
        switch kind {
        case STG_PARAM_INT: .int
        case STG_PARAM_FLOAT: .float
        case STG_PARAM_BOOL: .bool
        case STG_PARAM_CHOICE: .choice
        case STG_PARAM_TEXT: .text
        case STG_PARAM_FILE: .file
        default: nil
        }
    }

    private static func choices(_ parameter: stg_param, place: String) throws(Problem) -> [String] {
        guard (1...choicesMax).contains(parameter.choice_count), let start = parameter.choices else {
            throw Problem(reason: "\(place)is a choice without choices: it needs 1 to \(choicesMax) choices")
        }
        var found: [String] = []
        for text in UnsafeBufferPointer(start: start, count: parameter.choice_count) {
            guard let choice = ForeignText.line(text), !choice.isEmpty else {
                throw Problem(
                    reason: "\(place)has the choice \(ForeignText.quoted(text)), which is not one line of UTF-8")
            }
            guard !found.contains(choice) else { throw Problem(reason: "\(place)has the choice \"\(choice)\" twice") }
            found.append(choice)
        }
        return found
    }

    private static func fallback(_ value: stg_value, _ info: ParameterInfo, place: String) throws(Problem)
        -> ParameterValue
    {
        let read: ParameterValue
        switch value.kind {
        case STG_VALUE_NONE: return .none
        case STG_VALUE_INT: read = .int(value.i)
        case STG_VALUE_FLOAT: read = .float(value.f)
        case STG_VALUE_BOOL:
            guard value.i == 0 || value.i == 1 else {
                throw Problem(reason: "\(place)has the default \(value.i) for a truth value; it is 0 or 1")
            }
            read = .bool(value.i == 1)
        case STG_VALUE_TEXT:
            guard let text = ForeignText.utf8(value.s, bytesMax: ForeignText.lineBytesMax) else {
                throw Problem(
                    reason: "\(place)has a default that is not UTF-8, or is over \(ForeignText.lineBytesMax) bytes")
            }
            read = .text(text)
        case STG_VALUE_BYTES:
            guard value.s.size == 0 || value.s.data != nil, value.s.size <= ParameterCheck.fileBytesMax else {
                throw Problem(reason: "\(place)has a default of \(value.s.size) bytes that cannot be read")
            }
            read = .bytes(Array(UnsafeRawBufferPointer(start: value.s.data, count: value.s.size)))
        default:
            throw Problem(reason: "\(place)has a default of the kind \(value.kind), which this host does not know")
        }
        // The rules for values that a user gives apply here too, so that a default can always be typed.
        if let complaint = ParameterCheck.complaint(read, info) {
            throw Problem(reason: "\(place)has a default that it does not allow: it \(complaint)")
        }
        return read
    }
}
