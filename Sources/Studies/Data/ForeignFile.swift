import Foundation
import SearchCore

/// Files that hold data in another form, by their first bytes, with the command that converts them.
enum ForeignFile {
    /// Why `text` is refused; nil if it may be JSON or a table.
    static func reason(_ text: Data.SubSequence, _ file: String) -> String? {
        let name = ShellWord.quoted(file)
        func begins(_ mark: String) -> Bool { text.starts(with: Array(mark.utf8)) }
        func begins(_ mark: UInt8...) -> Bool { text.starts(with: mark) }
        if begins("PAR1") {
            return
                "this is a Parquet file. Convert it: python3 -c '\(lines("import pyarrow.parquet as p, json, sys", "p.read_table(sys.argv[1]).to_pylist()"))' \(name) (pip install pyarrow)"
        }
        if begins("ARROW1") {
            return
                "this is an Arrow file. Convert it: python3 -c '\(lines("import pyarrow as p, json, sys", "p.ipc.open_file(sys.argv[1]).read_all().to_pylist()"))' \(name) (pip install pyarrow)"
        }
        if begins("PK\u{3}\u{4}") || begins(0xD0, 0xCF, 0x11, 0xE0) { return archive(text, file, name) }
        if begins(0x1F, 0x8B) { return "this is a gzip file. Unpack it: gunzip -k \(name)" }
        if begins("BZh") { return "this is a bzip2 file. Unpack it: bunzip2 -k \(name)" }
        if begins(0xFD, 0x37, 0x7A, 0x58, 0x5A) { return "this is an xz file. Unpack it: xz -dk \(name)" }
        if begins(0x28, 0xB5, 0x2F, 0xFD) { return "this is a Zstandard file. Unpack it: zstd -d \(name)" }
        if begins(0xFF, 0xFE) || begins(0xFE, 0xFF) {
            return "this is UTF-16. Convert it: iconv -f utf-16 -t utf-8 \(name) > data.jsonl"
        }
        if begins("version https://git-lfs") {
            return "this is a Git LFS pointer, and not the file itself. Fetch it: git lfs pull"
        }
        if begins("SQLite format 3\0") {
            return
                "this is an SQLite database, and --data reads JSON lines, a JSON array or a table. A store of stratagem is for fit, report and query"
        }
        if begins("%PDF") { return "this is a PDF file. Write its problems as JSON lines" }
        if begins("<") {
            return
                "this is HTML or XML, perhaps the page of a download that failed. Fetch the file itself, as JSON lines or CSV"
        }
        return nil
    }

    /// A spreadsheet is a zip file too.
    private static func archive(_ text: Data.SubSequence, _ file: String, _ name: String) -> String {
        let ending = (file as NSString).pathExtension.lowercased()
        let isOld = text.first == 0xD0
        guard
            isOld || ["xlsx", "xlsm", "ods"].contains(ending)
                || text.prefix(4096).firstRange(of: Data("xl/".utf8)) != nil
        else {
            return "this is a zip file. Unpack it: unzip \(name)"
        }
        return
            "this is a spreadsheet. Convert it: python3 -c 'import pandas, sys; pandas.read_excel(sys.argv[1]).to_csv(\"data.csv\", index=False)' \(name) (pip install pandas \(isOld ? "xlrd" : ending == "ods" ? "odfpy" : "openpyxl"))"
    }

    private static func lines(_ imports: String, _ rows: String) -> String {
        "\(imports); open(\"data.jsonl\", \"w\").writelines(json.dumps(r, default=str) + chr(10) for r in \(rows))"
    }
}
