using System.Diagnostics;
using System.Text;
using Orleans.Embedded.Activations;
using Orleans.Embedded.CodeGeneration;
using Orleans.Embedded.Connections;
using Orleans.Embedded.Membership;
using Orleans.Embedded.Observers;
using Orleans.Embedded.Sequences;
using Orleans.Embedded.Serialization.Wire;
using Orleans.Runtime;

namespace Orleans.Embedded.Messaging;

/// <summary>Calls as frames: what travels in front of the arguments, and what becomes of a call that comes in.</summary>
internal sealed class RemoteCalls(ProcessRuntime runtime, IWireSerializer serializer, IMembership membership, ClusterRouter router)
{
    [Flags]
    private enum Carries : byte
    {
        Nothing = 0,
        OneWay = 1,
        Source = 2,
        Chain = 4,
        Values = 8,
        Trace = 16,
    }

    public IWireSerializer Serializer => serializer;

    public DeadlineWatch Watch => runtime.Watch;

    public bool CancelOnTimeout => runtime.CancelOnTimeout;

    /// <summary>Writes everything but the number, which the connection knows.</summary>
    public void WriteCall(FrameWriter frame, GrainRequest request)
    {
        var carries = request.IsOneWay ? Carries.OneWay : Carries.Nothing;
        var source = SourceOf(request);
        if (source is not null) carries |= Carries.Source;
        var values = request.Values;
        if (values is not null)
        {
            if (values.ReentrancyId != Guid.Empty) carries |= Carries.Chain;
            if (values.Count > 0) carries |= Carries.Values;
        }

        var trace = request.ParentActivity?.Context ?? request.Inbound?.Trace ?? default;
        if (trace.TraceId != default) carries |= Carries.Trace;

        frame.WriteInt64(0);
        frame.WriteByte((byte)carries);
        frame.WriteByte(request.Detours);
        frame.WriteVarint(request.Deadline == long.MaxValue ? 0 : (ulong)Math.Max(1, request.Deadline - EngineClock.RealMs));
        frame.WriteVarint((ulong)membership.View.Version);
        Write(frame, request.Reference!.GrainId);
        if (source is { } id) Write(frame, id);
        if ((carries & Carries.Chain) != Carries.Nothing) frame.WriteGuid(values!.ReentrancyId);
        if ((carries & Carries.Values) != Carries.Nothing) WriteValues(frame, values!);
        if ((carries & Carries.Trace) != Carries.Nothing) WriteTrace(frame, trace);
        serializer.WriteCall(frame, request);
    }

    /// <summary>A call has come in; on the reading thread.</summary>
    public void OnCall(PeerConnection connection, ReadOnlySpan<byte> content)
    {
        var reader = new FrameReader(content);
        var id = reader.ReadInt64();
        var carries = (Carries)reader.ReadByte();
        var detours = reader.ReadByte();
        var msLeft = reader.ReadVarint();
        var view = (long)reader.ReadVarint();
        var target = ReadGrainId(ref reader);
        var source = (carries & Carries.Source) != Carries.Nothing ? ReadGrainId(ref reader) : connection.PeerId;
        var chain = (carries & Carries.Chain) != Carries.Nothing ? reader.ReadGuid() : Guid.Empty;
        GrainRequest request;
        var trace = default(ActivityContext);
        RequestValues? values;
        try
        {
            values = (carries & Carries.Values) != Carries.Nothing ? ReadValues(ref reader, chain) : chain != Guid.Empty ? RequestValues.WithReentrancy(null, chain) : null;
            if ((carries & Carries.Trace) != Carries.Nothing) trace = ReadTrace(ref reader);
            request = serializer.ReadCall(reader.Rest);
        }
        catch (WireFormatException exception)
        {
            // The frame is whole, only what is in it is not known here: another version's method or message.
            if (id != 0) connection.SendFailure(id, exception);
            return;
        }

        request.Inbound = new InboundCall(connection, id, source, trace, detours, view);
        request.Values = values;
        request.Deadline = msLeft == 0 ? long.MaxValue : EngineClock.RealMs + (long)Math.Min(msLeft, int.MaxValue);
        request.Reference = runtime.Factory.Create(request.MethodInfo.InterfaceType, target);
        if (id == 0) request.TryClaimAnswer();
        else connection.BeginInbound(request, id);
        router.Route(request);
    }

    /// <summary>The peer did not begin the call.</summary>
    public void OnNotBegun(GrainRequest request, PeerConnection connection) => router.RouteNotBegun(request, connection.Peer);

    /// <summary>The call was certainly not sent.</summary>
    public void RouteAgain(GrainRequest request) => router.RouteUnsent(request);

    public void OnTimedOut() => runtime.Metrics.TimedOut.Add(1);

    private GrainId? SourceOf(GrainRequest request) => request.Inbound is { } inbound ? inbound.Source : request.Source switch
    {
        ActivationContext activation => activation.GrainId,
        ObserverContext observer => observer.GrainId,
        _ => request.Reference!.Shared.Sender.SourceId is var own && own == runtime.SourceId ? null : own,
    };

    private static void Write(FrameWriter frame, GrainId id)
    {
        frame.WriteText(id.Type.Value.Text);
        frame.WriteText(id.Key.Text);
    }

    private static GrainId ReadGrainId(ref FrameReader reader)
    {
        var type = GrainTypeNames.Get(reader.ReadTextBytes());
        return new GrainId(type, new IdSpan(reader.ReadText()));
    }

    private void WriteValues(FrameWriter frame, RequestValues values)
    {
        frame.WriteVarint((ulong)values.Count);
        foreach (var (key, value) in values.Entries)
        {
            frame.WriteText(key);
            var start = frame.Length;
            frame.WriteInt32(0);
            serializer.Write<object>(frame, value);
            frame.PatchInt32(start, frame.Length - start - sizeof(int));
        }
    }

    private RequestValues? ReadValues(ref FrameReader reader, Guid chain)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var left = reader.ReadVarint(); left > 0; left--)
        {
            var key = reader.ReadText();
            values[key] = serializer.Read<object>(reader.ReadBytes(reader.ReadInt32()));
        }

        return RequestValues.Of(values, chain);
    }

    private static void WriteTrace(FrameWriter frame, ActivityContext trace)
    {
        Span<byte> bytes = stackalloc byte[24];
        trace.TraceId.CopyTo(bytes[..16]);
        trace.SpanId.CopyTo(bytes[16..]);
        frame.WriteBytes(bytes);
        frame.WriteByte((byte)trace.TraceFlags);
        frame.WriteText(trace.TraceState ?? "");
    }

    private static ActivityContext ReadTrace(ref FrameReader reader)
    {
        var traceId = ActivityTraceId.CreateFromBytes(reader.ReadBytes(16));
        var spanId = ActivitySpanId.CreateFromBytes(reader.ReadBytes(8));
        var flags = (ActivityTraceFlags)reader.ReadByte();
        var state = reader.ReadText();
        return new ActivityContext(traceId, spanId, flags, state.Length > 0 ? state : null, isRemote: true);
    }
}
