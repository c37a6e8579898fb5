/// Looks at a plugin's file without running any of its code.
public enum PluginFile {
    /// Why the file cannot be read at all, in words that follow the path; nil if it can.
    public static func unreadable(_ path: String) -> String? {
        do { _ = try FileReading.regularFile(path, bytesMax: PluginImage.bytesMax) } catch { return error.reason }
        return nil
    }

    /// Why the host would not even try to load the file: ``unreadable``, or it is not a complete shared object for this
    /// machine.
    public static func refusal(_ path: String) -> String? {
        do {
            _ = try ELFFile(try FileReading.regularFile(path, bytesMax: PluginImage.bytesMax))
        } catch let problem as FileReading.Problem {
            return problem.reason
        } catch let problem as ELFFile.Problem {
            return problem.reason
        } catch { return "\(error)" }
        return nil
    }
}
