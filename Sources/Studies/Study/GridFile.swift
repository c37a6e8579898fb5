import Foundation
import SearchCore
import TOMLKit

/// A study from a TOML file: strategy × parameters × budget × seed.
///
///     seeds = [0]
///
///     [[cells]]
///     strategy = "beam-search"
///     budgets = [4, 16, "64+seconds=5"]
///     params = { beam_width = [2, 4], selection = "weighted" }
public struct GridFile: Sendable, Equatable {
    public struct Line: Sendable, Equatable {
        public var strategy: String
        /// As they are typed: of each parameter its values.
        public var params: [String: [String]]
        public var budgets: [String]
        public var seeds: [UInt64]
        /// Parameters × budgets × seeds; `Int.max` if that is more.
        public var count: Int {
            ([budgets.count, seeds.count] + params.values.map(\.count)).reduce(1) { product, factor in
                let (value, overflows) = product.multipliedReportingOverflow(by: factor)
                return overflows ? .max : value
            }
        }
    }

    /// More cells than this are asked about first.
    public static let cellsAsked = 1000

    public var file: String
    public var lines: [Line]

    public var count: Int {
        lines.reduce(0) { sum, line in
            let (value, overflows) = sum.addingReportingOverflow(line.count)
            return overflows ? .max : value
        }
    }

    public static func read(_ file: String) throws(StratagemError) -> GridFile {
        guard let data = FileManager.default.contents(atPath: file), data.count <= 1 << 20,
            let text = String(validating: data, as: UTF8.self)
        else {
            throw StratagemError(
                .user, .badGrid,
                "\(file): the grid cannot be read as text of 1 MiB at most. Check the path and its permissions")
        }
        return try parse(text, file: file)
    }

    public static func parse(_ text: String, file: String) throws(StratagemError) -> GridFile {
        func refuse(_ why: String) -> StratagemError { StratagemError(.user, .badGrid, "\(file): \(why)") }
        let table: TOMLTable
        do { table = try TOMLTable(string: text) } catch {
            throw refuse("not TOML: \(error)")
        }
        for key in table.keys where !["seeds", "cells"].contains(key) {
            throw refuse("unknown key '\(key)'. A grid has seeds and [[cells]]")
        }
        let common = try seeds(table["seeds"], refuse) ?? [0]
        guard let cells = table["cells"]?.array, !cells.isEmpty else {
            throw refuse("there are no [[cells]]. Write one for each strategy")
        }
        var lines: [Line] = []
        for (index, value) in cells.enumerated() {
            let place = "[[cells]] number \(index + 1)"
            guard let cell = value.table else { throw refuse("\(place) is not a table") }
            for key in cell.keys where !["strategy", "params", "budgets", "seeds"].contains(key) {
                throw refuse("\(place): unknown key '\(key)'. A cell has strategy, params, budgets and seeds")
            }
            guard let strategy = cell["strategy"]?.string, !strategy.isEmpty else {
                throw refuse("\(place): strategy must be a name")
            }
            guard let budgets = cell["budgets"], let typed = values(budgets), !typed.isEmpty else {
                throw refuse("\(place): budgets must be a list such as [4, 16, \"64+seconds=5\"]")
            }
            var params: [String: [String]] = [:]
            if let given = cell["params"] {
                guard let given = given.table else {
                    throw refuse("\(place): params must be a table such as { beam_width = [2, 4] }")
                }
                for key in given.keys {
                    guard let value = given[key], let list = values(value), !list.isEmpty else {
                        throw refuse("\(place): params.\(key) must be a value or a list of values")
                    }
                    params[key] = list
                }
            }
            lines.append(
                Line(
                    strategy: strategy, params: params, budgets: typed,
                    seeds: try seeds(cell["seeds"], refuse) ?? common))
        }
        return GridFile(file: file, lines: lines)
    }

    /// A value or a list of values, as they are typed on the command line.
    private static func values(_ value: any TOMLValueConvertible) -> [String]? {
        func one(_ value: any TOMLValueConvertible) -> String? {
            if let text = value.string { return text }
            if let flag = value.bool { return flag ? "true" : "false" }
            if let number = value.int { return "\(number)" }
            if let number = value.double { return "\(number)" }
            return nil
        }
        guard let array = value.array else { return one(value).map { [$0] } }
        let list = array.map { one($0) }
        return list.contains { $0 == nil } ? nil : list.compactMap(\.self)
    }

    private static func seeds(_ value: (any TOMLValueConvertible)?, _ refuse: (String) -> StratagemError)
        throws(StratagemError) -> [UInt64]?
    {
        guard let value else { return nil }
        guard let typed = values(value), !typed.isEmpty else { throw refuse("seeds must be a list of whole numbers") }
        var seeds: [UInt64] = []
        for text in typed {
            guard let seed = UInt64(text) else { throw refuse("seed '\(text)' is not a whole number from 0 up") }
            seeds.append(seed)
        }
        return seeds
    }
}

extension GridFile.Line {
    /// Every choice of one value a parameter, in order of the parameters' names.
    public var choices: [[String: String]] {
        params.keys.sorted().reduce([[:]]) { choices, key in
            choices.flatMap { choice in (params[key] ?? []).map { choice.merging([key: $0]) { _, new in new } } }
        }
    }
}
