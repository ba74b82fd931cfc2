/// Parts of the help that the comparisons share.
enum ComparisonHelp {
    static let costs = """
        The second table of a workload is what one write cost, all of the server's processes together (of a load without \
        writes: one read; of mixed: one write and the nine reads beside it). "CPU" is user and system time, in steps of \
        10 ms for each process. "switches" are context switches of threads that still live, voluntary or not. "read \
        calls" and "write calls" are system calls of those families, on files and sockets, as /proc/PID/io counts them: \
        recv, send and waiting are not among them. "charged B" is what the kernel charges the processes with, whole \
        pages and more for writes through the page cache; "disk B" is what the disk wrote, whoever asked for it. "log \
        syncs" are durable writes of logs as the replicas count them: log_group_count of aviaryd's mntr, fsynctime of \
        ZooKeeper's.
        """
}
