/// Puts the path of a key together, as a program does that has a number and needs a path: digits over those of a path made
/// beforehand. A table of all paths would add what it costs to read memory that no cache holds.
package struct PathComposer: Sendable {
    private let template: [UInt8]
    private let keyOffset: Int
    private let hasDirectories: Bool
    /// From the digits of the directory to those of the key: five of them, a slash and a k.
    private let directoryDistance = 7

    package init(_ keySpace: KeySpace) {
        template = Array(keySpace.path(0).utf8)
        keyOffset = template.count - 8
        hasDirectories = keySpace.hasDirectories
    }

    /// What `KeySpace.path` gives.
    package func path(_ key: Int) -> String {
        String(unsafeUninitializedCapacity: template.count) { bytes in
            _ = bytes.initialize(from: template)
            guard let start = bytes.baseAddress else { return 0 }
            let target = UnsafeMutableRawPointer(start)
            let number = UInt32(truncatingIfNeeded: key)
            DecimalDigits.storeEight(number, to: target + keyOffset)
            if hasDirectories {
                let directory = number / UInt32(KeySpace.directoryKeyCount)
                DecimalDigits.storeFive(directory, to: target + keyOffset - directoryDistance)
            }
            return template.count
        }
    }
}
