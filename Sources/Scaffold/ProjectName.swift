import SearchCore

/// What a new strategy is called, in each of the spellings that its project needs.
public struct ProjectName: Sendable, Equatable {
    /// `my-search`: what people type.
    public let dashed: String
    /// `my_search`: files, functions, modules.
    public let snake: String
    /// `MySearch`: types.
    public let camel: String

    public static let lengthMax = 50

    /// - Throws: a refusal with a name that would do.
    public init(_ name: String, language: Language) throws(StratagemError) {
        guard Self.isDashed(name) else {
            throw Self.refused(
                name, language, "a name is words of a–z and 0–9 joined by single hyphens, and begins with a letter")
        }
        guard name.utf8.count <= Self.lengthMax else {
            throw Self.refused(
                name, language, "it has \(name.utf8.count) characters; at most \(Self.lengthMax) are allowed")
        }
        dashed = name
        snake = String(name.map { $0 == "-" ? "_" : $0 })
        camel = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        // Python has its own modules, which would be imported instead.
        let words = language.reserved.union(language == .python ? PythonModules.names : [])
        if let word = [snake, camel].first(where: words.contains) {
            throw Self.refused(name, language, "'\(word)' already has a meaning in \(language.title) or in its kit")
        }
    }

    private static func isDashed(_ name: String) -> Bool {
        let words = name.split(separator: "-", omittingEmptySubsequences: false)
        let isLetter: (UInt8) -> Bool = { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return words.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { isLetter($0) || isDigit($0) } }
            && name.utf8.first.map(isLetter) == true
    }

    private static func refused(_ name: String, _ language: Language, _ why: String) -> StratagemError {
        let shown = name.count > 60 ? name.prefix(60) + "…" : name[...]
        return StratagemError(
            .user, .badName,
            "a strategy in \(language.title) cannot be called '\(shown)': \(why). Call it, for example, '\(nearest(name))'"
        )
    }

    /// A name that is allowed, as near as possible: `My_Search!` gives `my-search`.
    static func nearest(_ name: String) -> String {
        var spelt = ""
        var previous: Character = "-"
        for character in name.unicodeScalars.map(Character.init) {
            if character.isASCII, character.isUppercase, previous.isASCII, previous.isLowercase { spelt += "-" }
            spelt += character.isASCII && (character.isLetter || character.isNumber) ? character.lowercased() : "-"
            previous = character
        }
        var words = spelt.split(separator: "-").map(String.init)
        if words.first?.first?.isNumber == true { words.insert("search", at: 0) }
        if words.isEmpty { words = ["my"] }
        // A word that is taken is free with another after it.
        let near = words.joined(separator: "-")
        let short = String(near.prefix(lengthMax - 7)).trimmed("-")
        return short == name || short.count < near.count || Language.allCases.contains { $0.reserved.contains(short) }
            || words.count == 1
            ? short + "-search" : short
    }
}

extension String {
    fileprivate func trimmed(_ character: Character) -> String {
        var rest = self[...]
        while rest.last == character { rest.removeLast() }
        return String(rest)
    }
}

/// Modules of Python's own (3.8 to 3.13) that a strategy's module would hide, or be hidden by, and the packer.
enum PythonModules {
    static let names = Set(
        """
        abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2
        cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser
        contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils
        doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc
        genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp
        importlib inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math
        mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator
        optparse os ossaudiodev pack pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath
        pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib
        resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket
        socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics stratagem string stringprep struct
        subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios test textwrap this threading
        time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata
        unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile
        zipimport zlib zoneinfo
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
