using Xunit;

// Each test runs a whole Warroom with database and browser; two at once on two cores would measure their fight.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
