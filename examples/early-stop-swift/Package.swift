// swift-tools-version: 6.2
import Foundation
import PackageDescription

let stratagem = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../.."

let package = Package(
    name: "early-stop",
    products: [.library(name: "early-stop", type: .dynamic, targets: ["EarlyStop"])],
    dependencies: [.package(name: "stratagem", path: "../..")],
    targets: [
        .target(
            name: "EarlyStop",
            dependencies: [.product(name: "StrategyKit", package: "stratagem")],
            // One exported symbol, and never unloaded: see Plugins/README.md.
            linkerSettings: [
                .unsafeFlags([
                    "-Xlinker", "--version-script=\(stratagem)/Plugins/plugin.version", "-Xlinker", "-z", "-Xlinker",
                    "nodelete",
                ])
            ])
    ],
    swiftLanguageModes: [.v6]
)
