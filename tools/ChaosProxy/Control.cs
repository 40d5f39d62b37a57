using System.ComponentModel.DataAnnotations;

namespace Warroom.Chaos;

/// <summary>The control port.</summary>
internal static class Control
{
    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/state", (ProxyListener proxy) => proxy.State());
        routes.MapPut("/faults", (FaultPlan plan, FaultSwitch faults, ProxyListener proxy) =>
        {
            try
            {
                Validator.ValidateObject(plan, new(plan), validateAllProperties: true);
                if (plan.HoldReply is { } hold)
                    Validator.ValidateObject(hold, new(hold), validateAllProperties: true);
                faults.Set(plan);
            }
            catch (Exception invalid) when (invalid is ValidationException or ArgumentException)
            {
                return Results.Problem(invalid.Message, statusCode: StatusCodes.Status400BadRequest);
            }

            return Results.Ok(proxy.State());
        });
        routes.MapDelete("/faults", (FaultSwitch faults, ProxyListener proxy) =>
        {
            faults.Set(new());
            return proxy.State();
        });
        routes.MapPost("/rst", (ProxyListener proxy) =>
        {
            foreach (var link in proxy.Links())
                link.Reset();
            return proxy.State();
        });
        routes.MapPost("/half-close", (string direction, ProxyListener proxy) =>
        {
            foreach (var link in proxy.Links())
                link.HalfClose(Enum.Parse<Direction>(direction, ignoreCase: true));
            return proxy.State();
        });
        routes.MapPost("/garbage", (string direction, int bytes, ProxyListener proxy) =>
        {
            foreach (var link in proxy.Links())
                link.Insert(Enum.Parse<Direction>(direction, ignoreCase: true), Math.Clamp(bytes, 1, 1 << 20));
            return proxy.State();
        });
    }
}
