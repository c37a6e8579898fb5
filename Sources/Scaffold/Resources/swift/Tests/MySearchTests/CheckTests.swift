import Foundation
import Testing

/// The plugin keeps the contract of stratagem.h: all that `stratagem check` can see.
@Test func keepsTheContract() throws {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let plugin = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("libmy-search.so").path
    let check = Process()
    check.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Set STRATAGEM if the program is not in the PATH.
    check.arguments = [
        ProcessInfo.processInfo.environment["STRATAGEM"] ?? "stratagem", "check", plugin, "--level", "10",
    ]
    try check.run()
    check.waitUntilExit()
    #expect(check.terminationStatus == 0)
}
