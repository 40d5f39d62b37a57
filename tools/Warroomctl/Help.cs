namespace Warroom.Control;

/// <summary>What <c>--help</c> prints.</summary>
internal static class Help
{
    public const string Text = """
        Shows and steers the silos of a Warroom cluster, through any of its front ends.

          warroomctl COMMAND [options]

          status                    the silos and their sums. Code 1 if none serves or one is silent.
          watch                     the same each second until Ctrl-C; with --json one document a line.
          drain SILO                lets a silo hand its grains over and end, and waits until it has. SILO: name, address or id.
          grains                    grains in memory by kind and silo
          grains ID                 where a grain is in memory, such as incident/0198c2f0-3a5e-7b1c-9d2e-4f6071829304. Code 1 if nowhere.
          deactivate ID             lets a grain leave memory; its next call brings it back
          commands                  what operators asked for, the latest first

          --url URL                 a front end; WARROOM_URL, or http://127.0.0.1:8000
          --actor NAME              who is asking, for the audit trail; WARROOM_ACTOR, or the user's name
          --json                    the server's own answer in place of a table
          --force                   drain also the last silo that serves
          --no-wait                 do not wait until the drain is over
          --timeout SECONDS         how long to wait for it; 120
          --interval SECONDS        how often watch looks; 1

        Codes: 0 well, 1 not well, 2 wrong command line, 3 refused, 4 no answer, 5 not over in time.
        """;
}
