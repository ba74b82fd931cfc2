/// A call that a recorded process made to change its files, or to say something.
enum SystemCall: Equatable {
    case open(descriptor: Int, path: String, isDataSync: Bool)
    case close(descriptor: Int)
    case write(descriptor: Int, offset: UInt64?, bytes: [UInt8])
    case seek(descriptor: Int, offset: UInt64)
    case sync(descriptor: Int)
    case resize(descriptor: Int, byteCount: UInt64)
    case rename(source: String, target: String)
    case remove(path: String)
}

/// Reads what `strace -xx` writes: one call a line, every string in hexadecimal.
struct SystemCallReader {
    /// A line that is not understood: nothing may be missed.
    struct Unreadable: Error {
        var line: String
    }

    static let traced =
        "openat,close,pwrite64,pwritev,pwritev2,writev,write,lseek,fdatasync,fsync,ftruncate,fallocate,msync,"
        + "rename,renameat,renameat2,unlink,unlinkat,sync_file_range,copy_file_range"

    /// The calls of a record in order; those that failed changed nothing and are left out.
    static func read(_ record: [UInt8]) throws -> [SystemCall] {
        var calls: [SystemCall] = []
        for line in record.split(separator: UInt8(ascii: "\n")) {
            if let call = try parse(Array(line)) { calls.append(call) }
        }
        return calls
    }

    private static func parse(_ line: [UInt8]) throws -> SystemCall? {
        guard let open = line.firstIndex(of: UInt8(ascii: "(")), let equals = lastResult(line) else {
            // "+++ exited with 0 +++"
            if line.starts(with: Array("+++".utf8)) { return nil }
            throw Unreadable(line: text(line))
        }
        guard let result = Int(text(line[(equals + 2)...].prefix { $0 == UInt8(ascii: "-") || isDigit($0) })) else {
            throw Unreadable(line: text(line))
        }
        if result < 0 { return nil }
        let name = text(line[..<open])
        var arguments = Arguments(Array(line[(open + 1)..<equals]))
        switch name {
        case "openat":
            let path = String(decoding: arguments.nextString(), as: UTF8.self)
            return .open(descriptor: result, path: path, isDataSync: arguments.rest.contains("O_DSYNC"))
        case "close": return .close(descriptor: arguments.nextNumber())
        case "lseek":
            return .seek(descriptor: arguments.nextNumber(), offset: UInt64(result))
        case "fdatasync", "fsync": return .sync(descriptor: arguments.nextNumber())
        case "ftruncate":
            let descriptor = arguments.nextNumber()
            return .resize(descriptor: descriptor, byteCount: UInt64(arguments.nextNumber()))
        case "write", "pwrite64", "writev", "pwritev":
            return try write(name, result, &arguments, line)
        case "rename":
            let source = String(decoding: arguments.nextString(), as: UTF8.self)
            return .rename(source: source, target: String(decoding: arguments.nextString(), as: UTF8.self))
        case "unlink": return .remove(path: String(decoding: arguments.nextString(), as: UTF8.self))
        case "unlinkat": return .remove(path: String(decoding: arguments.nextString(), as: UTF8.self))
        default: throw Unreadable(line: text(line))
        }
    }

    private static func write(
        _ name: String, _ result: Int, _ arguments: inout Arguments, _ line: [UInt8]
    ) throws -> SystemCall {
        let descriptor = arguments.nextNumber()
        let bytes = arguments.allStrings()
        guard bytes.count == result else { throw Unreadable(line: text(line)) }
        let offset = name.hasPrefix("p") ? UInt64(arguments.lastNumber()) : nil
        return .write(descriptor: descriptor, offset: offset, bytes: bytes)
    }

    /// Where " = result" begins, behind the closing parenthesis.
    private static func lastResult(_ line: [UInt8]) -> Int? {
        var index = line.count - 3
        while index > 0 {
            if line[index] == UInt8(ascii: " "), line[index + 1] == UInt8(ascii: "="),
                line[index + 2] == UInt8(ascii: " ")
            {
                return index + 1
            }
            index -= 1
        }
        return nil
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
}

/// What stands between the parentheses of a call.
private struct Arguments {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var rest: String { SystemCallReader.text(bytes[index...]) }

    /// The next run of digits.
    mutating func nextNumber() -> Int {
        while index < bytes.count, !SystemCallReader.isDigit(bytes[index]) { index += 1 }
        var number = 0
        while index < bytes.count, SystemCallReader.isDigit(bytes[index]) {
            number = number * 10 + Int(bytes[index] - UInt8(ascii: "0"))
            index += 1
        }
        return number
    }

    /// The last run of digits.
    mutating func lastNumber() -> Int {
        var end = bytes.count
        while end > 0, !SystemCallReader.isDigit(bytes[end - 1]) { end -= 1 }
        var start = end
        while start > 0, SystemCallReader.isDigit(bytes[start - 1]) { start -= 1 }
        return Int(SystemCallReader.text(bytes[start..<end])) ?? -1
    }

    /// The next string in quotes, each byte of which is written as \xNN.
    mutating func nextString() -> [UInt8] {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += 1 }
        index += 1
        var string: [UInt8] = []
        while index + 3 < bytes.count, bytes[index] == UInt8(ascii: "\\") {
            string.append(Self.digit(bytes[index + 2]) << 4 | Self.digit(bytes[index + 3]))
            index += 4
        }
        index += 1
        return string
    }

    /// All strings one after another: the parts of a gathering write.
    mutating func allStrings() -> [UInt8] {
        var all: [UInt8] = []
        while bytes[index...].contains(UInt8(ascii: "\"")) { all += nextString() }
        return all
    }

    private static func digit(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") ? byte - UInt8(ascii: "a") + 10 : byte & 0x0F
    }
}
