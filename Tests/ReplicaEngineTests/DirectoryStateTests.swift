import Consensus
import CoreTypes
import PosixIO
import SystemPackage
import Testing

@testable import ReplicaEngine

@Suite("The file identity")
struct DirectoryStateTests {
    private static let cluster = ClusterID(Identifier128(high: 1, low: 0xABC))
    private static let own = identity(2)

    private static func identity(_ replica: UInt8) -> ReplicaIdentity {
        ReplicaIdentity(
            replica: ReplicaID(rawValue: replica),
            incarnation: Incarnation(Identifier128(high: 3, low: UInt64(replica))))
    }

    private static func membership() throws -> Membership {
        try #require(
            Membership([
                Member(identity: identity(1), isVoter: true), Member(identity: identity(2), isVoter: true),
                Member(identity: identity(9), isVoter: false),
            ]))
    }

    /// Every kind of state, and its file, byte for byte as it was when its format was fixed: read for ever.
    private static func golden() throws -> [(state: DirectoryState, text: String)] {
        let alone = DirectoryIdentity(cluster: cluster, incarnation: own.incarnation, replica: own.replica)
        var member = alone
        member.foundingMembers = try membership()
        return [
            (
                .founded(alone),
                """
                aviary-directory 1
                cluster 00000000000000010000000000000abc
                incarnation 00000000000000030000000000000002
                replica 2
                crc32c 395fd550

                """
            ),
            (
                .unfounded(own),
                """
                aviary-directory 2
                cluster none
                incarnation 00000000000000030000000000000002
                replica 2
                crc32c 03a4f850

                """
            ),
            (
                .founded(member),
                """
                aviary-directory 2
                cluster 00000000000000010000000000000abc
                incarnation 00000000000000030000000000000002
                replica 2
                member 1 voter 00000000000000030000000000000001
                member 2 voter 00000000000000030000000000000002
                member 9 observer 00000000000000030000000000000009
                crc32c 0bb8eafc

                """
            ),
        ]
    }

    @Test("is written byte for byte as it was when its format was fixed, and read back")
    func goldens() throws {
        for (state, text) in try Self.golden() {
            #expect(state.text == text)
            #expect(try DirectoryState(text, file: "f") == state)
        }
    }

    @Test("the most members fit into it")
    func manyMembers() throws {
        let members = (1...Membership.memberCountMax).map { number in
            Member(identity: Self.identity(UInt8(number + 190)), isVoter: number == 1)
        }
        let membership = try #require(Membership(members))
        let full = DirectoryIdentity(
            cluster: Self.cluster, incarnation: Self.own.incarnation, replica: Self.own.replica,
            foundingMembers: membership)
        let text = DirectoryState.founded(full).text
        #expect(text.utf8.count <= DirectoryState.byteCountMax)
        #expect(try DirectoryState(text, file: "f") == .founded(full))
    }

    @Test("whatever is wrong with it is said")
    func damage() throws {
        for (_, text) in try Self.golden() {
            let first = try #require(text.split(separator: "\n").first)
            let rest = text.dropFirst(first.count)
            #expect(kind(of: "") == .damaged)
            #expect(kind(of: "aviary-directory 3" + rest) == .newerVersion)
            #expect(kind(of: "aviary-directory 0" + rest) == .damaged)
            for index in text.utf8.indices where text.utf8[index] != UInt8(ascii: "\n") {
                var bytes = Array(text.utf8)
                bytes[text.utf8.distance(from: text.utf8.startIndex, to: index)] ^= 1
                #expect(kind(of: String(decoding: bytes, as: UTF8.self)) != nil, "byte at \(index)")
            }
            for count in 0..<(text.utf8.count - 1) {
                #expect(kind(of: String(text.prefix(count))) == .damaged, "\(count) bytes of it")
            }
        }
    }

    /// What kind of error a text is; nil if it is taken.
    private func kind(of text: String) -> EngineError.Kind? {
        do throws(EngineError) {
            _ = try DirectoryState(text, file: "f")
            return nil
        } catch {
            #expect(error.description.hasPrefix("f: "))
            return error.kind
        }
    }

    // MARK: The directory's first steps

    private func open(_ fileSystem: MemoryFileSystem) throws -> DataDirectory {
        try DataDirectory("/data", logDirectory: nil, fileSystem: fileSystem)
    }

    @Test("an empty directory draws its incarnation once, keeps it, and joins a cluster once")
    func joining() throws {
        let fileSystem = MemoryFileSystem()
        try fileSystem.createDirectory("/data")
        var random = SplitMix64(seed: 1)
        let number = ReplicaID(rawValue: 2)
        var directory = try open(fileSystem)
        let first = try directory.prepareMember(number, using: &random)
        guard case .unfounded(let own) = first else { throw EngineError(.damaged, "founded by nobody") }
        #expect(own.replica == number && own.incarnation != Formation.unknownIncarnation)
        directory.release()

        directory = try open(fileSystem)
        #expect(try directory.prepareMember(number, using: &random) == first, "drawn once")
        #expect(throws: EngineError.self) { try directory.prepareMember(ReplicaID(rawValue: 3), using: &random) }
        #expect(throws: EngineError.self, "not to be opened alone") { try directory.readIdentity() }
        let record = FoundingRecord(cluster: Self.cluster, membership: try Self.membership())
        let founding = ReplicationOptions.Founding(
            cluster: record.cluster, incarnation: own.incarnation, membership: record.membership)
        #expect(try directory.readIdentity(of: founding) == nil)
        try directory.write(
            DirectoryIdentity(
                cluster: record.cluster, incarnation: own.incarnation, replica: number,
                foundingMembers: record.membership))
        directory.release()

        directory = try open(fileSystem)
        let identity = try #require(try directory.readIdentity())
        #expect(identity.founding == record && identity.incarnation == own.incarnation)
        #expect(try directory.prepareMember(number, using: &random) == .founded(identity))
        directory.release()
    }

    @Test("every start has a number of its own, also after the file that counts them was damaged")
    func lives() throws {
        let fileSystem = MemoryFileSystem()
        try fileSystem.createDirectory("/data")
        let directory = try open(fileSystem)
        #expect(try directory.takeLifeNumber(atLeast: 4) == 4)
        #expect(try directory.takeLifeNumber(atLeast: 1) == 5)
        #expect(try directory.takeLifeNumber(atLeast: 9) == 9)
        let text = LifeNumber(rawValue: 9).text
        #expect(text == "life 9\ncrc32c 31fd1c1e\n")
        for place in text.utf8.indices {
            var bytes = Array(text.utf8)
            bytes[text.utf8.distance(from: text.utf8.startIndex, to: place)] ^= 1
            #expect(LifeNumber(String(decoding: bytes, as: UTF8.self)) == nil)
        }
        let damaged = Array("life 1\n".utf8)
        try fileSystem.replaceFile("/data/life", with: damaged.span.bytes)
        #expect(try directory.takeLifeNumber(atLeast: 7) >= 7)
        directory.release()
    }

    @Test("a directory whose identity was taken away, and whose log has a promise, draws no new one")
    func identityTakenAway() throws {
        let driver = try EngineDriver()
        driver.open()
        try driver.engine.close()
        try driver.fileSystem.remove("/data/identity")
        let directory = try DataDirectory("/data", logDirectory: nil, fileSystem: driver.fileSystem)
        var random = SplitMix64(seed: 1)
        #expect(throws: EngineError.self) { try directory.prepareMember(ReplicaID(rawValue: 1), using: &random) }
        directory.release()
    }
}
