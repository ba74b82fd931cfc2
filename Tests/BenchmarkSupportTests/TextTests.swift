import Testing

@testable import BenchmarkSupport

@Suite("texts read and written")
struct TextTests {
    @Test("processor time is found behind a program's name, whatever that is")
    func processorTicks() {
        let fields = "S 1 2 3 4 5 6 7 8 9 10 120 34 0 0 20"
        #expect(ProcessUsage.processorTicks(inStat: "77 (java) \(fields)") == 154)
        #expect(ProcessUsage.processorTicks(inStat: "77 (a) b (c) \(fields)") == 154)
        #expect(ProcessUsage.processorTicks(inStat: "77 (java) S 1") == nil)
        #expect(ProcessUsage.own.residentBytes > 0)
    }

    @Test("the machine's use leaves out idle and waiting time, and tells what the host took")
    func processorUse() {
        let use = ProcessorUse(stat: "cpu  10 1 5 1000 50 2 3 7 0 0\ncpu0 1 1 1\n", ticksPerSecond: 100)
        #expect(use.busyNanoseconds == 210_000_000)
        #expect(use.stolenNanoseconds == 70_000_000)
        #expect(ProcessorUse(stat: "", ticksPerSecond: 100) == ProcessorUse(stat: "cpu 1 2", ticksPerSecond: 100))
    }

    @Test("the innermost mount above a directory counts")
    func mounts() {
        let text = """
            /dev/a / ext4 rw 0 0
            tmpfs /tmp tmpfs rw,nosuid 0 0
            /dev/b /tmp/data xfs rw 0 0
            """
        #expect(MachineDescription.findMount(of: "/srv/x", in: text) == "/dev/a ext4 (rw)")
        #expect(MachineDescription.findMount(of: "/tmp/x", in: text) == "tmpfs tmpfs (rw,nosuid)")
        #expect(MachineDescription.findMount(of: "/tmp/data/x", in: text) == "/dev/b xfs (rw)")
        #expect(MachineDescription.findMount(of: "/tmp/database", in: text) == "tmpfs tmpfs (rw,nosuid)")
    }

    @Test("counters of mntr are the lines that hold a number")
    func counters() {
        let text = "zk_version\t3.8.0\nzk_num_alive_connections\t3\nzk_avg_latency\t0.5\n\n"
        #expect(MeasuredServer.parseCounters(text) == ["zk_num_alive_connections": 3, "zk_avg_latency": 0.5])
    }

    @Test("counters of several replicas are added up, but for averages and extremes")
    func countersOfReplicas() {
        let sum = MeasuredServer.sum([
            ["zk_log_group_count": 3, "zk_avg_latency": 0.5, "zk_max_fsynctime_us": 7, "zk_p99_fsynctime_us": 5],
            ["zk_log_group_count": 4, "zk_avg_latency": 1, "zk_leader_only": 2],
        ])
        #expect(sum == ["zk_log_group_count": 7, "zk_leader_only": 2])
    }

    @Test("transfers are what /proc/PID/io calls them")
    func transfers() {
        var usage = ProcessUsage()
        usage.readTransfers("rchar: 9\nwchar: 8\nsyscr: 7\nsyscw: 6\nread_bytes: 5\nwrite_bytes: 4\n")
        #expect(usage.readCallCount == 7 && usage.writeCallCount == 6 && usage.writtenBytes == 4)
        var earlier = ProcessUsage()
        earlier.readCallCount = 2
        earlier.writeCallCount = 5
        let difference = usage.since(earlier)
        #expect(difference.readCallCount == 5 && difference.writeCallCount == 1)
    }

    @Test("workloads and addresses read back as they are written, and nonsense is refused")
    func parsing() throws {
        for workload in Workload.canonical + Workload.canonicalOfCluster {
            #expect(try Workload(parsing: workload.description) == workload)
        }
        #expect(try Workload(parsing: "set/16x8/1024") == Workload(.set, 16, 8, valueByteCount: 1024))
        #expect(try Workload(parsing: "set/16x8").valueByteCount == nil)
        for text in [
            "set", "set/16", "sat/16x8", "set/0x1", "set/1x", "set/1x2x3", "set/1x2/3", "set/1x2/x", "set/1x2/100/100",
        ] {
            #expect(throws: BenchmarkError.self, "\(text)") { try Workload(parsing: text) }
        }
        #expect(try ServerAddress(parsing: "localhost:2181").description == "127.0.0.1:2181")
        #expect(try ServerAddress(parsing: "2181").description == "127.0.0.1:2181")
        for text in ["", "a:b", "1.2.3:0", "1.2.3.4:70000", "host:1", "1:2:3"] {
            #expect(throws: BenchmarkError.self, "\(text)") { try ServerAddress(parsing: text) }
        }
    }

    @Test("requirements say what is compared, and bounds are kept or not")
    func requirements() throws {
        let rate = try Requirement(parsing: "set/16x8:rate >= 3")
        #expect(rate.workload == Workload(.set, 16, 8))
        #expect(rate.subject == .ratio(.rate) && rate.reference == nil)
        #expect(rate.holds(3) && !rate.holds(2.99))
        let latency = try Requirement(parsing: "set/1x1:p50@floor<=1.2")
        #expect(latency.reference == "floor" && latency.holds(1.2) && !latency.holds(1.3))
        #expect(try Requirement(parsing: "get/1x1:counter(a_count)>=3").subject == .counter("a_count"))
        let cost = try Requirement(parsing: "set/16x8/1024:cpu-per-write<=0.5")
        #expect(cost.workload.valueByteCount == 1024 && cost.subject == .ratio(.timePerWrite))
        for text in ["rate>=3", "set/16x8:rate", "set/16x8:speed>=3", "set/16x8:rate>3", "set/16x8:rate>=x"] {
            #expect(throws: BenchmarkError.self, "\(text)") { try Requirement(parsing: text) }
        }
    }

    @Test("figures have the digits that matter")
    func figures() {
        #expect(Figures.time(950) == "950 ns")
        #expect(Figures.time(1_250) == "1.3 us")
        #expect(Figures.time(290_400) == "290 us")
        #expect(Figures.time(21_400_000) == "21.4 ms")
        #expect(Figures.rate(9_999) == "9999/s")
        #expect(Figures.rate(52_340) == "52.3 k/s")
        #expect(Figures.rate(1_834_000) == "1.83 M/s")
        #expect(Figures.decimal(-0.004, 2) == "0.00")
        #expect(Figures.decimal(-1.255, 1) == "-1.3")
        #expect(Figures.decimal(.nan, 1) == "-")
        #expect(Figures.bar(0.5, of: 1, width: 4) == "██")
        #expect(Figures.bar(2, of: 1, width: 4) == "████")
        #expect(Figures.bar(1, of: 0, width: 4) == "")
    }

    @Test("JSON is quoted, ordered, and has no infinities")
    func json() {
        let value = JSONValue.object([
            ("b", .string("a\"\\\n\u{1}")), ("a", .array([.number(.infinity), .integer(3), .null, .boolean(true)])),
            ("e", .object([])),
        ])
        let text = value.text().filter { $0 != " " && $0 != "\n" }
        #expect(text == #"{"b":"a\"\\\n\u0001","a":[null,3,null,true],"e":{}}"#)
    }

    @Test("tables line up")
    func table() {
        var table = TextTable(["name", "n"])
        table.add(["a", "10"])
        table.add(["longer", "9"])
        #expect(table.text == "name     n\n------  --\na       10\nlonger   9")
    }
}

extension TextTests {
    @Test("a bound names a figure that there is, and is kept at its value")
    func bounds() throws {
        let most = try Bound(parsing: "write1 <= 1.3", names: ["write1"])
        #expect(most.holds(1.3) && !most.holds(1.31))
        #expect(try Bound(parsing: "a>=2", names: ["a"]).holds(2))
        for text in ["b>=2", "a>2", "a=2", "a>=", "a", ""] {
            #expect(throws: BenchmarkError.self, "\(text)") { try Bound(parsing: text, names: ["a"]) }
        }
    }
}
