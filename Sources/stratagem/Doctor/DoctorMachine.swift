import Foundation
import LanguageModels
import LlamaBackend
import Reporting
import SearchCore

/// The processor, and how much of it this process may use.
enum DoctorMachine {
    static func checks() -> [DoctorReport.Check] { [processor(), cores] }

    /// What llama.cpp in this program computes with, by the names that Linux has for it.
    private static let spellings = [
        "SSE3": "pni", "SSSE3": "ssse3", "AVX": "avx", "AVX2": "avx2", "BMI2": "bmi2", "F16C": "f16c", "FMA": "fma",
        "AVX512": "avx512f",
    ]

    /// - Parameter text: of `/proc/cpuinfo`.
    static func processor(_ text: String? = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))
        -> DoctorReport.Check
    {
        let wanted = LlamaRuntime.features
        let built = wanted.isEmpty ? "no features of its own" : wanted.joined(separator: ", ")
        let lines = (text ?? "").split(separator: "\n")
        func value(_ keys: [String]) -> String? {
            lines.first { line in keys.contains { line.hasPrefix($0) } }?.split(separator: ":", maxSplits: 1).last.map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
        let name = value(["model name", "Model"]) ?? "a processor that does not tell its name"
        guard let flags = value(["flags", "Features"])?.split(separator: " ").map(String.init) else {
            return .init("processor", .note, "\(name): what it can do is not told; the program was built for \(built)")
        }
        let missing = wanted.filter { feature in spellings[feature].map { !flags.contains($0) } ?? false }
        let values: [JSON.Field] = [
            .init("name", .string(name)), .init("built_for", .array(wanted.map { .string($0) })),
            .init("missing", .array(missing.map { .string($0) })),
        ]
        guard missing.isEmpty else {
            return .init(
                "processor", .problem,
                "\(name) has no \(missing.joined(separator: ", ")), and this program was built for it: models will end it with an illegal instruction",
                remedy: "make clean build    # on this machine: it is built for its processor then", values: values)
        }
        return .init("processor", .ok, "\(name), with all that the program was built for: \(built)", values: values)
    }

    private static var cores: DoctorReport.Check {
        let (usable, machine) = (Cores.available, Cores.machine)
        let values: [JSON.Field] = [
            .init("usable", .int(usable)), .init("machine", .int(machine)),
            .init("affinity", Cores.affinity.map { .int($0) } ?? .null),
            .init("quota", Cores.quota.map { .int($0) } ?? .null),
        ]
        guard usable < machine else { return .init("cores", .ok, "\(usable), all of the machine's", values: values) }
        let isQuota = (Cores.quota ?? .max) < (Cores.affinity ?? .max)
        let why = isQuota ? "its control group's quota (cpu.max) allows no more" : "its affinity allows no more"
        return .init(
            "cores", .note, "\(usable) of the machine's \(machine) may be used: \(why)",
            remedy: isQuota
                ? "docker update --cpus=\(machine) CONTAINER    # outside of it; the quota: cat /sys/fs/cgroup/cpu.max"
                : "taskset -cp 0-\(machine - 1) $$    # for this shell and what it starts", values: values)
    }
}
