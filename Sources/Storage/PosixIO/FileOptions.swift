/// How a file is opened. Every file is private (mode 0600), closed on exec, and never reached over a symbolic link.
package struct FileOptions: OptionSet, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// For reading and writing; without it, for reading only.
    package static let write = FileOptions(rawValue: 1)
    /// Makes the file, and fails if it exists. The name is durable after `syncDirectory`.
    package static let create = FileOptions(rawValue: 2)
    /// Makes the file if it does not exist.
    package static let ensure = FileOptions(rawValue: 4)
    /// Past the page cache (`O_DIRECT`): offsets, counts and memory are multiples of 4096.
    package static let direct = FileOptions(rawValue: 8)
    /// A write returns when it is durable (`O_DSYNC`).
    package static let dataSync = FileOptions(rawValue: 16)
}
