using System.Text.Json;
using System.Text.Json.Serialization;

namespace Warroom.Frontend.Live;

/// <summary>The answer to <c>Watch</c> as the JSON that goes over the wire, so that viewers who come together share its bytes.</summary>
[JsonConverter(typeof(Converter))]
internal sealed class SerializedAnswer(byte[] json)
{
    private readonly byte[] _json = json;

    private sealed class Converter : JsonConverter<SerializedAnswer>
    {
        public override SerializedAnswer Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Answers are only written.");

        // Our own serialiser wrote it: there is nothing to validate.
        public override void Write(Utf8JsonWriter writer, SerializedAnswer value, JsonSerializerOptions options) => writer.WriteRawValue(value._json, skipInputValidation: true);
    }
}

/// <summary>
/// The serialised answers of one feed, by what the viewer had. They hold until the feed changes, and are kept while viewers come who want them. Whoever makes an answer reads <see cref="Revision"/> first and the feed's state then; the feed calls <see cref="Forget"/>
/// under the lock that guards its state.
/// </summary>
internal sealed class SerializedAnswers(JsonSerializerOptions json)
{
    /// <summary>Viewers who come together mostly have nothing, or all the same.</summary>
    private const int AnswersMax = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, (SerializedAnswer Answer, int Round)> _answers = [];
    private long _revision;
    private int _round;

    /// <summary>How often the feed has changed.</summary>
    public long Revision => Volatile.Read(ref _revision);

    /// <summary>The answer for somebody who has everything up to a number, if it was made since the feed's last change.</summary>
    public SerializedAnswer? Find(long afterSeq)
    {
        lock (_gate)
        {
            if (!_answers.TryGetValue(afterSeq, out var known))
            {
                return null;
            }

            if (known.Round != _round)
            {
                _answers[afterSeq] = (known.Answer, _round);
            }

            return known.Answer;
        }
    }

    /// <summary>Serialises an answer; it is kept unless the feed has changed since its revision was read.</summary>
    public SerializedAnswer Write<TAnswer>(long afterSeq, long revision, TAnswer answer)
    {
        var written = new SerializedAnswer(JsonSerializer.SerializeToUtf8Bytes(answer, json));
        lock (_gate)
        {
            if (revision == _revision && _answers.Count < AnswersMax)
            {
                _answers[afterSeq] = (written, _round);
            }
        }

        return written;
    }

    /// <summary>A round is over: lets go of what nobody has asked for in it. An answer may have a megabyte.</summary>
    public void ForgetUnused()
    {
        lock (_gate)
        {
            foreach (var (afterSeq, known) in _answers)
            {
                if (known.Round != _round)
                {
                    _answers.Remove(afterSeq);
                }
            }

            _round++;
        }
    }

    /// <summary>The feed has changed.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _revision++;
            _answers.Clear();
        }
    }
}
