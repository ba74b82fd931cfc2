import CoreTypes
import Testing

/// The golden records of this module, read beside this file.
struct Golden {
    private var records: [String: [UInt8]] = [:]

    init(_ file: String = #filePath) throws {
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        for line in try Golden.text(of: folder + "/Golden/records.txt").split(separator: "\n") where line.first != "#" {
            let parts = line.split(separator: ":", maxSplits: 1)
            let digits = Array(parts[1].filter { $0 != " " }.utf8)
            records[String(parts[0])] = stride(from: 0, to: digits.count, by: 2).map {
                Golden.value(digits[$0]) << 4 | Golden.value(digits[$0 + 1])
            }
        }
    }

    subscript(name: String) -> [UInt8] {
        get throws { try #require(records[name], "no golden record \(name)") }
    }

    private static func value(_ digit: UInt8) -> UInt8 {
        digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
    }
}

/// What a builder holds, as an array.
func encoded(_ body: (ByteBuilder) -> Void) -> [UInt8] {
    let builder = ByteBuilder()
    body(builder)
    return array(builder.bytes)
}

func array(_ span: RawSpan) -> [UInt8] {
    (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
}
