extension FourLetterWord {
    /// ZooKeeper's words for a word that is not in the white list.
    static func refusal(of word: String) -> String { "\(word) is not executed because it is not in the whitelist.\n" }

    /// ZooKeeper's words for a word that needs a serving replica.
    static let notServing = "This ZooKeeper instance is not currently serving requests\n"

    /// Whether it is answered by a server whose replica stopped.
    var needsReplica: Bool {
        switch self {
        case .ruok, .conf, .envi: false
        case .srvr, .stat, .mntr, .cons, .isro, .dirs, .wchs, .crst, .srst: true
        }
    }
}
