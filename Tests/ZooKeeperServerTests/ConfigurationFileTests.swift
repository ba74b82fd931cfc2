import CoreTypes
import Testing

@testable import ZooKeeperServer

@Suite("zoo.cfg")
struct ConfigurationFileTests {
    private func read(_ text: String) throws -> ConfigurationFile {
        try ConfigurationFile(parsing: text, file: "zoo.cfg")
    }

    /// What is wrong with a file, one note a problem.
    private func problems(_ text: String) -> [String] {
        do { _ = try ConfigurationFile(parsing: text, file: "zoo.cfg") } catch {
            return error.problems.map(\.description)
        }
        return []
    }

    @Test("the sample that comes with ZooKeeper is obeyed, and what it says of clusters is named")
    func sample() throws {
        let file = try read(
            """
            # The number of milliseconds of each tick
            tickTime=2000
            initLimit=10
            syncLimit=5
            dataDir=/tmp/zookeeper
            # the port at which the clients will connect
            clientPort=2181
            #maxClientCnxns=60
            autopurge.snapRetainCount=3
            autopurge.purgeInterval=1
            4lw.commands.whitelist=*
            """)
        #expect(file.dataDirectory == "/tmp/zookeeper" && file.logDirectory == nil)
        #expect(file.server.clientPort == 2181)
        #expect(file.server.sessionTimeoutMilliseconds == 4_000...40_000)
        #expect(file.server.clientAddress == "127.0.0.1", "only this machine, unless the file says otherwise")
        #expect(file.server.fourLetterWords == .all)
        #expect(file.snapshotCountKept == 3)
        #expect(file.warnings.map(\.line) == [3, 4, 10])
        #expect(file.warnings[0].description.hasPrefix("zoo.cfg:3: initLimit has no meaning here"))
    }

    @Test("every key that means something")
    func everyKey() throws {
        let file = try read(
            """
            dataDir=/data
            dataLogDir : /log
            clientPort=0
            clientPortAddress = ::1
            clientPortListenBacklog=7
            tickTime=100
            minSessionTimeout=-1
            maxSessionTimeout=60000
            maxClientCnxns=0
            maxCnxns=12
            jute.maxbuffer=0x3fffff
            globalOutstandingLimit=500
            4lw.commands.whitelist=ruok, mntr
            DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=
            autopurge.snapRetainCount=5
            snapCount=1000
            """)
        var expected = ServerConfiguration()
        expected.clientPort = 0
        expected.clientAddress = "::1"
        expected.listenBacklog = 7
        expected.tickTimeMilliseconds = 100
        expected.sessionTimeoutMillisecondsMax = 60_000
        expected.connectionsPerAddressMax = 0
        expected.connectionCountMax = 12
        expected.frameByteCountMax = 4_194_303
        expected.outstandingRequestCountMax = 500
        expected.fourLetterWords = FourLetterWordSet([.ruok, .mntr])
        expected.superDigest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
        #expect(file.server == expected)
        #expect(file.server.sessionTimeoutMilliseconds == 200...60_000)
        #expect(file.logDirectory == "/log" && file.snapshotCountKept == 5 && file.commandsPerCheckpointMax == 1_000)
        #expect(file.warnings.isEmpty && file.clientAddressLine == 4)
    }

    @Test("a system property's prefix makes no difference, and a key that is repeated counts as it stands last")
    func prefixAndRepetition() throws {
        let file = try read("zookeeper.jute.maxbuffer=2048\ntickTime=1\ntickTime=5")
        #expect(file.server.frameByteCountMax == 2_048 && file.server.tickTimeMilliseconds == 5)
        #expect(file.warnings.map(\.description) == ["zoo.cfg:3: tickTime stands in line 2 already; this line wins"])
    }

    @Test("a key that nobody knows is named with the ones that are known")
    func unknownKey() throws {
        let warning = try #require(try read("tickTimes=2000").warnings.first?.description)
        #expect(
            warning.hasPrefix("zoo.cfg:1: tickTimes is not known and ignored")
                && warning.contains("superDigest, tickTime"))
    }

    @Test(
        "keys of TLS, SASL, clusters, HTTP and quotas are known, and said to mean nothing",
        arguments: [
            "secureClientPort=2281", "ssl.keyStore.location=x", "admin.serverPort=8080",
            "metricsProvider.httpPort=7000",
            "authProvider.1=x", "quorum.auth.enableSasl=true", "group.1=1:2", "forceSync=no", "skipACL=yes",
            "preAllocSize=100", "peerType=observer", "electionAlg=3", "weight.1=2",
        ])
    func withoutMeaning(line: String) throws {
        let file = try read(line)
        let warning = try #require(file.warnings.first)
        #expect(file.warnings.count == 1 && !warning.text.contains("not known"))
    }

    @Test(
        "nonsense is refused with its line, its key and what would be right",
        arguments: [
            "tickTime=soon", "tickTime=0", "tickTime=-5", "tickTime=", "clientPort=99999", "clientPort=", "dataDir=",
            "maxClientCnxns=-1", "minSessionTimeout=x", "maxSessionTimeout=0", "maxSessionTimeout=1",
            "jute.maxbuffer=12",
            "jute.maxbuffer=999999999", "no equals sign", "superDigest=super", "4lw.commands.whitelist=ruok,hello",
            "snapCount=1", "globalOutstandingLimit=0", "aviary.peerSecretFile=", "dynamicConfigFile=zoo.cfg.dynamic",
        ])
    func nonsense(line: String) throws {
        let found = problems("# a comment\n\n\(line)\n")
        let key = String(line.prefix { $0 != "=" })
        #expect(found.count == 1)
        let problem = try #require(found.first)
        #expect(problem.hasPrefix("zoo.cfg:3: ") && problem.contains(key))
    }

    @Test("everything that is wrong is said at once")
    func allProblems() {
        #expect(problems("tickTime=x\nclientPort=y\ndataDir=/ok\nmaxCnxns=z").count == 3)
    }

    @Test("four-letter words that ZooKeeper has and this server has not are a warning")
    func words() throws {
        let file = try read("4lw.commands.whitelist=stat, wchc")
        #expect(file.server.fourLetterWords.words == [.stat])
        #expect(file.warnings.count == 1)
    }
}

@Suite("the format of Java's properties")
struct PropertiesTextTests {
    private func entries(_ text: String) -> [String] {
        PropertiesText(parsing: text).entries.map { "\($0.line) \($0.key)=\($0.value)" }
    }

    @Test("comments, blanks, separators and escapes")
    func basics() {
        #expect(entries("a=b") == ["1 a=b"])
        #expect(entries("  a : b \n! no\n\n# no\nc=d=e") == ["1 a=b", "5 c=d=e"])
        #expect(entries("a\\=b=c\\\\d\\u0041\\t|") == ["1 a=b=c\\dA\t|"])
        #expect(entries("a=\r\nb=1") == ["1 a=", "2 b=1"])
    }

    @Test("a backslash joins lines, two do not")
    func continuation() {
        #expect(entries("a=1,\\\n   2\nb=3") == ["1 a=1,2", "3 b=3"])
        #expect(entries("a=1\\\\\nb=2") == ["1 a=1\\", "2 b=2"])
        #expect(entries("a=1\\") == ["1 a=1"])
    }

    @Test("no text makes it trap")
    func hostileText() {
        var random = SplitMix64(seed: 5)
        let letters = Array("ab=: \\\n\t#!u0041é")
        for _ in 0..<2_000 {
            let text = String(
                (0..<Int(random.next() % 30)).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
            _ = PropertiesText(parsing: text)
            _ = try? ConfigurationFile(parsing: text, file: "f")
        }
    }
}
