"""Scenarios of the raw protocol, each a function of a stage. Every one is played to ZooKeeper and to aviaryd."""
