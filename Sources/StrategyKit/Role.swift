/// A role of the bundle that a strategy uses in its asks.
///
///     roles: [.model("policy"), .verifier(named: Standard.verifier).unless(Standard.selection, is: .majority)]
public struct Role: Sendable {
    var flags: UInt32
    var name = ""
    var param = ""
    var unlessParam = ""
    var unlessValue = ""
    var help: String

    /// A model that continues text. The strategy needs it, unless it is optional.
    public static func model(_ name: String, _ help: String = "", optional: Bool = false) -> Role {
        Role(flags: optional ? STG_ROLE_OPTIONAL : 0, name: name, help: help)
    }

    /// A model of the role that the value of a parameter names.
    public static func model(named parameter: some AnyParameter, _ help: String = "", optional: Bool = false) -> Role {
        Role(flags: optional ? STG_ROLE_OPTIONAL : 0, param: parameter.row.id, help: help)
    }

    /// A verifier, which scores. The strategy needs it, unless it is optional.
    public static func verifier(_ name: String, _ help: String = "", optional: Bool = false) -> Role {
        Role(flags: STG_ROLE_VERIFIER | (optional ? STG_ROLE_OPTIONAL : 0), name: name, help: help)
    }

    /// A verifier of the role that the value of a parameter names.
    public static func verifier(named parameter: some AnyParameter, _ help: String = "", optional: Bool = false) -> Role
    {
        Role(flags: STG_ROLE_VERIFIER | (optional ? STG_ROLE_OPTIONAL : 0), param: parameter.row.id, help: help)
    }

    /// The same role, not used while a parameter has this value.
    public func unless<Value>(_ parameter: Parameter<Value>, is value: Value) -> Role
    where Value: RawRepresentable & Sendable, Value.RawValue == String {
        var role = self
        (role.unlessParam, role.unlessValue) = (parameter.row.id, value.rawValue)
        return role
    }

    /// The same role, not used while a parameter has this value.
    public func unless(_ parameter: Parameter<Bool>, is value: Bool) -> Role {
        var role = self
        (role.unlessParam, role.unlessValue) = (parameter.row.id, value ? "true" : "false")
        return role
    }

    func descriptor() -> stg_role {
        stg_role(
            struct_size: UInt32(MemoryLayout<stg_role>.size), flags: flags, name: leaked(name), param: leaked(param),
            unless_param: leaked(unlessParam), unless_value: leaked(unlessValue), help: leaked(help))
    }
}
