package stallcast.kernel.scenario;

/**
 * A window around each operation. The window starts {@code beforeNs} ahead of the operation and
 * ends once {@code afterNs} have passed since the machine went on and no incident is open.
 *
 * @param beforeNs warm-up before the operation, ns, &gt;= 0
 * @param afterNs observation after the end of the operation, ns, &gt; 0
 */
public record WindowSpec(long beforeNs, long afterNs) {}
