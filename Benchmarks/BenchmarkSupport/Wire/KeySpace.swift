/// Which znodes a workload touches, and how their paths look.
///
/// A znode is named by two numbers. `/bench/d00012/k00012345` is key 12,345 in directory 12: the keys of a space lie a
/// thousand to a directory. Both numbers have a fixed width, so that a request made beforehand is aimed at another
/// znode by writing digits over digits. `depth` counts the components of the path.
package struct KeySpace: Sendable {
    package static let directoryKeyCount = 1000
    package static let keyCountMax = 99_999_000
    package static let depthMax = 32

    /// The first component, without its slash.
    package var root: String
    /// How many keys there are, numbered from 0.
    package var keyCount: Int
    /// How many components a path has: 1 is `/bench-k00000000`, 2 is `/bench/k00000000`.
    package var depth: Int

    package init(root: String = "bench", keyCount: Int, depth: Int = 3) throws {
        guard keyCount >= 1, keyCount <= Self.keyCountMax else {
            throw BenchmarkError("the count of keys must be 1...\(Self.keyCountMax), not \(keyCount)")
        }
        guard depth >= 1, depth <= Self.depthMax else {
            throw BenchmarkError("the depth must be 1...\(Self.depthMax), not \(depth)")
        }
        self.root = root
        self.keyCount = keyCount
        self.depth = depth
    }

    /// True when the keys lie in directories of their own.
    package var hasDirectories: Bool { depth >= 3 }

    /// How many directories the keys lie in.
    package var directoryCount: Int {
        hasDirectories ? (keyCount + Self.directoryKeyCount - 1) / Self.directoryKeyCount : 0
    }

    /// The znodes above the directories, top first; they must exist before anything else can be made.
    package var ancestors: [String] {
        guard depth >= 2 else { return [] }
        var paths = ["/\(root)"]
        for level in 0..<max(0, depth - 3) { paths.append("\(paths[level])/x") }
        return paths
    }

    /// The path of a directory.
    package func directoryPath(_ directory: Int) -> String {
        let digits = String(directory)
        return (ancestors.last ?? "") + "/d" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    /// The path of a key; `directory` overrides the one it would lie in.
    package func path(_ key: Int, directory: Int? = nil) -> String {
        let digits = String(key)
        let name = "k" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        if depth == 1 { return "/\(root)-\(name)" }
        if depth == 2 { return "/\(root)/\(name)" }
        return "\(directoryPath(directory ?? key / Self.directoryKeyCount))/\(name)"
    }
}
