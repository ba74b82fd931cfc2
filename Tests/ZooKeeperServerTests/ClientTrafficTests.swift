import CoreTypes
import Testing

@testable import ZooKeeperServer

@Suite("Whether the loop may wait for the disk")
struct ClientTrafficTests {
    private let start: Int64 = 1_000_000_000
    private let pause = ClientTraffic.quietNanoseconds + 1
    private let first = AttachmentID(rawValue: 1)
    private let second = AttachmentID(rawValue: 2)

    @Test("a loop that nobody speaks to is quiet")
    func nobody() {
        let traffic = ClientTraffic()
        #expect(traffic.isQuiet(at: start, outstandingCount: 0))
    }

    @Test("one client's one command is waited for; not one of several, and not for one that only reads")
    func oneClient() {
        var traffic = ClientTraffic()
        traffic.heard(from: first, at: start)
        #expect(!traffic.isQuiet(at: start, outstandingCount: 1))
        let later = start + pause
        traffic.heard(from: first, at: later)
        #expect(traffic.isQuiet(at: later, outstandingCount: 1))
        #expect(!traffic.isQuiet(at: later, outstandingCount: 2))
        #expect(!traffic.isQuiet(at: later, outstandingCount: 0))
        #expect(traffic.isQuiet(at: later + pause, outstandingCount: 0))
    }

    @Test("a second client that is heard of keeps the loop free, for a while")
    func twoClients() {
        var traffic = ClientTraffic()
        traffic.heard(from: first, at: start)
        let later = start + pause
        traffic.heard(from: second, at: later)
        #expect(!traffic.isQuiet(at: later + pause - 1, outstandingCount: 1))
        #expect(traffic.isQuiet(at: later + pause, outstandingCount: 1))
    }
}
