namespace Orleans.Embedded.Serialization.Wire;

internal static partial class CollectionFactory
{
    private static TupleCodec<ValueTuple<T1>> OfTuple1<T1>() => new(
        new TupleItem<ValueTuple<T1>, T1>(static (ref ValueTuple<T1> tuple) => ref tuple.Item1));

    private static TupleCodec<(T1, T2)> OfTuple2<T1, T2>() => new(
        new TupleItem<(T1, T2), T1>(static (ref (T1, T2) tuple) => ref tuple.Item1),
        new TupleItem<(T1, T2), T2>(static (ref (T1, T2) tuple) => ref tuple.Item2));

    private static TupleCodec<(T1, T2, T3)> OfTuple3<T1, T2, T3>() => new(
        new TupleItem<(T1, T2, T3), T1>(static (ref (T1, T2, T3) tuple) => ref tuple.Item1),
        new TupleItem<(T1, T2, T3), T2>(static (ref (T1, T2, T3) tuple) => ref tuple.Item2),
        new TupleItem<(T1, T2, T3), T3>(static (ref (T1, T2, T3) tuple) => ref tuple.Item3));

    private static TupleCodec<(T1, T2, T3, T4)> OfTuple4<T1, T2, T3, T4>() => new(
        new TupleItem<(T1, T2, T3, T4), T1>(static (ref (T1, T2, T3, T4) tuple) => ref tuple.Item1),
        new TupleItem<(T1, T2, T3, T4), T2>(static (ref (T1, T2, T3, T4) tuple) => ref tuple.Item2),
        new TupleItem<(T1, T2, T3, T4), T3>(static (ref (T1, T2, T3, T4) tuple) => ref tuple.Item3),
        new TupleItem<(T1, T2, T3, T4), T4>(static (ref (T1, T2, T3, T4) tuple) => ref tuple.Item4));

    private static TupleCodec<(T1, T2, T3, T4, T5)> OfTuple5<T1, T2, T3, T4, T5>() => new(
        new TupleItem<(T1, T2, T3, T4, T5), T1>(static (ref (T1, T2, T3, T4, T5) tuple) => ref tuple.Item1),
        new TupleItem<(T1, T2, T3, T4, T5), T2>(static (ref (T1, T2, T3, T4, T5) tuple) => ref tuple.Item2),
        new TupleItem<(T1, T2, T3, T4, T5), T3>(static (ref (T1, T2, T3, T4, T5) tuple) => ref tuple.Item3),
        new TupleItem<(T1, T2, T3, T4, T5), T4>(static (ref (T1, T2, T3, T4, T5) tuple) => ref tuple.Item4),
        new TupleItem<(T1, T2, T3, T4, T5), T5>(static (ref (T1, T2, T3, T4, T5) tuple) => ref tuple.Item5));

    private static TupleCodec<(T1, T2, T3, T4, T5, T6)> OfTuple6<T1, T2, T3, T4, T5, T6>() => new(
        new TupleItem<(T1, T2, T3, T4, T5, T6), T1>(static (ref (T1, T2, T3, T4, T5, T6) tuple) => ref tuple.Item1),
        new TupleItem<(T1, T2, T3, T4, T5, T6), T2>(static (ref (T1, T2, T3, T4, T5, T6) tuple) => ref tuple.Item2),
        new TupleItem<(T1, T2, T3, T4, T5, T6), T3>(static (ref (T1, T2, T3, T4, T5, T6) tuple) => ref tuple.Item3),
        new TupleItem<(T1, T2, T3, T4, T5, T6), T4>(static (ref (T1, T2, T3, T4, T5, T6) tuple) => ref tuple.Item4),
        new TupleItem<(T1, T2, T3, T4, T5, T6), T5>(static (ref (T1, T2, T3, T4, T5, T6) tuple) => ref tuple.Item5),
        new TupleItem<(T1, T2, T3, T4, T5, T6), T6>(static (ref (T1, T2, T3, T4, T5, T6) tuple) => ref tuple.Item6));

    private static TupleCodec<(T1, T2, T3, T4, T5, T6, T7)> OfTuple7<T1, T2, T3, T4, T5, T6, T7>() => new(
        new TupleItem<(T1, T2, T3, T4, T5, T6, T7), T1>(static (ref (T1, T2, T3, T4, T5, T6, T7) tuple) => ref tuple.Item1),
        new TupleItem<(T1, T2, T3, T4, T5, T6, T7), T2>(static (ref (T1, T2, T3, T4, T5, T6, T7) tuple) => ref tuple.Item2),
        new TupleItem<(T1, T2, T3, T4, T5, T6, T7), T3>(static (ref (T1, T2, T3, T4, T5, T6, T7) tuple) => ref tuple.Item3),
        new TupleItem<(T1, T2, T3, T4, T5, T6, T7), T4>(static (ref (T1, T2, T3, T4, T5, T6, T7) tuple) => ref tuple.Item4),
        new TupleItem<(T1, T2, T3, T4, T5, T6, T7), T5>(static (ref (T1, T2, T3, T4, T5, T6, T7) tuple) => ref tuple.Item5),
        new TupleItem<(T1, T2, T3, T4, T5, T6, T7), T6>(static (ref (T1, T2, T3, T4, T5, T6, T7) tuple) => ref tuple.Item6),
        new TupleItem<(T1, T2, T3, T4, T5, T6, T7), T7>(static (ref (T1, T2, T3, T4, T5, T6, T7) tuple) => ref tuple.Item7));

    private static TupleCodec<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>> OfTuple8<T1, T2, T3, T4, T5, T6, T7, TRest>() where TRest : struct => new(
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, T1>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Item1),
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, T2>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Item2),
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, T3>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Item3),
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, T4>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Item4),
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, T5>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Item5),
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, T6>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Item6),
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, T7>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Item7),
        new TupleItem<ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest>, TRest>(static (ref ValueTuple<T1, T2, T3, T4, T5, T6, T7, TRest> tuple) => ref tuple.Rest));
}
