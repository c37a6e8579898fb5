import Foundation
import LanguageModels
import ReferenceModels
import Reporting
import SearchCore
import StrategyHost
import StudyReport

/// The program and what has to lie beside it.
enum DoctorInstallation {
    static func checks() -> [DoctorReport.Check] { [program, worker, shipped, gnuplot] }

    private static var program: DoctorReport.Check {
        let place = PluginRegistry.binaryFolder ?? "a folder that the system does not tell"
        return .init(
            "program", .ok, "stratagem \(Version.text), plugin ABI 1.1, in \(place)",
            values: [.init("path", .string(place))])
    }

    private static var worker: DoctorReport.Check {
        if let path = IsolationOptions().worker {
            return .init(
                "worker", .ok, "\(path): plugins that are not trusted run in it", values: [.init("path", .string(path))]
            )
        }
        let place = PluginRegistry.binaryFolder.map { $0 + "/" } ?? ""
        let isThere = FileManager.default.fileExists(atPath: place + "stratagem-worker")
        return .init(
            "worker", .problem,
            "\(place)stratagem-worker \(isThere ? "may not be run" : "is not there"), so plugins that are not trusted cannot run",
            remedy: isThere ? "chmod +x \(ShellWord.quoted(place + "stratagem-worker"))" : DoctorRemedy.again)
    }

    /// Every file that a shipped bundle names, and every shipped data set.
    private static var shipped: DoctorReport.Check {
        let models: ReferenceModels
        do throws(StratagemError) { models = try ReferenceModels.find() } catch {
            let isNamed = !(ProcessInfo.processInfo.environment["STRATAGEM_MODELS"] ?? "").isEmpty
            return .init(
                "models", .problem, error.message, remedy: isNamed ? "unset STRATAGEM_MODELS" : DoctorRemedy.again)
        }
        var missing: [String] = []
        for name in ShippedFiles.names(.data) {
            guard let path = try? ShippedFiles.path("\(name)", .data), FileManager.default.isReadableFile(atPath: path)
            else {
                missing.append("data set \(name)")
                continue
            }
        }
        for name in ShippedFiles.names(.bundle) {
            do throws(StratagemError) {
                let bundle = try BundleReader.read(file: models.folder + "/\(name).toml")
                for model in bundle.models.values {
                    if case .gguf(let file) = model.source, !FileManager.default.isReadableFile(atPath: file) {
                        missing.append(file)
                    }
                }
            } catch { missing.append("bundle \(name) (\(error.message))") }
        }
        guard missing.isEmpty else {
            return .init(
                "models", .problem,
                "of the shipped files these are missing or cannot be read: \(Set(missing).sorted().joined(separator: ", "))",
                remedy: DoctorRemedy.again)
        }
        return .init(
            "models", .ok,
            "\(models.folder): bundles \(ShippedFiles.names(.bundle).joined(separator: ", ")); data sets \(ShippedFiles.names(.data).joined(separator: ", "))",
            values: [.init("path", .string(models.folder))])
    }

    private static var gnuplot: DoctorReport.Check {
        if (try? Gnuplot.find()) != nil { return .init("gnuplot", .ok, "is in PATH: stratagem report draws with it") }
        return .init(
            "gnuplot", .note, "is not in PATH: stratagem report draws no figures without it",
            remedy: "apt-get install gnuplot-nox")
    }
}
