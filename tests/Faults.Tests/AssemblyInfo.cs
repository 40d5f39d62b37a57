using Xunit;

// Each row runs a whole Warroom with its database; two at once on two cores would measure their fight.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
