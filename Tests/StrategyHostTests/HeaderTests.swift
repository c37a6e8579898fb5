import Foundation
import Testing

/// stratagem.h: compiles everywhere, and version 1's layout has not moved.
@Suite struct HeaderTests {
    static let languages: [(compiler: String, language: String, standard: String)] =
        ["gcc", "clang"].flatMap { compiler in ["c99", "c11", "c17"].map { (compiler, "c", $0) } }
        + ["g++", "clang++"].flatMap { compiler in ["c++11", "c++14", "c++17", "c++20"].map { (compiler, "c++", $0) } }

    @Test(arguments: languages)
    func compilesWithoutAWarning(compiler: String, language: String, standard: String) throws {
        guard Fixture.has(compiler) else { return }
        // Compiled, not only parsed: some of gcc's warnings come late.
        let object = try Fixture.folder("header").appendingPathComponent("header.o").path
        try Fixture.run([
            compiler, "-x", language, "-std=\(standard)", "-c", "-o", object, "-Wall", "-Wextra", "-pedantic",
            "-Werror",
            "-I\(Fixture.include.path)", Fixture.sources.appendingPathComponent("header.c").path,
        ])
    }

    @Test func thereIsAtLeastOneCompiler() {
        #expect(["gcc", "clang"].contains(where: Fixture.has))
    }

    private func printed() throws -> String {
        let program = try Fixture.folder("offsets").appendingPathComponent("offsets").path
        try Fixture.run([
            Fixture.compiler, "-std=c11", "-I\(Fixture.include.path)",
            Fixture.sources.appendingPathComponent("offsets.c").path,
            "-o", program,
        ])
        return try Fixture.run([program])
    }

    /// A change here breaks every plugin that exists: 1.0 is frozen, and the golden file may
    /// follow the header only where a minor version grows at a struct's end. To write it
    /// again: compile Fixtures/offsets.c with -I on the header's folder, run it.
    @Test func theLayoutIsThatOfTheGoldenFile() throws {
        let golden = try String(
            contentsOf: Fixture.sources.appendingPathComponent("Golden/offsets.txt"), encoding: .utf8)
        #expect(try printed() == golden)
    }

    /// Field after field without a hole larger than alignment explains: none is
    /// missing from offsets.c.
    @Test func theGoldenFileHasEveryField() throws {
        var structSize = 0
        var end = 0
        for line in try printed().split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("  ") {
                let (offset, size) = (try #require(Int(words[1])), try #require(Int(words[2])))
                #expect((end...end + 7).contains(offset), "a hole before \(line)")
                #expect(offset - end < max(1, min(8, size)), "a field is missing before \(line)")
                end = offset + size
            } else {
                #expect(structSize - end < 8, "a field is missing before \(line)")
                if words[0].hasPrefix("stg_") {
                    (structSize, end) = (try #require(Int(words[1])), 0)
                } else {
                    (structSize, end) = (0, 0)
                }
            }
        }
    }

    @Test func theGoldenFileHasEveryStructAndConstant() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixture.include.path).filter {
            $0.hasSuffix(".h")
        }
        #expect(names.count == 3)
        let header = try names.map {
            try String(contentsOf: Fixture.include.appendingPathComponent($0), encoding: .utf8)
        }.joined(separator: "\n")
        let golden = Set(
            try printed().split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) })
        for line in header.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.count > 2, words[0] == "#define", words[1].hasPrefix("STG_"), words[1] != "STG_EXPORT" {
                #expect(golden.contains(words[1]), "\(words[1])")
            }
            if words.count > 3, words[0] == "typedef", words[1] == "struct", words[3] == "{" {
                #expect(golden.contains(words[2]), "\(words[2])")
            }
        }
    }

    /// docs/contract.md has a row for every function of the header, with its thread tag.
    @Test func theContractTableIsThatOfTheHeader() throws {
        let page = try String(
            contentsOf: Fixture.here.appendingPathComponent("../../docs/contract.md"), encoding: .utf8)
        var found = 0
        for name in ["stratagem.h", "stratagem_confidence.h", "stratagem_capabilities.h"] {
            let header = try String(contentsOf: Fixture.include.appendingPathComponent(name), encoding: .utf8)
            // A tag holds for all declarations up to the next one.
            var tag: Substring = ""
            for line in header.split(separator: "\n") {
                if let match = line.firstMatch(of: /^ +\/\* \[(any|inst|call)\]|^\/\* \[(any|inst|call)\]/) {
                    tag = match.1 ?? match.2 ?? ""
                }
                let function =
                    line.firstMatch(of: /\(\*(\w+)\)\(/)?.1 ?? line.firstMatch(of: /^STG_EXPORT .*\*(\w+)\(void\);/)?.1
                guard let function, !["address", "stg_plugin_entry_fn"].contains(function) else { continue }
                found += 1
                // restore makes an instance, as create does: there is none yet whose calls could overlap.
                let expected = function == "restore" ? "any" : tag
                let isThere = page.split(separator: "\n").contains { row in
                    row.firstMatch(of: /^\| `(?:stg_plugin\.)?(\w+)` \| (\w+) \|/).map {
                        $0.1 == function && $0.2 == expected
                    } ?? false
                }
                #expect(isThere, "\(function) is [\(expected)] in \(name); docs/contract.md has no such row")
            }
        }
        #expect(found == 19)
    }
}
