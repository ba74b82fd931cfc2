import CoreTypes
import Testing

@testable import ZooKeeperServer

@Suite("Servers in zoo.cfg")
struct ClusterSettingsTests {
    private static let three = """
        server.1=a.example:2888:3888
        server.2=b.example:2888:3888
        server.3=c.example:2888:3888
        """
    private static let local = """
        server.1=127.0.0.1:2281
        server.2=127.0.0.1:2282
        server.3=localhost:2283
        """

    private func sources(
        _ text: String, myid: String? = "1\n", secret: String? = "0123456789abcdef"
    ) throws -> ClusterSources {
        var sources = ClusterSources()
        sources.servers = try ConfigurationFile(parsing: text, file: "zoo.cfg").servers
        sources.myid = myid
        sources.myidPath = "/data/myid"
        sources.secret = secret.flatMap { PeerSecret(fileContent: Array($0.utf8)) }
        return sources
    }

    /// What comes of sources: the settings, or what is wrong; and what there is to say.
    private func judge(_ sources: ClusterSources) -> (
        settings: ClusterSettings?, problems: [String], warnings: [String]
    ) {
        var warnings: [ConfigurationNote] = []
        do throws(ConfigurationError) {
            let settings = try ClusterSettings.make(from: sources, warnings: &warnings)
            return (settings, [], warnings.map(\.description))
        } catch {
            return (nil, error.problems.map(\.description), warnings.map(\.description))
        }
    }

    private func problems(_ text: String, myid: String? = "1\n", secret: String? = "0123456789abcdef") throws
        -> [String]
    {
        judge(try sources(text, myid: myid, secret: secret)).problems
    }

    // MARK: Lines

    @Test("every form of a line that ZooKeeper takes, and a shorter one with one port")
    func forms() throws {
        let text = """
            server.1=a.example:2888:3888
            server.2 = b.example:2888:3888:participant;2181
            zookeeper.server.3=[fd00::3]:2888:3888:observer;[::1]:2182
            server.4=10.0.0.4:2888;0.0.0.0:2183
            server.254=e:1:OBSERVER
            """
        let found = try ConfigurationFile(parsing: text, file: "zoo.cfg")
        let members = found.servers.map(\.member)
        func member(_ number: UInt8, _ host: String, _ port: Int, _ isObserver: Bool = false) -> ClusterMember {
            ClusterMember(
                replica: ReplicaID(rawValue: number), host: host, peerPort: port, isObserver: isObserver)
        }
        #expect(
            members == [
                member(1, "a.example", 2888), member(2, "b.example", 2888), member(3, "fd00::3", 2888, true),
                member(4, "10.0.0.4", 2888), member(254, "e", 1, true),
            ])
        #expect(found.servers.map(\.clientPort) == [nil, 2181, 2182, 2183, nil])
        #expect(found.servers.map(\.clientAddress) == [nil, nil, "::1", "0.0.0.0", nil])
        #expect(found.servers.map(\.hasElectionPort) == [true, true, true, false, false])
        #expect(found.servers.map(\.line) == [1, 2, 3, 4, 5])
        #expect(found.warnings.isEmpty)
    }

    @Test(
        "a line that makes no sense is refused with its place, itself and what would be right",
        arguments: [
            "server.0=a:1:2", "server.255=a:1:2", "server.x=a:1:2", "server.=a:1:2", "server.-1=a:1:2", "server.1=",
            "server.1=a", "server.1=:1:2", "server.1=a:0:2", "server.1=a:1:65536", "server.1=a:b:2", "server.1=a:1:2:3",
            "server.1=a:1:2:leader", "server.1=a:1:2;", "server.1=a:1:2;b", "server.1=a:1:2;:5", "server.1=a:1:2;b:c:3",
            "server.1=a:1:2;0", "server.1=a:1:2|b:1:2", "server.1=fd00::1:2888:3888", "server.1=[fd00::1]2888:3888",
            "server.1=[fd00::1]", "server.1=observer", "server.1=a:+b:2",
        ])
    func nonsense(line: String) {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile(parsing: "dataDir=/d\n\(line)", file: "zoo.cfg")
            Issue.record("taken: \(line)")
        } catch {
            #expect(error.problems.count == 1)
            let text = error.description
            #expect(text.hasPrefix("zoo.cfg:2: server."), "\(text)")
        }
    }

    @Test("no text makes it trap")
    func hostileText() {
        var random = SplitMix64(seed: 9)
        let letters = Array("1a:;|[]. =observr")
        for _ in 0..<5_000 {
            let text = String(
                (0..<Int(random.next() % 24)).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
            _ = try? ServerEntry(number: "1", value: text, file: "f", line: 1)
            _ = try? ConfigurationFile(parsing: "server.1=\(text)", file: "f")
        }
    }

    // MARK: Together

    @Test("three servers are a cluster, in the order of their numbers")
    func three() throws {
        let reversed = Self.three.split(separator: "\n").reversed().joined(separator: "\n")
        let found = judge(try sources(reversed, myid: " 2 \n"))
        #expect(found.problems == [])
        #expect(found.settings?.ownReplica == ReplicaID(rawValue: 2))
        #expect(found.settings?.members.map(\.host) == ["a.example", "b.example", "c.example"])
        #expect(found.settings?.secret?.bytes == Array("0123456789abcdef".utf8))
        #expect(
            found.warnings == [
                "zoo.cfg:1: election ports are not needed, and ignored: everything goes over the first port"
            ])
    }

    @Test("no servers, and one, stand alone")
    func alone() throws {
        let none = judge(try sources("dataDir=/d", myid: nil, secret: nil))
        #expect(none.settings == nil && none.problems == [] && none.warnings == [])
        let alone = try sources("server.1=a:2888:3888;2185", myid: nil, secret: nil)
        let one = judge(alone)
        #expect(one.settings == nil && one.problems == [])
        #expect(one.warnings.count == 1 && one.warnings[0].hasPrefix("zoo.cfg:1: server.1 is the only server"))
        #expect(alone.ownEntry(in: nil)?.clientPort == 2185)
        var without = ClusterSources()
        without.replicaOption = 2
        #expect(judge(without).problems.first?.hasPrefix("--replica: 2 is") == true)
    }

    @Test("numbers and places that are used twice")
    func duplicates() throws {
        let numbers = try problems(Self.three + "\nserver.01=d:2888:3888\nserver.3=e:1")
        #expect(numbers.count == 2)
        #expect(numbers[0].hasPrefix("zoo.cfg:4: server.1 stands in line 1 already"))
        #expect(numbers[1].hasPrefix("zoo.cfg:5: server.3 stands in line 3 already"))
        let places = try problems(Self.local + "\nserver.4=127.0.0.1:2282\nserver.5=127.0.0.1:2285")
        #expect(places.count == 1 && places[0].hasPrefix("zoo.cfg:4: server.4 has host and peer port of server.2"))
    }

    @Test("observers alone, even numbers of voters, and too many members")
    func counts() throws {
        let observers = try problems("server.1=a:1:2:observer\nserver.2=b:1:2:observer")
        #expect(observers.count == 1 && observers[0].hasPrefix("zoo.cfg:1: every server is an observer"))
        #expect(try problems("server.1=a:1:2:observer").count == 1)
        let even = judge(try sources("server.1=a:1\nserver.2=b:1\nserver.3=c:1:observer"))
        #expect(even.problems == [] && even.warnings.count == 1)
        #expect(even.warnings[0].hasPrefix("zoo.cfg:1: 2 servers vote, which survives no more failures than 1"))
        let many = (1...65).map { "server.\($0)=h\($0):1" }.joined(separator: "\n")
        let found = try problems(many)
        #expect(found.count == 1 && found[0].hasPrefix("zoo.cfg:65: 65 servers are named"))
    }

    @Test("which server this is must be said, once, and be one of them")
    func ownNumber() throws {
        #expect(try problems(Self.three, myid: nil).first?.hasPrefix("/data/myid: the file is missing") == true)
        #expect(
            try problems(Self.three, myid: "4").first == "/data/myid: there is no server 4: the servers are 1, 2, 3")
        #expect(try problems(Self.three, myid: "one").first?.hasPrefix("/data/myid:1: \"one\" is not") == true)
        #expect(try problems(Self.three, myid: "").count == 1)
        #expect(try problems(Self.three, myid: "257").count == 1)
        var option = try sources(Self.three, myid: nil)
        option.replicaOption = 3
        #expect(judge(option).settings?.ownReplica == ReplicaID(rawValue: 3))
        option.myid = "3"
        #expect(judge(option).problems == [])
        option.myid = "2"
        #expect(judge(option).problems == ["--replica: 3 is given, and /data/myid says 2: make them the same"])
        option.myid = nil
        option.replicaOption = 9
        #expect(judge(option).problems.first?.hasPrefix("--replica: there is no server 9") == true)
    }

    @Test("over a network there must be a secret; on loopback there may be none")
    func secret() throws {
        let open = try problems(Self.three, secret: nil)
        #expect(open.count == 1 && open[0].hasPrefix("zoo.cfg:1: server.1 is reached over a network"))
        #expect(open[0].contains("aviary.peerSecretFile"))
        let local = judge(try sources(Self.local, secret: nil))
        #expect(local.problems == [] && local.warnings == [] && local.settings?.secret == nil)
        let mixed = judge(try sources("server.1=[::1]:1\nserver.2=LOCALHOST:2\nserver.3=10.0.0.1:3", secret: nil))
        #expect(mixed.problems.count == 1 && mixed.problems[0].hasPrefix("zoo.cfg:3: "))
        #expect(mixed.warnings.count == 1 && mixed.warnings[0].hasPrefix("zoo.cfg:1: server.1 is on ::1"))
        for host in ["127.0.0.1.example", "127.example", "1270.0.0.1", "127.0.0.256", "128.0.0.1"] {
            let member = ClusterMember(replica: ReplicaID(rawValue: 1), host: host, peerPort: 1, isObserver: false)
            #expect(!member.isOnLoopback, "\(host)")
        }
    }

    @Test("the end of a line is no part of a secret, which is neither short nor shown")
    func secretContent() {
        let sixteen = Array("0123456789abcdef".utf8)
        for end in ["", "\n", "\r\n"] { #expect(PeerSecret(fileContent: sixteen + Array(end.utf8))?.bytes == sixteen) }
        #expect(PeerSecret(fileContent: sixteen + Array(" \n\n".utf8))?.bytes.count == 18)
        #expect(PeerSecret(fileContent: Array("0123456789abcde\n".utf8)) == nil)
        #expect(PeerSecret(fileContent: [UInt8](repeating: 1, count: 4_097)) == nil)
        if let secret = PeerSecret(fileContent: sixteen) {
            #expect("\(secret) \(String(reflecting: secret))" == "a secret of 16 bytes a secret of 16 bytes")
        }
    }

    @Test("an address that stands for all is for listening only")
    func wildcard() throws {
        let text = "server.1=0.0.0.0:1\nserver.2=b:1\nserver.3=c:1"
        #expect(try problems(text, myid: "1") == [])
        let found = try problems(text, myid: "2")
        #expect(found.count == 1 && found[0].hasPrefix("zoo.cfg:1: server.1: 0.0.0.0 is no address to connect to"))
    }

    @Test("clients and peers of one server need ports of their own")
    func clash() throws {
        let settings = try #require(judge(try sources(Self.local, myid: "2")).settings)
        #expect(
            settings.clash(withClientsAt: "127.0.0.1", port: 2282)?.hasPrefix("port 2282 is for the clients") == true)
        #expect(settings.clash(withClientsAt: "0.0.0.0", port: 2282) != nil)
        #expect(settings.clash(withClientsAt: "10.0.0.1", port: 2282) == nil)
        #expect(settings.clash(withClientsAt: "127.0.0.1", port: 2281) == nil)
    }

    @Test("where clients are served is said once, or the same twice")
    func clientPlace() throws {
        func conflict(_ text: String) throws -> String? {
            let file = try ConfigurationFile(parsing: text, file: "zoo.cfg")
            return file.conflict(with: try #require(file.servers.first))?.description
        }
        #expect(try conflict("server.1=a:1:2;2181") == nil)
        #expect(try conflict("clientPort=2181\nserver.1=a:1:2;2181") == nil)
        #expect(try conflict("clientPort=2182\nserver.1=a:1:2") == nil)
        #expect(
            try conflict("clientPort=2182\nserver.1=a:1:2;2181")
                == "zoo.cfg:1: clientPort is 2182, and server.1 says 2181: say it once, or the same")
        #expect(try conflict("clientPortAddress=::1\nserver.1=a:1:2;[::2]:2181")?.hasPrefix("zoo.cfg:1: ") == true)
    }
}
