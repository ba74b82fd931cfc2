import Testing

@testable import BenchmarkSupport

@Suite("which replicas connections go to")
struct PlacementTests {
    private let addresses = [UInt16(1), 2, 3].map { ServerAddress(host: "127.0.0.1", port: $0) }

    private func ports(_ placement: Placement, _ states: [String]) -> [UInt16]? {
        placement.choose(among: addresses, states: states)?.map(\.port)
    }

    @Test("the leader comes first, the followers in their order")
    func order() {
        let states = ["follower", "leader", "follower"]
        #expect(ports(.spread, states) == [2, 1, 3])
        #expect(ports(.leader, states) == [2])
        #expect(ports(.followers, states) == [1, 3])
    }

    @Test(
        "nothing is chosen while the replicas do not agree on one leader",
        arguments: [
            ["follower", "follower", "follower"], ["leader", "leader", "follower"],
            ["leader", "leaderelection", "follower"], ["unknown", "leader", "follower"],
        ])
    func noLeader(states: [String]) {
        for placement in Placement.allCases { #expect(ports(placement, states) == nil) }
    }

    @Test("the state is the whole value of one line")
    func state() {
        let text = "zk_version\t3.9\nzk_server_state\tfollower\nzk_znode_count\t5\n"
        #expect(Placement.state(inMonitor: text) == "follower")
        #expect(Placement.state(inMonitor: "zk_version\t3.9\n") == nil)
        #expect(Placement.state(inMonitor: "This ZooKeeper instance is not currently serving requests\n") == nil)
    }
}
