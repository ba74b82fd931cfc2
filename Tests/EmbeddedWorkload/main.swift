// Loads znodes into an embedded store: a process that a test kills and starts again.
//
//   embedded-workload DIRECTORY ZNODES ACKNOWLEDGED
//
// ZNODES has a line for each znode, its path and its data in hexadecimal, parents first. ACKNOWLEDGED gets the path and
// the zxid of each create that returned, and is not synced: it survives the process, as the store must. A start first
// checks that everything in it is there, as it was made; then it makes the rest. The last line of output is "done".

import Aviary
import Glibc
import Synchronization

struct Wrong: Error, CustomStringConvertible {
    var description: String
}

struct Entry {
    var path: String
    var data: [UInt8]
}

func lines(of path: String) -> [Substring] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var text = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { text += buffer[..<count] }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
}

func bytes(_ hexadecimal: Substring) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = hexadecimal[...]
    while let byte = UInt8(rest.prefix(2), radix: 16) {
        bytes.append(byte)
        rest = rest.dropFirst(2)
    }
    return bytes
}

func say(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
    let line = text + "\n"
    line.withCString { _ = write(descriptor, $0, strlen($0)) }
}

/// Everything acknowledged is there, with its data and the Stat of a znode that was made once and never changed.
func verify(_ store: MetadataStore, _ wanted: [String: [UInt8]], _ acknowledged: [Substring]) throws {
    for line in acknowledged {
        let parts = line.split(separator: " ")
        // The last line may be cut.
        guard parts.count == 2, let zxid = Int64(parts[1]) else { continue }
        let path = String(parts[0])
        let node = try store.get(path)
        guard node.data == wanted[path] else { throw Wrong(description: "\(path): other data") }
        let stat = node.stat
        guard stat.createdZxid == zxid, stat.modifiedZxid == zxid, stat.version == 0, stat.ephemeralOwner == 0,
            stat.createdMilliseconds == stat.modifiedMilliseconds, stat.childrenVersion == Int32(stat.childCount)
        else { throw Wrong(description: "\(path): \(stat)") }
    }
    say("verified \(acknowledged.count)")
}

/// Makes one znode, unless an earlier life did and was killed before it heard of it.
func make(_ entry: Entry, in store: MetadataStore, log: Int32) async throws {
    do throws(AviaryError) {
        let made = try await store.create(entry.path, entry.data)
        say("\(made.path) \(made.stat.createdZxid)", to: log)
    } catch {
        guard error.code == .nodeExists else { throw error }
        say("\(entry.path) \(try store.get(entry.path).stat.createdZxid)", to: log)
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else { throw Wrong(description: "embedded-workload DIRECTORY ZNODES ACKNOWLEDGED") }
let entries = lines(of: arguments[2]).map { line in
    let parts = line.split(separator: " ", omittingEmptySubsequences: false)
    return Entry(path: String(parts[0]), data: bytes(parts[1]))
}
let before = lines(of: arguments[3])
let store = try await MetadataStore.open(arguments[1])
try verify(store, Dictionary(entries.map { ($0.path, $0.data) }) { $1 }, before)
let known = Set(before.map { $0.prefix { $0 != " " } })
let log = open(arguments[3], O_WRONLY | O_CREAT | O_APPEND, 0o600)
say("loading")
// Level by level, so that every parent is there; within a level many tasks at once.
for depth in 1...3 {
    let level = entries.filter { $0.path.count { $0 == "/" } == depth && !known.contains($0.path[...]) }
    try await withThrowingTaskGroup { group in
        for first in 0..<64 {
            group.addTask {
                for index in stride(from: first, to: level.count, by: 64) {
                    try await make(level[index], in: store, log: log)
                }
            }
        }
        try await group.waitForAll()
    }
}
try verify(store, Dictionary(entries.map { ($0.path, $0.data) }) { $1 }, lines(of: arguments[3]))
try await store.close()
say("done")
