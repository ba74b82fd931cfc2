/// Some of the children of a znode, in the order of their names.
public struct ChildrenPage: Hashable, Sendable {
    /// One child.
    public struct Child: Hashable, Sendable {
        /// Its name, without the path of the parent.
        public var name: String
        /// Its Stat.
        public var stat: NodeStat
        /// Its data, if that was asked for; nil also where null was set.
        public var data: [UInt8]?
    }

    /// The children of this page.
    public var children: [Child]
    /// No child follows those of this page. If false, the last name is where the next page begins.
    public var isLast: Bool
    /// The Stat of the parent, from the same view.
    public var parentStat: NodeStat

    /// The names alone.
    public var names: [String] { children.map(\.name) }
}
