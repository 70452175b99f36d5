// Each test runs whole processes: two at once would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
