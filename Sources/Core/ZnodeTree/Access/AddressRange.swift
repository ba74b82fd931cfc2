internal import CoreTypes

/// The addresses that an ACL of scheme `ip` names: an address, or an address and the count of its bits that matter.
struct AddressRange: Equatable {
    /// 4 or 16 bytes, in network order.
    let address: [UInt8]
    let bitCount: Int

    /// Reads `127.0.0.1`, `10.0.0.0/8`, `::1`, `fe80::/10`; nil for anything else.
    init?(_ text: RawSpan) {
        guard text.byteCount <= 64 else { return nil }
        let string = unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        let parts = string.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = AddressRange.address(String(parts[0])) else { return nil }
        self.address = address
        if parts.count == 1 {
            bitCount = address.count * 8
            return
        }
        guard let bits = Int(parts[1]), parts[1].allSatisfy(\.isNumber), bits <= address.count * 8 else { return nil }
        bitCount = bits
    }

    /// Whether an address, 4 or 16 bytes, is one of them.
    func contains(_ other: RawSpan) -> Bool {
        guard other.byteCount == address.count else { return false }
        for bit in 0..<bitCount {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            let byte = unsafe other.unsafeLoad(fromByteOffset: bit / 8, as: UInt8.self)
            if (byte ^ address[bit / 8]) & mask != 0 { return false }
        }
        return true
    }

    private static func address(_ text: String) -> [UInt8]? {
        text.contains(":") ? version6(text) : version4(text)
    }

    private static func version4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ !$0.isEmpty && $0.count <= 3 && $0.allSatisfy(\.isNumber) }) else {
            return nil
        }
        let bytes = parts.compactMap { UInt8($0) }
        return bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: String) -> [UInt8]? {
        let halves = text.components(around: "::")
        guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
        if halves.count == 1 { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// `a:b:c` as bytes; nothing for nothing.
    private static func groups(_ text: String) -> [UInt8]? {
        if text.isEmpty { return [] }
        var bytes: [UInt8] = []
        for part in text.split(separator: ":", omittingEmptySubsequences: false) {
            guard !part.isEmpty, part.count <= 4, part.allSatisfy(\.isHexDigit), let value = UInt16(part, radix: 16)
            else {
                return nil
            }
            bytes.append(UInt8(value >> 8))
            bytes.append(UInt8(value & 0xFF))
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

extension String {
    /// The parts between occurrences of a separator, without Foundation.
    fileprivate func components(around separator: String) -> [String] {
        var parts: [String] = []
        var rest = Substring(self)
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
