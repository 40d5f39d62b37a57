using Warroom.Persistence;
using Warroom.Postgres;

namespace Warroom.Bots;

/// <summary>How bots, their directory and their sessions are stored.</summary>
internal static class BotTables
{
    public static StateTable<BotState> Bots() => new()
    {
        StateName = "bot",
        Table = "bots",
        Json = StateJson.Stored.BotState,
        Columns =
        [
            Column<BotState>.Text("name", state => state.Name),
            Column<BotState>.Text("persona", state => state.Persona),
            Column<BotState>.Text("model", state => state.Model),
            Column<BotState>.Text("status", state => EnumText<BotStatus>.Of(state.Status)),
            Column<BotState>.Timestamp("created_at", state => state.CreatedAt),
            Column<BotState>.Timestamp("updated_at", state => state.UpdatedAt),
        ],
    };

    public static StateTable<BotDirectoryState> Directory() => new()
    {
        StateName = "bot-directory",
        Table = "bot_directory",
        Json = StateJson.Stored.BotDirectoryState,
    };

    public static LogTable<SessionState> Sessions() => new()
    {
        Names = LogNames.Sessions,
        Json = StateJson.Stored.SessionState,
        Columns =
        [
            Column<SessionState>.Text("bot_id", state => state.BotId),
            Column<SessionState>.Text("title", state => state.Title),
            Column<SessionState>.Integer("message_count", state => state.MessageCount),
            Column<SessionState>.Timestamp("created_at", state => state.CreatedAt),
            Column<SessionState>.Timestamp("updated_at", state => state.UpdatedAt),
        ],
    };
}
