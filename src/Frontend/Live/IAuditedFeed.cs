namespace Warroom.Frontend.Live;

/// <summary>A feed of a log, whose last number can be compared with the database's.</summary>
internal interface IAuditedFeed
{
    Guid Id { get; }

    /// <summary>The number of the last event passed on; 0 before it is ready.</summary>
    long Version { get; }

    /// <summary>What <see cref="Version"/> was at the last audit: a feed that moves needs none.</summary>
    long AuditedVersion { get; set; }

    bool HasAudience { get; }

    Task CatchUpAsync();

    /// <summary>Lets go of the serialised answers that nobody has asked for since the last call.</summary>
    void ForgetUnusedAnswers();
}
