// What only waits for things to come right runs beside each other; what measures runs alone, afterwards.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerClass, MaxParallelThreads = 3)]
[assembly: TestCollectionOrderer("LeptonEdge.SystemTests.LongestFirst", "LeptonEdge.SystemTests")]
