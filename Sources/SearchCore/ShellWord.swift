/// A word of a command that a person will paste into a shell.
public enum ShellWord {
    /// The word as it is if a shell leaves it alone, else in single quotes.
    public static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "/._-+=,:@".utf8.contains(byte)
                }
            }
        return isPlain ? text : "'\(text.replacing("'", with: "'\\''"))'"
    }
}
