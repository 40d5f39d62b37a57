using System.Text.Json.Serialization;
using Warroom.Persistence;

namespace Warroom.Storage.Tests;

/// <summary>The state of the tests' own log.</summary>
internal sealed record Note
{
    public string Text { get; init; } = "";

    public int Count { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>The tests' own grain state.</summary>
internal sealed record Card
{
    public string Text { get; init; } = "";
}

[JsonSerializable(typeof(Note))]
[JsonSerializable(typeof(Card))]
internal sealed partial class TestJson : JsonSerializerContext;

/// <summary>The tables of the tests' own log and state. The text <c>poison</c> breaks a constraint at once, <c>poison at commit</c> at the commit.</summary>
internal static class TestTables
{
    public const string Sql = """
        CREATE TABLE notes (
          id uuid NOT NULL, version bigint NOT NULL, epoch bigint NOT NULL, writer uuid NOT NULL, hash text NOT NULL, text text NOT NULL, count integer NOT NULL, state jsonb NOT NULL,
          CONSTRAINT notes_pkey PRIMARY KEY (id), CONSTRAINT notes_text_wholesome CHECK (text <> 'poison'));
        CREATE TABLE note_events (
          note_id uuid NOT NULL, seq bigint NOT NULL, epoch bigint NOT NULL, hash text NOT NULL, body json NOT NULL, CONSTRAINT note_events_pkey PRIMARY KEY (note_id, seq));
        CREATE TABLE note_operations (
          note_id uuid NOT NULL, operation_id uuid NOT NULL, seq bigint NOT NULL, CONSTRAINT note_operations_pkey PRIMARY KEY (note_id, operation_id));
        CREATE TABLE notes_tags (note_id uuid NOT NULL, tag text NOT NULL, CONSTRAINT notes_tags_pkey PRIMARY KEY (note_id, tag));
        CREATE TABLE cards (
          key text NOT NULL, version bigint NOT NULL, write_id uuid NOT NULL, text text NOT NULL, state jsonb,
          CONSTRAINT cards_pkey PRIMARY KEY (key), CONSTRAINT cards_text_wholesome CHECK (text <> 'poison'));
        CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN IF NEW.text = 'poison at commit' THEN RAISE EXCEPTION 'refused at commit' USING ERRCODE = 'check_violation'; END IF; RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER notes_refuse_at_commit AFTER INSERT OR UPDATE ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_at_commit();
        """;

    public static LogTable<Note> Notes { get; } = new()
    {
        Names = new("notes", "note_events", "note_operations", "note_id"),
        Json = TestJson.Default.Note,
        Columns = [Column<Note>.Text("text", note => note.Text), Column<Note>.Integer("count", note => note.Count)],
        Links = [new("notes_tags", "tag", note => note.Tags)],
    };

    public static StateTable<Card> Cards { get; } = new()
    {
        StateName = "card",
        Table = "cards",
        Json = TestJson.Default.Card,
        Columns = [Column<Card>.Text("text", card => card.Text)],
    };
}
