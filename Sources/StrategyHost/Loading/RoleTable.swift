import CStratagem
import SearchCore

/// Reads a strategy's table of the roles that it needs and can use, and refuses a table that names parameters which the
/// strategy does not have.
enum RoleTable {
    typealias Problem = PluginProblem

    static let rolesMax = 256

    static func read(_ strategy: stg_strategy, _ params: [ParameterInfo], place: String) throws(Problem) -> [RoleInfo] {
        let count = strategy.role_count
        guard (0...rolesMax).contains(count) else {
            throw Problem(
                reason: "\(place)says that it has \(UInt(bitPattern: count)) roles; at most \(rolesMax) are read")
        }
        guard count > 0 else { return [] }
        guard let first = strategy.roles else {
            throw Problem(reason: "\(place)has \(count) roles, but NULL for where they are")
        }
        let stride = Int(first.pointee.struct_size)
        try StructSizes.check(first.pointee.struct_size, is: MemoryLayout<stg_role>.size, of: "stg_role", in: place)
        guard stride % MemoryLayout<stg_role>.alignment == 0 else {
            throw Problem(reason: "\(place)has roles of \(stride) bytes, which cannot be aligned")
        }
        var table: [RoleInfo] = []
        for index in 0..<count {
            let role = UnsafeRawPointer(first).load(fromByteOffset: index * stride, as: stg_role.self)
            guard Int(role.struct_size) == stride else {
                throw Problem(
                    reason: "\(place)has roles of \(stride) and of \(role.struct_size) bytes in one table; "
                        + "all must be sizeof(stg_role)")
            }
            table.append(try readOne(role, params, place: "\(place)role number \(index) "))
        }
        return table
    }

    private static func readOne(_ role: stg_role, _ params: [ParameterInfo], place: String) throws(Problem) -> RoleInfo
    {
        let unknown = role.flags & ~(STG_ROLE_VERIFIER | STG_ROLE_OPTIONAL)
        guard unknown == 0 else {
            throw Problem(reason: "\(place)has flags (0x\(String(unknown, radix: 16))) that this host does not know")
        }
        guard let name = ForeignText.line(role.name), let help = ForeignText.line(role.help) else {
            throw Problem(reason: "\(place)has a name or a help text that is not one line of UTF-8")
        }
        let parameter = try parameter(role.param, params, of: [.text, .choice], place: "\(place)is named by ")
        guard name.isEmpty != (parameter == nil) else {
            throw Problem(
                reason:
                    "\(place)\(name.isEmpty ? "has no name, and no parameter names it" : "has a name, and a parameter that names it"); give one of the two"
            )
        }
        var info = RoleInfo(
            name: name, parameter: parameter?.id, isVerifier: role.flags & STG_ROLE_VERIFIER != 0,
            isOptional: role.flags & STG_ROLE_OPTIONAL != 0, help: help)
        if let condition = try self.parameter(
            role.unless_param, params, of: [.choice, .bool], place: "\(place)is not used depending on ")
        {
            info.unless = .init(parameter: condition.id, value: try value(role.unless_value, condition, place: place))
        }
        return info
    }

    private static func parameter(
        _ id: stg_str, _ params: [ParameterInfo], of kinds: Set<ParameterInfo.Kind>,
        place: String
    ) throws(Problem) -> ParameterInfo? {
        guard id.size > 0 else { return nil }
        guard let text = ForeignText.identifier(id), let info = params.first(where: { $0.id == text }) else {
            throw Problem(reason: "\(place)\(ForeignText.quoted(id)), and the strategy has no such parameter")
        }
        guard kinds.contains(info.kind) else {
            throw Problem(
                reason: "\(place)parameter \(text), which is \(info.kind.rawValue); "
                    + "it must be \(kinds.map(\.rawValue).sorted().joined(separator: " or "))")
        }
        return info
    }

    private static func value(_ raw: stg_str, _ info: ParameterInfo, place: String) throws(Problem) -> String {
        let allowed = info.kind == .bool ? ["true", "false"] : info.choices
        guard let value = ForeignText.line(raw), allowed.contains(value) else {
            throw Problem(
                reason:
                    "\(place)is not used while \(info.id) is \(ForeignText.quoted(raw)), which \(info.id) cannot be; "
                    + "it is one of \(allowed.joined(separator: ", "))")
        }
        return value
    }
}
