// swift-tools-version: 6.2
import Foundation
import PackageDescription

let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

let package = Package(
    name: "my-search",
    products: [.library(name: "my-search", type: .dynamic, targets: ["MySearch"])],
    targets: [
        .target(
            name: "MySearch", dependencies: ["StrategyKit"],
            // One exported symbol, so that it clashes with no other plugin; and never
            // unloaded, which the Swift runtime would not survive.
            linkerSettings: [
                .unsafeFlags([
                    "-use-ld=lld", "-Xlinker", "--version-script=\(root)/plugin.version",
                    "-Xlinker", "-z", "-Xlinker", "nodelete", "-Xlinker", "-z", "-Xlinker", "noexecstack",
                ])
            ]),
        // Copies of Stratagem's own, not to be edited here.
        .target(name: "StrategyKit", dependencies: ["CStratagem"]),
        .target(name: "CStratagem"),
        .testTarget(name: "MySearchTests"),
    ],
    swiftLanguageModes: [.v6]
)
