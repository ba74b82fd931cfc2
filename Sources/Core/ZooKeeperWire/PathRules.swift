import CoreTypes

/// Which byte strings are paths of znodes.
///
/// ZooKeeper's rules (`PathUtils.validatePath`), on the UTF-8 bytes: begins with "/", does not end in it (but for the
/// root itself), no empty component, no "." or "..", none of U+0000 to U+001F, U+007F to U+009F, U+D800 to U+F8FF,
/// U+FFF0 to U+FFFF. Characters outside the basic plane are surrogates to ZooKeeper, so they are refused. Stricter than
/// ZooKeeper in one thing: bytes that are not UTF-8 are refused, where Java would replace them by U+FFFD, which is
/// refused too. Length and depth are bounded by `Limits`.
package enum PathRules {
    /// - Complexity: O(bytes), no allocation.
    package static func validate(_ path: RawSpan) throws(PathError) {
        try unsafe path.withUnsafeBytes { (bytes) throws(PathError) in try unsafe validate(bytes) }
    }

    private static func validate(_ bytes: UnsafeRawBufferPointer) throws(PathError) {
        let count = bytes.count
        if count == 0 { throw PathError(.empty) }
        if count > Limits.pathByteCountMax { throw PathError(.tooLong, at: Limits.pathByteCountMax) }
        if unsafe bytes[0] != slash { throw PathError(.notAbsolute) }
        if count == 1 { return }
        if unsafe bytes[count - 1] == slash { throw PathError(.endsInSlash, at: count - 1) }
        var index = 1
        var componentStart = 1
        var depth = 1
        while index < count {
            let byte = unsafe bytes[index]
            if byte == slash {
                try unsafe checkComponent(bytes, componentStart..<index)
                index += 1
                componentStart = index
                depth += 1
            } else if byte < 0x80 {
                if byte < 0x20 || byte == 0x7F { throw PathError(.forbiddenCharacter, at: index) }
                index += 1
            } else {
                index += try unsafe checkScalar(bytes, at: index)
            }
        }
        try unsafe checkComponent(bytes, componentStart..<count)
        if depth > Limits.pathDepthMax { throw PathError(.tooDeep) }
    }

    private static let slash = UInt8(ascii: "/")

    private static func checkComponent(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(PathError) {
        if range.isEmpty { throw PathError(.emptyComponent, at: range.lowerBound) }
        guard range.count <= 2 else { return }
        for index in range where unsafe bytes[index] != UInt8(ascii: ".") { return }
        throw PathError(.dotComponent, at: range.lowerBound)
    }

    /// Checks one scalar that is not ASCII and says how many bytes it takes.
    private static func checkScalar(_ bytes: UnsafeRawBufferPointer, at index: Int) throws(PathError) -> Int {
        func continuation(_ distance: Int) throws(PathError) -> UInt32 {
            guard index + distance < bytes.count, unsafe bytes[index + distance] & 0xC0 == 0x80 else {
                throw PathError(.notUTF8, at: index)
            }
            return UInt32(unsafe bytes[index + distance] & 0x3F)
        }
        let first = UInt32(unsafe bytes[index])
        switch first {
        case 0xC2...0xDF:
            let scalar = try (first & 0x1F) << 6 | continuation(1)
            if scalar < 0xA0 { throw PathError(.forbiddenCharacter, at: index) }
            return 2
        case 0xE0...0xEF:
            let scalar = try (first & 0x0F) << 12 | continuation(1) << 6 | continuation(2)
            if scalar < 0x800 { throw PathError(.notUTF8, at: index) }
            if (0xD800...0xF8FF).contains(scalar) || scalar >= 0xFFF0 {
                throw PathError(.forbiddenCharacter, at: index)
            }
            return 3
        case 0xF0...0xF4:
            throw PathError(.forbiddenCharacter, at: index)
        default:
            throw PathError(.notUTF8, at: index)
        }
    }
}
